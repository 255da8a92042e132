"""WebAnno TSV 3, the table of WebAnno and INCEpTION: tokens with offsets, and a column for each feature of each layer.

    #FORMAT=WebAnno TSV 3.3
    #T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value

    #Text=Red Lance struck Kano.
    1-1     0-3     Red     *[1]    PERPETRATOR[1]
    1-2     4-9     Lance   *[1]    PERPETRATOR[1]

A cell has the values of all annotations on a token, between bars. `[1]` numbers an annotation, which links its tokens
and distinguishes annotations on the same token. In a chain's layer, `[1]` numbers the chain, and `->1-2` its second
mention. `*` is an annotation without a value, and `_` means no annotation. `1-1.1` is a part of a token. Offsets count
UTF-16 units. Texts and values are escaped as in Java; TSV 3.1 escapes all but ASCII.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from afteraction.data.errors import DataError
from afteraction.data.files import numbered_lines
from afteraction.data.importers.tools.webanno_layers import Annotated, AnnotatedText

_FORMAT = re.compile(r"#FORMAT=WebAnno TSV (?P<version>\d+)\S*")
_LAYER = re.compile(r"#T_(?P<kind>SP|CH|RL)=(?P<name>[^|]*)(?P<features>(?:\|.*)?)")
_ROW = re.compile(r"\d+-\d+(?:\.\d+)?")
_OFFSETS = re.compile(r"(\d+)-(\d+)")
_LARGEST_GAP = 1000
"""The maximum number of characters between two sentences. A damaged file could claim any number."""

_VALUE = re.compile(r"(?P<value>.*?)(?:(?<!\\)->(?P<mention>(?P<chain>\d+)-\d+))?(?:\[(?P<number>\d+)\])?", re.DOTALL)
_ESCAPED = re.compile(r"(?P<units>(?:\\u[0-9a-fA-F]{4})+)|\\(?P<character>.)", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "b": "\b"}
_LINKS = "ROLE_"
"""How the name of a column of roles begins. The column of the linked annotations follows it."""
_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer and its columns: `first` is the column of the first feature, counted from 0."""

    kind: str
    name: str
    features: tuple[str, ...]
    first: int

    @property
    def width(self) -> int:
        """Returns the number of columns, which is one if there are no features."""
        return max(1, len(self.features))


@dataclass(slots=True)
class _Reading:
    """The part of a file that has been read so far."""

    layers: list[_Layer] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    """The text so far."""
    sentence: str | None = None
    """The text of a sentence whose first token has not been read yet."""
    found: dict[object, Annotated] = field(default_factory=dict)
    units: int = 0
    """The length of the text in UTF-16 units."""


def read_tsv(path: Path) -> AnnotatedText:
    """Reads a file: its text and the annotations of all its layers, with offsets in UTF-16 units.

    Raises:
        DataError: the file cannot be read, or is not WebAnno TSV 3; the message names the line.
    """
    reading = _Reading()
    for number, content in numbered_lines(path):
        try:
            line = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"line {number}: not UTF-8 at byte {error.start}: convert the file first") from None
        if number == 1:
            match = _FORMAT.fullmatch(line.strip())
            if not match or match["version"] != "3":
                raise DataError("does not begin with #FORMAT=WebAnno TSV 3: export it as WebAnno TSV v3.3")
        elif match := _LAYER.fullmatch(line):
            features = tuple(match["features"].split("|")[1:])
            last = reading.layers[-1] if reading.layers else None
            first = last.first + last.width if last else 3
            reading.layers.append(_Layer(match["kind"], match["name"], features, first))
        elif line.startswith("#Text="):
            part = _unescaped(line.removeprefix("#Text="))
            reading.sentence = part if reading.sentence is None else f"{reading.sentence}\n{part}"
        elif line.strip() and not line.startswith("#"):
            try:
                _row(reading, line.split("\t"), number)
            except (ValueError, IndexError) as error:
                raise DataError(f"line {number}: {error if isinstance(error, DataError) else 'not a row'}") from None
    return AnnotatedText("".join(reading.parts), list(reading.found.values()))


