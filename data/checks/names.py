"""Finds names that are annotated inconsistently: with different labels, or not everywhere.

Only names are compared, since they have the same meaning wherever they occur; `text.names.name_in` recognises them. A
text that is all in capitals is skipped, since its names cannot be recognised.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from afteraction.data.articles.article import Article, Span
from afteraction.data.checks.faults import Fault
from afteraction.data.text.names import name_in

MIN_SPANS = 3
"""A name must be annotated this many times before articles are compared with it."""

MIN_ARTICLES = 2
"""A name must be annotated in this many articles before other articles are compared with it."""

RARE_SHARE = 0.25
"""Deviating occurrences of a name are reported as mistakes if they are at most this share of its occurrences."""

_WORD = re.compile(r"\w+")
# Text before and after a name that shows that it is part of a longer name.
_JOINTS = ("-", "/")
_LONGER = re.compile(r"[-/]\w| [A-ZÀ-ÖØ-Þ]")

_LONGEST_NAME = 120
"""The maximum number of characters of a name. A longer phrase of capitalized words is not a name."""

NamesByWord = Mapping[str, Mapping[int, Set[str]]]
"""Names by first word and then by length, the longest first, so that one pass over a text finds them all."""


@dataclass(slots=True)
class _Use:
    """How a name is annotated. A bare occurrence is one without a label."""

    labels: Counter[str] = field(default_factory=Counter)
    articles: int = 0
    bare: int = 0
    bare_articles: int = 0
    first_bare: Fault | None = None


def faults_within(article: Article, *, file: str) -> Iterator[Fault]:
    """Streams the inconsistencies within an article: texts with two labels, and names not labelled everywhere."""
    labels: dict[str, set[str]] = defaultdict(set)
    for span in article.spans:
        labels[article.surface(span).casefold()].add(span.label)
    seen: set[tuple[str, str]] = set()
    for span in article.spans:
        surface = article.surface(span)
        both = labels[surface.casefold()]
        if len(both) > 1 and (surface.casefold(), span.label) not in seen:
            seen.add((surface.casefold(), span.label))
            code = "two-labels" if name_in(surface) else "varying-label"
            others = " and ".join(sorted(both - {span.label}))
            yield _fault(code, article, span, f"is {span.label} here and {others} elsewhere in the article", file=file)
    named = {name: span.label for span, name in _names(article) if span.label not in article.unknown_labels}
    for name, start in _bare_names(article, names_by_word(named)):
        span = Span(start, start + len(name), named[name])
        yield _fault("unlabelled", article, span, f"is {span.label} elsewhere in the article", file=file)


class NameUses:
    """Finds inconsistent names across articles, in two passes.

    First pass: `count` for each article, then `keep_frequent_names`.
    Second pass: `compare` for each article, then `unlabelled`.
    """

    def __init__(self) -> None:
        self._uses: dict[str, _Use] = {}
        self._index: NamesByWord = {}
        self._reported: set[tuple[str, str]] = set()

    def count(self, article: Article) -> None:
        """Counts the annotated names of an article."""
        names = [(name, span.label) for span, name in _names(article)]
        for name, label in names:
            self._uses.setdefault(name, _Use()).labels[label] += 1
        for name in {name for name, _ in names}:
            self._uses[name].articles += 1

    def keep_frequent_names(self) -> None:
        """Drops the names that are annotated too rarely to compare articles with."""
        self._uses = {
            name: use
            for name, use in self._uses.items()
            if use.labels.total() >= MIN_SPANS and use.articles >= MIN_ARTICLES
        }
        self._index = names_by_word(self._uses)

    def compare(self, article: Article, *, file: str) -> Iterator[Fault]:
        """Streams a fault for the first occurrence of each name with a label that is rare for it.

        Also counts occurrences without a label, for `unlabelled`. Articles without spans are not counted: they report
        no attack, so no name in them is annotated.
        """
        for span, name in _names(article):
            use = self._uses.get(name)
            if use is None or (name, span.label) in self._reported:
                continue
            count, total = use.labels[span.label], use.labels.total()
            if count <= RARE_SHARE * total:
                self._reported.add((name, span.label))
                usual = use.labels.most_common(1)[0]
                message = f"is {span.label} here, {count} of {total} times, but {usual[0]} {usual[1]} times"
                yield _fault("two-labels", article, span, message, file=file)
        if article.spans:
            self._count_bare(article, file=file)

    def unlabelled(self) -> Iterator[Fault]:
        """Streams a fault for each name that is labelled nearly everywhere, at its first occurrence without a label."""
        for use in self._uses.values():
            total = use.labels.total()
            if use.first_bare is not None and use.bare <= RARE_SHARE * (total + use.bare):
                message = (
                    f"is labelled {total} times in {use.articles} articles, but not here; places without a label: "
                    f"{use.bare}, articles: {use.bare_articles}"
                )
                yield replace(use.first_bare, message=message)

    def _count_bare(self, article: Article, *, file: str) -> None:
        own = {name for _, name in _names(article)}  # `faults_within` reports these
        seen = set()
        for name, start in _bare_names(article, self._index):
            use = self._uses[name]
            label = use.labels.most_common(1)[0][0]
            if name in own or label in article.unknown_labels:
                continue
            use.bare += 1
            use.bare_articles += name not in seen
            seen.add(name)
            if use.first_bare is None:
                use.first_bare = _fault("unlabelled", article, Span(start, start + len(name), label), "", file=file)


def names_by_word(names: Iterable[str]) -> NamesByWord:
    """Groups names by first word and then by length, the longest first."""
    index: dict[str, dict[int, set[str]]] = {}
    for name in sorted(names, key=len, reverse=True):
        if match := _WORD.match(name):
            index.setdefault(match.group(), {}).setdefault(len(name), set()).add(name)
    return index


def _names(article: Article) -> list[tuple[Span, str]]:
    """Returns the spans of an article that are names, with the names."""
    if article.text.isupper():
        return []
    short = (span for span in article.spans if span.end - span.start <= _LONGEST_NAME)
    return [(span, name) for span in short if (name := name_in(article.surface(span)))]


def _bare_names(article: Article, index: NamesByWord) -> Iterator[tuple[str, int]]:
    """Streams each name with its offset where it occurs outside all spans and is not part of a longer name."""
    if not index or article.text.isupper():
        return
    text = article.text
    starts = [span.start for span in article.spans]
    for match in _WORD.finditer(text):
        start = match.start()
        for length, names in index.get(match.group(), {}).items():
            end = start + length
            if (name := text[start:end]) not in names or text[end : end + 1].isalnum():
                continue
            longer = text[max(start - 1, 0) : start] in _JOINTS or _LONGER.match(text, end)
            before = bisect_left(starts, end)  # the number of spans that begin before the end of the name
            if not longer and not (before and article.spans[before - 1].end > start):
                yield name, start
            break


def _fault(code: str, article: Article, span: Span, message: str, *, file: str) -> Fault:
    return Fault(code, file, message, article.id, span.start, span.end, article.surface(span))
