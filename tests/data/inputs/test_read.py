import gzip
import io
import os
from pathlib import Path

import pyarrow as pa
import pytest

from afteraction.data import Article, DataError, InputFields, InputNotice, Span, read_inputs, read_named, write_articles

JSON_LINE = b'{"id": "a", "text": "b"}\n'


class Reader:
    """A reader of inputs that keeps the error messages and the notices."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.notices: list[str] = []

    def __call__(self, *names: str | Path, stream: bytes = b"", fields: InputFields = InputFields()) -> list[Article]:  # noqa: B008
        return list(
            read_inputs([str(name) for name in names], stream=io.BytesIO(stream), on_error=self._keep, fields=fields)
        )

    def _keep(self, error: DataError) -> None:
        (self.notices if isinstance(error, InputNotice) else self.errors).append(str(error))


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
    assert read("-", stream=(b"\xef\xbb\xbf" + JSON_LINE) * 2) == [Article("a", "b")] * 2
    assert read.errors == []


def test_a_folder_stands_for_the_files_below_it_in_order(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "folder.txt").mkdir()
    for name in ("A.TXT", "b.txt", "deep/a.txt", "deep/er/z.txt", "README.md", "deep/x.pdf"):
        (tmp_path / name).write_text("Gao")
    write_articles([Article("one", "1"), Article("two", "2")], tmp_path / "c.jsonl.gz")
    write_articles([Article("three", "3")], tmp_path / "deep" / "d.parquet")
    folder = str(tmp_path)
    assert [article.id for article in read(tmp_path)] == [
        f"{folder}/A.TXT", f"{folder}/b.txt", "one", "two", f"{folder}/deep/a.txt", "three", f"{folder}/deep/er/z.txt",
    ]  # fmt: skip
    assert read.errors == []
    assert read.notices == [f"{folder}: left out 2 files of other forms (1 .md, 1 .pdf): README.md, deep/x.pdf"]


def test_hidden_files_and_folders_are_passed_over_unless_named(tmp_path: Path, read: Reader) -> None:
    for folder in (".ipynb_checkpoints", "__MACOSX", "in"):
        (tmp_path / folder).mkdir()
    for name in (".DS_Store", "._a.csv", ".ipynb_checkpoints/b.txt", "__MACOSX/._a.csv", "in/.c.txt", "in/a.txt"):
        (tmp_path / name).write_text("Gao")
    assert [article.id for article in read(tmp_path)] == [f"{tmp_path}/in/a.txt"]
    assert (read.errors, read.notices) == ([], [])
    named = (tmp_path / ".ipynb_checkpoints", tmp_path / "in" / ".c.txt")
    assert [article.id for article in read(*named)] == [f"{tmp_path}/.ipynb_checkpoints/b.txt", f"{tmp_path}/in/.c.txt"]


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
    [
        b"\n One.\n\nTwo.\r\n",
        b"[1]\n" + JSON_LINE,
        b'"text"',
        b"3 dead",
        b"text: {",
        b"[Reuters] Gunmen",
        b"{not} JSON",
        b"Text, body and title, all three",
        b"<5 killed",
    ],
)
def test_any_other_stream_is_one_plain_text(stream: bytes, read: Reader) -> None:
    assert read("-", stream=stream) == [Article("standard input", stream.decode())]
    assert read.errors == []


@pytest.mark.parametrize(
    "stream", [b"id,text\n1,Gao\n", b'id, text\n1, "Gao"\n', b"sep=|\nid|text\n1|Gao\n", b"id\tText\n1\tGao\n"]
)
def test_a_stream_whose_first_line_is_a_header_is_a_table(stream: bytes, read: Reader) -> None:
    assert read("-", stream=stream) == [Article("1", "Gao")]
    assert read.errors == []


def test_a_stream_with_two_columns_of_text_is_no_plain_text(read: Reader) -> None:
    assert read("-", stream=b"id,content,body\n1,Gao,Jos\n") == []
    assert "which is the text, 'content' or 'body'?" in read.errors[0]


def test_files_that_cannot_be_read_are_reported_and_the_others_are_read(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9 in Gao")
    (tmp_path / "b.jsonl").write_bytes(JSON_LINE + b"nothing\n")
    (tmp_path / "c.jsonl.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "d.parquet").write_bytes(b"PAR1")
    (tmp_path / "e.txt").symlink_to(tmp_path / "missing")
    (tmp_path / "f.txt").write_text("last")
    assert [article.text for article in read(tmp_path)] == ["b", "last"]
    assert [error.split(": ")[:3] for error in read.errors] == [
        [
            f"{tmp_path}/a.txt",
            "not UTF-8",
            "byte 3 is 0xe9; convert the file first, often by iconv -f WINDOWS-1252 -t UTF-8",
        ],
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
    [error] = read.errors
    assert error.startswith("standard input: not UTF-8: byte 1 is 0xff; ")


def test_a_table_on_standard_input_is_no_text_even_if_its_columns_have_unknown_names(read: Reader) -> None:
    table = b"date,notes_en,actor1\n3 May,Five died.,\n"
    assert read("-", stream=table) == []
    assert read.errors == [
        "standard input: the text is a table, not an article; give the text's column with --text-key"
    ]


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
    problem = r"nothing to read below this folder: 1 file of other forms \(1 \.png\): image\.png cannot be read"
    with pytest.raises(DataError, match=problem):
        read(tmp_path)


def test_the_same_inputs_give_the_same_articles_and_messages_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,Gao\n1,Mopti\n,Kidal\n2\n")
    (tmp_path / "b.jsonl").write_text('{"text": "Kano"}\nnothing\n{"text": "<p>Jos</p>"}\n')
    (tmp_path / "c.pdf").touch()
    first, second = Reader(), Reader()
    assert first(tmp_path) == second(tmp_path)
    assert (first.errors, first.notices) == (second.errors, second.notices)
    assert len(first.errors) == 2
    assert len(first.notices) == 3


# Ids


def test_a_record_without_an_id_has_its_number(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"text": "Gao"}\n{"id": null, "text": "Jos"}\n\nnothing\n{"id": " ", "text": "Kano"}\n'
    )
    assert [article.id for article in read(tmp_path / "a.jsonl")] == ["1", "2", "4"]


def test_with_several_files_the_number_comes_with_the_files_name(tmp_path: Path, read: Reader) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text('{"text": "Gao"}\n{"id": 7, "text": "Jos"}\n')
    ids = [f"{tmp_path}/a.jsonl#1", "7", f"{tmp_path}/b.jsonl#1", "7"]
    assert [article.id for article in read(tmp_path)] == ids
    assert [article.id for article in read(tmp_path / "a.jsonl", tmp_path / "b.jsonl")] == ids
    message = f"{tmp_path}/b.jsonl: line 2: an earlier article has the id '7' too; both keep it"
    assert read.notices == [message] * 2
    assert read.errors == []


def test_a_number_that_an_earlier_record_has_as_its_id_is_not_given_again(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 2, "text": "Gao"}\n{"text": "Jos"}\n')
    assert [article.id for article in read(tmp_path / "a.jsonl")] == ["2", f"{tmp_path}/a.jsonl#2"]
    assert read.notices == []


def test_a_file_that_is_read_twice_is_told_even_if_it_has_no_ids(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Gao"}\n{"text": "Jos"}\n')
    assert [article.id for article in read(tmp_path, path)] == [f"{path}#1", f"{path}#2"] * 2
    assert [notice.partition(" has the id")[0] for notice in read.notices] == [f"{path}: an earlier article"] * 2


def test_a_repeated_id_is_told_once_and_all_others_are_counted(tmp_path: Path, read: Reader) -> None:
    rows = [f'{{"id": {number % 15}, "text": "Gao"}}' for number in range(45)]
    (tmp_path / "a.jsonl").write_text("\n".join(rows))
    assert len(read(tmp_path / "a.jsonl")) == 45
    assert [notice.split(":")[1].strip() for notice in read.notices[:-1]] == [f"line {line}" for line in range(16, 26)]
    assert read.notices[-1] == "20 more articles have the id of an earlier one"


def test_a_column_of_the_same_value_as_id_is_counted(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.csv").write_text("source,text\n" + "wire,Gao\n" * 1500)
    assert len(read(tmp_path / "a.csv", fields=InputFields(id="source"))) == 1500
    assert [notice.split(": ")[-1] for notice in read.notices] == [
        "an earlier article has the id 'wire' too; both keep it",
        "1,498 more articles have the id of an earlier one",
    ]


# Compression and standard input

FORMS = {
    "a.jsonl": b'{"id": 1, "text": "Gao."}\n{"id": 2, "text": "Jos."}\n',
    "a.json": b'[{"id": 1, "text": "Gao."},\n {"id": 2, "text": "Jos."}]',
    "b.json": b'{\n "id": 1,\n "text": "Gao."\n}\n{"id": 2, "text": "Jos."}',
    "c.json": b'{\n"id": 1, "text": "Gao."}\n{"id": 2, "text": "Jos."}',
    "a.csv": b"id,text\n1,Gao.\n2,Jos.\n",
}


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("name", FORMS)
def test_every_form_may_be_compressed_and_piped_in(name: str, suffix: str, tmp_path: Path, read: Reader) -> None:
    path = tmp_path / f"{name}{suffix}"
    with pa.output_stream(str(path), compression="detect" if suffix else None) as stream:
        stream.write(FORMS[name])
    expected = [Article("1", "Gao."), Article("2", "Jos.")]
    assert read(path) == expected
    assert read("-", stream=path.read_bytes()) == expected
    other = path.rename(tmp_path / "other")  # a file without a suffix is read like standard input
    assert read(other) == expected
    assert read.errors == []


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_an_empty_file_of_records_is_told(name: str, tmp_path: Path, read: Reader) -> None:
    (tmp_path / name).touch()
    assert read(tmp_path / name) == []
    assert (read.errors, read.notices) == ([], [f"{tmp_path / name}: an empty file"])


def test_a_compressed_text_is_read(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"Gao") + gzip.compress(b" burns."))
    assert [article.text for article in read(tmp_path / "a.txt.gz")] == ["Gao burns."]


def test_an_article_that_is_piped_in_is_read_as_soon_as_its_line_is_there() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as stream, open(writing, "wb", buffering=0) as sink:  # noqa: PTH123
        articles = read_inputs(["-"], stream=stream, on_error=print)
        for number in (1, 2):
            sink.write(f'{{"id": {number}, "text": "Gao"}}\n'.encode())
            assert next(articles).id == str(number)


# Articles of our own


def test_annotated_articles_come_out_as_they_are(tmp_path: Path, read: Reader) -> None:
    annotated = [
        Article("a", "<p>Gao</p>", (Span(3, 6, "LOCATION"),), meta={"url": "x"}),
        Article("b", "1 of 1 DOCUMENTS\nGao", unknown_labels=("TARGET",)),
    ]
    for ending in ("jsonl", "parquet"):
        write_articles(annotated, tmp_path / f"a.{ending}")
        assert read(tmp_path / f"a.{ending}") == annotated
    assert read.errors == read.notices == []


def test_a_faulty_annotated_article_is_reported(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "b", "spans": [{"start": 0, "end": 9, "label": "x"}]}')
    assert read(tmp_path / "a.jsonl") == []
    assert "outside the text of 1 characters" in read.errors[0]
