"""Strict span scores of subsets of the articles or of their spans, to show where a system is good and where it is not.

A slicer gives each article, or each span, a value in one dimension. Gold and predicted spans are sliced in the same
way, each by its own offsets and text, so that every slice has its own precision and recall.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article, InputError, Span, SubwordTokenizer, nearest
from afteraction.data.text import without_determiner
from afteraction.evaluation.figures.bootstrap import SAMPLES
from afteraction.evaluation.figures.scores import Row, interval, rates

MOST_VALUES = 12
"""The largest number of values shown per dimension: those with the most articles. The rest are merged into one."""

REST = "(other values)"

FAR_WORDS = 400
"""How many words count as the beginning of an article: about as many as fill a common window, 512 subwords."""

_FAR = re.compile(rf"\s*(?:\S+\s+){{{FAR_WORDS}}}(?=\S)")
_CAPITAL = re.compile(r"\b[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Slice:
    """The scores of the spans that have one value in one dimension. `row.name` is the value.

    `articles` is the number of articles that have the value, or a span with it. The interval is by bootstrap over them.
    """

    dimension: str
    value: str
    articles: int
    row: Row


@dataclass(frozen=True, slots=True)
class ArticleSlicer:
    """Slices by article. `value` returns the article's value, or None if the article belongs to no slice.

    The values in `order` come first. Other values follow, those with the most articles first.
    """

    dimension: str
    value: Callable[[Article], str | None]
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanSlicer:
    """Slices by span. `values_of` takes an article and returns a function that gives each of its spans a value.

    Values that depend only on the article are computed once, not for each span. `order` is as in `ArticleSlicer`.
    """

    dimension: str
    values_of: Callable[[Article], Callable[[Span], str]]
    order: tuple[str, ...] = ()


class SliceCounter:
    """Counts a stream of articles. Three integers per article and slice are kept."""

    def __init__(self, slicers: Iterable[ArticleSlicer | SpanSlicer]) -> None:
        self._slicers = tuple(slicers)
        self._counts: dict[tuple[str, str], array[int]] = {}

    def add(self, gold: Article, predicted: Article) -> None:
        """Adds a gold article and the same article as predicted."""
        gold_spans = {(span.start, span.end, span.label) for span in gold.spans}
        correct = [(span.start, span.end, span.label) in gold_spans for span in predicted.spans]
        for slicer in self._slicers:
            if isinstance(slicer, ArticleSlicer):
                value = slicer.value(gold)
                if value is not None:
                    self._keep(slicer.dimension, value, [sum(correct), len(predicted.spans), len(gold.spans)])
                continue
            value_of = slicer.values_of(gold)
            by_value: dict[str, list[int]] = {}  # correct, predicted, gold
            for span in gold.spans:
                by_value.setdefault(value_of(span), [0, 0, 0])[2] += 1
            for span, is_correct in zip(predicted.spans, correct, strict=True):
                counts = by_value.setdefault(value_of(span), [0, 0, 0])
                counts[0] += is_correct
                counts[1] += 1
            for value, counts in by_value.items():
                self._keep(slicer.dimension, value, counts)

    def result(self, *, seed: int = 0) -> tuple[Slice, ...]:
        """Returns the slices so far, in the order of the slicers.

        Args:
            seed: the seed of the bootstrap over articles.
        """
        return tuple(
            Slice(slicer.dimension, value, len(counts), _row(value, counts, seed=seed))
            for slicer in self._slicers
            for value, counts in self._values(slicer)
        )

    def _keep(self, dimension: str, value: str, counts: Sequence[int]) -> None:
        self._counts.setdefault((dimension, value), array("q")).extend(counts)

    def _values(self, slicer: ArticleSlicer | SpanSlicer) -> list[tuple[str, NDArray[np.int64]]]:
        """Returns a slicer's values in the order of tables, each with its counts of shape (articles, 3)."""
        counts_of = {
            value: np.array(counts, dtype=np.int64).reshape(-1, 3)
            for (dimension, value), counts in self._counts.items()
            if dimension == slicer.dimension
        }
        ordered = [value for value in slicer.order if value in counts_of]
        others = sorted(
            (value for value in counts_of if value not in ordered), key=lambda value: (-len(counts_of[value]), value)
        )
        shown = [*ordered, *others][:MOST_VALUES]
        values = [(value, counts_of[value]) for value in shown]
        if rest := [counts for value, counts in counts_of.items() if value not in shown]:
            values.append((REST, np.concatenate(rest)))
        return values


def default_slicers(
    *,
    training: Iterable[Article] | None = None,
    meta: Sequence[str] = ("source",),
    far: Callable[[str], int] | None = None,
) -> list[ArticleSlicer | SpanSlicer]:
    """Returns the slicers that a report uses.

    Args:
        training: the articles that the system was trained on, to separate names seen there from others; None for no
            such slices.
        meta: the fields of `meta` to slice by.
        far: returns the offset where the beginning of a text ends, as `subword_offset` does; `word_offset` if None.
    """
    slicers: list[ArticleSlicer | SpanSlicer] = [length_slicer(), position_slicer(far or word_offset)]
    slicers += [span_length_slicer()]
    slicers += [] if training is None else [name_slicer(training)]
    return [*slicers, case_slicer(), attacks_slicer(), *(meta_slicer(field) for field in meta)]


