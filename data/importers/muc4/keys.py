"""Answer keys of MUC-3 and MUC-4: templates of numbered slots, as TASKDOC in the archive describes them.

    9.  PERP: INDIVIDUAL ID             "GUERRILLAS" / "REBELS"
    19. HUM TGT: DESCRIPTION            "MAYOR": "JUAN PEREZ"
                                        ? "PEASANTS"

A slot has one entry per line; an entry continues on the next line if its marks show that it is incomplete.

- `/` separates alternatives.
- `:` precedes the filler that the entry refers to.
- `?` marks doubt.
- Quoted strings come from the text; a quote within one is escaped with a backslash.
- `*` and `-` mean that there is no filler. A template with the number `*` means that the article reports no incident.
- A line that begins with `;` is a comment.

The keys contain mistakes (missing quotes, an extra quote, missing spaces), which are read as intended.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from afteraction.data.errors import DataError

ARTICLE_ID = re.compile(r"(?:DEV|TST\d)-MUC\d-\d{4}\b")
"""The id of an article, `DEV-MUC3-0001` to `TST4-MUC4-0100`."""


class Slot(StrEnum):
    """The slots used for an article's annotation."""

    ARTICLE = "MESSAGE: ID"
    TEMPLATE = "MESSAGE: TEMPLATE"
    PLACE = "INCIDENT: LOCATION"
    WEAPON = "INCIDENT: INSTRUMENT ID"
    INDIVIDUAL = "PERP: INDIVIDUAL ID"
    ORGANIZATION = "PERP: ORGANIZATION ID"
    OBJECT = "PHYS TGT: ID"
    NAME = "HUM TGT: NAME"
    DESCRIPTION = "HUM TGT: DESCRIPTION"
    NUMBER = "HUM TGT: NUMBER"
    EFFECT = "HUM TGT: EFFECT OF INCIDENT"


