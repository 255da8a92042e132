"""A run in a folder: what it writes, and how it resumes."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import Article, DataError, read_articles, write_articles
from afteraction.data.files import sha256
from afteraction.model import RuleTagger
from afteraction.model.archive import Chunk, Progress, Shard, label_archive, local_engine, merge_shards
from afteraction.model.archive.folder import open_run
from afteraction.model.archive.manifest import read_manifest

Tree = Callable[[Path], dict[str, bytes]]
MakeInput = Callable[..., Path]
Breaking = Callable[..., None]


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


def test_what_could_not_be_read_is_listed_with_its_id_if_that_is_known(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(
        '{"id": 7, "text": " "}\n{"id": "b", "text": "www.example.org"}\n{"id": "c", "text": "Gao", "spans": 3}\n'
        '{"id": "d"\n{"id": [1], "text": "Gao"}\n{"text": ""}\n'
    )
    label_archive("rules", [str(tmp_path / "in.jsonl")], tmp_path / "out")
    errors = [json.loads(line) for line in (tmp_path / "out" / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [error["id"] for error in errors] == ["7", "b", "c", None, None, None]


@pytest.mark.parametrize("form", ["jsonl.gz", "jsonl.zst", "parquet"])
def test_parts_have_the_chosen_format(form: Any, whole: Path, source: Path, tmp_path: Path, tree: Tree) -> None:
    other = tmp_path / "other"
    label_archive("rules", [str(source)], other, part_size=4, file_format=form)
    assert [path.name for path in sorted(other.glob("part-*"))] == [f"part-{number:05}.{form}" for number in range(8)]
    for path in other.glob("part-*"):
        assert list(read_articles(path)) == list(read_articles(whole / f"{path.name.partition('.')[0]}.jsonl"))
    again = tmp_path / "again"
    label_archive("rules", [str(source)], again, part_size=4, file_format=form)
    assert tree(again) == tree(other)


def test_an_empty_input_and_one_with_errors_alone_are_runs_too(tmp_path: Path, make_input: MakeInput) -> None:
    (tmp_path / "empty.jsonl").touch()
    manifest = label_archive("rules", [str(tmp_path / "empty.jsonl")], tmp_path / "none")
    assert manifest.result is not None
    assert manifest.result.parts == ()
    bad = make_input(tmp_path / "bad.jsonl", 5, faulty=range(5))
    manifest = label_archive("rules", [str(bad)], tmp_path / "bad", part_size=2)
    assert manifest.result is not None
    assert (manifest.result.articles, manifest.result.errors, len(manifest.result.parts)) == (0, 5, 3)


def test_a_finished_run_labels_nothing_again(whole: Path, source: Path, tree: Tree) -> None:
    before = tree(whole)

    def engine(_: Iterator[Chunk]) -> Iterator[Chunk]:
        raise AssertionError

    manifest = label_archive("rules", [str(source)], whole, part_size=4, engine=engine)
    assert manifest.result is not None
    assert tree(whole) == before


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

    peak(100)  # imports and caches
    # A few bytes per id are kept, to report repeated ones, and the counts of each part.
    assert peak(4000) - peak(400) < 3600 * 250


def test_a_run_is_open_only_inside_its_block(whole: Path, tmp_path: Path) -> None:
    manifest = read_manifest(whole).model_copy(update={"result": None})
    with open_run(tmp_path / "new", manifest), pytest.raises(DataError), open_run(tmp_path / "new", manifest):
        pass
    with open_run(tmp_path / "new", manifest):
        pass


# Resuming


class BrokenOff(BaseException):
    """An error that ends a process but lets it clean up."""


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_run_that_breaks_off_at_any_write_goes_on_to_the_same_bytes(
    name: str, tmp_path: Path, tree: Tree, make_input: MakeInput, breaking: Breaking
) -> None:
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


def test_a_part_whose_record_was_not_written_is_written_again(
    whole: Path, source: Path, tmp_path: Path, tree: Tree
) -> None:
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
    tmp_path_factory: pytest.TempPathFactory, tree: Tree, make_input: MakeInput, data: st.DataObject
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
    model_folder: Path, articles: list[Article], tmp_path: Path, tree: Tree
) -> None:
    """By rounding, scores depend on which articles share a batch, so batches must not extend over several parts."""
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
