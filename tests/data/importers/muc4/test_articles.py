"""Tests on a small invented archive in NIST's form, and on NIST's own archive if it is there."""

import gzip
import io
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, DataError, Toll, read_articles
from afteraction.data.importers import Muc4Log, View, import_muc4
from afteraction.data.importers.muc4 import archive as archive_module
from afteraction.data.importers.muc4.archive import Message, parse_messages, read_archive
from afteraction.data.importers.muc4.articles import muc_article, read_muc4
from afteraction.data.importers.muc4.gold import KeyEntity, gold_entities
from afteraction.data.importers.muc4.keys import parse_keys

PUBLISHED = Path(os.environ.get("AFTERACTION_TEST_CORPORA", "no corpora")) / "muc34-without-tests.tar.gz"

TEXTS = """DEV-MUC3-0001 (SOMEONE)

   OAK FORD, 3 JAN 90 (NORTH RADIO [NR]) -- [REPORT] [ANA
RUIZ] [TEXT] ARMED MEN OF THE NORTHERN TIGERS [NT] ATTACKED THE "LA ROSA" MILL
IN OAK FORD YESTERDAY.  THREE FARMERS WERE KILLED, THE ARMY
SAID.

   THE ARMED
MEN FLED.  MAYOR LUIS SOL BLAMED THE NT.


DEV-MUC3-0002  (SOMEONE)

   NO CITY, 4 JAN 90 -- [EXCERPTS] PRICES ROSE.


"""

KEYS = r"""
;;; invented
0.  MESSAGE: ID                     DEV-MUC3-0001 (SOMEONE)
1.  MESSAGE: TEMPLATE               1
3.  INCIDENT: LOCATION              NORTHLAND: OAK FORD (TOWN)
6.  INCIDENT: INSTRUMENT ID         "RIFLE"
9.  PERP: INDIVIDUAL ID             "ARMED MEN" / "ARMED MEN OF THE NORTHERN TIGERS [NT]"
10. PERP: ORGANIZATION ID           "NORTHERN TIGERS" / "NT"
12. PHYS TGT: ID                    "LA ROSA MILL" / "MILL"
18. HUM TGT: NAME                   "LUIS SOL"
19. HUM TGT: DESCRIPTION            "MAYOR": "LUIS SOL"
                                    "FARMER"
21. HUM TGT: NUMBER                 1: "LUIS SOL"
                                    3: "FARMER"
23. HUM TGT: EFFECT OF INCIDENT     NO INJURY: "LUIS SOL"
                                    DEATH: "FARMER"

0.  MESSAGE: ID                     DEV-MUC3-0001 (SOMEONE)
1.  MESSAGE: TEMPLATE               2 (OPTIONAL)
9.  PERP: INDIVIDUAL ID             ? "ARMED MEN"
10. PERP: ORGANIZATION ID           "ARMY"
                                    "NT" / "TIGERS"

0.  MESSAGE: ID                     DEV-MUC3-0002 (SOMEONE)
1.  MESSAGE: TEMPLATE               *
9.  PERP: INDIVIDUAL ID             *
"""

FILES = {"muc34/TASK/CORPORA/dev/dev-muc3-0001-0100": TEXTS, "muc34/TASK/CORPORA/dev/key-dev-0001.muc4": KEYS}


def of_part(text: str, name: str) -> str:
    """Returns a text or key file with the ids of another part, such as `TST3-MUC4`."""
    return text.replace("DEV-MUC3", name)


