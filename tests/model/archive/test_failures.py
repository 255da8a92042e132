"""Failures during a run: of the disk, the inputs, the system and single articles."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, DataError, InputError, read_articles, write_articles
from afteraction.model import RuleTagger
from afteraction.model.archive import Chunk, Shard, label_archive, local_engine
from afteraction.model.record.assemble import ArticleLike

Tree = Callable[[Path], dict[str, bytes]]
MakeInput = Callable[..., Path]
Breaking = Callable[..., None]


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(
    whole: Path, source: Path, tmp_path: Path, tree: Tree, breaking: Breaking
) -> None:
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


def test_a_clock_that_steps_back_changes_nothing(
    whole: Path, source: Path, tmp_path: Path, tree: Tree, breaking: Breaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, steps = time.time(), count()
    monkeypatch.setattr(time, "time", lambda: now - 3600 * next(steps))
    with pytest.MonkeyPatch.context() as patch:
        breaking(patch, "fsync", call=7, error=OSError(28, "No space left on device"))
        with pytest.raises(InputError):
            label_archive("rules", [str(source)], tmp_path / "out", part_size=4)
    label_archive("rules", [str(source)], tmp_path / "out", part_size=4)
    assert tree(tmp_path / "out") == tree(whole)


@pytest.mark.parametrize("shard", [None, Shard(2, 2)])
def test_an_input_that_vanishes_ends_the_run_and_is_no_error_of_its_articles(
    shard: Shard | None, tmp_path: Path, tree: Tree, make_input: MakeInput
) -> None:
    sources = [make_input(tmp_path / f"in-{number}.jsonl", 8) for number in range(3)]
    names = list(map(str, sources))
    label_archive("rules", names, tmp_path / "whole", part_size=4, shard=shard)
    content = sources[1].read_bytes()

    def engine(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for chunk in local_engine(RuleTagger())(chunks):
            sources[1].unlink(missing_ok=True)
            yield chunk

    with pytest.raises(DataError, match=r"in-1\.jsonl: was changed or deleted"):
        label_archive("rules", names, tmp_path / "out", part_size=4, shard=shard, engine=engine)
    with pytest.raises(DataError, match="no such file"):
        label_archive("rules", names, tmp_path / "out", part_size=4, shard=shard)
    sources[1].write_bytes(content)
    label_archive("rules", names, tmp_path / "out", part_size=4, shard=shard)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


class Choosy(RuleTagger):
    """A tagger that cannot label an article with a certain word in its id."""

    def predict(self, articles: Iterable[ArticleLike]) -> Iterator[Article]:
        for article in super().predict(articles):
            if "bad" in article.id:
                raise IndexError("out of range\nin some library")
            yield article


def test_an_article_that_cannot_be_labelled_is_listed_and_the_others_are_labelled(
    tmp_path: Path, texts: Sequence[str]
) -> None:
    source = tmp_path / "in.jsonl"
    ids = ["a", "bad1", "b", "c", "bad2"]
    write_articles([Article(name, texts[0]) for name in ids], source)
    manifest = label_archive("rules", [str(source)], tmp_path / "out", part_size=3, engine=local_engine(Choosy()))
    assert manifest.result is not None
    assert (manifest.result.articles, manifest.result.errors) == (3, 2)
    written = [article for path in sorted((tmp_path / "out").glob("part-*")) for article in read_articles(path)]
    assert written == list(RuleTagger().predict(Article(name, texts[0]) for name in ("a", "b", "c")))
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
        def predict(self, articles: Iterable[ArticleLike]) -> Iterator[Article]:
            raise RuntimeError("the accelerator is gone")

    with pytest.raises(RuntimeError, match="the accelerator is gone"):
        label_archive("rules", [str(source)], tmp_path / "out", part_size=4, engine=local_engine(Broken()))
    assert not list((tmp_path / "out").glob("part-*"))
