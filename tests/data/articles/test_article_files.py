import gzip
import itertools
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import (
    LABELS,
    Article,
    DataError,
    Entity,
    Span,
    Toll,
    format_article,
    parse_article,
    read_articles,
    write_articles,
)
from afteraction.data.articles import is_article_file

ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet")
LINE = '{"id": "a", "text": "Gunmen fled."'

words = st.text(
    st.sampled_from('aé\u0301 \n\r\t\u00a0\u2028\u2029\u0085\u001e\0"\\{👍🏽\u200d\ufe0f漢𝔸\U0010ffff'), max_size=12
)
any_text = words | st.text(max_size=12)
scores = st.none() | st.floats(0, 1)
tolls = st.builds(
    lambda low, more: Toll(low, None if more is None else low + more),
    st.integers(0, 10**9),
    st.none() | st.integers(0, 10**9),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=5,
)
entities = st.builds(
    Entity, any_text, st.sampled_from(LABELS), any_text, st.lists(any_text, max_size=2).map(tuple), st.floats(0, 1)
)


@st.composite
def any_articles(draw: st.DrawFn) -> Article:
    text, spans = "", []
    for surface, label in draw(st.lists(st.tuples(any_text, st.none() | st.sampled_from(LABELS)), max_size=5)):
        whole = surface.strip() == surface != "" and all(line.strip() for line in surface.split("\n"))
        if label and whole:
            entity = draw(st.none() | any_text)
            spans.append(Span(len(text), len(text) + len(surface), label, entity, draw(scores)))
        text += surface
    return Article(
        id=draw(any_text.filter(str.strip)),
        text=text,
        spans=tuple(spans),
        death_toll=draw(st.none() | tolls),
        death_toll_score=draw(st.none() | st.floats(0, 1)),
        entities=tuple(draw(st.lists(entities, max_size=2))),
        meta=draw(st.dictionaries(any_text, json_values, max_size=2)),
        unknown_labels=tuple(draw(st.lists(st.sampled_from(LABELS), max_size=2, unique=True))),
    )


