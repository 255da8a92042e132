"""brat's stand-off files: a folder in which `NAME.ann` annotates `NAME.txt`.

A span that brat writes in several fragments is read as one if there is but white space between them, as brat breaks
spans at line ends. An article's span is a single stretch, so a truly discontinuous one is refused, unless the caller
says what is to become of it. Entities come from `Equiv` lines. An exporter writes what brat has no place for to
`NAME.afteraction.json`, which brat passes over.
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
from afteraction.data.importers.raw import RawArticle, RawSpan, Units
from afteraction.data.importers.record import RECORD_KEY, record_of, with_record
from afteraction.data.importers.to_articles import ImportLog

_TEXT_BOUND = re.compile(
    r"(?P<id>T\S*)\t(?P<label>\S+) (?P<fragments>\d+ \d+(?:;\d+ \d+)*)\t(?P<surface>.*)", re.DOTALL
)
_OTHERS = {"R": "relations", "E": "events", "A": "attributes", "M": "attributes", "N": "normalizations", "#": "notes"}
_RECORD_SUFFIX = f".{RECORD_KEY}.json"


class Discontinuous(StrEnum):
    """What becomes of a span in several stretches of text."""

    REFUSE = "refuse"
    """Its article is refused."""
    WHOLE = "whole"
    """One span from the first stretch to the last, with what lies between them."""
    PARTS = "parts"
    """A span for each stretch, all of one entity."""


def read_brat(
    folder: Path,
    *,
    log: ImportLog,
    on_error: OnError,
    units: Units | None = None,
    discontinuous: Discontinuous = Discontinuous.REFUSE,
) -> Iterator[RawArticle]:
    """Streams the raw articles of a folder and those below it; an article's id is its path there without the ending.

    Relations, events, attributes and notes are left out and counted, as are texts that have no `.ann` and annotation
    that has no `.txt`. An empty `.ann` says that a text has no spans; brat makes one before anyone has read the text,
    so these are counted too.

    Raises:
        DataError: it is no folder, or holds no pair of files.
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
            yield _read_pair(folder, text_file, log=log, units=units, discontinuous=discontinuous)
        except DataError as error:
            on_error(DataError(f"{text_file.with_suffix('.ann')}: {error}"))
    if not annotated:
        raise DataError(f"{folder}: no NAME.txt with a NAME.ann beside it in this folder or below")


def write_brat(articles: Iterable[Article], folder: Path) -> int:
    """Writes each article as `ID.txt`, `ID.ann` and `ID.afteraction.json` in a folder that is new or empty.

    What a file's name may not hold of an id is percent-encoded. Returns the number of articles.

    Raises:
        DataError: the folder holds something or cannot be written; a label has white space; two articles have one id.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: is there already; name a new or an empty folder")
    count = 0
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # The folder appears under its name when it is whole.
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
            whole = Path(temporary, folder.name)
            whole.mkdir()
            for article in articles:
                _write_files(article, whole / quote(article.id, safe=" "))
                count += 1
            whole.replace(folder)
    except OSError as error:
        raise DataError(f"{folder}: cannot be written: {error.strerror}") from None
    return count


def _read_pair(
    folder: Path, text_file: Path, *, log: ImportLog, units: Units | None, discontinuous: Discontinuous
) -> RawArticle:
    annotation = text_file.with_suffix(".ann")
    text = _content(text_file)
    lines = [line.removesuffix("\r") for line in _content(annotation).removeprefix("\ufeff").split("\n")]
    if not any(lines):
        log.add("texts whose .ann file is empty, read as without spans", str(text_file))
    spans: list[tuple[str, RawSpan]] = []
    entities: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if line.startswith("T"):
            name, found = _text_bound(line, number, text, discontinuous)
            if len(found) > 1:
                entities.setdefault(name, name)
            spans += [(name, span) for span in found]
        elif line.startswith("*\tEquiv "):
            members = line.split()[2:]
            known = next((entities[member] for member in members if member in entities), members[0])
            entities |= dict.fromkeys(members, known)
        elif line.strip():
            log.add(f"{_OTHERS.get(line[0], 'other lines')} left out", f"{annotation}: line {number}")
    raw = RawArticle(
        id=unquote(text_file.relative_to(folder).with_suffix("").as_posix()),
        text=text,
        spans=tuple(replace(span, entity=entities.get(name)) for name, span in spans),
        units=units,
        source=str(annotation),
    )
    record = text_file.with_suffix(_RECORD_SUFFIX)
    return with_record(raw, _content(record) if record.is_file() else None)


def _text_bound(line: str, number: int, text: str, discontinuous: Discontinuous) -> tuple[str, list[RawSpan]]:
    """The name of an annotation and its spans: one, or one for each part."""
    match = _TEXT_BOUND.fullmatch(line)
    if not match:
        raise DataError(f"line {number}: {line!r} is not 'T1<tab>LABEL START END<tab>TEXT'")
    fragments = [(int(start), int(end)) for start, end in map(str.split, match["fragments"].split(";"))]
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
