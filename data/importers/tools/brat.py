"""brat's stand-off files: a folder in which `NAME.ann` annotates `NAME.txt`.

brat breaks spans at line ends, so fragments with only white space between them are read as one span. An article's span
is a single stretch of text, so a truly discontinuous span is refused unless the caller chooses otherwise. Entities are
read from `Equiv` lines. The exporter writes everything that brat has no field for to `NAME.afteraction.json`, which
brat ignores.
"""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, unquote

from afteraction.data.articles.article import Article, Span
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.raw import RawArticle, RawSpan, Units
from afteraction.data.importers.record import RECORD_KEY, record_of, with_record

_TEXT_BOUND = re.compile(
    r"(?P<id>T\S*)\t(?P<label>\S+) (?P<fragments>\d+ \d+(?:;\d+ \d+)*)\t(?P<surface>.*)", re.DOTALL
)
_OTHERS = {"R": "relations", "E": "events", "A": "attributes", "M": "attributes", "N": "normalizations", "#": "notes"}
_RECORD_SUFFIX = f".{RECORD_KEY}.json"


class Discontinuous(StrEnum):
    """What to do with a span of several separate stretches of text."""

    REFUSE = "refuse"
    """Refuse its article."""
    WHOLE = "whole"
    """Make one span from the first stretch to the last, including the text between them."""
    PARTS = "parts"
    """Make one span per stretch, all of the same entity."""


class LabelBy(StrEnum):
    """How to label an event's argument."""

    ROLE = "role"
    """By its role in the event. Triggers are left out. Spans that are in no event are labelled by their type."""
    TYPE = "type"
    """By its own type, like a trigger. Events are left out."""


def read_brat(
    folder: Path,
    *,
    log: ImportLog,
    on_error: OnError,
    units: Units | None = None,
    discontinuous: Discontinuous = Discontinuous.REFUSE,
    label_by: LabelBy = LabelBy.ROLE,
) -> Iterator[RawArticle]:
    """Streams the raw articles of a folder and its subfolders.

    An article's id is its path relative to the folder, without the suffix.
    Relations, attributes, notes and what `label_by` excludes are left out and counted, and so are texts without an
    `.ann` file and annotation without a `.txt` file. An empty `.ann` file means that the text has no spans. Empty files
    are counted too, since brat creates them before anyone has read the text.

    Raises:
        DataError: `folder` is not a folder, or contains no pair of files.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: not a folder; brat's NAME.txt and NAME.ann are imported by their folder")
    for annotation in sorted(folder.rglob("*.ann")):
        if not annotation.with_suffix(".txt").is_file():
            log.add("annotation passed over without a .txt file", str(annotation))
    annotated = False
    for text_file in sorted(folder.rglob("*.txt")):
        if not text_file.with_suffix(".ann").is_file():
            log.add("texts passed over without an .ann file", str(text_file))
            continue
        annotated = True
        try:
            yield _read_pair(folder, text_file, log=log, units=units, discontinuous=discontinuous, label_by=label_by)
        except DataError as error:
            on_error(DataError(f"{text_file.with_suffix('.ann')}: {error}"))
    if not annotated:
        raise DataError(f"{folder}: no NAME.txt with a NAME.ann next to it in this folder or its subfolders")


def write_brat(articles: Iterable[Article], folder: Path) -> int:
    """Writes each article as `ID.txt`, `ID.ann` and `ID.afteraction.json` to a folder that is new or empty.

    Characters of an id that a file name may not contain are percent-encoded. Returns the number of articles.

    Raises:
        DataError: the folder is not empty or cannot be written; a label has white space; two articles have the same id.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: exists already; name a new or an empty folder")
    count = 0
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # The folder gets its final name only when it is complete.
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
            complete = Path(temporary, folder.name)
            complete.mkdir()
            for article in articles:
                _write_files(article, complete / quote(article.id, safe=" "))
                count += 1
            complete.replace(folder)
    except OSError as error:
        raise DataError(f"{folder}: cannot be written: {error.strerror}") from None
    return count


def _read_pair(
    folder: Path,
    text_file: Path,
    *,
    log: ImportLog,
    units: Units | None,
    discontinuous: Discontinuous,
    label_by: LabelBy,
) -> RawArticle:
    annotation = text_file.with_suffix(".ann")
    text = _content(text_file)
    lines = [line.removesuffix("\r") for line in _content(annotation).removeprefix("\ufeff").split("\n")]
    if not any(lines):
        log.add("texts whose .ann file is empty, read as without spans", str(text_file))
    spans: list[tuple[str, RawSpan]] = []
    entities: dict[str, str] = {}
    """For each member of an entity another one, up to the one that names it."""
    events: dict[int, str] = {}
    """The lines of events, by line number."""
    for number, line in enumerate(lines, start=1):
        if line.startswith("T"):
            name, found = _text_bound(line, number, text, discontinuous)
            if len(found) > 1:  # the parts of a discontinuous span
                entities.setdefault(name, name)
            spans += [(name, span) for span in found]
        elif line.startswith("*\tEquiv ") and (members := line.split()[2:]):
            for member in members:
                entities[_entity_of(member, entities)] = _entity_of(members[0], entities)
        elif line.startswith("E") and label_by is LabelBy.ROLE:
            events[number] = line
        elif line.strip():
            log.add(f"{_OTHERS.get(line[0], 'other lines')} left out", f"{annotation}: line {number}")
    if events:
        spans = list(_by_role(annotation, spans, events, log))
    raw = RawArticle(
        id=unquote(text_file.relative_to(folder).with_suffix("").as_posix()),
        text=text,
        spans=tuple(
            replace(span, entity=_entity_of(name, entities) if name in entities else None) for name, span in spans
        ),
        units=units,
        source=str(annotation),
    )
    record = text_file.with_suffix(_RECORD_SUFFIX)
    return with_record(raw, _content(record) if record.is_file() else None)


