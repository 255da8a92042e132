"""The same spans as seqeval counts them, over tags: an independent count beside our own."""

from collections.abc import Sequence

from afteraction.data import Article
from afteraction.evaluation.scores import pair_articles


def seqeval_report(gold: Sequence[Article], predicted: Sequence[Article]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support by seqeval in its strict IOB2 mode, per label and averaged.

    Each text is cut where any span of either side begins or ends, so that every span is a whole number of
    pieces, whatever tokens a system used.

    Raises:
        DataError: the two sides do not hold the same articles.
    """
    from seqeval.metrics import classification_report
    from seqeval.scheme import IOB2

    true_tags, predicted_tags = [], []
    for annotated, labelled in pair_articles(gold, predicted):
        edges = sorted({edge for side in (annotated, labelled) for s in side.spans for edge in (s.start, s.end)})
        place = {edge: index for index, edge in enumerate(edges)}
        true_tags.append(_tags(annotated, place))
        predicted_tags.append(_tags(labelled, place))
    if not any(tag != "O" for side in (true_tags, predicted_tags) for tags in side for tag in tags):
        return {}
    options = {"output_dict": True, "zero_division": 0}
    report = classification_report(true_tags, predicted_tags, mode="strict", scheme=IOB2, **options)
    return {
        name: {measure.removesuffix("-score"): float(value) for measure, value in row.items()}
        for name, row in report.items()
    }


def _tags(article: Article, place: dict[int, int]) -> list[str]:
    tags = ["O"] * max(len(place), 1)
    for span in article.spans:
        tags[place[span.start] : place[span.end]] = [f"I-{span.label}"] * (place[span.end] - place[span.start])
        tags[place[span.start]] = f"B-{span.label}"
    return tags
