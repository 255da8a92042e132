"""What is wrong with article files, and what is in them, before anything trains on them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from afteraction.data.alignment import spans_to_tokens
from afteraction.data.article import Article, DataError
from afteraction.data.formats import read_articles
from afteraction.data.subwords import SubwordTokenizer
from afteraction.data.validation import nearest


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: in which file, in which article if one could be read, and what."""

    file: str
    article: str | None
    message: str

    def __str__(self) -> str:
        return self.message if self.article is None else f"{self.file}: article {self.article!r}: {self.message}"


@dataclass(frozen=True, slots=True)
class LabelStats:
    """How often a label is given."""

    label: str
    spans: int
    articles: int
    surfaces: int
    """Different texts under it, whatever their case."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What a file holds."""

    file: str
    articles: int
    without_spans: int
    with_death_toll: int
    words: int
    longest: int
    """The words of the longest article."""
    labels: tuple[LabelStats, ...]


def check_files(paths: Sequence[Path], *, labels: Sequence[str], tokenizer: SubwordTokenizer) -> Iterator[Fault]:
    """Finds lines that cannot be read, ids and texts given twice, unknown labels and unlearnable edges of spans.

    Ids and texts are compared across all the files, so that a split's leak into another shows.
    """
    ids: dict[str, str] = {}
    texts: dict[str, tuple[str, str]] = {}
    for path in paths:
        file = str(path)
        for article in _entries(path):
            if isinstance(article, DataError):
                yield Fault(file, None, str(article))
                continue
            if article.id in ids:
                yield Fault(file, article.id, f"the id is taken already, in {ids[article.id]}")
            ids.setdefault(article.id, file)
            text = " ".join(article.text.split())
            if text and text in texts:
                other_file, other_id = texts[text]
                yield Fault(file, article.id, f"the text is that of article {other_id!r} in {other_file}")
            texts.setdefault(text, (file, article.id))
            for message in _span_faults(article, labels=labels, tokenizer=tokenizer):
                yield Fault(file, article.id, message)


def file_stats(path: Path) -> Stats:
    """Counts what a file holds.

    Raises:
        DataError: the file, or a line of it, cannot be read.
    """
    spans: Counter[str] = Counter()
    articles_with: Counter[str] = Counter()
    surfaces: dict[str, set[str]] = {}
    lengths: list[int] = []
    without_spans = with_death_toll = 0
    for article in read_articles(path):
        lengths.append(len(article.text.split()))
        without_spans += not article.spans
        with_death_toll += article.death_toll is not None
        spans.update(span.label for span in article.spans)
        articles_with.update({span.label for span in article.spans})
        for span in article.spans:
            surfaces.setdefault(span.label, set()).add(article.surface(span).casefold())
    rows = [LabelStats(label, spans[label], articles_with[label], len(surfaces[label])) for label in sorted(spans)]
    return Stats(
        file=str(path),
        articles=len(lengths),
        without_spans=without_spans,
        with_death_toll=with_death_toll,
        words=sum(lengths),
        longest=max(lengths, default=0),
        labels=tuple(rows),
    )


def _entries(path: Path) -> Iterator[Article | DataError]:
    """The articles of a file, and in their places the faults that keep one, or the rest, from being read."""
    errors: list[DataError] = []
    try:
        for article in read_articles(path, on_error=errors.append):
            yield from errors
            errors.clear()
            yield article
    except DataError as error:
        errors.append(error)
    yield from errors


def _span_faults(article: Article, *, labels: Sequence[str], tokenizer: SubwordTokenizer) -> Iterator[str]:
    for label in dict.fromkeys(span.label for span in article.spans):
        if label not in labels:
            yield f"unknown label {label!r}; {nearest(label, labels)}"
    if article.spans:
        _, misaligned = spans_to_tokens(article, tokenizer.encode([article.text])[0].bounds)
        for missed in misaligned:
            learnt = f"the model can only learn {missed.covered!r}" if missed.covered else "no subword is left for it"
            yield f"{missed.label} {missed.surface!r}: its edges lie within subwords; {learnt}"
