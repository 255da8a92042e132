"""Streams the articles of files, folders and standard input: the single entry point for all forms of input."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError, read_articles
from afteraction.data.articles.bundled import PREFIX, resolve
from afteraction.data.errors import DataError, InputNotice, first_line
from afteraction.data.inputs.articles import ArticleMaker
from afteraction.data.inputs.fields import ANY_FIELDS, InputFields
from afteraction.data.inputs.folders import files_below
from afteraction.data.inputs.forms import Form, check_head, check_name, form_of_name, form_of_stream
from afteraction.data.inputs.ids import Ids
from afteraction.data.inputs.records import read_json
from afteraction.data.inputs.streams import Stream
from afteraction.data.inputs.tables import begins_as_table, is_annotated, is_table, read_csv, read_parquet

STREAM = "-"
"""The name that means standard input."""

_STANDARD_INPUT = "standard input"
_TABLE = "the text is a table, not an article"


def read_inputs(
    names: Sequence[str], *, stream: BinaryIO | None, on_error: OnError, fields: InputFields = ANY_FIELDS
) -> Iterator[Article]:
    """Streams the articles of some inputs, the same ones in the same order each time.

    - `.jsonl`, `.ndjson`, `.json`, `.parquet`, `.csv` and `.tsv` hold records; each is an article. Keys and columns
      other than the text, the id and the title go to `meta`. The id of a record without one is its number in the file,
      from 1, or with several files `PATH#NUMBER`.
    - `.html` holds one article; its text is found by trafilatura, the extra `html`.
    - Any other file is one article in plain text. Its id is the path as given.
    - An export of LexisNexis or Factiva in one text is cut into its articles, with ids such as `PATH#1`.
    - A folder stands for the files below it, in the order of their names. A notice names the other files in it.
    - `-` reads `stream`. Its form is detected from its first line.

    All forms except Parquet may be compressed with gzip or zstd. Text is in UTF-8, or in UTF-16 or UTF-32 with a byte
    order mark. Annotated articles in our own format are passed through unchanged.

    Args:
        names: paths, `bundled:train`, `bundled:dev`, `bundled:test`, or `-`.
        stream: standard input, None if it is closed.
        on_error: called with an error for each file or record that cannot become an article, and with an `InputNotice`
            for anything else that the user should know. Reading then continues.
        fields: the keys of the text, the id and the title.

    Raises:
        DataError: a name is empty or stands for nothing that exists, a folder has nothing to read, or `-` is given
            while standard input is closed.
        ModuleNotFoundError: there is HTML, and the extra `html` is not installed.
    """
    if "" in names:
        raise DataError("an input's name is empty; is a variable of the shell unset?")
    # Check every name before anything is read. None stands for the stream.
    paths = [None if name == STREAM else _path(name) for name in names]
    for path in paths:
        if path is not None and not path.exists():
            raise DataError(f"{path}: no such file or folder")
    if None in paths and stream is None:
        raise DataError("standard input is closed")
    several = len(paths) > 1 or any(path is not None and path.is_dir() for path in paths)
    reader = _Reader(fields, Ids(several=several, on_error=on_error), on_error)
    for path in paths:
        if stream is not None and path is None:
            yield from reader.read_standard_input(stream)
        elif path is not None:
            for file in files_below(path, on_error=on_error) if path.is_dir() else [path]:
                yield from reader.read_file(file)
    reader.ids.finish()


def _path(name: str) -> Path:
    return resolve(name) if name.startswith(PREFIX) else Path(name)


class _Reader:
    """Reads one file after another, and reports those that cannot be read."""

    def __init__(self, fields: InputFields, ids: Ids, on_error: OnError) -> None:
        self._fields, self.ids, self._on_error = fields, ids, on_error

    def read_file(self, path: Path) -> Iterator[Article]:
        with self._reported(str(path)):
            check_name(path)
            form = form_of_name(path)
            if form is Form.PARQUET:
                yield from self._read_parquet(path)
                return
            with path.open("rb") as file:
                yield from self._read_stream(file, form, name=str(path))

    def read_standard_input(self, stream: BinaryIO) -> Iterator[Article]:
        with self._reported(_STANDARD_INPUT):
            yield from self._read_stream(stream, None, name=_STANDARD_INPUT)

    @contextmanager
    def _reported(self, name: str) -> Iterator[None]:
        """Passes errors about a whole file to `on_error`, so that the next file is read."""
        try:
            yield
        except OSError as error:
            self._on_error(DataError(f"{name}: cannot be read: {error.strerror or first_line(error)}"))
        except DataError as error:
            self._on_error(error)

    def _read_stream(self, source: BinaryIO, form: Form | None, *, name: str) -> Iterator[Article]:
        stream = Stream(source, name=name)
        check_head(stream.head, form, name=name)
        if form is None:
            form = Form.CSV if is_table(stream.head, self._fields) else form_of_stream(stream.head)
        elif form is Form.TEXT and is_table(stream.head, self._fields):
            raise DataError(f"{name}: {_TABLE}; let the name end in .csv")
        maker = self._maker(name)
        if not stream.head and form not in (Form.HTML, Form.TEXT):
            self._on_error(InputNotice(f"{name}: an empty file"))
        if form in (Form.JSON_LINES, Form.JSON):
            by_line = form is Form.JSON_LINES
            yield from maker.of_records(read_json(stream, name=name, by_line=by_line, on_error=self._on_error))
        elif form in (Form.CSV, Form.TSV):
            delimiter = "\t" if form is Form.TSV else None
            rows = read_csv(stream, name=name, fields=self._fields, on_error=self._on_error, delimiter=delimiter)
            yield from maker.of_records(rows)
        elif form is Form.HTML:
            yield from maker.of_page(stream.whole())
        else:
            content = stream.whole()
            if begins_as_table(content):
                remedy = "give the text's column with --text-key"
                if name != _STANDARD_INPUT:
                    remedy = f"let the name end in .csv, and {remedy}"
                raise DataError(f"{name}: {_TABLE}; {remedy}")
            yield from maker.of_text(content)

    def _read_parquet(self, path: Path) -> Iterator[Article]:
        if self._fields == ANY_FIELDS and is_annotated(path):
            for article in read_articles(path, on_error=self._on_error):
                self.ids.given(article.id, str(path))
                yield article
        else:
            rows = read_parquet(path, name=str(path), fields=self._fields, on_error=self._on_error)
            yield from self._maker(str(path)).of_records(rows)

    def _maker(self, name: str) -> ArticleMaker:
        return ArticleMaker(name, fields=self._fields, ids=self.ids, on_error=self._on_error)
