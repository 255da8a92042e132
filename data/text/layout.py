"""Where the layout of a text ends a phrase: paragraphs, table cells, and lines that end early.

Most line breaks of a plain text stand where a line was full, and a phrase continues on the next line. A heading, a
headline or a row ends early: the next word would still have fitted on its line.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from afteraction.data.articles.article import PARAGRAPH_BREAK
from afteraction.data.text.function_words import is_function_word

_CELL_BREAK = re.compile(r"(?<=\S)(?:[^\S\n]{2,}|\t)(?=\S)")
_SENTENCE_END = re.compile(r"[.:?!][\"'”’)\]]*$")
_LINE = re.compile(r"[^\n]+")
_OPENING = "\"'“‘«(["
_GOES_ON = (",", "/", "&", "-", "–", "—", "“", "‘", "«", "(", "[")
_NARROWEST = 40
"""Lines of wrapped text may have at least this many characters. A block of shorter lines is a list of headings."""

_WRAPPED = 3
"""The number of lines that a block needs for its longest line to show its width."""


def layout_breaks(text: str) -> list[tuple[int, int]]:
    """Returns the white space `[start, end)` that no phrase crosses, in order.

    It is

    - a blank line;
    - a tab, or two or more spaces, inside a line, except for the two spaces that typists put after a full stop;
    - a line break before the line was full, if the line begins a block or follows such a break or the end of a
      sentence, the next line begins with a capital letter or a digit, and the line does not end with a comma, a dash,
      an opening mark or a function word. Short lines inside a paragraph, as editors leave them, are thus not breaks.
      Neither are the lines of a text all in capitals.
    """
    breaks = [match.span() for match in PARAGRAPH_BREAK.finditer(text)]
    edges = [0, *(edge for span in breaks for edge in span), len(text)]
    if not text.isupper():
        breaks += _ended_lines([_lines(text, start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)])
    for match in _CELL_BREAK.finditer(text):
        start, end = match.span()
        if match[0] != "  " or not _SENTENCE_END.search(text, max(start - 2, 0), start):
            breaks.append((start, end))
    return sorted(breaks)


def _lines(text: str, start: int, end: int) -> list[tuple[int, str]]:
    """Returns the non-blank lines of a block with their offsets, without trailing white space."""
    lines = ((match.start(), match[0].rstrip()) for match in _LINE.finditer(text, start, end))
    return [(offset, line) for offset, line in lines if line]


def _ended_lines(blocks: Sequence[Sequence[tuple[int, str]]]) -> Iterator[tuple[int, int]]:
    """Yields the breaks after lines that end early."""
    longest = max((len(line) for block in blocks for _, line in block), default=0)
    for block in blocks:
        widest = max(len(line) for _, line in block) if len(block) >= _WRAPPED else longest
        margin = max(widest, _NARROWEST)
        begins = True
        for (offset, line), (below, next_line) in pairwise(block):
            word = next_line.split(maxsplit=1)[0]
            first = word.lstrip(_OPENING)[:1]
            fits = len(line) + 1 + len(word) <= margin
            ended = begins and fits and (first.isupper() or first.isdigit()) and not _goes_on(line)
            if ended:
                yield offset + len(line), below
            begins = ended or _SENTENCE_END.search(line) is not None


def _goes_on(line: str) -> bool:
    """Returns whether a line cannot be the end of a phrase."""
    return line.endswith(_GOES_ON) or is_function_word(line.split()[-1])