def _entity_of(name: str, entities: dict[str, str]) -> str:
    """Returns the member that names the entity of a span, which is the span itself if it has no other."""
    while entities.setdefault(name, name) != name:
        entities[name] = entities[entities[name]]  # a shorter way for the next search
        name = entities[name]
    return name


def _by_role(
    annotation: Path, spans: list[tuple[str, RawSpan]], events: dict[int, str], log: ImportLog
) -> Iterator[tuple[str, RawSpan]]:
    """Yields the spans, labelled by their roles in events. `events` has the lines by line number."""
    names = {name for name, _ in spans}
    roles: dict[str, dict[str, None]] = {}
    triggers: dict[str, str] = {}
    for number, line in events.items():
        parts = [part.partition(":")[::2] for part in line.partition("\t")[2].split()]
        if not parts:
            raise DataError(f"line {number}: {line!r} is not 'E1<tab>TYPE:TRIGGER ROLE:ARGUMENT'")
        (_, trigger), *arguments = parts
        triggers[trigger] = f"{annotation}: line {number}"
        for role, name in arguments:
            if name in names:
                # Further arguments of a role are numbered: Target2.
                roles.setdefault(name, {})[role.rstrip("0123456789") or role] = None
            elif name.startswith("E"):
                log.add("arguments left out that are events themselves", f"{annotation}: line {number}: {role}:{name}")
            else:
                raise DataError(f"line {number}: the argument {role}:{name} is not there")
    for name, span in spans:
        for role in roles.get(name, {}):
            yield name, replace(span, label=role)
        if name in roles:
            log.add("spans labelled by their role in an event (--label-by type for their type)", span.label)
        elif name in triggers:
            log.add("triggers of events left out", f"{triggers[name]}: {span.label}")
        else:
            yield name, span


def _text_bound(line: str, number: int, text: str, discontinuous: Discontinuous) -> tuple[str, list[RawSpan]]:
    """Returns the id of a text-bound annotation (`T1`) and its spans: one, or one per part."""
    match = _TEXT_BOUND.fullmatch(line)
    if not match:
        raise DataError(f"line {number}: {line!r} is not 'T1<tab>LABEL START END<tab>TEXT'")
    fragments = [(int(start), int(end)) for start, end in map(str.split, match["fragments"].split(";"))]
    # Join fragments that only white space separates.
    stretches = [fragments[0]]
    for start, end in fragments[1:]:
        first, last = stretches[-1]
        if last <= start and not text[last:start].strip():
            stretches[-1] = (first, end)
        else:
            stretches.append((start, end))
    if len(stretches) == 1:
        return match["id"], [RawSpan(*stretches[0], match["label"], match["surface"])]
    if discontinuous is Discontinuous.REFUSE:
        raise DataError(
            f"line {number}: {match['id']}, {match['label']} {match['surface']!r}, is discontinuous "
            f"({match['fragments']}), but a span is one stretch of text: mark one in brat, or see --discontinuous"
        )
    if discontinuous is Discontinuous.WHOLE:
        stretches = [(min(start for start, _ in stretches), max(end for _, end in stretches))]
    return match["id"], [RawSpan(start, end, match["label"]) for start, end in stretches]


def _write_files(article: Article, stem: Path) -> None:
    lines = [_line(article, number, span) for number, span in enumerate(article.spans, start=1)]
    record = json.dumps(record_of(article), ensure_ascii=False, allow_nan=False)
    for suffix, content in ((".txt", article.text), (".ann", "".join(lines)), (_RECORD_SUFFIX, record)):
        try:
            with Path(f"{stem}{suffix}").open("x", encoding="utf-8", newline="") as stream:
                stream.write(content)
        except FileExistsError:
            raise DataError(f"two articles have the id {article.id!r}, but each needs files of its own") from None


def _line(article: Article, number: int, span: Span) -> str:
    """Formats a span as brat does, with one fragment per line of its text."""
    if any(character.isspace() for character in span.label):
        raise DataError(f"article {article.id!r}: brat's labels have no white space, as {span.label!r} has")
    parts = [match.span() for match in re.finditer(r"[^\r\n]+", article.surface(span))]
    fragments = ";".join(f"{span.start + start} {span.start + end}" for start, end in parts)
    surface = " ".join(article.text[span.start + start : span.start + end] for start, end in parts)
    return f"T{number}\t{span.label} {fragments}\t{surface}\n"


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 at byte {error.start}: convert it first") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}") from None
