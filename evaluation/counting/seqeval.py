"""Strict span scores that seqeval computes from tags, as an independent check of our own counts."""

from collections.abc import Iterable, Iterator

from afteraction.data import Article
from afteraction.evaluation.counting.pairs import pair_articles

MOST_ARTICLES = 5_000
"""The most articles that are cross-checked. seqeval holds every tag in memory."""

_LONGEST = 200
"""The number of tags after which an article may be cut."""

Report = dict[str, dict[str, float]]


class SeqevalCounter:
    """Turns a stream of articles into tags for seqeval.

    Each text is cut wherever a span of either side begins or ends. Every span then consists of whole pieces, whatever
    tokens a system used.
    """

    def __init__(self) -> None:
        self._articles = 0
        self._gold: list[list[str]] = []
        self._predicted: list[list[str]] = []

    def add(self, gold: Article, predicted: Article) -> None:
        """Adds a gold article and the same article as predicted."""
        self._articles += 1
        if self._articles > MOST_ARTICLES:
            return
        edges = sorted({edge for side in (gold, predicted) for span in side.spans for edge in (span.start, span.end)})
        piece_at = {edge: index for index, edge in enumerate(edges)}
        for gold_tags, predicted_tags in _cut(_tags(gold, piece_at), _tags(predicted, piece_at)):
            self._gold.append(gold_tags)
            self._predicted.append(predicted_tags)

    def result(self) -> Report:
        """Returns precision, recall, F1 and support in seqeval's strict IOB2 mode, per label and averaged.

        The result is empty if there is no span, or if there are more than 5,000 articles.
        """
        from seqeval.metrics import classification_report
        from seqeval.scheme import IOB2

        sides = (self._gold, self._predicted)
        if self._articles > MOST_ARTICLES or all(tag == "O" for side in sides for tags in side for tag in tags):
            return {}
        options = {"output_dict": True, "zero_division": 0}
        report = classification_report(*sides, mode="strict", scheme=IOB2, **options)
        return {
            name: {measure.removesuffix("-score"): float(value) for measure, value in row.items()}
            for name, row in report.items()
        }


def seqeval_report(gold: Iterable[Article], predicted: Iterable[Article]) -> Report:
    """Scores the spans of some articles with seqeval; see `SeqevalCounter.result`.

    Raises:
        DataError: the two sides do not hold the same articles.
    """
    counter = SeqevalCounter()
    for pair in pair_articles(gold, predicted):
        counter.add(*pair)
    return counter.result()


def _cut(gold: list[str], predicted: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Cuts an article's tags where no span of either side continues. For each span, seqeval copies all later tags."""
    start = 0
    for index, tags in enumerate(zip(gold, predicted, strict=True)):
        if index - start >= _LONGEST and not any(tag.startswith("I-") for tag in tags):
            yield gold[start:index], predicted[start:index]
            start = index
    yield gold[start:], predicted[start:]


def _tags(article: Article, piece_at: dict[int, int]) -> list[str]:
    """Returns one IOB2 tag per piece. `piece_at` maps the offset of each cut to the index of the piece after it."""
    tags = ["O"] * max(len(piece_at), 1)
    for span in article.spans:
        first, last = piece_at[span.start], piece_at[span.end]
        tags[first:last] = [f"I-{span.label}"] * (last - first)
        tags[first] = f"B-{span.label}"
    return tags
