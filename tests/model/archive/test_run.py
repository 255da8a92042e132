"""A run in a folder: what it writes, that it goes on, and what it refuses."""

import json
import os
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import Article, DataError, InputError, InputNotice, read_articles, write_articles
from afteraction.data.files import sha256
from afteraction.model import RuleTagger
from afteraction.model.archive import Chunk, Failure, Progress, Shard, label_archive, local_engine, merge_shards
from afteraction.model.archive.chunks import read_chunks
from afteraction.model.archive.folder import open_run
from afteraction.model.archive.manifest import read_manifest

TEXTS = (
    "Two gunmen killed at least 50 soldiers near Gao, Mali, in an attack on a police school.",
    "The army said the river was near the city.",
    "Rebels attacked a bus in Kano, killing three people; the rebels fled after the attack.",
)


def tree(folder: Path) -> dict[str, bytes]:
    """Returns the content of every file below a folder, by its name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def make_input(path: Path, count: int, *, faulty: Iterable[int] = ()) -> Path:
    """Writes an article file with some faulty lines, by their indices."""
    lines = [json.dumps({"id": f"a{index}", "text": TEXTS[index % 3]}) for index in range(count)]
    for index in faulty:
        lines[index] = f'{{"id": "a{index}"'
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_input(tmp_path / "in.jsonl", 30, faulty=(2, 3, 17, 29))


@pytest.fixture
def whole(source: Path, tmp_path: Path) -> Path:
    """The folder of an unbroken run, in seven parts of four records and one of two."""
    folder = tmp_path / "whole"
    label_archive("rules", [str(source)], folder, part_size=4)
    return folder


# What a run writes


def test_a_run_writes_every_article_once_in_numbered_parts_and_counts_them(whole: Path, source: Path) -> None:
    manifest = read_manifest(whole)
    assert manifest.result is not None
    names = sorted(path.name for path in whole.glob("part-*"))
    assert names == [f"part-{number:05}.jsonl" for number in range(8)]
    articles = [article for name in names for article in read_articles(whole / name)]
    expected = list(RuleTagger().predict(read_articles(source, on_error=lambda _: None)))
    assert articles == expected
    assert any(article.spans for article in articles)
    assert (manifest.result.articles, manifest.result.errors) == (26, 4)
    assert [(part.number, part.articles, part.errors) for part in manifest.result.parts][:2] == [(0, 2, 2), (1, 4, 0)]
    assert [part.sha256 for part in manifest.result.parts] == [sha256(whole / name) for name in names]
    assert manifest.inputs[0].sha256 == sha256(source)
    assert sorted(path.name for path in whole.iterdir()) == [".lock", "errors.jsonl", "manifest.json", *names]


def test_what_could_not_be_read_is_listed_with_its_place(whole: Path, source: Path) -> None:
    errors = [json.loads(line) for line in (whole / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [error["place"] for error in errors] == [f"{source}: line {line}" for line in (3, 4, 18, 30)]
    assert all(error["reason"] for error in errors)
    assert all(error.keys() == {"id", "place", "reason"} for error in errors)


@pytest.mark.parametrize("form", ["jsonl.gz", "jsonl.zst", "parquet"])
def test_parts_have_the_chosen_format(form: Any, whole: Path, source: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    label_archive("rules", [str(source)], other, part_size=4, file_format=form)
    assert [path.name for path in sorted(other.glob("part-*"))] == [f"part-{number:05}.{form}" for number in range(8)]
    for path in other.glob("part-*"):
        assert list(read_articles(path)) == list(read_articles(whole / f"{path.name.partition('.')[0]}.jsonl"))
    again = tmp_path / "again"
    label_archive("rules", [str(source)], again, part_size=4, file_format=form)
    assert tree(again) == tree(other)


def test_an_empty_input_and_one_with_errors_alone_are_runs_too(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    manifest = label_archive("rules", [str(tmp_path / "empty.jsonl")], tmp_path / "none")
    assert manifest.result is not None
    assert manifest.result.parts == ()
    bad = make_input(tmp_path / "bad.jsonl", 5, faulty=range(5))
    manifest = label_archive("rules", [str(bad)], tmp_path / "bad", part_size=2)
    assert manifest.result is not None
    assert (manifest.result.articles, manifest.result.errors, len(manifest.result.parts)) == (0, 5, 3)


def test_a_finished_run_labels_nothing_again(whole: Path, source: Path) -> None:
    before = tree(whole)

    def engine(_: Iterator[Chunk]) -> Iterator[Chunk]:
        raise AssertionError

    manifest = label_archive("rules", [str(source)], whole, part_size=4, engine=engine)
    assert manifest.result is not None
    assert tree(whole) == before


# Going on


class BrokenOff(BaseException):
    """Stands for whatever ends a process that still cleans up."""


def breaking(monkeypatch: pytest.MonkeyPatch, name: str, *, call: int, error: BaseException) -> None:
    """Makes a function of `os` raise an error at one of its calls."""
    original: Callable[..., Any] = getattr(os, name)
    calls = 0

    def broken(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise error
        return original(*arguments, **options)

    monkeypatch.setattr(os, name, broken)


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_run_that_breaks_off_at_any_write_goes_on_to_the_same_bytes(name: str, tmp_path: Path) -> None:
    source = make_input(tmp_path / "in.jsonl", 5, faulty=(1,))
    whole = tmp_path / "whole"
    label_archive("rules", [str(source)], whole, part_size=2)
    for call in range(1, 100):
        folder = tmp_path / f"broken-{call}"
        with pytest.MonkeyPatch.context() as patch:
            breaking(patch, name, call=call, error=BrokenOff())
            try:
                label_archive("rules", [str(source)], folder, part_size=2)
            except BrokenOff:
                pass
            else:
                break
        assert not [path for path in folder.rglob(".*") if path.name != ".lock"]
        label_archive("rules", [str(source)], folder, part_size=2)
        assert tree(folder) == tree(whole)
    assert call == {"fsync": 20, "replace": 10}[name]  # three parts, their records, the manifest twice, the errors


def test_a_part_whose_record_was_not_written_is_written_again(whole: Path, source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    stops = iter([False] * 9 + [True] * 99)
    manifest = label_archive("rules", [str(source)], folder, part_size=4, should_stop=lambda: next(stops))
    assert manifest.result is None
    assert sorted(path.name for path in folder.glob("part-*")) == ["part-00000.jsonl", "part-00001.jsonl"]
    (folder / "part-00002.jsonl").write_text("half of a", encoding="utf-8")
    (folder / ".part-00003.jsonl.x7_y").write_text("half of a", encoding="utf-8")
    (folder / "unfinished" / ".part-00003.json.x7_y").write_text("half of a", encoding="utf-8")
    label_archive("rules", [str(source)], folder, part_size=4)
    assert tree(folder) == tree(whole)


def test_a_part_that_changed_meanwhile_is_refused(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    stops = iter([False] * 9 + [True] * 99)
    label_archive("rules", [str(source)], folder, part_size=4, should_stop=lambda: next(stops))
    (folder / "part-00001.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match=r"part-00001.jsonl: .*to write it again, delete .*part-00001.json"):
        label_archive("rules", [str(source)], folder, part_size=4)


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_the_order_in_which_an_engine_finishes_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("order")
    source = make_input(folder / "in.jsonl", 23, faulty=(1, 22))
    order = data.draw(st.permutations(range(6)))

    def shuffled(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        labelled = list(local_engine(RuleTagger())(chunks))
        return (labelled[index] for index in order)

    label_archive("rules", [str(source)], folder / "one", part_size=4)
    label_archive("rules", [str(source)], folder / "two", part_size=4, engine=shuffled)
    assert tree(folder / "one") == tree(folder / "two")


def test_with_a_model_a_broken_run_and_merged_shards_give_the_bytes_of_an_unbroken_run(
    model_folder: Path, articles: list[Article], tmp_path: Path
) -> None:
    """Scores depend on which articles share a batch, by rounding, so parts must hold the batches apart."""
    source = tmp_path / "in.jsonl"
    write_articles(
        [a.with_fields(id=f"{a.id}-{n}", text=a.text + " Gao." * n) for n in range(9) for a in articles], source
    )
    inputs = [str(source)]
    label_archive(model_folder, inputs, tmp_path / "whole", part_size=7)
    written = [article for path in sorted((tmp_path / "whole").glob("part-*")) for article in read_articles(path)]
    assert any(span.score for article in written for span in article.spans)
    stops = iter([False] * 15 + [True] * 99)
    label_archive(model_folder, inputs, tmp_path / "broken", part_size=7, should_stop=lambda: next(stops))
    assert (tmp_path / "broken" / "unfinished").is_dir()
    label_archive(model_folder, inputs, tmp_path / "broken", part_size=7)
    assert tree(tmp_path / "broken") == tree(tmp_path / "whole")
    for number in (1, 2, 3):
        label_archive(model_folder, inputs, tmp_path / f"{number}", part_size=7, shard=Shard(number, 3))
    merge_shards([tmp_path / "2", tmp_path / "3", tmp_path / "1"], tmp_path / "merged")
    assert tree(tmp_path / "merged") == tree(tmp_path / "whole")


# What is refused


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"part_size": 5}, "part size was 4, now 5"),
        ({"precision": "bfloat16"}, "precision was float32, now bfloat16"),
        ({"device": "cuda:1"}, "device was cpu, now cuda"),
        ({"file_format": "parquet"}, "format was jsonl, now parquet"),
        ({"shard": Shard(1, 2)}, "shard was none, now 1/2"),
    ],
)
def test_another_setting_is_refused(changes: dict[str, Any], words: str, whole: Path, source: Path) -> None:
    before = tree(whole)
    with pytest.raises(DataError, match=words):
        label_archive("rules", [str(source)], whole, **{"part_size": 4, **changes})
    assert tree(whole) == before


def test_another_model_is_refused_and_its_card_does_not_count(
    model_folder: Path, source: Path, tmp_path: Path, whole: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in model_folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    with pytest.raises(DataError, match=r"versions|torch was none|model was rules"):
        label_archive(copy, [str(source)], whole, part_size=4)
    label_archive(copy, [str(source)], tmp_path / "labelled")
    (copy / "README.md").write_text("A card.", encoding="utf-8")
    label_archive(model_folder, [str(source)], tmp_path / "labelled")
    settings_file = copy / "afteraction.json"
    settings_file.write_text(settings_file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"whose afteraction\.json is another"):
        label_archive(copy, [str(source)], tmp_path / "labelled")


def test_another_version_is_refused(whole: Path, source: Path) -> None:
    path = whole / "manifest.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"afteraction": "', '"afteraction": "0.'), encoding="utf-8"
    )
    with pytest.raises(DataError, match="afteraction was 0"):
        label_archive("rules", [str(source)], whole, part_size=4)


def test_another_or_a_changed_input_is_refused(whole: Path, source: Path, tmp_path: Path) -> None:
    other = make_input(tmp_path / "other.jsonl", 2)
    with pytest.raises(DataError, match=r"the input was .*in\.jsonl, now .*in\.jsonl .*other\.jsonl"):
        label_archive("rules", [str(source), str(other)], whole, part_size=4)
    source.write_bytes(source.read_bytes().replace(b"Kano", b"Gano"))
    with pytest.raises(DataError, match=r"the input .*in\.jsonl has changed since"):
        label_archive("rules", [str(source)], whole, part_size=4)


def test_a_file_that_joins_or_leaves_a_folder_of_inputs_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("b", "a"):
        (folder / f"{name}.txt").write_text(TEXTS[0], encoding="utf-8")
    manifest = label_archive("rules", [str(folder)], tmp_path / "out")
    assert [record.files for record in manifest.inputs] == [2]
    (folder / "c.txt").write_text(TEXTS[1], encoding="utf-8")
    with pytest.raises(DataError, match="texts has changed since"):
        label_archive("rules", [str(folder)], tmp_path / "out")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["-"], "standard input"),
        ([""], "empty"),
        (["nowhere.jsonl"], "no such file"),
        (["/dev/null"], "neither a file nor a folder"),
        (["."], "lies in the input"),
    ],
)
def test_inputs_that_cannot_be_read_again_are_refused_before_anything_is_written(
    names: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=words):
        label_archive("rules", names, Path("out"))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_are_not_utf8_are_written_out(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("the file system has no such names")
    source = make_input(folder / "in.jsonl", 3, faulty=(1,))
    for name in (source, folder):
        output = tmp_path / f"out-{name.name.isascii()}"
        label_archive("rules", [str(name)], output)
        assert r"caf\udce9" in json.loads((output / "errors.jsonl").read_text(encoding="utf-8"))["place"]
        label_archive("rules", [str(name)], output)


def test_a_folder_with_something_else_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").touch()
    with pytest.raises(DataError, match="is not empty and holds no run"):
        label_archive("rules", [str(source)], tmp_path / "taken")
    with pytest.raises(DataError, match="a file of that name"):
        label_archive("rules", [str(source)], source)
    (tmp_path / "taken" / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"manifest\.json: damaged"):
        label_archive("rules", [str(source)], tmp_path / "taken")


def test_a_second_run_in_the_folder_is_refused_until_the_first_ends(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"

    def engine(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for chunk in chunks:
            with pytest.raises(DataError, match="another run is writing in this folder"):
                label_archive("rules", [str(source)], folder, part_size=4)
            yield chunk

    assert label_archive("rules", [str(source)], folder, part_size=4, engine=engine).result is not None
    label_archive("rules", [str(source)], folder, part_size=4)


# What fails on the way


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(whole: Path, source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    for call in (1, 2, 7):
        with pytest.MonkeyPatch.context() as patch:
            breaking(patch, "fsync", call=call, error=OSError(28, "No space left on device"))
            with pytest.raises(InputError, match="cannot be written: No space left on device") as caught:
                label_archive("rules", [str(source)], folder, part_size=4)
        assert "\n" not in str(caught.value)
    label_archive("rules", [str(source)], folder, part_size=4)
    assert tree(folder) == tree(whole)


def test_a_folder_that_cannot_be_written_is_one_line(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(DataError, match="out: cannot be written: Permission denied"):
        label_archive("rules", [str(source)], tmp_path / "out")


@pytest.mark.parametrize("shard", [None, Shard(2, 2)])
def test_an_input_that_vanishes_ends_the_run_and_is_no_error_of_its_articles(
    shard: Shard | None, tmp_path: Path
) -> None:
    sources = [make_input(tmp_path / f"in-{number}.jsonl", 8) for number in range(3)]
    names = list(map(str, sources))
    label_archive("rules", names, tmp_path / "whole", part_size=4, shard=shard)
    content = sources[1].read_bytes()

    def engine(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for chunk in local_engine(RuleTagger())(chunks):
            sources[1].unlink(missing_ok=True)
            yield chunk

    with pytest.raises(DataError, match=r"in-1\.jsonl: has changed or vanished"):
        label_archive("rules", names, tmp_path / "out", part_size=4, shard=shard, engine=engine)
    with pytest.raises(DataError, match="no such file"):
        label_archive("rules", names, tmp_path / "out", part_size=4, shard=shard)
    sources[1].write_bytes(content)
    label_archive("rules", names, tmp_path / "out", part_size=4, shard=shard)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


class Choosy(RuleTagger):
    """Cannot label an article that has a certain word in its id."""

    def predict(self, articles: Iterable[Article | str]) -> Iterator[Article]:
        for article in super().predict(articles):
            if "bad" in article.id:
                raise IndexError("out of range\nin some library")
            yield article


def test_an_article_that_cannot_be_labelled_is_listed_and_the_others_are_labelled(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    ids = ["a", "bad1", "b", "c", "bad2"]
    write_articles([Article(name, TEXTS[0]) for name in ids], source)
    manifest = label_archive("rules", [str(source)], tmp_path / "out", part_size=3, engine=local_engine(Choosy()))
    assert manifest.result is not None
    assert (manifest.result.articles, manifest.result.errors) == (3, 2)
    written = [article for path in sorted((tmp_path / "out").glob("part-*")) for article in read_articles(path)]
    assert written == list(RuleTagger().predict(Article(name, TEXTS[0]) for name in ("a", "b", "c")))
    errors = [json.loads(line) for line in (tmp_path / "out/errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert errors == [
        {
            "id": f"bad{number}",
            "place": f"article {position} of the inputs",
            "reason": "cannot be labelled: IndexError: out of range",
        }
        for number, position in ((1, 2), (2, 5))
    ]


def test_a_system_that_cannot_label_anything_ends_the_run(source: Path, tmp_path: Path) -> None:
    class Broken(RuleTagger):
        def predict(self, articles: Iterable[Article | str]) -> Iterator[Article]:
            raise RuntimeError("the accelerator is gone")

    with pytest.raises(RuntimeError, match="the accelerator is gone"):
        label_archive("rules", [str(source)], tmp_path / "out", part_size=4, engine=local_engine(Broken()))
    assert not list((tmp_path / "out").glob("part-*"))


# Chunks


def test_many_errors_in_a_row_become_chunks_in_their_order() -> None:
    def read(on_error: Callable[[DataError], None]) -> Iterator[Article]:
        for line in range(1, 20_001):
            on_error(DataError(f"x: 1.jsonl: line {line}: a \ud800 reason: of two parts"))
        on_error(InputNotice("y.txt: an export"))
        yield Article("a", "text")
        on_error(DataError("y.txt: holds no text"))

    checks: list[int] = []
    notices: list[InputNotice] = []
    chunks = list(
        read_chunks(
            read,
            size=100,
            wanted=lambda _: True,
            check=lambda: checks.append(1),
            on_notice=notices.append,
            should_stop=lambda: False,
        )
    )
    records = [record for chunk in chunks for record in chunk.records]
    assert len(records) == 20_002
    assert [chunk.start for chunk in chunks] == [100 * chunk.number for chunk in chunks] == list(range(0, 20_002, 100))
    assert records[6] == Failure(None, "x: 1.jsonl: line 7", "a \\ud800 reason: of two parts")
    assert isinstance(records[20_000], Article)
    assert records[20_001] == Failure(None, "y.txt", "holds no text")
    assert len(checks) == 201
    assert [str(notice) for notice in notices] == ["y.txt: an export"]


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.0/2"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="write it as 3/16"):
        Shard.parse(text)


def test_shards_share_out_all_chunks() -> None:
    shards = [Shard.parse(f"{number}/5") for number in range(1, 6)]
    assert all(sum(shard.has(number) for shard in shards) == 1 for number in range(50))


def test_the_total_of_a_shard_is_what_it_labels(source: Path, tmp_path: Path) -> None:
    totals = []

    class Totals(Progress):
        def begin(self, *, done: int, total: int | None) -> None:
            totals.append(total)

        def part(self, *, done: int, errors: int) -> None:
            self.done = done

    for number in (1, 2, 3):
        progress = Totals()
        folder = tmp_path / f"{number}"
        label_archive("rules", [str(source)], folder, part_size=4, shard=Shard(number, 3), progress=progress)
        assert progress.done == totals[-1]
    assert sum(totals) == 30


def test_the_memory_of_a_run_does_not_grow_with_its_inputs(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        source = tmp_path / f"{count}.jsonl"
        write_articles((Article(f"a{index}", "Two gunmen. " * 100) for index in range(count)), source)
        tracemalloc.start()
        label_archive("rules", [str(source)], tmp_path / f"{count}", part_size=50, engine=lambda chunks: chunks)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(100)  # what is imported and cached once
    # A few bytes of each id are kept, to tell of repeated ones, and the counts of each part.
    assert peak(4000) - peak(400) < 3600 * 250


def test_a_run_is_open_only_inside_its_block(whole: Path, tmp_path: Path) -> None:
    manifest = read_manifest(whole).model_copy(update={"result": None})
    with open_run(tmp_path / "new", manifest), pytest.raises(DataError), open_run(tmp_path / "new", manifest):
        pass
    with open_run(tmp_path / "new", manifest):
        pass
