"""Stand-off annotation: annotation without the text, for people who may share only the annotation.

A stand-off file is JSON Lines, one object per article:

    {"id": "a1", "sha256": "9f86d0...", "spans": [{"start": 0, "end": 6, "label": "TARGET", "entity": "e1"}],
     "death_toll": {"low": 3, "high": null}, "unknown_labels": ["DEATH_TOLL"], "meta": {"source": "Aden Post"}}

`sha256` is the SHA-256 of the text's UTF-8 in hexadecimal digits. Offsets are half-open and count code points.
`entity`, `death_toll`, `unknown_labels` and `meta` are left out if an article has none.

Anyone who has the texts can join them with the annotation. A text is found by its SHA-256 alone, so its id does not
matter.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import Field, ValidationError
from pydantic_core import from_json

from afteraction.data.articles.article import Article, Span, Toll
from afteraction.data.articles.article_files import OnError, read_articles, write_articles
from afteraction.data.articles.article_lines import Line, SpanLine, TollLine
from afteraction.data.errors import DataError, InputError, explain, first_line, nearest
from afteraction.data.files import COMPRESSIONS, atomic_write, numbered_lines
from afteraction.data.importers.import_log import ImportLog

NOT_FOUND = "annotations without their text"
"""The log's name for annotations whose text is in none of the files."""


class _AnnotationLine(Line):
    id: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    spans: list[SpanLine]
    death_toll: TollLine | None = None
    unknown_labels: list[str] = Field(default_factory=list)
    meta: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Annotation:
    """The annotation of one text. `source` is its file and line, for error messages."""

    line: _AnnotationLine
    source: str

    def article(self, text: str) -> Article:
        """Returns the annotation joined with its text.

        Raises:
            DataError: the annotation is invalid, for example because spans overlap.
        """
        line = self.line
        return Article(
            id=line.id,
            text=text,
            spans=tuple(Span(span.start, span.end, span.label, span.entity) for span in line.spans),
            death_toll=Toll(line.death_toll.low, line.death_toll.high) if line.death_toll else None,
            meta=line.meta,
            unknown_labels=tuple(line.unknown_labels),
        )


def write_standoff(
    articles: Iterable[Article],
    path: Path,
    *,
    drop_meta: Collection[str] = (),
    meta_keys: Counter[str] | None = None,
) -> int:
    """Writes the annotation of articles to a stand-off file; returns the number of articles.

    Nothing that quotes the text is written, except what `meta` may quote: scores, entities and their names are left
    out. Entity ids are replaced by e1, e2, ... since an id may be a name too. Spans with the same id keep a common one.

    Args:
        articles: the articles.
        path: the file, compressed if its name ends in .gz or .zst.
        drop_meta: keys of `meta` to leave out.
        meta_keys: if given, counts the articles per key of `meta` that is written.

    Raises:
        InputError: no article has a key of `drop_meta`, or the file cannot be written. An existing file is left
            unchanged.
    """
    written: Counter[str] = Counter() if meta_keys is None else meta_keys
    dropped: set[str] = set()
    count = 0
    compression = COMPRESSIONS.get(path.suffix.lower())
    with atomic_write(path) as temporary, pa.output_stream(str(temporary), compression=compression) as stream:
        for article in articles:
            meta = {key: value for key, value in article.meta.items() if key not in drop_meta}
            dropped |= article.meta.keys() - meta.keys()
            written.update(meta.keys())
            record = _record(article, meta)
            stream.write(json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n")
            count += 1
        for key in sorted(set(drop_meta) - dropped):
            raise InputError(f"--drop-meta {key}: no article has this key in its meta; {nearest(key, written)}")
    return count


def import_standoff(path: Path, texts: Sequence[Path], *, output: Path, log: ImportLog, on_error: OnError) -> int:
    """Joins a stand-off file with the texts of article files; returns the number of articles written.

    The articles have the ids of the annotation and the order of the texts. Texts are streamed; only the annotation is
    held in memory. If several annotations have the same text, each becomes an article.

    Args:
        path: the stand-off file, plain or compressed.
        texts: article files. Only the texts and ids in them are used.
        output: the article file to write.
        log: counts the articles, their spans, and under `NOT_FOUND` the annotations without their text.
        on_error: called for each invalid line and for each annotation whose text is not found.

    Raises:
        DataError: a file cannot be read, or the article file cannot be written.
    """
    return write_articles(_joined(path, texts, log=log, on_error=on_error), output)


def _record(article: Article, meta: dict[str, Any]) -> dict[str, Any]:
    entities: dict[str, str] = {}
    spans: list[dict[str, Any]] = []
    for span in article.spans:
        spans.append({"start": span.start, "end": span.end, "label": span.label})
        if span.entity is not None:
            spans[-1]["entity"] = entities.setdefault(span.entity, f"e{len(entities) + 1}")
    record: dict[str, Any] = {"id": article.id, "sha256": _sha256(article.text), "spans": spans}
    if article.death_toll:
        record["death_toll"] = asdict(article.death_toll)
    if article.unknown_labels:
        record["unknown_labels"] = list(article.unknown_labels)
    if meta:
        record["meta"] = meta
    return record


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _annotations(path: Path, on_error: OnError) -> Iterator[_Annotation]:
    """Streams the annotations of a stand-off file. Invalid lines and repeated ids are reported and left out."""
    ids: set[str] = set()
    for number, content in numbered_lines(path):
        if not content.strip():
            continue
        source = f"{path}: line {number}"
        try:
            line = _AnnotationLine.model_validate(from_json(content, allow_inf_nan=False))
        except ValidationError as error:
            on_error(DataError(f"{source}: {explain(error, _AnnotationLine)}"))
        except ValueError as error:
            on_error(DataError(f"{source}: not JSON; each line is a JSON object: {first_line(error)}"))
        else:
            if line.id in ids:
                on_error(DataError(f"{source}: article {line.id!r}: an earlier line has the same id; ids must differ"))
            else:
                ids.add(line.id)
                yield _Annotation(line, source)


def _joined(path: Path, texts: Sequence[Path], *, log: ImportLog, on_error: OnError) -> Iterator[Article]:
    """Streams the articles in the order of the texts, then reports the annotations that are left."""
    waiting: dict[str, list[_Annotation]] = {}
    for annotation in _annotations(path, on_error):
        waiting.setdefault(annotation.line.sha256, []).append(annotation)
    ids = {annotation.line.id for annotations in waiting.values() for annotation in annotations}
    ids_of_texts: set[str] = set()
    for file in texts:
        for text in read_articles(file, on_error=on_error):
            if text.id in ids:
                ids_of_texts.add(text.id)
            for annotation in waiting.pop(_sha256(text.text), ()):
                try:
                    article = annotation.article(text.text)
                except DataError as error:
                    on_error(DataError(f"{annotation.source}: {error}"))
                    continue
                log.articles += 1
                log.spans += len(article.spans)
                log.labels.update(span.label for span in article.spans)
                yield article
    for annotations in waiting.values():
        for annotation in annotations:
            name = annotation.line.id
            other = "the text of this id is another" if name in ids_of_texts else "no file has its text"
            on_error(DataError(f"{annotation.source}: article {name!r}: {other}"))
            log.add(NOT_FOUND, repr(name))