def write_archive(path: Path, files: Mapping[str, str] = FILES, *, members: tuple[tarfile.TarInfo, ...] = ()) -> Path:
    """Writes a compressed archive of files, and of further members without content."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
        for member in members:
            archive.addfile(member)
    return path


def read(path: Path, view: View = View.LABELS) -> dict[str, Article]:
    return {article.id: article for article in read_muc4(path, view=view, log=Muc4Log())}


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, " ".join(article.surface(span).split())) for span in article.spans]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "muc34.tar.gz")


def test_texts_are_split_from_their_heads() -> None:
    first, second = parse_messages(TEXTS)
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


def test_the_view_of_labels(archive: Path) -> None:
    article = read(archive)["DEV-MUC3-0001"]
    assert surfaces(article) == [
        ("PERPETRATOR", "ARMED MEN OF THE NORTHERN TIGERS [NT]"),
        ("TARGET", '"LA ROSA" MILL'.removeprefix('"')),
        ("LOCATION", "OAK FORD"),
        ("TARGET", "FARMERS"),
        ("PERPETRATOR", "ARMY"),
        ("PERPETRATOR", "ARMED MEN"),
        ("TARGET", "MAYOR LUIS SOL"),
        ("PERPETRATOR", "NT"),
    ]
    assert article.unknown_labels == ("DEATH_TOLL",)
    assert article.death_toll == Toll(3, 3)
    assert article.meta["not_found"] == [{"label": "LOCATION", "text": "NORTHLAND"}]
    assert (article.meta["incidents"], article.meta["optional_incidents"]) == (2, 1)
    mentions = {entity.name: entity.mentions for entity in article.entities}
    assert mentions["NORTHERN TIGERS"] == ("NORTHERN TIGERS", "NT", "TIGERS")
    assert mentions["LUIS SOL"] == ("LUIS SOL", "MAYOR", "MAYOR LUIS SOL")
    assert {span.entity for span in article.spans} <= {entity.id for entity in article.entities}


def test_the_view_of_roles(archive: Path) -> None:
    article = read(archive, View.ROLES)["DEV-MUC3-0001"]
    assert surfaces(article) == [
        ("PerpInd", "ARMED MEN OF THE NORTHERN TIGERS [NT]"),
        ("Target", 'LA ROSA" MILL'),
        ("PerpOrg", "ARMY"),
        ("PerpInd", "ARMED MEN"),
        ("Victim", "LUIS SOL"),
        ("PerpOrg", "NT"),
    ]
    assert [(entity.label, entity.mentions) for entity in article.entities] == [
        ("PerpInd", ("ARMED MEN", "ARMED MEN OF THE NORTHERN TIGERS [NT]")),
        ("PerpOrg", ("NORTHERN TIGERS", "NT")),
        ("PerpOrg", ("ARMY",)),
        ("PerpOrg", ("NT", "TIGERS")),
        ("Target", ("LA ROSA MILL", "MILL", 'LA ROSA" MILL')),
        ("Victim", ("LUIS SOL",)),
    ]
    assert article.meta["not_found"] == [{"label": "Weapon", "text": "RIFLE"}]
    assert article.unknown_labels == ()


def test_an_article_without_an_incident_has_no_annotation(archive: Path) -> None:
    article = read(archive)["DEV-MUC3-0002"]
    assert (article.spans, article.entities, article.death_toll, article.meta["incidents"]) == ((), (), None, 0)


@pytest.mark.parametrize(
    ("entries", "entities"),
    [
        (['"A" / "B"', '"B"'], [("A", "B")]),
        (['"B"', '"A" / "B"'], [("B",)]),
        (['"A" / "B"', '"B" / "C"'], [("A", "B"), ("B", "C")]),
        (['"A"', '"B"', '? "A"'], [("A",), ("B",)]),
    ],
)
def test_in_the_view_of_roles_entries_within_another_are_no_new_entity(
    entries: list[str], entities: list[tuple[str, ...]]
) -> None:
    lines = "\n    ".join(entries)
    templates = list(parse_keys(f"0. MESSAGE: ID DEV-MUC3-0001\n6. INCIDENT: INSTRUMENT ID {lines}\n", source="key"))
    assert [gold.strings for gold in gold_entities(templates, view=View.ROLES)] == entities


def test_in_the_view_of_labels_entries_that_share_a_string_are_one_entity() -> None:
    key = '0. MESSAGE: ID DEV-MUC3-0001\n12. PHYS TGT: ID "A" / "B"\n  "C"\n  "D"\n  "B" / "C"\n'
    entities = gold_entities(list(parse_keys(key, source="key")), view=View.LABELS)
    assert [gold.strings for gold in entities] == [("D",), ("A", "B", "C")]


def test_a_title_that_two_persons_have_does_not_make_them_one() -> None:
    key = """0. MESSAGE: ID DEV-MUC3-0001
18. HUM TGT: NAME "ANA RUIZ"
                  "LUIS SOL"