def length_slicer() -> ArticleSlicer:
    """Slices by the number of words of an article."""
    bands = ("up to 200 words", "201 to 400 words", "401 to 800 words", "over 800 words")
    return ArticleSlicer(
        "article length", lambda article: bands[bisect_left((200, 400, 800), len(article.text.split()))], bands
    )


def position_slicer(far: Callable[[str], int]) -> SpanSlicer:
    """Slices by whether a span begins before the offset that `far` returns for the article's text."""
    values = ("near the beginning", "far on")

    def values_of(article: Article) -> Callable[[Span], str]:
        offset = far(article.text)
        return lambda span: values[span.start >= offset]

    return SpanSlicer("position in the article", values_of, values)


def word_offset(text: str) -> int:
    """Returns the offset where word 401 begins, or the text's length if it has no more than 400 words."""
    beginning = _FAR.match(text)
    return beginning.end() if beginning else len(text)


def subword_offset(tokenizer: SubwordTokenizer, *, subwords: int = 512) -> Callable[[str], int]:
    """Returns a function that gives the offset after `subwords` subwords, or the text's length if it has no more."""

    def offset(text: str) -> int:
        bounds = tokenizer.encode([text])[0].bounds
        return int(bounds[subwords][0]) if len(bounds) > subwords else len(text)

    return offset


def span_length_slicer() -> SpanSlicer:
    """Slices by the number of words of a span."""
    bands = ("1 word", "2 words", "3 or 4 words", "5 to 8 words", "over 8 words")

    def values_of(article: Article) -> Callable[[Span], str]:
        text = article.text
        return lambda span: bands[bisect_left((1, 2, 4, 8), len(text[span.start : span.end].split()))]

    return SpanSlicer("span length", values_of, bands)


def name_slicer(training: Iterable[Article]) -> SpanSlicer:
    """Slices by whether a span is a name, and whether training has a span with this name and label in any case.

    A span counts as a name if one of its words is capitalised, except for a determiner at its start. The first word of
    a sentence therefore counts as a name, and so does every word of a text in capitals.
    """
    values = ("seen in training", "not seen in training", "no name")
    seen = {(span.label, _bare(article.surface(span)).casefold()) for article in training for span in article.spans}

    def value(text: str, span: Span) -> str:
        bare = _bare(text[span.start : span.end])
        if not any(letter.isupper() for letter in _CAPITAL.findall(bare)):
            return values[2]
        return values[(span.label, bare.casefold()) not in seen]

    return SpanSlicer("name", lambda article: partial(value, article.text), values)


def case_slicer() -> ArticleSlicer:
    """Slices by whether an article is all in upper case, all in lower case, or mixed."""

    def value(article: Article) -> str:
        if article.text.isupper():
            return "upper"
        return "lower" if article.text.islower() else "mixed"

    return ArticleSlicer("case", value, ("mixed", "upper", "lower"))


def attacks_slicer() -> ArticleSlicer:
    """Slices by the number of attacks in an article. In MUC-4, it is the integer `incidents` in `meta`."""
    values = ("no attack", "1 attack", "2 attacks", "3 attacks or more")

    def value(article: Article) -> str | None:
        attacks = article.meta.get("incidents")
        if not isinstance(attacks, int) or isinstance(attacks, bool) or attacks < 0:
            return None
        return values[min(attacks, 3)]

    return ArticleSlicer("attacks", value, values)


def meta_slicer(field: str) -> ArticleSlicer:
    """Slices by a field of `meta`. An article has no value if the field is missing, a list or a mapping."""

    def value(article: Article) -> str | None:
        content = article.meta.get(field)
        return None if content is None or isinstance(content, list | dict) else str(content)

    return ArticleSlicer(f"meta {field}", value)


def require_meta_field(field: str, articles: Iterable[Article], *, name: str) -> None:
    """Checks that at least one article can be sliced by a field of its `meta`. Otherwise, there would be no slices.

    Reading stops at the first such article.

    Args:
        field: the field to slice by.
        articles: the gold articles.
        name: the name of the articles in the error message, such as their file.

    Raises:
        InputError: no article has the field, or all that have it have a null, a list or a mapping in it.
    """
    value = meta_slicer(field).value
    fields: set[str] = set()
    for article in articles:
        if value(article) is not None:
            return
        fields |= article.meta.keys()
    if field in fields:
        raise InputError(f"--slice-by {field}: in {name}, this field of meta is always a null, a list or a mapping")
    hint = nearest(field, fields) if fields else "their meta is empty"
    raise InputError(f"--slice-by {field}: no article of {name} has this field of meta; {hint}")


def _bare(surface: str) -> str:
    """Returns a surface without a determiner at its start, with single spaces."""
    return without_determiner(" ".join(surface.split()))


def _row(value: str, counts: NDArray[np.int64], *, seed: int) -> Row:
    """Scores counts of shape (articles, 3): correct, predicted and gold spans."""
    # Draw how often each distinct row of counts occurs, instead of each article. The distribution is the same, and
    # a slice with many articles has few distinct rows.
    distinct, repeats = np.unique(counts, axis=0, return_counts=True)
    weights = np.random.default_rng(seed).multinomial(len(counts), repeats / len(counts), size=SAMPLES)
    totals = counts.sum(axis=0)
    precision, recall, f1 = (float(rate) for rate in rates(totals))
    return Row(value, precision, recall, f1, interval(rates(weights @ distinct)[2]), int(totals[2]), int(totals[1]))
