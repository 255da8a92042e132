"""Tokens with one tag each, as in data sets on the hub: `tokens` and `ner_tags`, as names or as numbers.

Also spans that count tokens: `tokenized_text` with `ner` (GLiNER, inclusive ends), `sentences` with `ner` (DyGIE++,
inclusive), `tokens` with `entities` (SpERT, exclusive ends).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, ConfigDict, Field
from pydantic_core import from_json

from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError, InputError, clip
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.items import arrow_files, open_arrow, parsed, read_items, suffix
from afteraction.data.importers.json_files import ToolModel, default_id, read_objects
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.span_forms import parse_spans
from afteraction.data.importers.tools.conll_tags import TagScheme, TokenRow, detect_scheme, parse_tag, spans_of
from afteraction.data.importers.tools.tokens import locate_tokens, unescaped

_TOKENS = ("tokens", "words", "tokenized_text", "sentences", "token")
_TAGS = (
    "ner_tags",
    "tags",
    "ner",
    "labels",
    "ner_labels",
    "ner_tag",
    "entity_tags",
    "bio_tags",
    "label",
    "named_entities",
)
_SPANS = ("ner", "entities")
"""The keys of spans in GLiNER, DyGIE++ and SpERT. Their list is empty if a text has no spans."""
_INFO = "dataset_info.json"


class _Row(ToolModel):
    model_config = ConfigDict(extra="allow")

    id: str | None = Field(default=None, validation_alias=AliasChoices("id", "doc_key", "doc_id"))


def read_tokens(
    path: Path,
    *,
    log: ImportLog,
    on_error: OnError,
    tags_key: str | None = None,
    tag_names: Sequence[str] | None = None,
    scheme: TagScheme | None = None,
) -> Iterator[RawArticle]:
    """Streams the raw articles of JSON, CSV, Parquet or a folder that `datasets` saved, one per row.

    A row's text is its `text` if the tokens are found in it, otherwise the tokens joined with spaces. Sentences are
    joined with line ends.

    Args:
        path: the file or folder.
        log: counts what looks like annotation and was not read.
        on_error: called for each faulty row.
        tags_key: the key of the tags; by default the first of the common ones.
        tag_names: the names of tags that are numbers; by default those in the data set's features.
        scheme: the tag scheme; by default the one that the tags follow.

    Raises:
        InputError: the tags are numbers without names, follow no scheme, or are not tags.
        DataError: the file cannot be read.
    """
    names = tag_names or _names_in_features(path, tags_key)
    scheme = scheme or _detect(path, tags_key, names)
    read: set[str] = {"id", "text"}

    def convert(row: _Row, where: str) -> RawArticle:
        fields = row.model_extra or {}
        tokens_key, tags_at, sentences, tags = _parts(fields, tags_key)
        read.update((tokens_key, tags_at))
        text, bounds = _text(fields.get("text"), sentences, where, log)
        spans: list[RawSpan] = []
        if _are_spans(tags, tags_at):
            inclusive = 0 if tags_at == "entities" else 1
            for span in parse_spans(tags):
                first, stop = span.start, span.end + inclusive
                if not 0 <= first < stop <= len(bounds):
                    raise DataError(f"{span.label} [{span.start}, {span.end}] is outside the {len(bounds)} tokens")
                spans.append(RawSpan(bounds[first][0], bounds[stop - 1][1], span.label))
        else:
            done = 0
            for rows in _sentence_rows(sentences, tags, names, scheme):
                located = bounds[done : done + len(rows)]
                spans += [
                    RawSpan(located[first][0], located[stop - 1][1], label)
                    for first, stop, label in spans_of(rows, scheme, unit="token")
                ]
                done += len(rows)
        return RawArticle(row.id or default_id(where), text, tuple(spans), source=where)

    yield from read_objects(path, _Row, convert, log=log, on_error=on_error, prepare=_row, known=read)


def read_tag_names(value: str) -> list[str]:
    """Returns the names of tags from a comma-separated list, or from a JSON file.

    The file may be a list of names, `id2label` or `label2id`, or the features of a data set (`dataset_info.json`).

    Raises:
        InputError: the file cannot be read, or has no names.
    """
    path = Path(value)
    if path.suffix != ".json":
        return [name.strip() for name in value.split(",")]
    try:
        content = from_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as JSON: {error}") from None
    names = _names_of(content)
    if not names:
        raise InputError(f"{path}: has no names of tags: neither a list, nor id2label or label2id, nor features")
    return names


def _row(item: Any) -> Any:
    """Returns a row, also from the response of a data set viewer, which wraps each row in `row`."""
    return item["row"] if isinstance(item, dict) and isinstance(item.get("row"), dict) else item


def _parts(fields: Mapping[str, Any], tags_key: str | None) -> tuple[str, str, list[list[str]], Any]:
    """Returns the keys of the tokens and the tags, the tokens by sentence, and the tags."""
    tokens_key = next((key for key in _TOKENS if isinstance(fields.get(key), list)), None)
    if tokens_key is None:
        raise DataError(f"no list of tokens under {', '.join(_TOKENS)}")
    keys = (tags_key,) if tags_key else (*_TAGS, "entities")
    found = next((key for key in keys if isinstance(fields.get(key), list)), None)
    if found is None:
        raise DataError(f"no list of tags under {', '.join(keys)}: name its key with --tags-key")
    tokens = fields[tokens_key]
    nested = bool(tokens) and isinstance(tokens[0], list)
    sentences = tokens if nested else [tokens]
    are_lists = all(isinstance(sentence, list) for sentence in sentences)
    if not are_lists or not all(isinstance(token, str) for sentence in sentences for token in sentence):
        raise DataError(f"{tokens_key}: the tokens are not strings")
    tags = fields[found]
    if nested and _are_spans(tags, found):
        tags = [span for group in tags for span in (group if group and isinstance(group[0], list | dict) else [group])]
        tags = [span for span in tags if span]
    return tokens_key, found, sentences, tags


def _are_spans(tags: Any, key: str) -> bool:
    """Returns whether tags are spans, that is, objects or triples, however nested, instead of one name per token.

    If there is nothing in them, their key decides.
    """
    while isinstance(tags, list):
        if all(tag == [] for tag in tags):
            return key in _SPANS
        tags = next(tag for tag in tags if tag != [])
        if isinstance(tags, list) and len(tags) >= 3 and isinstance(tags[0], int) and isinstance(tags[2], str):
            return True
    return isinstance(tags, dict)


def _sentence_rows(
    sentences: list[list[str]], tags: Any, names: Sequence[str] | None, scheme: TagScheme | None
) -> Iterator[list[TokenRow]]:
    """Yields the tagged tokens of each sentence."""
    groups = tags if len(sentences) != 1 or (tags and isinstance(tags[0], list)) else [tags]
    number = 0
    if not all(isinstance(group, list) for group in groups):
        raise DataError("some sentences have a list of tags, others a single one")
    if [len(group) for group in groups] != [len(sentence) for sentence in sentences]:
        raise DataError(f"{sum(map(len, sentences))} tokens, but {sum(map(len, groups))} tags")
    for sentence, group in zip(sentences, groups, strict=True):
        rows = []
        for token, tag in zip(sentence, group, strict=True):
            number += 1
            found = parse_tag(_name(tag, names), scheme)
            if found is None:
                raise DataError(
                    f"the tag {clip(str(tag))!r} of token {number} is neither O nor like B-LABEL (give --scheme io if "
                    "labels have no B and I)"
                )
            rows.append(TokenRow(number, token, found[0].prefix, found[0].label))
        yield rows


def _name(tag: Any, names: Sequence[str] | None) -> str:
    if isinstance(tag, str) and not (names and tag.isdecimal()):
        return tag
    if tag is None or tag == -100:  # as for special tokens
        return "O"
    if not isinstance(tag, str | int | float):
        raise DataError(f"the tag {clip(repr(tag))} is neither a name nor a number")
    if names is None:
        raise InputError("the tags are numbers: name them with --tag-names, as in --tag-names O,B-PER,I-PER")
    if not 0 <= int(tag) < len(names):
        raise DataError(f"the tag {tag} has no name; named are 0 to {len(names) - 1}")
    return names[int(tag)]


def _text(own: Any, sentences: list[list[str]], where: str, log: ImportLog) -> tuple[str, list[tuple[int, int]]]:
    """Returns the text and the offsets of all tokens, from the row's own text or from the tokens."""
    tokens = [token for sentence in sentences for token in sentence]
    if isinstance(own, str) and own.strip():
        try:
            return own, locate_tokens(own, tokens)
        except DataError as error:
            log.add("texts left out that are not those of their tokens", f"{where}: {error}")
    text = "\n".join(" ".join(map(unescaped, sentence)) for sentence in sentences)
    return text, locate_tokens(text, tokens)


