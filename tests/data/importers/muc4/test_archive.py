"""The archive of MUC-4: its texts and their heads, and the refusal of other files."""

import gzip
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from afteraction.data import Article, DataError
from afteraction.data.importers.muc4 import archive as archive_module
from afteraction.data.importers.muc4.archive import parse_messages, read_archive

Files = Mapping[str, str]
Read = Callable[..., dict[str, Article]]
WriteArchive = Callable[..., Path]


def member(name: str, *, kind: bytes = tarfile.REGTYPE, size: int = 0, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, target
    return info


def test_texts_are_split_from_their_heads(texts: str) -> None:
    first, second = parse_messages(texts)
    assert (first.id, first.part, first.site) == ("DEV-MUC3-0001", "DEV", "SOMEONE")
    assert (first.dateline, first.tags, first.kind) == (
        "OAK FORD, 3 JAN 90 (NORTH RADIO [NR])",
        ("REPORT", "ANA RUIZ"),
        "TEXT",
    )
    assert first.text.startswith("ARMED MEN OF THE NORTHERN")
    assert first.text.endswith("BLAMED THE NT.")
    assert (second.kind, second.text) == ("EXCERPTS", "PRICES ROSE.")


def test_a_text_without_a_head_is_kept_whole() -> None:
    [message] = parse_messages("TST1-MUC3-0007\n\n   NO HEAD -- [SEE TEXT] HERE.\n")
    assert (message.text, message.dateline, message.tags) == ("NO HEAD -- [SEE TEXT] HERE.", "", ())


def test_the_folder_that_it_was_unpacked_to_is_read_alike(
    archive: Path, tmp_path: Path, read: Read, files: Files
) -> None:
    for name, content in files.items():
        file = tmp_path / "unpacked" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="\r\n")
    assert read(tmp_path / "unpacked") == read(archive)


def test_an_archive_with_a_file_far_larger_than_published_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "muc34.tar.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(member("muc34/key-dev-0001", size=2**40).tobuf(format=tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(DataError, match=r"muc34\.tar\.gz: 'muc34/key-dev-0001' makes it far larger"):
        read_archive(path)


def test_an_archive_whose_files_are_far_larger_together_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_archive: WriteArchive, texts: str, keys: str, files: Files
) -> None:
    monkeypatch.setattr(archive_module, "_LARGEST_ARCHIVE", len(texts) + len(keys))
    assert read_archive(write_archive(tmp_path / "muc34.tar.gz")).messages
    path = write_archive(tmp_path / "muc34.tar.gz", {**files, "muc34/any-other-file": "x"})
    with pytest.raises(DataError, match="'muc34/any-other-file' makes it far larger"):
        read_archive(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_member_that_is_not_a_file_is_passed_over(
    tmp_path: Path, archive: Path, kind: bytes, read: Read, write_archive: WriteArchive, files: Files
) -> None:
    links = tuple(member(name, kind=kind, target="/etc/passwd") for name in files)
    assert read(write_archive(tmp_path / "links.tar.gz", members=links)) == read(archive)


def test_nothing_is_unpacked_whatever_a_file_is_called(
    tmp_path: Path, archive: Path, read: Read, write_archive: WriteArchive, files: Files
) -> None:
    path = write_archive(tmp_path / "folder.tar.gz", {f"../{name}": content for name, content in files.items()})
    assert read(path) == read(archive)
    assert {file.name for file in tmp_path.iterdir()} == {"folder.tar.gz", "muc34.tar.gz"}


# Explicit ids: the bytes contain the time of packing, and all workers must collect the same names.
@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"no archive"), gzip.compress(b"x" * 2000)[:50]],
    ids=["empty", "text", "no tar inside", "cut off"],
)
def test_what_is_no_archive_is_refused_with_the_publisher(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "muc34.tar.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"muc34\.tar\.gz: .*NIST publishes it as muc34\.tar\.gz"):
        read_archive(path)


def test_a_missing_archive_is_named_with_its_publisher(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.tar\.gz: no such file; NIST publishes it"):
        read_archive(tmp_path / "none.tar.gz")


def test_a_part_that_is_only_there_packed_is_named(tmp_path: Path, write_archive: WriteArchive, files: Files) -> None:
    packed = {f"muc34/TASK/CORPORA/{part}.tar.Z": "packed" for part in ("dev", "tst3")}
    path = write_archive(tmp_path / "muc34.tar.gz", {**files, **packed})
    with pytest.raises(DataError, match=r"muc34/TASK/CORPORA/tst3\.tar\.Z in it is packed"):
        read_archive(path)


def test_a_text_without_articles_is_no_article(tmp_path: Path) -> None:
    assert list(parse_messages("")) == list(parse_messages("LIMA, 1 JAN 90 -- [TEXT] REBELS")) == []
    (tmp_path / "dev-muc3-0001-0100").write_text("nothing")
    with pytest.raises(DataError, match=r"holds no texts of MUC-3 or MUC-4"):
        read_archive(tmp_path)


def test_blanks_after_an_id_take_time_by_their_number_alone() -> None:
    blanks = " " * 200_000  # many minutes if the time were quadratic
    ids = [message.id for message in parse_messages(f"DEV-MUC3-0001{blanks}x\nDEV-MUC3-0002{blanks}(NOSC){blanks}\n")]
    assert ids == ["DEV-MUC3-0002"]
