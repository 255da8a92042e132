from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from afteraction.data import Article, DataError, InputFields, InputNotice, read_inputs


@pytest.fixture
def errors() -> list[str]:
    """Returns the errors that `read` reported, in order."""
    return []


@pytest.fixture
def notices() -> list[str]:
    """Returns the notices that `read` reported, in order."""
    return []


@pytest.fixture
def read(tmp_path: Path, errors: list[str], notices: list[str]) -> Callable[..., list[Article]]:
    """Returns a function that reads one file, given its name, its content and the names of its keys."""

    def keep(error: DataError) -> None:
        kept = notices if isinstance(error, InputNotice) else errors
        kept.append(str(error).removeprefix(f"{tmp_path}/"))

    def read_file(name: str, content: str | bytes | pa.Table, **keys: str) -> list[Article]:
        path = tmp_path / name
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_inputs([str(path)], stream=None, on_error=keep, fields=InputFields(**keys)))

    return read_file
