"""Articles, label schemes, file formats, count phrases, alignment with tokens, windows, the bundled corpus."""

from afteraction.data.agreement import Agreement, Difference, LabelAgreement, Rate, annotator_agreement
from afteraction.data.alignment import (
    FREE,
    INSIDE,
    LED_ON,
    PARAGRAPH,
    Bounds,
    Links,
    Misalignment,
    spans_to_tokens,
    token_bounds,
    token_links,
    tokens_to_characters,
)
from afteraction.data.article import (
    LABELS,
    PARAGRAPH_BREAK,
    Article,
    DataError,
    Entity,
    FaultySpansError,
    Span,
    SpanFault,
    Toll,
)
from afteraction.data.checks import check_files
from afteraction.data.corpus import bundled_file, read_named, resolve
from afteraction.data.counts import parse_count
from afteraction.data.examples import Examples, build_examples, default_cache, file_sha256
from afteraction.data.faults import CODES, SEVERITIES, Fault, Severity
from afteraction.data.formats import (
    first_line,
    format_article,
    is_article_file,
    parse_article,
    read_articles,
    replacing,
    write_articles,
)
from afteraction.data.inputs import read_inputs
from afteraction.data.labels import IGNORED, LabelScheme
from afteraction.data.split import Split, parse_shares, split_files
from afteraction.data.statistics import CorpusStats, LabelStats, Overlap, Stats, corpus_stats
from afteraction.data.stats_picture import draw_stats
from afteraction.data.subwords import Subwords, SubwordTokenizer
from afteraction.data.validation import InputError, explain, nearest
from afteraction.data.windows import Window, WindowConfig, merge_windows, plan_windows

__all__ = [
    "CODES",
    "FREE",
    "IGNORED",
    "INSIDE",
    "LABELS",
    "LED_ON",
    "PARAGRAPH",
    "PARAGRAPH_BREAK",
    "SEVERITIES",
    "Agreement",
    "Article",
    "Bounds",
    "CorpusStats",
    "DataError",
    "Difference",
    "Entity",
    "Examples",
    "Fault",
    "FaultySpansError",
    "InputError",
    "LabelAgreement",
    "LabelScheme",
    "LabelStats",
    "Links",
    "Misalignment",
    "Overlap",
    "Rate",
    "Severity",
    "Span",
    "SpanFault",
    "Split",
    "Stats",
    "SubwordTokenizer",
    "Subwords",
    "Toll",
    "Window",
    "WindowConfig",
    "annotator_agreement",
    "build_examples",
    "bundled_file",
    "check_files",
    "corpus_stats",
    "default_cache",
    "draw_stats",
    "explain",
    "file_sha256",
    "first_line",
    "format_article",
    "is_article_file",
    "merge_windows",
    "nearest",
    "parse_article",
    "parse_count",
    "parse_shares",
    "plan_windows",
    "read_articles",
    "read_inputs",
    "read_named",
    "replacing",
    "resolve",
    "spans_to_tokens",
    "split_files",
    "token_bounds",
    "token_links",
    "tokens_to_characters",
    "write_articles",
]
