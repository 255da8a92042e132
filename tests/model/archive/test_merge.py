"""Shards. Merging them gives the same files as a run without shards."""

import json
import shutil
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import DataError
from afteraction.model.archive import Format, Shard, label_archive, merge_shards

TEXT = "Two gunmen killed at least 50 soldiers near Gao, Mali, in an attack on a police school."


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def make_input(path: Path, faulty: list[bool]) -> str:
    lines = [
        '{"id": 1' if bad else json.dumps({"id": f"a{index}", "text": TEXT[index % 40 :]})
        for index, bad in enumerate(faulty)
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def label_shards(folder: Path, source: str, count: int, **options: Any) -> list[Path]:
    shards = [folder / f"shard-{number}" for number in range(1, count + 1)]
    for number, shard in enumerate(shards, start=1):
        label_archive("rules", [source], shard, shard=Shard(number, count), **options)
    return shards


@pytest.fixture
def source(tmp_path: Path) -> str:
    return make_input(tmp_path / "in.jsonl", [False] * 9 + [True, False])


@pytest.fixture
def shards(source: str, tmp_path: Path) -> list[Path]:
    return label_shards(tmp_path, source, 3, part_size=2)


@settings(max_examples=15, deadline=None)
@given(
    faulty=st.lists(st.sampled_from([False, False, False, True]), max_size=25),
    part_size=st.integers(1, 6),
    count=st.integers(1, 5),
    form=st.sampled_from(get_args(Format)),
    data=st.data(),
)
def test_merged_shards_are_the_run_without_shards(
    tmp_path_factory: pytest.TempPathFactory,
    faulty: list[bool],
    part_size: int,
    count: int,
    form: Format,
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    source = make_input(folder / "in.jsonl", faulty)
    label_archive("rules", [source], folder / "whole", part_size=part_size, file_format=form)
    shards = label_shards(folder, source, count, part_size=part_size, file_format=form)
    merge_shards(data.draw(st.permutations(shards)), folder / "merged")
    assert tree(folder / "merged") == tree(folder / "whole")
    shutil.rmtree(folder)


def test_a_merge_that_broke_off_goes_on(shards: list[Path], source: str, tmp_path: Path) -> None:
    label_archive("rules", [source], tmp_path / "whole", part_size=2)
    second = shards[1] / "part-00004.jsonl"
    content = second.read_bytes()
    second.write_bytes(content[:-9] + b" damaged\n")
    for _ in range(2):
        with pytest.raises(DataError, match=r"shard-2/part-00004\.jsonl: changed since its run wrote it"):
            merge_shards(shards, tmp_path / "merged")
    second.unlink()
    with pytest.raises(DataError, match=r"shard-2/part-00004\.jsonl: was deleted"):
        merge_shards(shards, tmp_path / "merged")
    assert (tmp_path / "merged" / "part-00000.jsonl").is_file()
    second.write_bytes(content)
    merge_shards(shards, tmp_path / "merged")
    assert tree(tmp_path / "merged") == tree(tmp_path / "whole")
    merge_shards(shards, tmp_path / "merged")
    assert tree(tmp_path / "merged") == tree(tmp_path / "whole")


def test_errors_that_changed_are_noticed(shards: list[Path], tmp_path: Path) -> None:
    [errors] = [shard / "errors.jsonl" for shard in shards if (shard / "errors.jsonl").exists()]
    errors.write_text("{}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"errors\.jsonl: changed since its run wrote it"):
        merge_shards(shards, tmp_path / "merged")


def test_shards_that_are_not_all_of_one_finished_run_are_refused(
    shards: list[Path], source: str, tmp_path: Path
) -> None:
    merged = tmp_path / "merged"
    with pytest.raises(DataError, match="shards are missing: 2/3; name the folders of all 3"):
        merge_shards([shards[0], shards[2]], merged)
    with pytest.raises(DataError, match=r"shard-1: shard 1/3, as .*shard-1 is too"):
        merge_shards([*shards, shards[0]], merged)
    label_archive("rules", [source], tmp_path / "whole", part_size=2)
    with pytest.raises(DataError, match="whole: no shard, but a whole run"):
        merge_shards([tmp_path / "whole"], merged)
    with pytest.raises(DataError, match="nowhere: no such folder"):
        merge_shards([tmp_path / "nowhere"], merged)
    with pytest.raises(DataError, match="holds no run"):
        merge_shards([tmp_path], merged)
    label_archive("rules", [source], tmp_path / "half", part_size=2, shard=Shard(1, 2))
    with pytest.raises(DataError, match=r"half: shard 1/2, where .*shard-1 is 1/3"):
        merge_shards([*shards, tmp_path / "half"], merged)
    label_archive("rules", [source], tmp_path / "other", part_size=4, shard=Shard(2, 3))
    with pytest.raises(DataError, match=r"other: not of the same run as .*shard-1: part size was 2, now 4"):
        merge_shards([shards[0], tmp_path / "other", shards[2]], merged)
    stops = iter([False, False, True, True])
    label_archive("rules", [source], tmp_path / "open", part_size=1, shard=Shard(2, 3), should_stop=lambda: next(stops))
    with pytest.raises(DataError, match="open: not finished; run the command of shard 2/3 again"):
        merge_shards([shards[0], tmp_path / "open", shards[2]], merged)
    assert not merged.exists()
    with pytest.raises(DataError, match=r"holds another run|no shard|whole"):
        merge_shards(shards, shards[0])
