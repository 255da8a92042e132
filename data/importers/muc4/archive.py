"""The archive of MUC-3 and MUC-4 as NIST publishes it, read in memory: nothing is unpacked to the disk."""

import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from afteraction.data.errors import DataError, first_line
from afteraction.data.importers.muc4.keys import ARTICLE_ID, Template, parse_keys

PUBLISHED = "NIST publishes it as muc34.tar.gz on its page of MUC data sets, www-nlpir.nist.gov/related_projects/muc"

PART_SIZES = {"DEV": 1300, "TST1": 100, "TST2": 100, "TST3": 100, "TST4": 100}
"""How many articles each part of the published archive has."""

_TEXTS = re.compile(r"(?:dev|tst\d)-muc\d(?:-\d{4}-\d{4})?")  # not tst4-muc4.mixed-case, which was never the test
_KEYS = re.compile(r"key-(?:dev|tst\d)\b.*")
_PACKED = re.compile(r"(?P<part>dev|tst\d)\.tar\.Z")
_LARGEST_FILE = 16 * 2**20
_LARGEST_ARCHIVE = 256 * 2**20
_HEADLINE = re.compile(rf"^({ARTICLE_ID.pattern})[^\S\n]*(?:\(([^)\n]*)\))?[^\S\n]*$", re.MULTILINE)
_HEAD = re.compile(r"(?P<dateline>.{,200}?)--(?P<tags>.{,600}?)\[\s*(?P<kind>TEXT|SUMMARY|EXCERPTS?)\s*\]", re.DOTALL)
_TAG = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Message:
    """A text of the archive: what follows its head, and the head's pieces.

    `tags` are those in brackets before the text, as in `REPORT`; `kind` is `TEXT`, `SUMMARY`, `EXCERPT` or `EXCERPTS`;
    `site` is whoever wrote the key, as the line with the id says it.
    """

    id: str
    text: str
    dateline: str = ""
    tags: tuple[str, ...] = ()
    kind: str = ""
    site: str = ""

    @property
    def part(self) -> str:
        """Which part of the corpus it belongs to, as in `TST1`."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Archive:
    """The texts in their order, and the templates of each by its id."""

    messages: tuple[Message, ...]
    keys: dict[str, tuple[Template, ...]]


def read_archive(path: Path) -> Archive:
    """Reads the texts and keys of the archive, or of the folder that it was unpacked to.

    Where two files hold the same article, or its key, the one whose name sorts last counts: it is the later version.

    Raises:
        DataError: there is no such file, it is no such archive, or one that could do harm: a path that leads out of
            it, a link, or more than the published one holds.
    """
    messages: dict[str, Message] = {}
    keys: dict[str, tuple[Template, ...]] = {}
    packed: dict[str, str] = {}
    files = sorted(_files(path), key=lambda file: PurePosixPath(file[0]).name)
    for name, content in files:
        if match := _PACKED.fullmatch(PurePosixPath(name).name):
            packed[match["part"].upper()] = name
            continue
        text = content.decode("latin-1").replace("\r\n", "\n")  # it is ASCII, but one wrong byte should not stop it
        if _TEXTS.fullmatch(PurePosixPath(name).name):
            messages |= {message.id: message for message in parse_messages(text)}
        else:
            of_article: dict[str, list[Template]] = {}
            for template in parse_keys(text, source=f"{path}: {name}"):
                of_article.setdefault(template.article, []).append(template)
            keys |= {article: tuple(templates) for article, templates in of_article.items()}
    for part in sorted(packed.keys() - {message.part for message in messages.values()}):
        raise DataError(f"{path}: {packed[part]} in it is packed; unpack the archive, then this, and give the folder")
    if not messages:
        raise DataError(f"{path}: holds no texts of MUC-3 or MUC-4 (dev-muc3-0001-0100 ...); {PUBLISHED}")
    return Archive(tuple(messages.values()), keys)


def parse_messages(text: str) -> Iterator[Message]:
    """Splits a file of texts, and each text from its head: the dateline and what stands in brackets before it."""
    headlines = list(_HEADLINE.finditer(text))
    ends = [headline.start() for headline in headlines[1:]] + [len(text)]
    for headline, end in zip(headlines, ends, strict=True):
        body = text[headline.end() : end].strip()
        head = _HEAD.match(body)
        message_id, site = headline.group(1), headline.group(2) or ""
        if not head:
            yield Message(message_id, body, site=site)
            continue
        tags = tuple(" ".join(tag.split()) for tag in _TAG.findall(head["tags"]))
        dateline = " ".join(head["dateline"].split())
        yield Message(message_id, body[head.end() :].lstrip(), dateline, tags, head["kind"], site)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of texts and keys, each with its name."""
    if path.is_dir():
        for file in path.rglob("*"):
            if _wanted(file.name) and file.is_file():
                yield file.relative_to(path).as_posix(), file.read_bytes()
        return
    if not path.is_file():
        raise DataError(f"{path}: no such file; {PUBLISHED}")
    try:
        with tarfile.open(path, "r:*") as archive:
            size = 0
            for member in archive:
                size += member.size
                _refuse_harm(member, size, path)
                if member.isfile() and _wanted(PurePosixPath(member.name).name):
                    stream = archive.extractfile(member)
                    yield member.name, stream.read() if stream else b""
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(f"{path}: no tar archive, or a damaged one: {first_line(error)}; {PUBLISHED}") from None


def _refuse_harm(member: tarfile.TarInfo, size: int, path: Path) -> None:
    name = PurePosixPath(member.name)
    fault = None
    if name.is_absolute() or ".." in name.parts:
        fault = "leads out of the archive"
    elif not (member.isfile() or member.isdir()):
        fault = "is neither a file nor a folder"
    elif member.size > _LARGEST_FILE or size > _LARGEST_ARCHIVE:
        fault = "makes it larger than the published archive by far"
    if fault:
        raise DataError(f"{path}: {member.name!r} {fault}: this is not what NIST publishes, and is not read")


def _wanted(name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in (_TEXTS, _KEYS, _PACKED))
