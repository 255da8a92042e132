"""Inline mark-up, in which people write annotated articles by hand: one file, one article.

    kind: wire
    toll: 3+

    {P1 Two gunmen} killed {D at least three} {T1 farmers} near {L1 Gao}.

A head of `key: value` lines, a blank line, then the text, verbatim. `{P1 ...}` is a span: the label's
initial, the entity's number if it has one, a blank, the surface. Braces have no other use. The file's
name without its ending is the article's id.

The head's `toll` is the article's death toll: `50`, `50+` (at least 50), `30-40`, or `none` (no figure). The
other keys go to the article's `meta` as they are.
"""

import re
from pathlib import Path

from afteraction.data.articles.article import Article, Span, Toll
from afteraction.data.articles.labels import LABELS
from afteraction.data.errors import DataError

INITIALS = {label[0]: label for label in LABELS}
_MARK = re.compile(r"\{(?P<initial>[A-Z])(?P<entity>\d*) (?P<surface>[^{}]+)\}")
_TOLL = re.compile(r"(?P<low>\d+)(?:(?P<open>\+)|-(?P<high>\d+))?")


def read_markup(path: Path) -> Article:
    """Reads one marked-up file.

    Raises:
        DataError: the head or the mark-up is wrong; names the file and the offending text.
    """
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    try:
        meta = dict(_head_entry(line) for line in head.splitlines())
        toll = parse_toll(meta.pop("toll", "none"))
        text, spans = parse_markup(body.strip("\n"))
        return Article(id=path.stem, text=text, spans=spans, death_toll=toll, meta=meta)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def parse_markup(marked: str) -> tuple[str, tuple[Span, ...]]:
    """Splits marked-up text into plain text and spans.

    Raises:
        DataError: a brace that opens or closes no span, or an unknown initial.
    """
    pieces: list[str] = []
    spans: list[Span] = []
    length = position = 0
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
    """Reads the head's `toll`: `50`, `50+`, `30-40` or `none`.

    Raises:
        DataError: it is none of these.
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