@given(any_articles())
def test_an_article_comes_back_from_its_json_line(article: Article) -> None:
    line = format_article(article)
    assert "\n" not in line
    assert parse_article(line) == article
    assert parse_article(line.encode()) == article


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=25)
@given(written=st.lists(any_articles(), max_size=4))
def test_articles_come_back_from_a_file(ending: str, written: list[Article]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"articles{ending}"
        assert write_articles(written, path) == len(written)
        assert list(read_articles(path)) == written


@pytest.mark.parametrize("ending", ENDINGS)
def test_many_articles_stream_through_a_file(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / f"articles{ending.upper()}"
    articles = [Article(f"a{index}", "text " * 200) for index in range(2500)]
    assert write_articles(iter(articles), path) == 2500
    assert list(read_articles(path)) == articles


FAULTY = (
    ("{", "invalid JSON: EOF"),
    (LINE, "invalid JSON: EOF"),
    ("gunmen fled", "invalid JSON: expected value"),
    (b"\xff\xfe{", "invalid JSON"),
    (LINE + ', "spans": "\\ud800"}', "invalid JSON"),
    ("[]", "should be an object"),
    ("null", "should be an object"),
    ('{"id": "a"}', "the key 'text' is missing"),
    ('{"id": "a", "txt": "b"}', "unknown key 'txt'; did you mean 'text'?"),
    ('{"id": " ", "text": "b"}', "an article needs an id"),
    ('{"id": 7, "text": "b"}', "id: input should be a valid string, got 7"),
    (LINE + ', "spans": [{"start": 0, "end": 6}]}', "the key 'spans.0.label' is missing"),
    (LINE + ', "spans": [{"start": 0, "end": 6, "lable": "T"}]}', "'spans.0.lable'; did you mean 'label'?"),
    (LINE + ', "spans": [{"start": 0.0, "end": 6, "label": "T"}]}', "spans.0.start: input should be a valid integer"),
    (LINE + ', "spans": [{"start": 0, "end": "6", "label": "T"}]}', "spans.0.end: input should be a valid integer"),
    (LINE + ', "spans": [{"start": 0, "end": 99, "label": "T"}]}', "T [0, 99) 'Gunmen fled.' is empty or outside"),
    (LINE + ', "death_toll": {"low": 1}}', "the key 'death_toll.high' is missing"),
    (LINE + ', "death_toll": {"low": 3, "high": 1}}', "death toll: low 3, high 1"),
    (LINE + ', "death_toll": 3}', "death_toll: input should be an object, got 3"),
    (LINE + ', "meta": {"x": NaN}}', "meta: holds NaN or Infinity"),
    (LINE + ', "meta": {"x": [-1e999]}}', "meta: holds NaN or Infinity"),
    (LINE + ', "unknown_labels": ["T", "T"]}', "unknown labels ['T', 'T']: must be names, all different"),
    (LINE + ', "unknown_labels": [""]}', "unknown labels ['']: must be names"),
    (LINE + ', "unknown_labels": "T"}', "unknown_labels: input should be a valid array, got 'T'"),
    (LINE + ', "meta": []}', "meta: input should be an object, got []"),
)


@pytest.mark.parametrize(("line", "reason"), FAULTY)
def test_a_bad_line_is_reported_with_its_number_and_the_reason_and_the_others_go_on(
    line: str | bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    bad = line if isinstance(line, bytes) else line.encode()
    good = [format_article(Article(name, "text")).encode() for name in "xyz"]
    path.write_bytes(b"\n".join([good[0], b" \r", bad, good[1] + b"\r", bad, good[2]]))
    errors: list[DataError] = []
    assert [article.id for article in read_articles(path, on_error=errors.append)] == ["x", "y", "z"]
    assert [str(error).startswith(f"{path}: line {n}: ") for n, error in zip((3, 5), errors, strict=True)] == [True] * 2
    assert reason in str(errors[0])
    assert "\n" not in str(errors[0])
    reader = read_articles(path)
    assert next(reader).id == "x"
    with pytest.raises(DataError, match=r": line 3: "):
        next(reader)


def test_lines_end_at_line_feeds_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    article = Article("a", "one\u2028two\u2029three\u0085four\x1efive")
    path.write_bytes((format_article(article).replace("{", "{\r", 1) + "\r\n").encode() * 2)
    assert list(read_articles(path)) == [article] * 2


def test_a_line_longer_than_a_block_is_read_whole(tmp_path: Path) -> None:
    articles = [Article("long", "é漢" * 900_000), Article("next", "b")]
    write_articles(articles, tmp_path / "a.jsonl")
    assert list(read_articles(tmp_path / "a.jsonl")) == articles


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a", "text": "b"}\n')
    assert list(read_articles(path)) == [Article("a", "b")]


def test_an_empty_file_has_no_articles(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    assert list(read_articles(tmp_path / "a.jsonl")) == []


def parquet(path: Path, **columns: list[Any]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_a_bad_row_is_reported_with_its_number_and_the_others_go_on(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "a.parquet",
        id=["a", "b", "c", "d", "e", None],
        text=["x", None, "x", "x", "x", "x"],
        meta=["{}", None, "{", "[1]", '{"x": NaN}', None],
    )
    errors: list[DataError] = []
    assert list(read_articles(path, on_error=errors.append)) == [Article("a", "x")]
    assert [str(error) for error in errors] == [
        f"{path}: row 2: the key 'text' is missing",
        f"{path}: row 3: meta: '{{' is not JSON",
        f"{path}: row 4: meta: input should be a valid dictionary, got [1]",
        f"{path}: row 5: meta: holds NaN or Infinity, which JSON cannot",
        f"{path}: row 6: the key 'id' is missing",
    ]
    with pytest.raises(DataError, match=r": row 2: the key 'text' is missing"):
        list(read_articles(path))


@pytest.mark.parametrize("value", ["[" * 3000 + "]" * 3000, "1" * 5000])
def test_a_row_whose_meta_is_beyond_reading_is_reported(value: str, tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", id=["a", "b"], text=["x", "y"], meta=[f'{{"n": {value}}}', None])
    errors: list[DataError] = []
    assert list(read_articles(path, on_error=errors.append)) == [Article("b", "y")]
    [error] = errors
    assert str(error).startswith(f"{path}: row 1: meta: ")
    assert len(str(error)) < 300


def test_another_writers_parquet_is_read_and_its_unknown_columns_refused(tmp_path: Path) -> None:
    spans = [[{"start": 0, "end": 1, "label": "TARGET"}], []]
    path = parquet(tmp_path / "a.parquet", id=["a", "b"], text=["x", "y"], spans=spans)
    assert list(read_articles(path)) == [Article("a", "x", (Span(0, 1, "TARGET"),)), Article("b", "y")]
    path = parquet(tmp_path / "b.parquet", id=["a"], body=["x"])
    with pytest.raises(DataError, match=r"b\.parquet: unknown column 'body'; known: "):
        list(read_articles(path))


@pytest.mark.parametrize("ending", ENDINGS[1:])
def test_a_truncated_file_is_refused_wherever_it_ends(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    write_articles([Article(f"a{index}", f"text {math.sin(index)}") for index in range(20)], path)
    whole = path.read_bytes()
    for size in {1, 3, 9, 20, *range(30, len(whole), 41), len(whole) - 9, len(whole) - 1}:
        path.write_bytes(whole[:size])
        with pytest.raises(DataError) as caught:
            list(read_articles(path))
        assert str(caught.value).startswith(f"{path}: cannot be read: ")
        assert "\n" not in str(caught.value)


def test_a_truncated_plain_file_gives_its_whole_lines_and_reports_the_last(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_articles([Article(name, "text") for name in "abc"], path)
    path.write_bytes(path.read_bytes()[:-5])
    errors: list[DataError] = []
    assert [article.id for article in read_articles(path, on_error=errors.append)] == ["a", "b"]
    assert [str(error).startswith(f"{path}: line 3: invalid JSON: EOF") for error in errors] == [True]


@pytest.mark.parametrize("ending", ENDINGS[1:])
def test_a_file_that_is_not_what_its_name_says_is_refused(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text(LINE + "}\n" * 20)
    with pytest.raises(DataError, match=r"cannot be read: "):
        list(read_articles(path))


def test_joined_gzip_files_are_read_on(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(b"".join(gzip.compress(format_article(Article(name, "x")).encode() + b"\n") for name in "ab"))
    assert [article.id for article in read_articles(path)] == ["a", "b"]


def test_files_of_other_names_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv: not an article file; its name must end in \.jsonl, "):
        list(read_articles(tmp_path / "a.csv"))
    with pytest.raises(DataError, match=r"a\.csv: cannot tell the format; let its name end in \.jsonl, "):
        write_articles([], tmp_path / "a.csv")
    with pytest.raises(DataError, match=r"a\.jsonl: no such file"):
        list(read_articles(tmp_path / "a.jsonl"))
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"a\.jsonl: cannot be written: "):
        write_articles([], tmp_path / "file" / "a.jsonl")
    assert [is_article_file(Path(name)) for name in ("x/a.JSONL.GZ", "a.jsonl.txt", "a.gz")] == [True, False, False]


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_older_file_stays_as_it_was_if_the_source_fails(ending: str, tmp_path: Path) -> None:
    def failing() -> Iterator[Article]:
        yield from itertools.repeat(Article("new", "text"), 2000)
        raise RuntimeError("the source failed")

    path = tmp_path / f"a{ending}"
    write_articles([Article("old", "text")], path)
    before = path.read_bytes()
    with pytest.raises(RuntimeError, match="the source failed"):
        write_articles(failing(), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_may_be_rewritten_from_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_articles([Article("a", "x"), Article("b", "y")], path)
    write_articles((article.with_fields(text=article.text * 2) for article in read_articles(path)), path)
    assert [article.text for article in read_articles(path)] == ["xx", "yy"]


def test_a_link_is_written_through_and_stays_one(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "a.jsonl"
    link.symlink_to(tmp_path / "disk" / "b.jsonl")
    write_articles([Article("a", "x")], link)
    assert link.is_symlink()
    assert list(read_articles(tmp_path / "disk" / "b.jsonl")) == [Article("a", "x")]


def test_a_folder_of_the_name_is_reported_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").mkdir()
    read = iter([Article("a", "x")])
    with pytest.raises(DataError, match=r"a\.jsonl: cannot be written: it is a folder"):
        write_articles(read, tmp_path / "a.jsonl")
    assert next(read) == Article("a", "x")
