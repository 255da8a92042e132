"""Exact span scores of parts of the articles and of parts of their spans: where a system is good, and where it is not.

A slicer gives an article, or each of its spans, a value in one dimension. Annotated and predicted spans are sliced
alike, each by its own offsets and text, so that a slice has a precision and a recall of its own.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article, Span, SubwordTokenizer
from afteraction.data.text import without_determiner
from afteraction.evaluation.figures.bootstrap import SAMPLES
from afteraction.evaluation.figures.scores import Row, interval, rates

MOST_VALUES = 12
"""How many values of a dimension are told apart, those of most articles; the rest are put together."""

REST = "(other values)"

FAR_WORDS = 400
"""Where an article counts as far on: 512 subwords of the default encoder, a common window, are about 400 words."""

_FAR = re.compile(rf"\s*(?:\S+\s+){{{FAR_WORDS}}}(?=\S)")
_CAPITAL = re.compile(r"\b[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Slice:
    """The scores of the spans that have one value in one dimension; `row.name` is the value.

    `articles` is how many articles have the value, or have a span that has it. The interval is by bootstrap over them.
    """

    dimension: str
    value: str
    articles: int
    row: Row


@dataclass(frozen=True, slots=True)
class ArticleSlicer:
    """Slices by article: `value` gives an article's value, or None where it has none.

    Values are shown in `order`, further ones after them, those of most articles first.
    """

    dimension: str
    value: Callable[[Article], str | None]
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanSlicer:
    """Slices by span: `of` gives for an article the function from its spans to their values."""

    dimension: str
    of: Callable[[Article], Callable[[Span], str]]
    order: tuple[str, ...] = ()


class SliceCounter:
    """Counts a stream of articles: three integers an article and slice are kept."""

    def __init__(self, slicers: Iterable[ArticleSlicer | SpanSlicer]) -> None:
        self._slicers = tuple(slicers)
        self._counts: dict[tuple[str, str], array[int]] = {}

    def add(self, gold: Article, predicted: Article) -> None:
        """Takes an annotated article and the same as a system labelled it."""
        annotated = {(span.start, span.end, span.label) for span in gold.spans}
        correct = [(span.start, span.end, span.label) in annotated for span in predicted.spans]
        for slicer in self._slicers:
            if isinstance(slicer, ArticleSlicer):
                value = slicer.value(gold)
                if value is not None:
                    self._keep(slicer.dimension, value, [sum(correct), len(predicted.spans), len(gold.spans)])
                continue
            value_of = slicer.of(gold)
            found: dict[str, list[int]] = {}
            for span in gold.spans:
                found.setdefault(value_of(span), [0, 0, 0])[2] += 1
            for span, is_correct in zip(predicted.spans, correct, strict=True):
                counts = found.setdefault(value_of(span), [0, 0, 0])
                counts[0] += is_correct
                counts[1] += 1
            for value, counts in found.items():
                self._keep(slicer.dimension, value, counts)

    def result(self, *, seed: int = 0) -> tuple[Slice, ...]:
        """The slices so far, dimensions in the order of the slicers.

        Args:
            seed: of the bootstrap over articles.
        """
        return tuple(
            Slice(slicer.dimension, value, len(counts), _row(value, counts, seed=seed))
            for slicer in self._slicers
            for value, counts in self._values(slicer)
        )

    def _keep(self, dimension: str, value: str, counts: Sequence[int]) -> None:
        self._counts.setdefault((dimension, value), array("q")).extend(counts)

    def _values(self, slicer: ArticleSlicer | SpanSlicer) -> list[tuple[str, NDArray[np.int64]]]:
        found = {
            value: np.array(counts, dtype=np.int64).reshape(-1, 3)
            for (dimension, value), counts in self._counts.items()
            if dimension == slicer.dimension
        }
        ordered = [value for value in slicer.order if value in found]
        others = sorted(
            (value for value in found if value not in ordered), key=lambda value: (-len(found[value]), value)
        )
        shown = [*ordered, *others][:MOST_VALUES]
        values = [(value, found[value]) for value in shown]
        if rest := [counts for value, counts in found.items() if value not in shown]:
            values.append((REST, np.concatenate(rest)))
        return values


def default_slicers(
    *,
    training: Iterable[Article] | None = None,
    meta: Sequence[str] = ("source",),
    far: Callable[[str], int] | None = None,
) -> list[ArticleSlicer | SpanSlicer]:
    """The dimensions that a report has.

    Args:
        training: the articles that the system was trained on, for names seen and unseen.
        meta: fields of `meta` to slice by.
        far: the offset from which a text counts as far on, such as `subword_offset` gives; `word_offset` if None.
    """
    slicers: list[ArticleSlicer | SpanSlicer] = [length_slicer(), position_slicer(far or word_offset)]
    slicers += [span_length_slicer()]
    slicers += [] if training is None else [name_slicer(training)]
    return [*slicers, case_slicer(), attacks_slicer(), *(meta_slicer(field) for field in meta)]


def length_slicer() -> ArticleSlicer:
    """Slices by how many words an article has."""
    bands = ("up to 200 words", "201 to 400 words", "401 to 800 words", "over 800 words")
    return ArticleSlicer(
        "article length", lambda article: bands[bisect_left((200, 400, 800), len(article.text.split()))], bands
    )


def position_slicer(far: Callable[[str], int]) -> SpanSlicer:
    """Slices by whether a span begins before or after the offset that `far` gives for the article's text."""
    values = ("near the beginning", "far on")

    def of(article: Article) -> Callable[[Span], str]:
        offset = far(article.text)
        return lambda span: values[span.start >= offset]

    return SpanSlicer("position in the article", of, values)


