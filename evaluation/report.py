"""Everything that one evaluation says."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from afteraction.data import LABELS, Article
from afteraction.evaluation.crosscheck import seqeval_report
from afteraction.evaluation.scores import SpanScores, labels_of, pair_articles, score_spans


@dataclass(frozen=True, slots=True)
class Report:
    """Exact span scores, seqeval's count of the same, and how many articles' death tolls are right."""

    spans: SpanScores
    seqeval: dict[str, dict[str, float]]
    tolls_right: int
    """Articles whose predicted toll is the annotated one, absent ones included."""
    tolls_given: int
    """Articles with an annotated toll."""
    tolls_given_right: int

    def record(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self)


def evaluate(gold: Sequence[Article], predicted: Sequence[Article], *, labels: Sequence[str] = ()) -> Report:
    """Scores predicted articles against annotated ones.

    Args:
        gold: the annotated articles.
        predicted: the same articles as a system labelled them.
        labels: those to list first; every other that either side has follows, since it counts too.

    Raises:
        DataError: the two sides do not hold the same articles.
    """
    seen = labels_of(gold, predicted)
    listed = [*labels] if labels else [label for label in LABELS if label in seen]
    names = [*listed, *(label for label in seen if label not in listed)]
    pairs = pair_articles(gold, predicted)
    given = [(known, found) for known, found in pairs if known.death_toll is not None]
    return Report(
        spans=score_spans(gold, predicted, labels=names),
        seqeval=seqeval_report(gold, predicted),
        tolls_right=sum(known.death_toll == found.death_toll for known, found in pairs),
        tolls_given=len(given),
        tolls_given_right=sum(known.death_toll == found.death_toll for known, found in given),
    )