def _row(reading: _Reading, cells: list[str], number: int) -> None:
    width = reading.layers[-1].first + reading.layers[-1].width if reading.layers else 3
    offsets = _OFFSETS.fullmatch(cells[1]) if len(cells) > 1 else None
    if not (_ROW.fullmatch(cells[0]) and offsets and len(cells) > 2):
        raise DataError("is not a token's number, its offsets, the token and its annotations, between tabs")
    if len(cells) < width:
        raise DataError(f"has {len(cells)} cells, but the layers have {width}: the row is cut off")
    start, end = int(offsets[1]), int(offsets[2])
    if reading.sentence is not None:
        _begin_sentence(reading, start, cells[2])
    for layer in reading.layers:
        for annotation in _annotations(layer, cells, start, end):
            name, value = annotation
            key = (layer.first, name) if name else (layer.first, start, end, number, len(reading.found))
            known = reading.found.get(key)
            if known is None:
                reading.found[key] = value
            else:
                known.start, known.end = min(known.start, start), max(known.end, end)


def _begin_sentence(reading: _Reading, start: int, token: str) -> None:
    """Adds the text of a sentence whose first token is `token`, so that this token begins at `start`."""
    sentence = reading.sentence or ""
    reading.sentence = None
    before = max(sentence.find(token), sentence.find(_unescaped(token)))
    if before < 0:
        raise DataError(f"the token {token!r} is not in the text of its sentence")
    gap = start - _units(sentence[:before]) - reading.units
    if gap < 0:
        raise DataError("its sentence begins before the end of the one above")
    if gap > _LARGEST_GAP:
        raise DataError(f"its sentence begins {gap:,} characters after the end of the one above")
    # The text between sentences is not in the file: fill in a line end, and spaces to keep the offsets.
    line_end = bool(gap and reading.parts)
    reading.parts.append("\n" * line_end + " " * (gap - line_end) + sentence)
    reading.units = start - _units(sentence[:before]) + _units(sentence)


def _annotations(layer: _Layer, cells: list[str], start: int, end: int) -> Iterator[tuple[str, Annotated]]:
    """Yields the annotations of a layer on a token, each with its number in the file, or an empty string.

    The number of a chain's mention is that of the chain and that of the mention, as in `1-2`.
    """
    columns = [_BAR.split(cell) for cell in cells[layer.first : layer.first + layer.width]]
    linked = [before.startswith(_LINKS) for before in ("", *layer.features)][: layer.width]
    count = max(map(len, columns))
    for index in range(count):
        values = [column[index] if index < len(column) else "_" for column in columns]
        if all(value == "_" for value in values):
            continue
        # The numbers of linked annotations are not those of this one.
        matches = [None if is_link else _VALUE.fullmatch(value) for value, is_link in zip(values, linked, strict=True)]
        features = {
            name: _unescaped(match["value"])
            for name, match in zip(layer.features, matches, strict=False)
            if match and match["value"] not in ("*", "_", "") and not name.startswith(_LINKS)
        }
        named_by = "mention" if layer.kind == "CH" else "number"
        number = next((match[named_by] for match in matches if match and match[named_by]), "")
        chain = next((match["chain"] for match in matches if match and match["chain"]), None)
        yield number, Annotated(layer.name, layer.kind, start, end, features, chain)
        if any(is_link and value not in ("*", "_") for value, is_link in zip(values, linked, strict=True)):
            yield "", Annotated(f"{layer.name} (links)", "RL", start, end)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    if match["units"]:
        return bytes.fromhex(match["units"].replace("\\u", "")).decode("utf-16-be", "surrogatepass")
    return _CONTROL.get(match["character"], match["character"])
