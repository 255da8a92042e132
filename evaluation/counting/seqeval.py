"""The same spans as seqeval counts them, over tags: an independent count beside our own."""

from collections.abc import Iterable

from afteraction.data import Article
from afteraction.evaluation.counting.pairs import pair_articles

MOST_ARTICLES = 5_000
"""How many articles are cross-checked at most: seqeval holds every tag in memory."""

Report = dict[str, dict[str, float]]


class SeqevalCounter:
    """Turns a stream of articles into tags for seqeval.

    Each text is cut where any span of either side begins or ends, so that every span is a whole number of
    pieces, whatever tokens a system used.
    """

    def __init__(self) -> None:
        self._articles = 0
        self._annotated: list[list[str]] = []
        self._labelled: list[list[str]] = []

    def add(self, gold: Article, predicted: Article) -> None:
        """Takes an annotated article and the same as a system labelled it."""
        self._articles += 1
        if self._articles > MOST_ARTICLES:
            return
        edges = sorted({edge for side in (gold, predicted) for span in side.spans for edge in (span.start, span.end)})
        place = {edge: index for index, edge in enumerate(edges)}
        self._annotated.append(_tags(gold, place))
        self._labelled.append(_tags(predicted, place))

    def result(self) -> Report:
        """Precision, recall, F1 and support in seqeval's strict IOB2 mode, per label and averaged.

        It is empty without any span, and for more than 5,000 articles.
        """
        from seqeval.metrics import classification_report
        from seqeval.scheme import IOB2

        sides = (self._annotated, self._labelled)
        if self._articles > MOST_ARTICLES or all(tag == "O" for side in sides for tags in side for tag in tags):
            return {}
        options = {"output_dict": True, "zero_division": 0}
        report = classification_report(*sides, mode="strict", scheme=IOB2, **options)
        return {
            name: {measure.removesuffix("-score"): float(value) for measure, value in row.items()}
            for name, row in report.items()
        }


def seqeval_report(gold: Iterable[Article], predicted: Iterable[Article]) -> Report:
    """What seqeval says of some articles' spans; see `SeqevalCounter.result`.

    Raises:
        DataError: the two sides do not hold the same articles.
    """
    counter = SeqevalCounter()
    for pair in pair_articles(gold, predicted):
        counter.add(*pair)
    return counter.result()


def _tags(article: Article, place: dict[int, int]) -> list[str]:
    tags = ["O"] * max(len(place), 1)
    for span in article.spans:
        tags[place[span.start] : place[span.end]] = [f"I-{span.label}"] * (place[span.end] - place[span.start])
        tags[place[span.start]] = f"B-{span.label}"
    return tags
