"""Makes articles from records and texts: ids, headlines, `meta`, HTML in cells, exports of many articles."""

from collections.abc import Iterable, Iterator
from typing import Any

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.articles.article_lines import article_from_record, is_annotated
from afteraction.data.errors import DataError, InputNotice
from afteraction.data.inputs.exports import split_export
from afteraction.data.inputs.fields import (
    ANY_FIELDS,
    InputFields,
    UnknownKeysError,
    absent,
    choose_keys,
    id_of,
    meta_of,
    text_of,
    title_of,
    unclear_id,
)
from afteraction.data.inputs.ids import Ids
from afteraction.data.inputs.markup import find_tag, is_page, read_page, with_title, without_escape, without_tags
from afteraction.data.inputs.records import Record
from afteraction.data.inputs.streams import decode, decode_page
from afteraction.data.inputs.texts import check_no_task, check_text, list_within

_AT_FIRST = 100
"""If this many records at the beginning of a file have no known text key, the rest of the file is not read."""


class ArticleMaker:
    """Makes the articles of one file or of standard input.

    Args:
        name: the input's name in messages and ids.
        fields: the keys of the text, the id and the title.
        ids: assigns ids across all files.
        on_error: called for each record that cannot become an article, and with notices.
    """

    def __init__(self, name: str, *, fields: InputFields, ids: Ids, on_error: OnError) -> None:
        self._name, self._fields, self._ids, self._on_error = name, fields, ids, on_error
        self._told: set[str] = set()

    def of_records(self, records: Iterable[Record]) -> Iterator[Article]:
        """Makes articles from records. Reports each record that cannot become an article, and continues.

        Raises:
            DataError: none of the first records has a known text key. A single error then stands for all of them.
        """
        unknown: list[DataError] = []  # until the first record whose keys are known
        known = False
        for record in records:
            articles: list[Article] = []
            fault: DataError | None = None
            try:
                articles = self._of_record(record)
            except UnknownKeysError as error:
                if not known:
                    unknown.append(error)
                    if len(unknown) < _AT_FIRST:
                        continue
                    raise DataError(
                        f"{unknown[0]} (and so in the first {_AT_FIRST} records: all is left out)"
                    ) from None
                fault = error
            except DataError as error:
                fault = error
            known = True
            for earlier in unknown:
                self._on_error(earlier)
            unknown.clear()
            if fault:
                self._on_error(fault)
            yield from articles
        if unknown:
            raise DataError(f"{unknown[0]}{f' (and {len(unknown) - 1} more like it)' if len(unknown) > 1 else ''}")

    def of_text(self, content: bytes) -> list[Article]:
        """Makes the article of a plain text, or the articles of an export.

        Raises:
            DataError: the content is not plain text, or is blank.
        """
        if b"\0" in content:
            raise DataError(f"{self._name}: not text: byte {content.index(0)} is zero")
        text = decode(content, place=self._name)
        if tag := find_tag(text):
            raise DataError(
                f"{self._name}: HTML, not plain text: {tag[0]!r} at character {tag.start()}; let the name end in .html"
            )
        return self._divided(self._ids.given(self._name, self._name), text, meta={}, place=self._name)

    def of_page(self, content: bytes) -> list[Article]:
        """Makes the article of an HTML page.

        Raises:
            DataError: the page has no text, or its encoding is unknown.
        """
        page = decode_page(content, place=self._name)
        try:
            text, meta = read_page(page)
        except DataError as error:
            raise DataError(f"{self._name}: {error}") from None
        return self._divided(self._ids.given(self._name, self._name), text, meta=meta, place=self._name)

    def _of_record(self, record: Record) -> list[Article]:
        number, place, values = record
        name: str | None = None
        try:
            if self._fields == ANY_FIELDS and is_annotated(values):
                name = values["id"]
                article = article_from_record(values)
                self._ids.given(article.id, place)
                return [article]
            if self._fields.text is None:
                check_no_task(values)
            keys = choose_keys(tuple(values), self._fields)
            for key, option in ((keys.id, "--id-key"), (keys.title, "--title-key")):
                if key is not None and key not in values:
                    self._tell(option, f"{place}: {absent(key, option, values)}")
            if keys.id is None and (unclear := unclear_id(values)):
                self._tell("ids", f"{place}: {unclear}")
            name = id_of(values, keys)
            text, meta = self._cleaned(text_of(values, keys), place)
            if (title := title_of(values, keys)) and find_tag(title := without_escape(title)):
                title = without_tags(title)
            meta |= meta_of(values, keys)
        except UnknownKeysError as error:
            raise UnknownKeysError(f"{place}: {list_within(values) or error}") from None
        except DataError as error:
            raise _fault(f"{place}: {error}", article=name) from None
        name = self._ids.numbered(number, self._name) if name is None else self._ids.given(name, place)
        return self._divided(name, text, meta=meta, place=place, title=title)

    def _cleaned(self, text: str, place: str) -> tuple[str, dict[str, Any]]:
        """Returns the text of a cell, with the article's metadata if the cell is a whole HTML page."""
        text = without_escape(text)
        if is_page(text):
            self._tell("page", f"{place}: a page of HTML: its article is taken out, here and below")
            return read_page(text)
        if tag := find_tag(text):
            self._tell(
                "tags",
                f"{place}: HTML in a text ({tag[0]!r}): tags are taken out, here and below; offsets count without them",
            )
            text = without_tags(text)
            if not text:
                raise DataError("no text but tags of HTML")
        return text, {}

    def _divided(
        self, name: str, text: str, *, meta: dict[str, Any], place: str, title: str | None = None
    ) -> list[Article]:
        """Makes the article of a text, or the articles of an export, with ids such as `name#1`."""
        try:
            if not text.strip():
                raise DataError("holds no text")
            check_text(text)
            export = split_export(text)
            if export is None:
                return [Article(name, with_title(text, title), meta=meta)]
        except DataError as error:
            raise _fault(f"{place}: {error}", article=name) from None
        for doubt in export.doubts:
            self._on_error(InputNotice(f"{place}: an export of {len(export.parts)} articles: {doubt}"))
        articles = []
        for number, part in enumerate(export.parts, start=1):
            part_id = name if len(export.parts) == 1 else f"{name}#{number}"
            try:
                if not part.text:
                    raise DataError("no text")
                # The title of a record is that of its article, but not of several ones.
                text = with_title(part.text, title) if len(export.parts) == 1 else part.text
                articles.append(Article(part_id, text, meta={**part.meta, **meta}))
            except DataError as error:
                self._on_error(_fault(f"{place}: article {number} of the export: {error}", article=part_id))
        return articles

    def _tell(self, kind: str, message: str) -> None:
        """Reports a notice, unless this file already had one of the same kind."""
        if kind not in self._told:
            self._told.add(kind)
            self._on_error(InputNotice(message))


def _fault(message: str, *, article: str | None) -> DataError:
    """Returns the error about an article, with its id if it is known."""
    error = DataError(message)
    error.article = article
    return error
