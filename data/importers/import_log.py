"""Counts of what an import read, changed and left out."""

from collections import Counter
from collections.abc import Iterator

_EXAMPLES = 3


class ImportLog:
    """Counts what an import read and changed, with the first examples of each change."""

    def __init__(self) -> None:
        self.articles = 0
        self.spans = 0
        self.labels: Counter[str] = Counter()
        """Number of spans per label in the file, under the file's own names."""
        self._changes: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}

    def add(self, change: str, example: str) -> None:
        """Counts a change, as in `add("spans trimmed", "article 'a1': TARGET ' a bus'")`."""
        self._changes[change] += 1
        examples = self._examples.setdefault(change, [])
        if len(examples) < _EXAMPLES:
            examples.append(example)

    def count(self, change: str) -> int:
        """Returns how often a change was counted."""
        return self._changes[change]

    def lines(self) -> Iterator[str]:
        """Yields the log for people to read: the totals, the file's labels, then each change with examples."""
        labels = ", ".join(f"{name} {count:,}" for name, count in sorted(self.labels.items()))
        yield f"articles: {self.articles:,}; spans: {self.spans:,}; in the file: {labels or 'no spans'}"
        if self.articles and not self.labels:
            yield "no article has a span: is the file of this format, and annotated?"
        for change, count in self._changes.items():
            yield f"{change}: {count:,}, such as {'; '.join(self._examples[change])}"
