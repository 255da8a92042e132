"""Finds faults in article files, before they are used for training or scoring."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from afteraction.data.articles.article import Article, FaultySpansError, Span, Toll
from afteraction.data.articles.article_files import read_articles
from afteraction.data.articles.labels import DEATH_TOLL
from afteraction.data.checks.duplicates import DuplicateIndex
from afteraction.data.checks.faults import Fault
from afteraction.data.checks.names import NameUses, faults_within
from afteraction.data.errors import DataError, nearest
from afteraction.data.files import batched
from afteraction.data.text.counts import read_toll
from afteraction.data.tokens.alignment import spans_to_tokens
from afteraction.data.tokens.subwords import Subwords, SubwordTokenizer
from afteraction.data.tokens.windows import WindowConfig, plan_windows

MIN_SPANS_PER_LABEL = 30
"""A label with fewer spans in a file cannot be learned or scored well."""

_ARTICLES_AT_ONCE = 256


def check_files(
    paths: Sequence[Path],
    *,
    labels: Sequence[str],
    tokenizer: SubwordTokenizer,
    window: WindowConfig | None = None,
) -> Iterator[Fault]:
    """Streams the faults of article files, of all kinds in `CODES`, in the order of the files.

    Ids, texts and names are compared across all files, so that leaks between splits are found. A line that cannot be
    read is a fault, and reading continues.

    The files are read twice. The second reading compares names, so its faults come last.
    """
    window = window or WindowConfig()
    repetitions = _Repetitions()
    names = NameUses()
    for path in paths:
        file = str(path)
        spans: Counter[str] = Counter()
        for chunk in batched(_entries(path), _ARTICLES_AT_ONCE):
            encoded = iter(tokenizer.encode([entry.text for entry in chunk if isinstance(entry, Article)]))
            for entry in chunk:
                if isinstance(entry, DataError):
                    yield from _reading_faults(entry, file=file)
                    continue
                spans.update(span.label for span in entry.spans)
                names.count(entry)
                yield from repetitions.faults(entry, file=file)
                yield from _label_faults(entry, labels=labels, file=file)
                yield from _subword_faults(entry, next(encoded), tokenizer=tokenizer, window=window, file=file)
                yield from _toll_faults(entry, file=file)
                yield from faults_within(entry, file=file)
        yield from _scarcity(spans, labels=labels, file=file)
    names.keep_frequent_names()
    for path in paths:
        for entry in _entries(path):
            if isinstance(entry, Article):
                yield from names.compare(entry, file=str(path))
    yield from names.unlabelled()


class _Repetitions:
    """Finds repeated ids and texts across all files."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._locations: list[tuple[str, str]] = []
        """The file and id of each article, in the order of `_index`."""
        self._sources: dict[str, int] = {}
        self._index = DuplicateIndex()

    def faults(self, article: Article, *, file: str) -> Iterator[Fault]:
        """Adds an article, and streams its faults against the earlier ones."""
        if article.id in self._ids:
            yield Fault("duplicate-id", file, f"the id is already used in {self._ids[article.id]}", article.id)
        self._ids.setdefault(article.id, file)
        self._locations.append((file, article.id))
        source = self._sources.setdefault(file, len(self._sources))
        for match in self._index.add(article.text, source=source):
            other_file, other_id = self._locations[match.index]
            how = "the text is that" if match.identical else f"the text is nearly ({match.similarity:.2f}) that"
            message = f"{how} of article {other_id!r} in {other_file}"
            code = "leak" if other_file != file else "duplicate" if match.identical else "near-duplicate"
            yield Fault(code, file, message, article.id)


def _entries(path: Path) -> Iterator[Article | DataError]:
    """Streams the articles of a file, with an error in place of each article that cannot be read."""
    errors: list[DataError] = []
    try:
        for article in read_articles(path, on_error=errors.append):
            yield from errors
            errors.clear()
            yield article
    except DataError as error:
        errors.append(error)
    yield from errors