19. HUM TGT: DESCRIPTION "DR": "ANA RUIZ"
                         "DR" / "HEAD OF THE MILL": "LUIS SOL"
"""
    templates = list(parse_keys(key, source="key"))
    assert gold_entities(templates, view=View.LABELS) == [
        KeyEntity("TARGET", ("ANA RUIZ",), ("DR",)),
        KeyEntity("TARGET", ("LUIS SOL",), ("DR", "HEAD OF THE MILL")),
    ]
    text = "DR ANA RUIZ AND DR\nLUIS SOL, HEAD OF THE MILL, MET A DR.\n\n   LUIS SOL SAW THE DR\n\nANA RUIZ"
    article = muc_article(Message("DEV-MUC3-0001", text), templates, view=View.LABELS, log=Muc4Log())
    assert [surface for _, surface in surfaces(article)] == [
        "DR ANA RUIZ",
        "DR LUIS SOL",
        "HEAD OF THE MILL",
        "LUIS SOL",
        "ANA RUIZ",
    ]


NAMES = st.text(st.sampled_from("AB "), min_size=1, max_size=5).map(str.strip).filter(bool)


@pytest.mark.parametrize("view", View)
@given(st.lists(NAMES, max_size=12), st.lists(st.lists(NAMES, min_size=1, max_size=3), max_size=5))
def test_every_span_is_what_the_key_says_but_for_white_space(
    view: View, words: list[str], entries: list[list[str]]
) -> None:
    lines = "\n    ".join(" / ".join(f'"{string}"' for string in entry) for entry in entries)
    slots = f"9. PERP: INDIVIDUAL ID {lines}\n12. PHYS TGT: ID {lines}\n"
    templates = list(parse_keys(f"0. MESSAGE: ID DEV-MUC3-0001\n{slots}", source="key"))
    article = muc_article(Message("DEV-MUC3-0001", "\n".join(words)), templates, view=view, log=Muc4Log())
    said = {" ".join(string.split()) for entry in entries for string in entry}
    mentions = {entity.id: entity.mentions for entity in article.entities}
    for span in article.spans:
        surface = " ".join(article.surface(span).split())
        assert surface in said
        assert surface in mentions[span.entity or ""]


def test_files_of_the_customary_split_are_written_as_far_as_their_parts_are_there(tmp_path: Path) -> None:
    files = dict(FILES)
    for part in ("TST1-MUC3", "TST4-MUC4"):
        name = part.lower()
        files[f"muc34/TASK/CORPORA/{name[:4]}/{name}"] = of_part(TEXTS, part)
        files[f"muc34/TASK/CORPORA/{name[:4]}/key-{name[:4]}.v2"] = of_part(KEYS, part)
    files["muc34/TASK/CORPORA/tst4/tst4-muc4.mixed-case"] = of_part(TEXTS, "TST4-MUC4").replace("FARMERS", "Farmers")
    output = tmp_path / "out"
    log = import_muc4(write_archive(tmp_path / "muc34.tar.gz", files), output=output)
    written = {path.name: [article.id for article in read_articles(path)] for path in output.iterdir()}
    assert written == {
        "train.jsonl": ["DEV-MUC3-0001", "DEV-MUC3-0002"],
        "dev.jsonl": ["TST1-MUC3-0001", "TST1-MUC3-0002"],
        "test.jsonl": ["TST4-MUC4-0001", "TST4-MUC4-0002"],
    }
    said = "\n".join(log.lines())
    assert "TST3: 0 of 100 articles are in the archive; NIST publishes it" in said
    assert "DEV: 2 of 1300" in said
    assert (log.strings, log.found, log.places, log.places_found) == (33, 33, 6, 3)


def test_a_missing_test_part_leaves_no_file_for_it(archive: Path, tmp_path: Path) -> None:
    import_muc4(archive, output=tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["train.jsonl"]


def test_articles_without_text_or_key_are_left_out_and_counted(tmp_path: Path) -> None:
    files = {**FILES, "dev/key-dev-0001.muc4": KEYS.replace("DEV-MUC3-0002", "DEV-MUC3-0003")}
    del files["muc34/TASK/CORPORA/dev/key-dev-0001.muc4"]
    log = Muc4Log()
    articles = list(read_muc4(write_archive(tmp_path / "a.tar.gz", files), view=View.LABELS, log=log))
    assert [article.id for article in articles] == ["DEV-MUC3-0001"]
    assert log.spans.count("articles left out that have a key but no text") == 1
    assert log.spans.count("articles left out that have a text but no key") == 1


def test_of_two_versions_of_a_key_the_later_counts(tmp_path: Path) -> None:
    new = KEYS.replace('"FARMER"', '"ARMY"')
    path = write_archive(tmp_path / "a.tar.gz", {**FILES, "old/key-dev-0001.muc5": new})
    assert ("TARGET", "FARMERS") not in surfaces(read(path)["DEV-MUC3-0001"])


def test_the_folder_that_it_was_unpacked_to_is_read_alike(archive: Path, tmp_path: Path) -> None:
    for name, content in FILES.items():
        file = tmp_path / "unpacked" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="\r\n")
    assert read(tmp_path / "unpacked") == read(archive)


def member(name: str, *, kind: bytes = tarfile.REGTYPE, size: int = 0, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, target
    return info


def test_an_archive_with_a_file_far_larger_than_published_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "muc34.tar.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(member("muc34/key-dev-0001", size=2**40).tobuf(format=tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(DataError, match=r"muc34\.tar\.gz: 'muc34/key-dev-0001' makes it far larger"):
        read_archive(path)


def test_an_archive_whose_files_are_far_larger_together_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "_LARGEST_ARCHIVE", len(TEXTS) + len(KEYS))
    assert read_archive(write_archive(tmp_path / "muc34.tar.gz")).messages
    path = write_archive(tmp_path / "muc34.tar.gz", {**FILES, "muc34/any-other-file": "x"})
    with pytest.raises(DataError, match="'muc34/any-other-file' makes it far larger"):
        read_archive(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_member_that_is_not_a_file_is_passed_over(tmp_path: Path, archive: Path, kind: bytes) -> None:
    links = tuple(member(name, kind=kind, target="/etc/passwd") for name in FILES)
    assert read(write_archive(tmp_path / "links.tar.gz", members=links)) == read(archive)


def test_nothing_is_unpacked_whatever_a_file_is_called(tmp_path: Path, archive: Path) -> None:
    files = {f"../{name}": content for name, content in FILES.items()}
    path = write_archive(tmp_path / "folder.tar.gz", files)
    assert read(path) == read(archive)
    assert {file.name for file in tmp_path.iterdir()} == {"folder.tar.gz", "muc34.tar.gz"}


# With ids of their own: the bytes hold the time of packing, and workers must collect the same names.
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


def test_a_part_that_is_only_there_packed_is_named(tmp_path: Path) -> None:
    packed = {f"muc34/TASK/CORPORA/{part}.tar.Z": "packed" for part in ("dev", "tst3")}
    path = write_archive(tmp_path / "muc34.tar.gz", {**FILES, **packed})
    with pytest.raises(DataError, match=r"muc34/TASK/CORPORA/tst3\.tar\.Z in it is packed"):
        read_archive(path)


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the corpus is not in the folder AFTERACTION_TEST_CORPORA")
@pytest.mark.parametrize("view", View)
def test_the_published_archive_is_read_whole(view: View, tmp_path: Path) -> None:
    log = import_muc4(PUBLISHED, output=tmp_path, view=view)
    train, dev = (list(read_articles(tmp_path / f"{split}.jsonl")) for split in ("train", "dev"))
    assert (len(train), len(dev)) == (1300, 200)
    assert log.articles == {"DEV": 1300, "TST1": 100, "TST2": 100}
    assert log.found / log.strings >= 0.98
    assert all(article.meta["kind"] and article.meta["dateline"] for article in [*train, *dev])
    assert sum(bool(article.spans) for article in [*train, *dev]) > 700


def test_a_text_without_articles_is_no_article(tmp_path: Path) -> None:
    assert list(parse_messages("")) == list(parse_messages("LIMA, 1 JAN 90 -- [TEXT] REBELS")) == []
    (tmp_path / "dev-muc3-0001-0100").write_text("nothing")
    with pytest.raises(DataError, match=r"holds no texts of MUC-3 or MUC-4"):
        read_archive(tmp_path)
