"""Scores of predictions against gold annotation, with intervals.

A name is imported when it is first used, so that scoring alone imports neither PyTorch nor matplotlib.
"""

from typing import TYPE_CHECKING

from afteraction.data.lazy import lazy_names

if TYPE_CHECKING:
    from afteraction.evaluation.comparison import Comparison, Difference, Spread, compare, spread
    from afteraction.evaluation.counting.entities import EntityForm
    from afteraction.evaluation.counting.levels import LEVELS, Level
    from afteraction.evaluation.counting.pairs import pair_articles
    from afteraction.evaluation.counting.seqeval import seqeval_report
    from afteraction.evaluation.counting.tolls import nearest_toll
    from afteraction.evaluation.figures.calibration import Bin, Calibration, CalibrationCounter, Reliability
    from afteraction.evaluation.figures.errors import (
        ERROR_KINDS,
        ErrorCounter,
        ErrorCounts,
        ErrorExample,
        ErrorKind,
        SpanError,
        span_errors,
    )
    from afteraction.evaluation.figures.scores import FEWEST, Interval, Row, Scores, labels_of, score_spans
    from afteraction.evaluation.figures.slices import (
        ArticleSlicer,
        Slice,
        SliceCounter,
        SpanSlicer,
        default_slicers,
        require_meta_field,
        subword_offset,
        word_offset,
    )
    from afteraction.evaluation.figures.tolls import TollScores
    from afteraction.evaluation.report.articles import view_articles
    from afteraction.evaluation.report.browser import WorstArticles
    from afteraction.evaluation.report.record import RecordLine, record_lines
    from afteraction.evaluation.report.write import make_report_folder, write_report
    from afteraction.evaluation.scoring import Baseline, Report, evaluate

__all__ = [
    "ERROR_KINDS",
    "FEWEST",
    "LEVELS",
    "ArticleSlicer",
    "Baseline",
    "Bin",
    "Calibration",
    "CalibrationCounter",
    "Comparison",
    "Difference",
    "EntityForm",
    "ErrorCounter",
    "ErrorCounts",
    "ErrorExample",
    "ErrorKind",
    "Interval",
    "Level",
    "RecordLine",
    "Reliability",
    "Report",
    "Row",
    "Scores",
    "Slice",
    "SliceCounter",
    "SpanError",
    "SpanSlicer",
    "Spread",
    "TollScores",
    "WorstArticles",
    "compare",
    "default_slicers",
    "evaluate",
    "labels_of",
    "make_report_folder",
    "nearest_toll",
    "pair_articles",
    "record_lines",
    "require_meta_field",
    "score_spans",
    "seqeval_report",
    "span_errors",
    "spread",
    "subword_offset",
    "view_articles",
    "word_offset",
    "write_report",
]

_MODULES = {
    "comparison": (
        "Comparison",
        "Difference",
        "Spread",
        "compare",
        "spread",
    ),
    "counting.entities": ("EntityForm",),
    "counting.pairs": ("pair_articles",),
    "counting.seqeval": ("seqeval_report",),
    "counting.levels": ("LEVELS", "Level"),
    "counting.tolls": ("nearest_toll",),
    "scoring": (
        "Baseline",
        "Report",
        "evaluate",
    ),
    "figures.calibration": (
        "Bin",
        "Calibration",
        "CalibrationCounter",
        "Reliability",
    ),
    "figures.errors": (
        "ERROR_KINDS",
        "ErrorCounter",
        "ErrorCounts",
        "ErrorExample",
        "ErrorKind",
        "SpanError",
        "span_errors",
    ),
    "figures.scores": (
        "FEWEST",
        "Interval",
        "Row",
        "Scores",
        "labels_of",
        "score_spans",
    ),
    "figures.slices": (
        "ArticleSlicer",
        "Slice",
        "SliceCounter",
        "SpanSlicer",
        "default_slicers",
        "require_meta_field",
        "subword_offset",
        "word_offset",
    ),
    "figures.tolls": ("TollScores",),
    "report.articles": ("view_articles",),
    "report.browser": ("WorstArticles",),
    "report.record": ("RecordLine", "record_lines"),
    "report.write": ("make_report_folder", "write_report"),
}
__getattr__ = lazy_names(
    __name__, {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}
)
