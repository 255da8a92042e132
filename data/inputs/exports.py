"""Exports of LexisNexis and Factiva that hold many articles in one text: splits them at their marks.

- LexisNexis Academic: `3 of 20 DOCUMENTS` or `Document 3 of 20` stands above each article.
- Nexis Uni and Lexis+: `End of Document` stands below each article.
- Factiva: an accession number stands below each article, as in `Document DAYEXA0020240302ek32000b1`.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from afteraction.data.errors import DataError
from afteraction.data.inputs.export_parts import Part, read_academic, read_factiva, read_uni

_ABOVE = re.compile(
    r"^[ \t]*(?:(?:Document|Dokument)[ \t]+(\d{1,4})[ \t]+(?:of|von|de)[ \t]+(\d{1,4})"
    r"|(\d{1,4})[ \t]+(?:of|von|de)[ \t]+(\d{1,4})[ \t]+(?:DOCUMENTS?|DOKUMENTEN?))[ \t]*\r?$",
    re.MULTILINE | re.IGNORECASE,
)
_PAGE_BREAK = re.compile(r"(?:\r?\n)?\f")
_END = re.compile(r"^[ \t]*End of Document[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_ACCESSION = re.compile(
    r"^[ \t]*(?:AN\s+)?Document[ \t]+(?P<number>[A-Z][A-Z0-9]{2,11}\d{8}[A-Za-z0-9]{2,16})[ \t]*\r?$", re.MULTILINE
)
_LOADED = re.compile(r"^[ \t]*Load-Date[ \t]*:", re.MULTILINE | re.IGNORECASE)

_COVER = re.compile(r"^[ \t]*Job Number[ \t]*:", re.MULTILINE)
_LISTED = re.compile(r"^[ \t]*1\.[ \t]+(\S.*?)[ \t]*\r?$", re.MULTILINE)
_FACTIVA_END = re.compile(r"\s*(?:Search Summary|©|\(c\)|Copyright|Page \d+)", re.IGNORECASE)


class Export(NamedTuple):
    """The articles of an export in their order, and a message for each doubt about the split."""

    parts: tuple[Part, ...]
    doubts: tuple[str, ...]


def split_export(text: str) -> Export | None:
    """Splits an export into its articles. Returns None if the text has no marks of an export.

    Raises:
        DataError: the text holds several articles, but no marks to split them at.
    """
    lowered = text.lower()
    if "document" not in lowered and "dokument" not in lowered and "load-date" not in lowered:
        return None
    # Word and pdftotext write a form feed before the first line of a page, and Nexis Uni no-break spaces in its fields.
    text = _PAGE_BREAK.sub("\n", text).replace("\xa0", " ")
    if marks := list(_ABOVE.finditer(text)):
        return _academic(text, marks)
    if marks := list(_ACCESSION.finditer(text)):
        chunks, rest = _chunks_above(text, marks)
        parts = [read_factiva(chunk, number=mark["number"]) for chunk, mark in zip(chunks, marks, strict=True)]
        return _with_rest(parts, "" if _FACTIVA_END.match(rest) else rest, read_factiva, "an accession number")
    if marks := list(_END.finditer(text)):
        chunks, rest = _chunks_above(text, marks)
        chunks[0], doubts = _without_cover(chunks[0])
        export = _with_rest(list(map(read_uni, chunks)), rest, read_uni, "'End of Document'")
        return Export(export.parts, (*doubts, *export.doubts, *_mixed(chunks)))
    if (count := len(_LOADED.findall(text))) > 1:
        raise DataError(
            f"{count} lines 'Load-Date:', so this is an export of several articles, but no line such as 'End of "
            "Document' divides them; divide it by hand, or export the articles one by one"
        )
    return None


def _academic(text: str, marks: list[re.Match[str]]) -> Export:
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    chunks = [text[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    numbers = [int(mark[1] or mark[3]) for mark in marks]
    total = int(marks[-1][2] or marks[-1][4])
    doubts = []
    if numbers != list(range(1, total + 1)):
        doubts.append(f"its marks speak of {total} articles, and {len(marks)} are here, numbered from {numbers[0]}")
    if above := text[: marks[0].start()].strip():
        doubts.append(f"what stands above the first article is left out: {len(above)} characters")
    return Export(tuple(map(read_academic, chunks)), (*doubts, *_mixed(chunks)))


def _chunks_above(text: str, marks: list[re.Match[str]]) -> tuple[list[str], str]:
    """Returns the text above each mark, and the text below the last one."""
    starts = [0] + [mark.end() for mark in marks]
    chunks = [text[start : mark.start()] for start, mark in zip(starts, marks, strict=False)]
    return chunks, text[starts[-1] :]


def _with_rest(parts: list[Part], rest: str, read: Callable[[str], Part], mark: str) -> Export:
    """Adds the text below the last mark as an article, with a doubt about it."""
    if not rest.strip():
        return Export(tuple(parts), ())
    return Export((*parts, read(rest)), (f"the last article is not followed by {mark}: is the export cut short?",))


def _without_cover(chunk: str) -> tuple[str, list[str]]:
    """Removes an export's cover page with its list of articles. The first article begins at its repeated title."""
    if not _COVER.search(chunk):
        return chunk, []
    if (listed := _LISTED.search(chunk)) and (start := chunk.find(f"\n{listed[1]}", listed.end())) >= 0:
        return chunk[start + 1 :], []
    return chunk, ["its cover page is part of the first article, whose beginning is not clear"]


def _mixed(chunks: Iterable[str]) -> list[str]:
    """Returns a message about each chunk that seems to hold several articles."""
    counts = ((number, len(_LOADED.findall(chunk))) for number, chunk in enumerate(chunks, start=1))
    return [
        f"article {number} has {count} lines 'Load-Date:', so it may be several"
        for number, count in counts
        if count > 1
    ]