@dataclass(frozen=True, slots=True)
class Filler:
    """One entry of a slot. `subject` has the alternatives of the filler that it refers to, if any."""

    alternatives: tuple[str, ...]
    subject: tuple[str, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """The key of one incident: the entries of each slot as written, without comments."""

    article: str
    number: str
    entries: Mapping[Slot, tuple[str, ...]]

    @property
    def optional(self) -> bool:
        """Returns whether the annotators were unsure that the incident counts."""
        return "OPTIONAL" in self.number

    def fillers(self, slot: Slot) -> tuple[Filler, ...]:
        """Returns the parsed entries of a slot, without empty ones."""
        parsed = (parse_filler(entry) for entry in self.entries.get(slot, ()))
        return tuple(filler for filler in parsed if filler.alternatives)

    def places(self) -> tuple[str, ...]:
        """Returns the names in the location slot, from the country down, without their kinds: `CHILE`, `TALCAHUANO`."""
        return tuple(dict.fromkeys(name for entry in self.entries.get(Slot.PLACE, ()) for name in _place_names(entry)))


_NOTHING = ("", "*", "-")
_SLOT_LINE = re.compile(r"(?:\d{1,2}\.\s*)?(?:MESSAGE|INCIDENT|PERP|PHYS TGT|HUM TGT):")
_VALUES = [
    (slot, re.compile(r"(?:\d{1,2}\.\s*)?" + slot.replace(" ", r"\s+") + r"(?:\s+|$|(?=[\"*?-]))(?P<value>.*)"))
    for slot in Slot
]
_UNQUOTED = r'(?P<mark>[/:?()])|(?P<bare>[^\s"/:?()]+)'
_TOKEN = re.compile(rf'"(?P<quoted>(?:\\.|[^"\\])*+)(?:"|(?P<open>\\?\Z))|{_UNQUOTED}')
_OPEN_TOKEN = re.compile(rf"{_UNQUOTED}|(?P<quoted>(?!))")
_KIND_OF_PLACE = re.compile(r"(?<=[^\s(/:?])\s*\([^()]*\)")


def parse_keys(text: str, *, source: str) -> Iterator[Template]:
    """Yields the templates of a key file; `source` names it in errors.

    Raises:
        DataError: a template has no article id; the message names the file and the line.
    """
    article = number = ""
    entries: dict[Slot, list[str]] = {}
    for line_number, slot, lines in _slots(text):
        if slot is Slot.ARTICLE:
            if article:
                yield _template(article, number, entries)
            match = ARTICLE_ID.search(" ".join(lines))
            if not match:
                raise DataError(
                    f"{source}: line {line_number}: {lines[:1]} is not an article id, such as DEV-MUC3-0001"
                )
            article, number, entries = match.group(), "", {}
        elif slot is Slot.TEMPLATE:
            number = " ".join(lines)
        else:
            entries[slot] = lines
    if article:
        yield _template(article, number, entries)


def parse_filler(entry: str) -> Filler:
    """Parses an entry of a slot. The filler of an empty entry has no alternatives."""
    sides: list[list[list[str]]] = [[[]]]
    doubtful = False
    # With a quote missing or one too many, quotes cannot be trusted: only the marks delimit the strings.
    text = entry if _quotes(entry) % 2 == 0 else entry.replace('"', "")
    for token in _tokens(text):
        if token["mark"] == ":":
            sides.append([[]])
        elif token["mark"] == "/":
            sides[-1].append([])
        elif token["mark"] == "?":
            doubtful = True
        elif not token["mark"]:
            string = token["bare"] if token["quoted"] is None else re.sub(r"\\(.)", r"\1", token["quoted"])
            if string.strip():
                sides[-1][-1].append(string.rstrip())
    joined = ([" ".join(strings).strip() for strings in side] for side in sides)
    alternatives, *subjects = (tuple(string for string in side if string not in _NOTHING) for side in joined)
    return Filler(alternatives, subjects[-1] if subjects else (), doubtful)


def _tokens(entry: str) -> Iterator[re.Match[str]]:
    """Yields the marks and strings of an entry. A quote that is not closed delimits nothing."""
    for token in _TOKEN.finditer(entry):
        if token["quoted"] is not None and token["open"] is not None:
            yield from _OPEN_TOKEN.finditer(entry, token.start())
        else:
            yield token


@dataclass(slots=True)
class _Entries:
    """The entries of a slot as they are read, each as the lines that make it up."""

    lines: list[list[str]]
    open: bool = False
    """Whether a quote of the last entry is not closed."""

    def add(self, line: str) -> None:
        """Adds a further line of the slot: as a new entry, or as the continuation of the last one."""
        odd = _quotes(line) % 2 == 1
        incomplete = (self.open and odd) or line[0] in "/:" or (self.lines and self.lines[-1][-1][-1] in "/:")
        if incomplete and self.lines:
            self.lines[-1].append(line)
            self.open ^= odd
        else:
            self.lines.append([line])
            self.open = odd

    def joined(self) -> list[str]:
        """Returns the entries."""
        return [" ".join(lines) for lines in self.lines]


def _slots(text: str) -> Iterator[tuple[int, Slot, list[str]]]:
    """Yields the slots of interest, each with the number of its first line and its entries."""
    found: tuple[int, Slot, _Entries] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if line.startswith(";"):
            continue
        if _SLOT_LINE.match(line):
            if found:
                yield found[0], found[1], found[2].joined()
            found = _slot(number, line)
        elif line and found:
            found[2].add(line)
    if found:
        yield found[0], found[1], found[2].joined()


def _slot(number: int, line: str) -> tuple[int, Slot, _Entries] | None:
    """Parses the first line of a slot, or returns None for a slot of no interest."""
    for slot, pattern in _VALUES:
        if match := pattern.match(line):
            entries = _Entries([])
            if match["value"]:
                entries.add(match["value"])
            return number, slot, entries
    return None


def _quotes(text: str) -> int:
    return re.sub(r"\\.", "", text).count('"')


def _place_names(entry: str) -> Iterator[str]:
    for name in re.split(r"[:/]| - ", re.sub(r"[()?]", " ", _KIND_OF_PLACE.sub("", entry))):
        name = " ".join(name.split())
        if name not in _NOTHING:
            yield name


def _template(article: str, number: str, entries: Mapping[Slot, list[str]]) -> Template:
    return Template(article, number, {slot: tuple(lines) for slot, lines in entries.items()})
