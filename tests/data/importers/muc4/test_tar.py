import gzip
import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import DataError
from afteraction.data.importers.muc4 import tar
from afteraction.data.importers.muc4.tar import read_tar

BLOCK = tarfile.BLOCKSIZE


def header(name: str, *, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def packed(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.tgz"
    path.write_bytes(gzip.compress(content))
    return path


def read(path: Path, *, largest_archive: int = 2**28) -> list[tuple[str, bytes]]:
    return [*read_tar(path, wanted=lambda _: True, largest_file=2**24, largest_archive=largest_archive)]


def archive(files: Sequence[tuple[str, bytes]], form: int) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as written:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            written.addfile(info, io.BytesIO(content))
    return stream.getvalue()


names = st.text(st.sampled_from("abcé/.-"), min_size=1, max_size=300).filter(lambda name: name.strip("/") == name)


@given(st.lists(st.tuples(names, st.binary(max_size=1200)), max_size=5), st.booleans(), st.booleans())
def test_files_are_read_as_tarfile_reads_them(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, bytes]], pax: bool, compressed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "same.tar"
    content = archive(files, tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT)
    path.write_bytes(gzip.compress(content) if compressed else content)
    with tarfile.open(path) as reference:
        expected = [(member.name, reference.extractfile(member)) for member in reference]
        assert read(path) == [(name, stream.read() if stream else b"") for name, stream in expected]


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_a_huge_header_is_refused_before_it_is_read(tmp_path: Path, kind: bytes) -> None:
    path = packed(tmp_path, header("long", size=2**33 - 1, kind=kind) + bytes(64 * BLOCK))
    with pytest.raises(DataError, match=r"a\.tgz: 'long' makes it far larger"):
        read(path)


def test_no_more_is_unpacked_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = 0
    read_block = gzip.GzipFile.read

    def counting(stream: gzip.GzipFile, size: int | None = -1) -> bytes:
        nonlocal unpacked
        content = read_block(stream, size)
        unpacked += len(content)
        return content

    monkeypatch.setattr(gzip.GzipFile, "read", counting)
    bomb = (header("zeros", size=50 * BLOCK) + bytes(50 * BLOCK)) * 200
    with pytest.raises(DataError, match="'zeros' makes it far larger"):
        read(packed(tmp_path, bomb), largest_archive=100 * BLOCK)
    assert unpacked <= 110 * BLOCK


def test_the_number_of_members_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar, "_MOST_MEMBERS", 50)
    with pytest.raises(DataError, match="more than 50 files make it far larger"):
        read(packed(tmp_path, header("empty", size=0) * 60))


def test_a_negative_size_is_refused(tmp_path: Path) -> None:
    block = bytearray(header("a", size=0))
    block[124:136] = b"\xff" * 12  # the base-256 form of -1
    total = sum(block[:148]) + 8 * 32 + sum(block[156:])
    block[148:156] = b"%06o\0 " % total
    with pytest.raises(DataError, match=r"a\.tgz: "):
        read(packed(tmp_path, bytes(block) + bytes(2 * BLOCK)))


def test_sparse_files_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE)
    content = b"".join(header("other", size=0, kind=kind) for kind in kinds)
    path = packed(tmp_path, content + header("file", size=2) + b"ok".ljust(BLOCK, b"\0") + bytes(2 * BLOCK))
    assert read(path) == [("file", b"ok")]
