import io
import os
from pathlib import Path

import pytest

from afteraction.data import Article, DataError, read_inputs, read_named, write_articles

JSON_LINE = b'{"id": "a", "text": "b"}\n'


class Reader:
    """Reads inputs and keeps the messages about those that cannot be read."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def __call__(self, *names: str | Path, stream: bytes = b"") -> list[Article]:
        articles = read_inputs(
            [str(name) for name in names],
            stream=io.BytesIO(stream),
            on_error=lambda error: self.errors.append(str(error)),
        )
        return list(articles)


@pytest.fixture
def read() -> Reader:
    return Reader()


def test_a_plain_file_is_one_article_with_the_exact_text(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "note"
    path.write_bytes("One.\r\n\r\nTwo – «é» 👍.\n".encode())
    assert read(path) == [Article(str(path), "One.\r\n\r\nTwo – «é» 👍.\n")]
    assert read.errors == []


def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfGao \xef\xbb\xbf")
    assert [article.text for article in read(path)] == ["Gao \ufeff"]
    assert [article.text for article in read("-", stream=b"\xef\xbb\xbfGao")] == ["Gao"]
    assert read("-", stream=b"\xef\xbb\xbf" + JSON_LINE) == [Article("a", "b")]
    assert read.errors == []


def test_a_folder_stands_for_the_texts_and_article_files_below_it_in_order(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "folder.txt").mkdir()
    for name in ("A.TXT", "b.txt", "deep/a.txt", "deep/er/z.txt", "README.md", "x.json"):
        (tmp_path / name).write_text(name)
    write_articles([Article("one", "1"), Article("two", "2")], tmp_path / "c.jsonl.gz")
    write_articles([Article("three", "3")], tmp_path / "deep" / "d.parquet")
    folder = str(tmp_path)
    assert [article.id for article in read(tmp_path)] == [
        f"{folder}/A.TXT", f"{folder}/b.txt", "one", "two", f"{folder}/deep/a.txt", "three", f"{folder}/deep/er/z.txt",
    ]  # fmt: skip
    assert read.errors == []


def test_inputs_are_read_in_the_order_given(tmp_path: Path, read: Reader) -> None:
    write_articles([Article("one", "1")], tmp_path / "a.jsonl")
    (tmp_path / "b.txt").write_text("b")
    articles = read(tmp_path / "b.txt", "-", tmp_path / "a.jsonl", stream=b"stream")
    assert [article.text for article in articles] == ["b", "stream", "1"]


def test_the_bundled_articles_are_inputs_by_their_names(read: Reader) -> None:
    assert read("bundled:dev") == list(read_named(["bundled:dev"]))
    with pytest.raises(DataError, match="bundled:tset: the bundled corpus has no such part; did you mean 'test'"):
        read("bundled:tset")


@pytest.mark.parametrize("before", [b"", b"\n", b" \r\n\n"])
def test_a_stream_whose_first_line_is_an_article_is_json_lines(before: bytes, read: Reader) -> None:
    stream = before + JSON_LINE + b'{"id": \n\n{"id": "c", "text": "d"}'
    assert read("-", stream=stream) == [Article("a", "b"), Article("c", "d")]
    number = before.count(b"\n") + 2
    assert len(read.errors) == 1
    assert read.errors[0].startswith(f"standard input: line {number}: invalid JSON")


@pytest.mark.parametrize(
    "stream",
    [b"\n One.\n\nTwo.\r\n", b"[1]\n" + JSON_LINE, b'{"id": "a"}\n', b'"text"', b"3 dead", b"text: {"],
)
def test_any_other_stream_is_one_plain_text(stream: bytes, read: Reader) -> None:
    assert read("-", stream=stream) == [Article("standard input", stream.decode())]
    assert read.errors == []


def test_files_that_cannot_be_read_are_reported_and_the_others_are_read(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9 in Gao")
    (tmp_path / "b.jsonl").write_bytes(JSON_LINE + b"nothing\n")
    (tmp_path / "c.jsonl.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "d.parquet").write_bytes(b"PAR1")
    (tmp_path / "e.txt").symlink_to(tmp_path / "missing")
    (tmp_path / "f.txt").write_text("last")
    assert [article.text for article in read(tmp_path)] == ["b", "last"]
    assert [error.split(": ")[:3] for error in read.errors] == [
        [f"{tmp_path}/a.txt", "not UTF-8", "byte 3 is 0xe9; convert it first"],
        [f"{tmp_path}/b.jsonl", "line 2", "invalid JSON"],
        [f"{tmp_path}/c.jsonl.gz", "cannot be read", "Truncated compressed stream"],
        [f"{tmp_path}/d.parquet", "cannot be read", read.errors[3].split(": ")[2]],
        [f"{tmp_path}/e.txt", "cannot be read", "No such file or directory"],
    ]


def test_a_text_without_a_word_is_reported(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf \n")
    assert read(tmp_path, "-", stream=b"\n \n") == []
    names = (f"{tmp_path}/a.txt", f"{tmp_path}/b.txt", "standard input")
    assert read.errors == [f"{name}: holds no text" for name in names]


def test_tables_are_not_read_as_one_text(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.json").write_text("[]")
    (tmp_path / "b.CSV").write_text("id,text\n")
    assert read(tmp_path / "a.json", tmp_path / "b.CSV") == []
    assert ["neither plain text nor JSON Lines" in error for error in read.errors] == [True, True]


def test_a_linked_folder_is_reported_and_not_followed(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    assert read(tmp_path / "in") == []
    (tmp_path / "in" / "a.txt").write_text("a")
    assert [article.text for article in read(tmp_path / "in")] == ["a"]
    assert read.errors == [f"{tmp_path}/in/loop: a link to a folder, not followed; name the folder itself"] * 2


@pytest.mark.parametrize(
    ("names", "problem"), [([""], "an input's name is empty"), (["-"], "standard input is closed")]
)
def test_an_empty_name_and_a_closed_stream_are_refused(names: list[str], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        next(read_inputs(names, stream=None, on_error=print))


def test_a_stream_that_is_not_utf_8_is_reported_and_the_other_inputs_are_read(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.txt").write_text("a")
    assert [article.text for article in read("-", tmp_path / "a.txt", stream=b"\n\xff")] == ["a"]
    assert read.errors == ["standard input: not UTF-8: byte 1 is 0xff; convert it first"]


def test_a_file_name_that_is_not_unicode_is_reported_and_the_others_are_read(tmp_path: Path, read: Reader) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("a")
    except OSError:
        pytest.skip("the file system only accepts Unicode names")
    (tmp_path / "z.txt").write_text("z")
    assert [article.text for article in read(tmp_path)] == ["z"]
    assert len(read.errors) == 1
    assert "lone surrogate" in read.errors[0]


def test_a_name_of_nothing_that_exists_is_refused_before_anything_is_read(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.txt").write_text("a")
    inputs = read_inputs([str(tmp_path / "a.txt"), "missing"], stream=io.BytesIO(), on_error=print)
    with pytest.raises(DataError, match="missing: no such file or folder"):
        next(inputs)


def test_a_folder_with_nothing_to_read_is_refused(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "image.png").touch()
    with pytest.raises(DataError, match=r"no \.txt and no article file below this folder"):
        read(tmp_path)
