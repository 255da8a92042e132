"""A text as a reader sees it: character references are resolved, and invisible characters are left out.

Archives contain what a browser would not show: `&rsquo;` and `&amp;`, soft hyphens, zero-width spaces, byte order
marks, direction marks. Models and rules work on the rendered text. All offsets outside this module refer to the text as
given.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from afteraction.data.articles.article import Span

Offsets = NDArray[np.int64]

_INVISIBLE = "\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
# Joiners have a meaning after emoji and after letters of scripts further east, but not after Latin, Greek or Cyrillic
# letters.
_HIDDEN = re.compile(
    rf"(?<=[\x00-\u058f])[{_INVISIBLE}\u200c\u200d]+|[{_INVISIBLE}]+"
    r"|&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_MAY_HIDE = re.compile(f"[&\u200c\u200d{_INVISIBLE}]")
_LAYERS = 3
"""How many times a reference may be escaped: feeds have `&amp;rsquo;`, and some `&amp;amp;`."""


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A rendered text, with a mapping back to the text as given.

    `starts` and `ends` are the code points `[start, end)` of the given text that each character comes from, shape
    (characters,). They never decrease. Both are None if rendering leaves the text unchanged.
    """

    text: str
    starts: Offsets | None = None
    ends: Offsets | None = None

    def to_given(self, ranges: Offsets) -> Offsets:
        """Converts half-open ranges of the rendered text, shape (ranges, 2), to ranges of the text as given.

        No range begins or ends inside a reference.
        """
        if self.starts is None or self.ends is None:
            return ranges
        first, stop = ranges[:, 0], ranges[:, 1]
        past = self.ends.max(initial=0)
        starts = np.append(self.starts, past)[first]
        return np.stack([starts, np.where(first < stop, np.append(self.ends, past)[stop - 1], starts)], axis=1)

    def from_given(self, ranges: Offsets) -> Offsets:
        """Converts half-open ranges of the text as given, shape (ranges, 2), to ranges of the rendered text.

        A character that a range covers in part is included. A range of invisible characters becomes empty.
        """
        if self.starts is None or self.ends is None:
            return ranges
        first = np.searchsorted(self.ends, ranges[:, 0], side="right")
        stop = np.searchsorted(self.starts, ranges[:, 1], side="left")
        return np.stack([first, np.maximum(first, stop)], axis=1)

    def spans_to_given(self, spans: Sequence[Span]) -> list[Span]:
        """Converts spans of the rendered text to spans of the text as given."""
        return list(spans) if self.starts is None else _move(spans, self.to_given(_ranges(spans)))

    def spans_from_given(self, spans: Sequence[Span]) -> list[Span]:
        """Converts spans of the text as given to spans of the rendered text."""
        return list(spans) if self.starts is None else _move(spans, self.from_given(_ranges(spans)))


def render(text: str) -> Rendered:
    """Renders a text: resolves its character references, and leaves out its invisible characters.

    A reference must end in a semicolon and stand for one character, so "AT&T" and "R&D;" are left unchanged.
    """
    rendered = Rendered(text)
    if not _MAY_HIDE.search(text):
        return rendered
    for _ in range(_LAYERS):
        layer = _remove_layer(rendered.text)
        if layer.starts is None or layer.ends is None:
            break
        if rendered.starts is not None and rendered.ends is not None:
            layer = replace(layer, starts=rendered.starts[layer.starts], ends=rendered.ends[layer.ends - 1])
        rendered = layer
    return rendered


def _remove_layer(text: str) -> Rendered:
    """Resolves each reference once, and leaves out the invisible characters that are not references."""
    kept = np.ones(len(text), dtype=bool)
    ends = np.arange(1, len(text) + 1)
    pieces = []
    position = 0
    for match in _HIDDEN.finditer(text):
        shown = html.unescape(match[0]) if match[0][0] == "&" else ""
        if len(shown) > 1:  # an unknown reference, or one that stands for several characters
            continue
        start, end = match.span()
        kept[start + len(shown) : end] = False
        ends[start] = end
        pieces += [text[position:start], shown]
        position = end
    if not pieces:
        return Rendered(text)
    return Rendered("".join([*pieces, text[position:]]), np.flatnonzero(kept), ends[kept])


def _ranges(spans: Sequence[Span]) -> Offsets:
    return np.array([(span.start, span.end) for span in spans], dtype=np.int64).reshape(-1, 2)


def _move(spans: Sequence[Span], ranges: Offsets) -> list[Span]:
    return [replace(span, start=start, end=end) for span, (start, end) in zip(spans, ranges.tolist(), strict=True)]
