"""Articles of an invented archive in NIST's form, and of NIST's own archive if it is available."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, Toll, read_articles
from afteraction.data.importers import Muc4Log, View, import_muc4
from afteraction.data.importers.muc4.archive import Message
from afteraction.data.importers.muc4.articles import muc_article, read_muc4
from afteraction.data.importers.muc4.gold import KeyEntity, gold_entities
from afteraction.data.importers.muc4.keys import parse_keys

PUBLISHED = Path(os.environ.get("AFTERACTION_TEST_CORPORA", "no corpora")) / "muc34-without-tests.tar.gz"

Files = Mapping[str, str]
Read = Callable[..., dict[str, Article]]
WriteArchive = Callable[..., Path]


def of_part(text: str, name: str) -> str:
    """Returns a text or key file with the ids of another part, such as `TST3-MUC4`."""
    return text.replace("DEV-MUC3", name)


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, " ".join(article.surface(span).split())) for span in article.spans]


def test_the_view_of_labels(archive: Path, read: Read) -> None:
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


def test_the_view_of_roles(archive: Path, read: Read) -> None:
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


def test_an_article_without_an_incident_has_no_annotation(archive: Path, read: Read) -> None:
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


def test_files_of_the_customary_split_are_written_as_far_as_their_parts_are_there(
    tmp_path: Path, write_archive: WriteArchive, texts: str, keys: str, files: Files
) -> None:
    parts = dict(files)
    for part in ("TST1-MUC3", "TST4-MUC4"):
        name = part.lower()
        parts[f"muc34/TASK/CORPORA/{name[:4]}/{name}"] = of_part(texts, part)
        parts[f"muc34/TASK/CORPORA/{name[:4]}/key-{name[:4]}.v2"] = of_part(keys, part)
    parts["muc34/TASK/CORPORA/tst4/tst4-muc4.mixed-case"] = of_part(texts, "TST4-MUC4").replace("FARMERS", "Farmers")
    output = tmp_path / "out"
    log = import_muc4(write_archive(tmp_path / "muc34.tar.gz", parts), output=output)
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


def test_articles_without_text_or_key_are_left_out_and_counted(
    tmp_path: Path, write_archive: WriteArchive, keys: str, files: Files
) -> None:
    other = {**files, "dev/key-dev-0001.muc4": keys.replace("DEV-MUC3-0002", "DEV-MUC3-0003")}
    del other["muc34/TASK/CORPORA/dev/key-dev-0001.muc4"]
    log = Muc4Log()
    articles = list(read_muc4(write_archive(tmp_path / "a.tar.gz", other), view=View.LABELS, log=log))
    assert [article.id for article in articles] == ["DEV-MUC3-0001"]
    assert log.spans.count("articles left out that have a key but no text") == 1
    assert log.spans.count("articles left out that have a text but no key") == 1


def test_of_two_versions_of_a_key_the_later_counts(
    tmp_path: Path, read: Read, write_archive: WriteArchive, keys: str, files: Files
) -> None:
    new = keys.replace('"FARMER"', '"ARMY"')
    path = write_archive(tmp_path / "a.tar.gz", {**files, "old/key-dev-0001.muc5": new})
    assert ("TARGET", "FARMERS") not in surfaces(read(path)["DEV-MUC3-0001"])


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
