"""Which predicted spans match which gold spans, at five levels from strict to lenient.

Each span matches at most one span of the other side. The spans of one side do not overlap each other, so one pass from
left to right finds the largest matching.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from afteraction.data import Article, Span
from afteraction.evaluation.counting.tally import ALL, Cell, Cells

STRICT = "strict"
SPAN_LEVELS = (STRICT, "exact", "partial", "type", "head")
"""When two spans match:

- `strict`: the same offsets and the same label;
- `exact`: the same offsets;
- `partial`: the same offsets, or a common character for half the credit;
- `type`: a common character and the same label;
- `head`: the same head word at the same offsets, and the same label.

`exact` and `partial` ignore labels when all labels are scored together. Their rows per label compare only the spans
of that label, as nervaluate does.
"""

Edges = list[tuple[int, int]]
"""Offsets, half-open, in order and without overlaps."""

# Where the core of a phrase ends. The words after it only add detail. It does not end inside a number such as 1,200.
_AFTER_CORE = re.compile(
    r"[;(\[—]|[,:–](?!\d)|\s(?:of|in|at|from|for|on|near|with|by|to|into|inside|outside|within|between|among|against|under|over"
    r"|around|along|across|after|before|during|since|about|through|behind|who|whom|whose|which|that|where|when)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w(?:[\w'’.,:–-]*\w)?")


def count_mentions(gold: Article, predicted: Article) -> Cells:
    """Counts an article's spans, by level and label."""
    gold_by_label, predicted_by_label = _by_label(gold.spans), _by_label(predicted.spans)
    cells: dict[str, dict[str, Cell]] = {level: {} for level in SPAN_LEVELS}
    for label in gold_by_label.keys() | predicted_by_label.keys():
        of_gold, of_predicted = gold_by_label.get(label, []), predicted_by_label.get(label, [])
        shared = {*of_gold} & {*of_predicted}
        exact, overlapping = len(shared), count_overlapping(of_gold, of_predicted)
        sizes = (len(of_predicted), len(of_gold))
        # Equal spans have equal heads. Spans of one side do not overlap, so no other span has the same head.
        heads = exact + len(_heads(gold.text, {*of_gold} - shared) & _heads(gold.text, {*of_predicted} - shared))
        cells[STRICT][label] = cells["exact"][label] = (exact, *sizes)
        cells["partial"][label] = ((exact + overlapping) / 2, *sizes)
        cells["type"][label] = (overlapping, *sizes)
        cells["head"][label] = (heads, *sizes)
    # The two levels that ignore labels are counted once more over the spans of all labels.
    all_gold, all_predicted = _edges(gold.spans), _edges(predicted.spans)
    exact, overlapping = len({*all_gold} & {*all_predicted}), count_overlapping(all_gold, all_predicted)
    cells["exact"][ALL] = (exact, len(all_predicted), len(all_gold))
    cells["partial"][ALL] = ((exact + overlapping) / 2, len(all_predicted), len(all_gold))
    return cells


def count_overlapping(gold: Edges, predicted: Edges) -> int:
    """Returns the size of the largest one-to-one matching of spans that share characters.

    The pass looks at the first remaining span of each side. The one that ends first can overlap only the other one,
    so if they do overlap, matching them is never worse than not matching them.
    """
    first = second = matched = 0
    while first < len(gold) and second < len(predicted):
        (start, end), (other_start, other_end) = gold[first], predicted[second]
        if start < other_end and other_start < end:
            matched += 1
            first += 1
            second += 1
        elif end <= other_end:
            first += 1
        else:
            second += 1
    return matched


def overlaps(gold: Sequence[Span], predicted: Sequence[Span]) -> Iterator[tuple[int, int, int]]:
    """Yields every pair of spans that shares characters, in the order of the text.

    A pair is the index of the gold and of the predicted span, and how many characters they share. The spans of each
    side are in order and do not overlap.
    """
    first = second = 0
    while first < len(gold) and second < len(predicted):
        gold_span, predicted_span = gold[first], predicted[second]
        shared = min(gold_span.end, predicted_span.end) - max(gold_span.start, predicted_span.start)
        if shared > 0:
            yield first, second, shared
        # The span that ends first can overlap no later span of the other side.
        if gold_span.end <= predicted_span.end:
            first += 1
        else:
            second += 1


# Phrases repeat within and between articles, so the cache answers nearly every call.
@lru_cache(maxsize=1 << 16)
def head_word(surface: str) -> tuple[int, int]:
    """Returns the offsets of a phrase's head word, half-open.

    The head is the last word before the first comma, bracket, dash, preposition or relative word: "school" in "a
    military police school in Bamako". A phrase without words is its own head.
    """
    cut = _AFTER_CORE.search(surface, 1)
    words = [match.span() for match in _WORD.finditer(surface, 0, cut.start() if cut else len(surface))]
    return words[-1] if words else (0, len(surface))


def _heads(text: str, edges: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Returns the offsets of the spans' head words in the text."""
    heads = set()
    for start, end in edges:
        first, last = head_word(text[start:end])
        heads.add((start + first, start + last))
    return heads


def _by_label(spans: Sequence[Span]) -> dict[str, Edges]:
    by_label: dict[str, Edges] = {}
    for span in spans:
        by_label.setdefault(span.label, []).append((span.start, span.end))
    return by_label


def _edges(spans: Sequence[Span]) -> Edges:
    return [(span.start, span.end) for span in spans]
