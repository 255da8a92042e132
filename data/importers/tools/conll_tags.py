"""Tag schemes of CoNLL files, and the conversion of tags to spans."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from afteraction.data.errors import DataError
from afteraction.data.importers.tools.conll_lines import TokenRow


class TagScheme(StrEnum):
    """How tags mark the beginning and end of spans. In every scheme, I marks the tokens inside."""

    IOB1 = "iob1"
    """B only where a span directly follows another of its label. As in the CoNLL-2000 scorer, any sequence is valid."""
    IOB2 = "iob2"
    """B at the first token of every span."""
    BIOES = "bioes"
    """B at the first and E at the last token, S at a token that is both; also BILOU, with L for E and U for S."""


def detect_scheme(sentences: Iterable[Sequence[TokenRow]], *, name: str) -> TagScheme:
    """Returns the scheme that the sentences of a file follow; `name` is the file's name for errors.

    Raises:
        DataError: one span begins as only in IOB1 (with I), another as only in IOB2 (with B). Both lines are named.
    """
    inside = begin = None
    for sentence in sentences:
        label = ""
        for row in sentence:
            if row.prefix in "ESLU":
                return TagScheme.BIOES
            if row.prefix == "I" and row.label != label:
                inside = inside or row
            elif row.prefix == "B" and row.label != label:
                begin = begin or row
            label = row.label
    if inside and begin:
        raise DataError(
            f"{name}: line {inside.number}: I-{inside.label} continues nothing, as only in IOB1, "
            f"but B-{begin.label} in line {begin.number} follows none of its label, as only in IOB2; "
            "correct the file, or read it with --scheme iob1"
        )
    return TagScheme.IOB1 if inside else TagScheme.IOB2


def spans_of(sentence: Sequence[TokenRow], scheme: TagScheme) -> list[tuple[int, int, str]]:
    """Returns the spans `(first, stop, label)` of a sentence, half-open, counted in tokens.

    Raises:
        DataError: a tag continues a span that did not begin, or, in BIOES, a span does not end. The line is named.
    """
    spans: list[tuple[int, int, str]] = []
    first, label = 0, ""  # the open span; there is none if the label is empty
    for index, row in enumerate(sentence):
        continues = row.prefix in "IEL" and row.label == label
        if row.prefix in "IEL" and not continues and scheme is not TagScheme.IOB1:
            raise DataError(
                f"{row.prefix}-{row.label} in line {row.number} continues nothing, which {scheme} cannot have"
            )
        if label and not continues:
            spans.append((first, _closed(index, scheme, row.number), label))
            label = ""
        if row.label and not continues:
            first, label = index, row.label
        if row.prefix in "ESLU":
            spans.append((first, index + 1, label))
            label = ""
    if label:
        spans.append((first, _closed(len(sentence), scheme, sentence[-1].number), label))
    return spans


def _closed(stop: int, scheme: TagScheme, line: int) -> int:
    """Returns the end of a span that no E or S tag has ended; raises DataError in BIOES."""
    if scheme is TagScheme.BIOES:
        raise DataError(f"the span up to line {line} has no last token marked with E, which bioes cannot have")
    return stop
