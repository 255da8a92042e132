"""Reads the archive of MUC-3 and MUC-4 as NIST publishes it. Files are read in memory; nothing is unpacked to disk."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from afteraction.data.errors import DataError
from afteraction.data.importers.muc4.keys import ARTICLE_ID, Template, parse_keys
from afteraction.data.importers.muc4.tar import read_tar

PUBLISHED = "NIST publishes it as muc34.tar.gz on its page of MUC data sets, www-nlpir.nist.gov/related_projects/muc"

PART_SIZES = {"DEV": 1300, "TST1": 100, "TST2": 100, "TST3": 100, "TST4": 100}
"""Number of articles in each part of the published archive."""

_TEXTS = re.compile(r"(?:dev|tst\d)-muc\d(?:-\d{4}-\d{4})?")  # not tst4-muc4.mixed-case, never a test set
_KEYS = re.compile(r"key-(?:dev|tst\d)\b.*")
_PACKED = re.compile(r"(?P<part>dev|tst\d)\.tar\.Z")
_LARGEST_FILE = 16 * 2**20
_LARGEST_ARCHIVE = 256 * 2**20
"""Limits in bytes, unpacked, far above the published sizes, so that a compression bomb cannot exhaust memory."""
_HEADLINE = re.compile(rf"^({ARTICLE_ID.pattern})[^\S\n]*+(?:\(([^)\n]*)\)[^\S\n]*+)?$", re.MULTILINE)
_HEAD = re.compile(r"(?P<dateline>.{,200}?)--(?P<tags>.{,600}?)\[\s*(?P<kind>TEXT|SUMMARY|EXCERPTS?)\s*\]", re.DOTALL)
_TAG = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Message:
    """An article of the archive: its text, and the parts of the head before it.

    `tags` are the bracketed tags before the text, such as `REPORT`.
    `kind` is `TEXT`, `SUMMARY`, `EXCERPT` or `EXCERPTS`.
    `site` is the site that wrote the key, from the line with the id.
    """

    id: str
    text: str
    dateline: str = ""
    tags: tuple[str, ...] = ()
    kind: str = ""
    site: str = ""

    @property
    def part(self) -> str:
        """Returns the part of the corpus that the article belongs to, such as `TST1`."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Archive:
    """The texts in order, and the templates of each by its id."""

    messages: tuple[Message, ...]
    keys: dict[str, tuple[Template, ...]]


def read_archive(path: Path) -> Archive:
    """Reads the texts and keys of the archive, or of the folder that it was unpacked to.

    If two files contain the same article or the same key, the file whose name sorts last is used: it is the later
    version.

    Raises:
        DataError: the file does not exist, is not the published archive, or is far larger.
    """
    messages: dict[str, Message] = {}
    keys: dict[str, tuple[Template, ...]] = {}
    packed: dict[str, str] = {}
    files = sorted(_files(path), key=lambda file: PurePosixPath(file[0]).name)
    for name, content in files:
        if match := _PACKED.fullmatch(PurePosixPath(name).name):
            packed[match["part"].upper()] = name
            continue
        text = content.decode("latin-1").replace("\r\n", "\n")  # ASCII; as latin-1, no byte is an error
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
    """Splits a file into its articles, and each article into its text and head (the dateline and bracketed tags)."""
    headlines = list(_HEADLINE.finditer(text))
    ends = [headline.start() for headline in headlines[1:]] + [len(text)]
    for headline, end in zip(headlines, ends, strict=False):  # a file without articles has an end and no headline
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
    """Yields the name and content of each file of texts or keys."""
    if path.is_dir():
        for file in path.rglob("*"):
            if _wanted(file.name) and file.is_file():
                if file.stat().st_size > _LARGEST_FILE:
                    raise DataError(f"{file}: far larger than any file of the published archive: not read; {PUBLISHED}")
                yield file.relative_to(path).as_posix(), file.read_bytes()
        return
    if not path.is_file():
        raise DataError(f"{path}: no such file; {PUBLISHED}")
    try:
        yield from read_tar(
            path,
            wanted=lambda name: _wanted(PurePosixPath(name).name),
            largest_file=_LARGEST_FILE,
            largest_archive=_LARGEST_ARCHIVE,
        )
    except DataError as error:
        raise DataError(f"{error}; {PUBLISHED}") from None


def _wanted(name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in (_TEXTS, _KEYS, _PACKED))
