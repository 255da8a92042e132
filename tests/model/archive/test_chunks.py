"""Chunks and shards of a stream of inputs."""

from collections.abc import Callable, Iterator

import pytest

from afteraction.data import Article, DataError, InputNotice
from afteraction.model.archive import Failure, Shard
from afteraction.model.archive.chunks import read_chunks


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
