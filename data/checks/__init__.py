"""Checks of a corpus: faults, near-duplicates, statistics and splits."""

from afteraction.data.checks.checks import check_files
from afteraction.data.checks.faults import CODES, SEVERITIES, Fault, Severity
from afteraction.data.checks.plot import draw_stats
from afteraction.data.checks.split import Split, parse_shares, split_files
from afteraction.data.checks.statistics import CorpusStats, LabelStats, Overlap, Stats, corpus_stats

__all__ = [
    "CODES",
    "SEVERITIES",
    "CorpusStats",
    "Fault",
    "LabelStats",
    "Overlap",
    "Severity",
    "Split",
    "Stats",
    "check_files",
    "corpus_stats",
    "draw_stats",
    "parse_shares",
    "split_files",
]