def word_offset(text: str) -> int:
    """Where the word after the first 400 begins; the text's length if it has no more."""
    found = _FAR.match(text)
    return found.end() if found else len(text)


def subword_offset(tokenizer: SubwordTokenizer, *, subwords: int = 512) -> Callable[[str], int]:
    """A function that gives where the subword after so many begins; the text's length if it has no more."""

    def offset(text: str) -> int:
        bounds = tokenizer.encode([text])[0].bounds
        return int(bounds[subwords][0]) if len(bounds) > subwords else len(text)

    return offset


def span_length_slicer() -> SpanSlicer:
    """Slices by how many words a span has."""
    bands = ("1 word", "2 words", "3 or 4 words", "5 to 8 words", "over 8 words")

    def of(article: Article) -> Callable[[Span], str]:
        text = article.text
        return lambda span: bands[bisect_left((1, 2, 4, 8), len(text[span.start : span.end].split()))]

    return SpanSlicer("span length", of, bands)


def name_slicer(training: Iterable[Article]) -> SpanSlicer:
    """Slices by whether a span is a name that is a span of the same label in training, whatever its case.

    A span is a name if a word of it is capitalised, a determiner at its front aside. The first word of a sentence
    passes for one, and so does every word of a text in capitals.
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
    """Slices by whether an article is all in capitals, all in small letters, or neither."""

    def value(article: Article) -> str:
        if article.text.isupper():
            return "upper"
        return "lower" if article.text.islower() else "mixed"

    return ArticleSlicer("case", value, ("mixed", "upper", "lower"))


def attacks_slicer() -> ArticleSlicer:
    """Slices by how many attacks an article reports, where its `meta` has a whole number `incidents`, as MUC-4 does."""
    values = ("no attack", "1 attack", "2 attacks", "3 attacks or more")

    def value(article: Article) -> str | None:
        attacks = article.meta.get("incidents")
        if not isinstance(attacks, int) or isinstance(attacks, bool) or attacks < 0:
            return None
        return values[min(attacks, 3)]

    return ArticleSlicer("attacks", value, values)


def meta_slicer(field: str) -> ArticleSlicer:
    """Slices by a field of `meta`; an article has no value where the field is missing, a list or a mapping."""

    def value(article: Article) -> str | None:
        found = article.meta.get(field)
        return None if found is None or isinstance(found, list | dict) else str(found)

    return ArticleSlicer(f"meta {field}", value)


def _bare(surface: str) -> str:
    """A surface without the determiner at its front, blanks made one."""
    return without_determiner(" ".join(surface.split()))


def _row(value: str, counts: NDArray[np.int64], *, seed: int) -> Row:
    """The scores of counts of shape (articles, 3): correct, predicted and annotated spans.

    Articles with the same counts are drawn together, which changes nothing but the time: a slice of many articles
    has few different ones.
    """
    distinct, repeats = np.unique(counts, axis=0, return_counts=True)
    weights = np.random.default_rng(seed).multinomial(len(counts), repeats / len(counts), size=SAMPLES)
    totals = counts.sum(axis=0)
    precision, recall, f1 = (float(rate) for rate in rates(totals))
    return Row(value, precision, recall, f1, interval(rates(weights @ distinct)[2]), int(totals[2]), int(totals[1]))
