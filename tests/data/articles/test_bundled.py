import csv
import os
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from afteraction.data import (
    LABELS,
    Article,
    DataError,
    bundled_file,
    read_articles,
    read_named,
    resolve,
    write_articles,
)
from afteraction.data.articles.bundled import KINDS, PARTS, SPLITS
from afteraction.data.bundled.build import build_corpus, read_sources, split_articles, split_of, write_corpus

NAMES = [f"bundled:{split}" for split in SPLITS]


@pytest.fixture(scope="module")
def corpus() -> dict[str, list[Article]]:
    return {split: list(read_articles(resolve(f"bundled:{split}"))) for split in SPLITS}


def test_the_bundled_files_are_up_to_date_with_the_marked_up_articles(tmp_path: Path) -> None:
    write_corpus(build_corpus(bundled_file("")), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{part}.jsonl" for part in PARTS}
    for path in tmp_path.iterdir():
        message = f"{path.name}: run python -m afteraction.data.bundled.build"
        assert path.read_bytes() == bundled_file(path.name).read_bytes(), message


def test_each_kind_has_its_own_files_and_together_they_are_the_splits(corpus: dict[str, list[Article]]) -> None:
    for split in ("dev", "test"):
        apart = [article for kind in KINDS for article in read_named([f"bundled:{kind}-{split}"])]
        assert apart == corpus[split]
        assert all(article.meta["source"] in KINDS for article in apart)


@pytest.mark.skipif("AFTERACTION_TEST_CORPORA" not in os.environ, reason="AFTERACTION_TEST_CORPORA is not set")
def test_the_briefs_have_every_token_of_their_sentences() -> None:
    with (Path(os.environ["AFTERACTION_TEST_CORPORA"]) / "voa-sentences.csv").open(encoding="utf-8") as file:
        sentences: list[str] = []
        for row in csv.DictReader(file):
            if row["Sentence #"]:
                sentences.append("")
            sentences[-1] += row["Word"]
    starts = {article.id: article for article in read_sources(bundled_file("voa"), kind="voa")}
    for article_id, article in starts.items():
        written, first = "".join(article.text.split()), int(article_id.removeprefix("voa-"))
        last, given = first, ""
        while len(given) < len(written):
            given += sentences[last].replace("~", "")
            last += 1
        mended = given.replace("ï¿½s", "'s").replace("ï¿½", "-")  # damaged characters, in a few articles
        assert written == mended, article_id
        assert not any(f"voa-{number:04}" in starts for number in range(first + 1, last))


def test_the_bundled_corpus_is_large_enough_and_in_three_parts(corpus: dict[str, list[Article]]) -> None:
    sizes = {split: len(articles) for split, articles in corpus.items()}
    assert sum(sizes.values()) >= 240
    assert sizes["train"] > sizes["dev"] >= 10
    assert sizes["test"] >= 10


def test_the_bundled_corpus_has_long_articles_and_no_dominant_kind(corpus: dict[str, list[Article]]) -> None:
    articles = [article for part in corpus.values() for article in part]
    assert sum(len(article.text.split()) > 600 for article in articles) >= 40
    kinds = Counter(article.meta["kind"] for article in articles)
    invented = kinds - Counter({"brief": kinds["brief"]})
    assert max(invented.values()) <= 0.7 * invented.total()


def test_both_annotations_behind_the_agreement_are_of_the_same_texts(corpus: dict[str, list[Article]]) -> None:
    texts = {article.id: article.text for part in corpus.values() for article in part}
    for prefix, number in (("", 30), ("voa-", 142)):
        first, second = (
            {article.id: article.text for article in read_articles(bundled_file("agreement") / f"{prefix}{side}.jsonl")}
            for side in ("first", "second")
        )
        assert first == second
        assert len(first) == number
        assert first.keys() <= texts.keys()


def test_no_article_is_in_two_splits(corpus: dict[str, list[Article]]) -> None:
    for one, other in combinations(SPLITS, 2):
        assert not {a.id for a in corpus[one]} & {a.id for a in corpus[other]}
        assert not {" ".join(a.text.split()) for a in corpus[one]} & {" ".join(a.text.split()) for a in corpus[other]}


def test_the_bundled_corpus_has_articles_without_an_attack_and_every_label(corpus: dict[str, list[Article]]) -> None:
    articles = [article for part in corpus.values() for article in part]
    without = [article for article in articles if article.meta.get("attack") == "no"]
    assert len(without) >= 0.3 * len(articles)
    assert not any(article.spans or article.death_toll for article in without)
    for part in corpus.values():
        assert {span.label for article in part for span in article.spans} == set(LABELS)
        assert any(article.death_toll for article in part)


def test_every_spans_entity_has_one_label(corpus: dict[str, list[Article]]) -> None:
    for article in (article for part in corpus.values() for article in part):
        labels = Counter(span.entity for span in set(article.spans) if span.entity)
        pairs = {(span.entity, span.label) for span in article.spans if span.entity}
        assert len(pairs) == len(labels)


def test_an_annotated_article_whose_header_denies_an_attack_is_refused(tmp_path: Path) -> None:
    for content in ("attack: no\n\n{L1 Gao}.", "attack: no\ntoll: 3\n\nGao."):
        (tmp_path / "a.txt").write_text(content)
        with pytest.raises(DataError, match=r"a\.txt: annotated, though its head says 'attack: no'"):
            read_sources(tmp_path, kind="invented")


def test_articles_are_split_in_order_and_stay_in_their_part_when_others_come() -> None:
    articles = [Article(str(number), f"text {number * 7919 % 1009}") for number in range(200)]
    parts = split_articles(articles)
    assert {split: [article.id for article in part] for split, part in parts.items()} == {
        split: [article.id for article in articles if split_of(article.id) == split] for split in SPLITS
    }
    assert split_articles(articles[:50])["test"] == [article for article in parts["test"] if int(article.id) < 50]
    assert all(abs(len(parts[split]) - 2 * share) < 25 for split, share in zip(SPLITS, (70, 15, 15), strict=True))


def test_near_duplicates_share_a_part() -> None:
    words = [f"word{number}" for number in range(60)]
    articles = [Article(str(number), " ".join([*words, f"ending{number}"])) for number in range(20)]
    parts = split_articles(articles)
    assert sorted(len(part) for part in parts.values()) == [0, 0, 20]


def test_names_stand_for_bundled_parts_or_files_below_the_root(tmp_path: Path) -> None:
    write_articles([Article("one", "1")], tmp_path / "a.jsonl")
    assert resolve("a.jsonl", root=tmp_path) == tmp_path / "a.jsonl"
    assert resolve(str(tmp_path / "a.jsonl"), root=Path("/elsewhere")) == tmp_path / "a.jsonl"
    assert resolve("bundled:dev", root=tmp_path) == bundled_file("dev.jsonl")
    ids = [article.id for article in read_named(["a.jsonl", "bundled:dev"], root=tmp_path)]
    assert ids == ["one", *(article.id for article in read_articles(bundled_file("dev.jsonl")))]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bundled:tests", r"^bundled:tests: the bundled corpus has no such part; did you mean 'test'\?$"),
        ("bundled:", "no such part; known: dev, invented-dev, invented-test, test, train, voa-dev, voa-test"),
        ("missing.jsonl", r"missing\.jsonl: no such file; the bundled articles are bundled:train, bundled:dev, "),
        ("folder.jsonl", r"folder\.jsonl: a folder; name an article file$"),
        ("a.txt", r"a\.txt: not an article file; its name must end in \.jsonl, "),
    ],
)
def test_an_unknown_name_is_refused_with_a_remedy(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(DataError, match=message):
        resolve(name, root=tmp_path)
