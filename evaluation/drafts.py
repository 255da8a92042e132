"""Reviews of a model's drafts: which spans people accepted, changed, removed and added."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from afteraction.data.articles.article import Article
from afteraction.evaluation.agreement import annotator_agreement


@dataclass(frozen=True, slots=True)
class LabelReview:
    """The review of the drafts of one label, or of all labels together if `label` is None.

    A draft is a span that the model proposed. It is accepted if the corrected article still has it, changed if it was
    replaced by a span with another label or other boundaries, and otherwise removed. Changed drafts count under their
    original label. An added span does not replace a draft.
    """

    label: str | None
    accepted: int
    changed: int
    removed: int
    added: int

    @property
    def drafts(self) -> int:
        """The number of drafts."""
        return self.accepted + self.changed + self.removed


@dataclass(frozen=True, slots=True)
class DraftReview:
    """The review of the articles that have a draft and a correction.

    `not_corrected` counts the draft articles without a correction, `without_draft` the corrected articles without a
    draft.
    """

    articles: int
    not_corrected: int
    without_draft: int
    labels: tuple[LabelReview, ...]
    all: LabelReview


def review_drafts(drafts: Iterable[Article], corrected: Iterable[Article]) -> DraftReview:
    """Compares drafts with the same articles as corrected, by id.

    A label that is unknown on either side in an article is not compared there.

    Raises:
        DataError: an article occurs twice on one side, or the two texts of an article differ.
    """
    agreement = annotator_agreement(drafts, corrected)
    changed, removed, added = Counter[str](), Counter[str](), Counter[str]()
    for difference in agreement.differences:
        if difference.first is not None:
            (removed if difference.second is None else changed)[difference.first.label] += 1
        elif difference.second is not None:
            added[difference.second.label] += 1
    labels = tuple(
        LabelReview(row.label, row.exact, changed[row.label], removed[row.label], added[row.label])
        for row in agreement.labels
        if row.label is not None
    )
    return DraftReview(
        articles=agreement.articles,
        not_corrected=agreement.only_first,
        without_draft=agreement.only_second,
        labels=labels,
        all=LabelReview(None, agreement.all.exact, changed.total(), removed.total(), added.total()),
    )
