import json
from pathlib import Path

import pytest

from afteraction.data import Article, InputNotice, read_articles, write_articles
from afteraction.data.languages import OtherLanguages
from afteraction.model.archive import Progress, label_archive
from afteraction.model.archive.manifest import read_manifest

ENGLISH = (
    "Two gunmen killed at least 50 soldiers near Gao, Mali, in an attack on a police school on Sunday, and the army "
    "said that the rebels fled after the attack."
)
FRENCH = (
    "Au moins douze personnes ont été tuées dimanche dans une attaque contre un village du centre du pays, ont indiqué "
    "des élus locaux, et les assaillants ont incendié le marché avant de prendre la fuite."
)


class Notices(Progress):
    """Progress that keeps the notices."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def notice(self, notice: InputNotice) -> None:
        self.told.append(str(notice))


@pytest.fixture
def source(tmp_path: Path) -> str:
    texts = (ENGLISH, FRENCH, "Attaque à Gao", ENGLISH, FRENCH)
    write_articles((Article(f"a{index}", text) for index, text in enumerate(texts)), tmp_path / "in.jsonl")
    return str(tmp_path / "in.jsonl")


def ids(folder: Path) -> list[str]:
    return [article.id for part in sorted(folder.glob("part-*")) for article in read_articles(part)]


def test_articles_in_other_languages_are_labelled_and_told(source: str, tmp_path: Path) -> None:
    progress = Notices()
    label_archive("rules", [source], tmp_path / "run", part_size=2, other_languages="label", progress=progress)
    assert ids(tmp_path / "run") == ["a0", "a1", "a2", "a3", "a4"]
    assert [line.partition(":")[0] for line in progress.told] == [
        "a1",
        "a4",
        "articles in other languages, labelled all the same",
    ]
    label_archive("rules", [source], tmp_path / "off", part_size=2)
    assert [path.read_bytes() for path in sorted((tmp_path / "off").glob("part-*"))] == [
        path.read_bytes() for path in sorted((tmp_path / "run").glob("part-*"))
    ]


def test_those_that_are_left_out_are_listed_and_counted(source: str, tmp_path: Path) -> None:
    progress = Notices()
    label_archive("rules", [source], tmp_path / "run", part_size=2, other_languages="leave-out", progress=progress)
    assert ids(tmp_path / "run") == ["a0", "a2", "a3"]
    manifest = read_manifest(tmp_path / "run")
    assert manifest.result is not None
    assert (manifest.result.articles, manifest.result.errors) == (3, 2)
    assert manifest.result.left_out == 2
    assert [part.left_out for part in manifest.result.parts] == [1, 0, 1]
    failures = [json.loads(line) for line in (tmp_path / "run" / "errors.jsonl").read_text("utf-8").splitlines()]
    assert [(failure["id"], failure["place"]) for failure in failures] == [
        ("a1", "article 2 of the inputs"),
        ("a4", "article 5 of the inputs"),
    ]
    assert all("fr" in failure["reason"] and "left out" in failure["reason"] for failure in failures)
    assert len(progress.told) == 1
    assert progress.told[0].endswith("2; see --other-languages")
    assert manifest.versions.keys() == {"afteraction", "py3langid"}


@pytest.mark.parametrize(("others", "counted"), [("leave-out", "2"), ("label", "1 since the run was resumed")])
def test_the_number_of_a_resumed_run_says_what_it_counts(
    others: OtherLanguages, counted: str, source: str, tmp_path: Path
) -> None:
    progress = Notices()
    stops = iter([False, True, True])
    for should_stop in (lambda: next(stops), lambda: False):
        label_archive(
            "rules",
            [source],
            tmp_path / "run",
            part_size=2,
            other_languages=others,
            progress=progress,
            should_stop=should_stop,
        )
    assert progress.told[-1].endswith(f": {counted}; see --other-languages")