def _reading_faults(error: DataError, *, file: str) -> Iterator[Fault]:
    """Streams the faults of an article or line that cannot be read: one per span, or a single one."""
    cause = error.__cause__
    if not isinstance(cause, FaultySpansError):
        yield Fault("unreadable", file, str(error).removeprefix(f"{file}: "))
        return
    for fault in cause.faults:
        span = fault.span
        message = f"{span.label} {fault.problem}"
        yield Fault(fault.code, file, message, cause.article, span.start, span.end, fault.surface)


def _label_faults(article: Article, *, labels: Sequence[str], file: str) -> Iterator[Fault]:
    reported = set()
    for span in article.spans:
        if span.label not in labels and span.label not in reported:
            reported.add(span.label)
            message = f"unknown label {span.label!r}; {nearest(span.label, labels)}"
            yield _at(span, "unknown-label", article, message, file=file)
    for label in article.unknown_labels:
        if label not in labels:
            message = f"unknown_labels has {label!r}; {nearest(label, labels)}"
            yield Fault("unknown-label", file, message, article.id)


def _subword_faults(
    article: Article, subwords: Subwords, *, tokenizer: SubwordTokenizer, window: WindowConfig, file: str
) -> Iterator[Fault]:
    _, misaligned = spans_to_tokens(article, subwords.bounds)
    for missed in misaligned:
        learnt = f"the model can only learn {missed.covered!r}" if missed.covered else "no subword is left for it"
        span = Span(missed.start, missed.start + len(missed.surface), missed.label)
        yield _at(span, "misaligned", article, f"{missed.label} has an edge within a subword; {learnt}", file=file)
    count = len(subwords.ids)
    windows = plan_windows(count, size=window.size - tokenizer.special_count, stride=window.stride)
    if len(windows) > 1:
        message = f"{count} subwords, more than a window of {window.size} holds: read in {len(windows)} windows"
        yield Fault("long", file, message, article.id)


def _toll_faults(article: Article, *, file: str) -> Iterator[Fault]:
    """Streams a fault for each phrase without a number, and one if no phrase gives the article's death toll.

    A death toll of zero needs no phrase. Two phrases may give the toll together: as the ends of a range, or as a sum.
    """
    phrases = [(span, read_toll(article.surface(span))) for span in article.spans if span.label == DEATH_TOLL]
    for span, count in phrases:
        if count is None:
            yield _at(span, "toll-wording", article, "no number can be read in it", file=file)
    counts = [count for _, count in phrases if count is not None]
    toll = article.death_toll
    if toll is None or toll.high == 0 or not counts or toll in counts:
        return
    # Sources may disagree: 16 and "over 25" are at least 16.
    joins = any(count.low == toll.low for count in counts) and any(
        count.low >= toll.low and count.high == toll.high for count in counts
    )
    if joins or _add_up(counts, toll):
        return
    said = ", ".join(dict.fromkeys(f"{article.surface(span)!r} ({count})" for span, count in phrases if count))
    yield Fault("toll", file, f"no phrase means the death toll, {toll}; they say {said}", article.id)


def _add_up(counts: Sequence[Toll], toll: Toll) -> bool:
    """Returns whether two of the counts add up to the toll. The sum has no upper limit if one of them has none."""
    if toll.high is None:
        lows = Counter(count.low for count in counts)
        return any(lows[toll.low - count.low] > (2 * count.low == toll.low) for count in counts if count.high is None)
    ranges = Counter((count.low, high) for count in counts if (high := count.high) is not None)
    rests = {(low, high): (toll.low - low, toll.high - high) for low, high in ranges}
    return any(ranges[rest] > (rest == count) for count, rest in rests.items())


def _scarcity(spans: Counter[str], *, labels: Sequence[str], file: str) -> Iterator[Fault]:
    for label in labels:
        if spans[label] < MIN_SPANS_PER_LABEL:
            count = f"{spans[label]} span{'s' * (spans[label] != 1)}" if spans[label] else "no span"
            yield Fault(
                "few-examples",
                file,
                f"{count} of {label}; fewer than {MIN_SPANS_PER_LABEL} are too few to learn or to score",
            )


def _at(span: Span, code: str, article: Article, message: str, *, file: str) -> Fault:
    return Fault(code, file, message, article.id, span.start, span.end, article.surface(span))