def _detect(path: Path, tags_key: str | None, names: Sequence[str] | None) -> TagScheme:
    """Returns the scheme that the tags of a file follow."""
    faults: list[DataError] = []
    tagged = False

    def sentences() -> Iterator[list[TokenRow]]:
        nonlocal tagged
        for _, item in read_items(path):
            try:
                fields = _row(parsed(item))
                _, tags_at, tokens, tags = _parts(fields if isinstance(fields, dict) else {}, tags_key)
                if _are_spans(tags, tags_at):
                    tagged = True
                    continue
                for rows in _sentence_rows(tokens, tags, names, None):
                    tagged = tagged or any(row.label for row in rows)
                    yield rows
            except DataError as error:
                faults.append(error)

    scheme = detect_scheme(sentences(), name=str(path))
    if faults and not tagged:
        raise InputError(f"{path}: {faults[0]}")
    return scheme


def _names_in_features(path: Path, tags_key: str | None) -> list[str] | None:
    """Returns the tag names in a data set's features, from a Parquet or Arrow file or next to it, or None."""
    features: Any = None
    if path.is_dir() or suffix(path) in (".parquet", ".arrow"):
        file = arrow_files(path)[0]
        with open_arrow(file) as (schema, _):
            stored = (schema.metadata or {}).get(b"huggingface")
        if stored:
            features = _parsed(stored).get("info", {}).get("features")
        path = file
    if not features:
        beside = path.with_name(_INFO)
        if beside.is_file():
            features = _parsed(beside.read_bytes())
            features = features.get("features", features)
    if not isinstance(features, dict):
        return None
    for key in [tags_key] if tags_key else _TAGS:
        if names := _names_of(features.get(key)):
            return names
    return None


def _parsed(content: bytes) -> dict[str, Any]:
    """Returns a JSON object, or an empty one if the content is not an object: only its tag names are needed."""
    try:
        value = from_json(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _names_of(value: Any) -> list[str] | None:
    """Returns the names of classes in a value: a list, names by number, numbers by name, or a feature that has them."""
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return value
    if not isinstance(value, dict) or not value:
        return None
    if all(isinstance(number, int) for number in value.values()):
        return sorted(value, key=lambda name: value[name])
    if all(str(key).isdecimal() for key in value):
        return [str(value[key]) for key in sorted(value, key=int)]
    keys = ("names", *_TAGS, "id2label", "label2id", "feature", "features", "info")
    return next((names for key in keys if key in value and (names := _names_of(value[key]))), None)
