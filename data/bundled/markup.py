"""Parses the inline mark-up in which annotated articles are written by hand, one article per file.

    kind: wire
    toll: 3+

    {P1 Two gunmen} killed {D at least three} {T1 farmers} near {L1 Gao}.

A file is a head of `key: value` lines, a blank line, and the text. `{P1 ...}` is a span: the initial of the label, the
number of the entity if it has one, a space, and the text of the span. Braces have no other meaning. The name of the
file without its suffix is the article's id.

`toll` in the head is the death toll: `50`, `50+` (at least 50), `30-40`, or `none` (no number given). All other keys
become the article's `meta`.
"""

import re
from pathlib import Path

from afteraction.data.articles.article import Article, Span, Toll
from afteraction.data.articles.labels import LABELS
from afteraction.data.errors import DataError, first_line

INITIALS = {label[0]: label for label in LABELS}
"""The default labels by their initials."""

_MARK = re.compile(r"\{(?P<initial>[A-Z])(?P<entity>\d*) (?P<surface>[^{}]+)\}")
_TOLL = re.compile(r"(?P<low>\d+)(?:(?P<open>\+)|-(?P<high>\d+))?")


def read_markup(path: Path) -> Article:
    """Reads one marked-up file.

    Raises:
        DataError: the file cannot be read, or the head or the mark-up is wrong. The message names the file and the
            offending text.
    """
    try:
        head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
        meta = dict(_head_entry(line) for line in head.splitlines())
        toll = parse_toll(meta.pop("toll", "none"))
        text, spans = parse_markup(body.strip("\n"))
        return Article(id=path.stem, text=text, spans=spans, death_toll=toll, meta=meta)
    except (DataError, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {first_line(error)}") from None


def parse_markup(marked: str) -> tuple[str, tuple[Span, ...]]:
    """Splits marked-up text into plain text and spans.

    Raises:
        DataError: a brace does not open or close a span, or an initial is unknown.
    """
    pieces: list[str] = []
    spans: list[Span] = []
    length = position = 0  # of the plain text, and in the marked-up text
    for mark in _MARK.finditer(marked):
        plain = marked[position : mark.start()]
        surface = mark["surface"]
        if mark["initial"] not in INITIALS:
            raise DataError(f"unknown initial in {mark.group()!r}; the initials are {', '.join(INITIALS)}")
        start = length + len(plain)
        entity = f"{mark['initial']}{mark['entity']}" if mark["entity"] else None
        spans.append(Span(start, start + len(surface), INITIALS[mark["initial"]], entity))
        pieces += [plain, surface]
        length, position = start + len(surface), mark.end()
    text = "".join([*pieces, marked[position:]])
    if brace := re.search(r"[{}]", text):
        context = text[max(brace.start() - 20, 0) : brace.end() + 20]
        raise DataError(f"a brace that belongs to no span near {context!r}")
    return text, tuple(spans)


def parse_toll(text: str) -> Toll | None:
    """Parses the value of `toll` in the head: `50`, `50+`, `30-40` or `none`. Returns None for `none`.

    Raises:
        DataError: the text is none of these, or the range is reversed.
    """
    if text == "none":
        return None
    match = _TOLL.fullmatch(text)
    if not match:
        raise DataError(f"toll: {text!r} is none of 50, 50+, 30-40, none")
    low = int(match["low"])
    if match["open"]:
        return Toll(low, None)
    return Toll(low, int(match["high"] or low))


def _head_entry(line: str) -> tuple[str, str]:
    key, colon, value = line.partition(":")
    if not colon or not key.strip() or not value.strip():
        raise DataError(f"the head's line {line!r} is not 'key: value'")
    return key.strip(), value.strip()
