"""Tags of tokens, the schemes that they follow, and the conversion of tags to spans."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from afteraction.data.errors import DataError

_PREFIXES = "BIESLUMW"
_PREFIXED = re.compile(rf"(?P<prefix>[{_PREFIXES}])[-_](?P<label>.+)", re.IGNORECASE)
_SUFFIXED = re.compile(rf"(?P<label>.+)[-_](?P<prefix>[{_PREFIXES}])")
_GAPS = {"O", "o", "_", "-", "*", ""}
_MANY_MORE = 10
"""If a file has this many times as many spans of one scheme as of another, the latter are taken to be faults."""
_ALIKE = {"M": "I", "W": "S"}
"""Letters of BMES and BMEWO for those of BIOES."""


class TagScheme(StrEnum):
    """How tags mark the beginning and end of spans. In every scheme, I marks the tokens inside."""

    IOB1 = "iob1"
    """B only where a span directly follows another of its label. As in the CoNLL-2000 scorer, any sequence is valid."""
    IOB2 = "iob2"
    """B at the first token of every span."""
    BIOES = "bioes"
    """B at the first and E at the last token, S at a token that is both; also BILOU, with L for E and U for S, and
    BMES, with M for I."""
    IO = "io"
    """Labels without B and I, as in `PERSON`: consecutive tokens of one label are one span. Any `I-` is ignored."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag's prefix and label. The tag `O` has the prefix `O` and an empty label."""

    prefix: str
    label: str


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token and its tag, with the line's number.

    `joined` says that no white space follows the token. `whole` is the line of the word that the token is a part of, as
    `n't` is of `didn't`, if the file has one.
    """

    number: int
    token: str
    prefix: str
    label: str
    joined: bool = False
    whole: "Word | None" = None


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text that several tokens stand for: one of CoNLL-U's ranges, such as `1-2 didn't`."""

    row: TokenRow
    """The line of the range, which has a tag if the file tags ranges."""
    last: int
    """The id of its last token."""


NO_TAG = Tag("O", "")


def parse_tag(cell: str, scheme: TagScheme | None = None) -> tuple[Tag, tuple[str, ...]] | None:
    """Returns the tag of a cell and its further tags, or None if the cell is not a tag.

    A cell may be a tag (`B-PER`, `B_PER`, `PER-B`), several tags between bars (`B-PER|B-LOC`, of which the first is
    used), or name the tag among other values (`SpaceAfter=No|NER=B-PER`). `O`, `_`, `-` and `*` mean that there is no
    label. In the scheme IO, a cell is the label itself.
    """
    parts = [part.strip() for part in cell.split("|")]
    named = [value for _, equals, value in (part.partition("=") for part in parts) if equals]
    if wanted := [value for value in named if _PREFIXED.fullmatch(value)]:
        parts = wanted
    elif len(named) == len(parts) and (scheme is TagScheme.IO or not _single(cell, scheme)):
        return NO_TAG, ()
    tag = _single(parts[0], scheme)
    return None if tag is None else (tag, tuple(part for part in parts[1:] if part not in _GAPS))


def _single(value: str, scheme: TagScheme | None) -> Tag | None:
    if value in _GAPS:
        return NO_TAG
    if scheme is TagScheme.IO:
        match = _PREFIXED.fullmatch(value)
        return Tag("I", match["label"] if match else value)
    match = _PREFIXED.fullmatch(value) or _SUFFIXED.fullmatch(value)
    if not match:
        return None
    prefix = match["prefix"].upper()
    return Tag(_ALIKE.get(prefix, prefix), match["label"])


def detect_scheme(sentences: Iterable[Sequence[TokenRow]], *, name: str) -> TagScheme:
    """Returns the scheme that the sentences of a file follow; `name` is the file's name for errors.

    A span that begins with I is possible only in IOB1. A span that begins with B and does not follow one of its label
    is possible only in IOB2. If a file has both and one kind is rare, the rare ones are taken to be faults.

    Raises:
        DataError: both kinds are similarly frequent. The message names a line of each.
    """
    counts: Counter[str] = Counter()
    first: dict[str, TokenRow] = {}
    for sentence in sentences:
        label = ""
        for row in sentence:
            if row.prefix in "ESLU":
                return TagScheme.BIOES
            if row.label != label and row.prefix in "IB":
                counts[row.prefix] += 1
                first.setdefault(row.prefix, row)
            label = row.label
    if len(first) == 2 and max(counts.values()) < _MANY_MORE * min(counts.values()):
        inside, begin = first["I"], first["B"]
        raise DataError(
            f"{name}: line {inside.number}: I-{inside.label} continues nothing, as only in IOB1, "
            f"but B-{begin.label} in line {begin.number} follows none of its label, as only in IOB2; "
            "correct the file, or read it with --scheme iob1"
        )
    return TagScheme.IOB1 if counts["I"] > counts["B"] else TagScheme.IOB2


def spans_of(sentence: Sequence[TokenRow], scheme: TagScheme, *, unit: str = "line") -> list[tuple[int, int, str]]:
    """Returns the spans `(first, stop, label)` of a sentence, half-open, counted in tokens.

    Raises:
        DataError: a tag continues a span that did not begin, or, in BIOES, a span does not end. The message names the
            `unit` and number of the row.
    """
    lenient = scheme in (TagScheme.IOB1, TagScheme.IO)
    spans: list[tuple[int, int, str]] = []
    first, label = 0, ""  # the open span; no span is open if the label is empty
    for index, row in enumerate(sentence):
        continues = row.prefix in "IEL" and row.label == label
        if row.prefix in "IEL" and not continues and not lenient:
            raise DataError(
                f"{row.prefix}-{row.label} in {unit} {row.number} continues nothing, which {scheme} cannot have"
            )
        if label and not continues:
            spans.append((first, _closed(index, scheme, f"{unit} {row.number}"), label))
            label = ""
        if row.label and not continues:
            first, label = index, row.label
        if row.prefix in "ESLU":
            spans.append((first, index + 1, label))
            label = ""
    if label:
        spans.append((first, _closed(len(sentence), scheme, f"{unit} {sentence[-1].number}"), label))
    return spans


def _closed(stop: int, scheme: TagScheme, row: str) -> int:
    """Returns the end of a span that no E or S tag has ended. Raises DataError in BIOES."""
    if scheme is TagScheme.BIOES:
        raise DataError(f"the span up to {row} has no last token marked with E, which bioes cannot have")
    return stop
