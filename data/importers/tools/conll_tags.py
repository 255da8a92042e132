"""Tag schemes of CoNLL files, and the spans that tags stand for."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from afteraction.data.errors import DataError
from afteraction.data.importers.tools.conll_lines import Row


class TagScheme(StrEnum):
    """How tags mark where spans begin and end; every scheme marks what lies in them with I."""

    IOB1 = "iob1"
    """B only where a span follows one of its label. Reads as the CoNLL-2000 scorer does: no sequence is wrong."""
    IOB2 = "iob2"
    """B at every span's first token."""
    BIOES = "bioes"
    """B and E at the first and the last token, S on one that is both; also with L for E and U for S."""


def detect_scheme(sentences: Iterable[Sequence[Row]], *, name: str) -> TagScheme:
    """The scheme that the sentences of a file follow; `name` stands for the file in errors.

    Raises:
        DataError: an I begins a span as only in IOB1, and a B begins one as only in IOB2; names both lines.
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
            "mend it, or read it with --scheme iob1"
        )
    return TagScheme.IOB1 if inside else TagScheme.IOB2


def spans_of(sentence: Sequence[Row], scheme: TagScheme) -> list[tuple[int, int, str]]:
    """The spans `(first, stop, label)` of a sentence, half-open in tokens.

    Raises:
        DataError: a tag continues a span that did not begin, or, in BIOES, a span does not end; names the line.
    """
    spans: list[tuple[int, int, str]] = []
    first, label = 0, ""  # of the span that is open, if it has a label
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
    if scheme is TagScheme.BIOES:
        raise DataError(f"the span up to line {line} has no last token marked with E, which bioes cannot have")
    return stop
