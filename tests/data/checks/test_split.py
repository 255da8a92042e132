import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afteraction.data import Article, DataError, InputError, Span, read_articles, split_files, write_articles
from afteraction.data.checks import Split
from afteraction.data.checks.split import SplitRule

PARTS = ("train", "dev", "test")


def article(seed: int, *, edits: Sequence[int] = (), name: str = "") -> Article:
    """Returns an article with a different text per seed. Edits make near-duplicates."""
    words = [f"word{number}" for number in np.random.default_rng(seed).integers(3000, size=100)]
    for position in edits:
        words[position] = "edited"
    label = ("PERPETRATOR", "TARGET", "LOCATION")[seed % 3]
    spans = (Span(0, len(words[0]), label),) if seed % 2 else ()
    return Article(name or f"a{seed}", " ".join(words), spans)


def parts_in(folder: Path) -> dict[str, str]:
    return {article.id: part for part in PARTS for article in read_articles(folder / f"{part}.jsonl")}


def split(articles: Sequence[Article], folder: Path) -> tuple[Split, dict[str, str]]:
    write_articles(articles, folder.parent / "all.jsonl")
    made = split_files([folder.parent / "all.jsonl"], folder)
    return made, parts_in(folder)


def test_every_article_is_in_one_part_as_it_was_and_in_order(tmp_path: Path) -> None:
    articles = [article(seed) for seed in range(60)]
    made, parts = split(articles, tmp_path / "out")
    for name in PARTS:
        assert list(read_articles(tmp_path / "out" / f"{name}.jsonl")) == [a for a in articles if parts[a.id] == name]
    assert set(parts) == {article.id for article in articles}
    assert [(part.name, part.articles) for part in made.parts] == [
        (name, list(parts.values()).count(name)) for name in PARTS
    ]
    assert sum(part.without_spans for part in made.parts) == 30
    assert [sum(part.spans.get(label, 0) for part in made.parts) for label in ("LOCATION", "TARGET")] == [10, 10]
    assert (made.groups, made.moved) == (0, 0)


def test_labels_are_balanced_far_better_than_by_chance(tmp_path: Path) -> None:
    made, _ = split([article(seed) for seed in range(200)], tmp_path / "out")
    for part, share in zip(made.parts, (0.7, 0.15, 0.15), strict=True):
        assert part.articles == pytest.approx(200 * share, abs=6)
        assert part.without_spans == pytest.approx(100 * share, abs=6)
        for label in ("PERPETRATOR", "TARGET", "LOCATION"):
            assert part.spans[label] == pytest.approx(100 / 3 * share, abs=4)


@given(st.lists(st.integers(100, 10_000), unique=True, max_size=20), st.integers(0, 20), st.integers(0, 40))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_adding_articles_anywhere_moves_none(
    tmp_path_factory: pytest.TempPathFactory, new: list[int], few: int, position: int
) -> None:
    folder = tmp_path_factory.mktemp("split")
    old = [article(seed) for seed in range(40)]
    _, before = split(old, folder / "out")
    added = [article(seed) for seed in new]
    made, after = split([*added[:few], *old[:position], *added[few:], *old[position:]], folder / "out")
    assert {article_id: after[article_id] for article_id in before} == before
    assert made.moved == 0
    assert set(after) == {*before, *(article.id for article in added)}


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 99), max_size=2)), min_size=1, max_size=20))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_near_duplicates_stay_together_and_later_ones_move_none(
    tmp_path_factory: pytest.TempPathFactory, copies: list[tuple[int, list[int]]]
) -> None:
    folder = tmp_path_factory.mktemp("split")
    old = [article(seed) for seed in range(10)]
    _, before = split(old, folder / "out")
    added = [article(seed, edits=edits, name=f"copy{index}") for index, (seed, edits) in enumerate(copies)]
    made, after = split([*old, *added], folder / "out")
    assert {article_id: after[article_id] for article_id in before} == before
    assert made.moved == 0
    assert made.groups == len({seed for seed, _ in copies})
    for copy, (seed, _) in zip(added, copies, strict=True):
        assert after[copy.id] == after[f"a{seed}"]


def test_an_article_similar_to_two_groups_moves_the_later_group_to_the_part_of_the_earlier(tmp_path: Path) -> None:
    whole = article(0, name="whole")
    words = whole.text.split()
    ends = [Article(f"end{n}", " ".join(words[:65])) for n in range(12)]
    others = [article(seed) for seed in range(1, 9)]
    later = Article("later", " ".join(words[18:]))
    first_part = {}
    for end in ends:  # until the groups of the two ends are in different parts
        folder = tmp_path / end.id / "out"
        folder.parent.mkdir()
        made, before = split([end, later, *others], folder)
        if before[end.id] != before["later"]:
            made, after = split([end, later, *others, whole], folder)
            first_part = {"before": before[end.id], "after": {after[end.id], after["later"], after["whole"]}}
            break
    assert first_part["after"] == {first_part["before"]}
    assert made.moved == 1


def test_articles_of_the_previous_split_that_are_gone_are_counted(tmp_path: Path) -> None:
    articles = [article(seed) for seed in range(8)]
    folder = tmp_path / "out"
    assert split(articles, folder)[0].dropped == 0
    made, parts = split([*articles[3:], article(8)], folder)
    assert (made.moved, made.dropped) == (0, 3)
    assert parts.keys() == {"a3", "a4", "a5", "a6", "a7", "a8"}


def test_a_folders_rule_is_kept_and_other_shares_are_refused(tmp_path: Path) -> None:
    write_articles([article(seed) for seed in range(20)], tmp_path / "all.jsonl")
    folder = tmp_path / "out"
    made = split_files([tmp_path / "all.jsonl"], folder, shares=(0.5, 0.0, 0.5))
    assert [part.articles for part in made.parts][1] == 0
    rule = json.loads((folder / "split.json").read_text())
    assert rule == {"seed": made.seed, "shares": [0.5, 0.0, 0.5]}
    (folder / "split.json").write_text(json.dumps(rule | {"seed": 77}))
    assert split_files([tmp_path / "all.jsonl"], folder).seed == 77
    with pytest.raises(InputError, match=r"split\.json: the folder's split has the shares 0\.5, 0\.0, 0\.5; leave"):
        split_files([tmp_path / "all.jsonl"], folder, shares=(0.7, 0.15, 0.15))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"seed": 1}', "the key 'shares' is missing"),
        ('{"seed": 1, "shares": [1, 0, 0], "sed": 2}', "unknown key 'sed'; did you mean 'seed'"),
        ("{", "invalid JSON"),
    ],
)
def test_an_invalid_rule_is_refused(tmp_path: Path, content: str, message: str) -> None:
    write_articles([article(1)], tmp_path / "all.jsonl")
    (tmp_path / "split.json").write_text(content)
    with pytest.raises(DataError, match=rf"split\.json: {message}"):
        split_files([tmp_path / "all.jsonl"], tmp_path)
    assert not (tmp_path / "train.jsonl").exists()


@pytest.mark.parametrize("shares", [(0.7, 0.2, 0.2), (1.5, -0.5, 0.0)])
def test_invalid_shares_are_refused(tmp_path: Path, shares: tuple[float, float, float]) -> None:
    write_articles([article(1)], tmp_path / "all.jsonl")
    with pytest.raises(InputError, match="shares"):
        split_files([tmp_path / "all.jsonl"], tmp_path / "out", shares=shares)


def test_a_repeated_id_is_refused(tmp_path: Path) -> None:
    write_articles([article(1), article(2, name="a1")], tmp_path / "all.jsonl")
    with pytest.raises(DataError, match="article 'a1' occurs twice"):
        split_files([tmp_path / "all.jsonl"], tmp_path / "out")


def test_a_file_that_would_be_overwritten_is_refused(tmp_path: Path) -> None:
    write_articles([article(1)], tmp_path / "train.jsonl")
    with pytest.raises(DataError, match=r"train\.jsonl: is an output of this split"):
        split_files([tmp_path / "train.jsonl"], tmp_path)


def test_no_article_at_all_makes_empty_parts(tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").touch()
    assert [part.articles for part in split_files([tmp_path / "all.jsonl"], tmp_path / "out").parts] == [0, 0, 0]


def test_the_part_of_a_key_never_changes() -> None:
    rule = SplitRule(seed=5, shares=(0.4, 0.3, 0.3))
    assert rule.parts(["a", "b", "c", "é", "", "f"]) == ["dev", "train", "dev", "test", "dev", "train"]


def test_keys_are_distributed_by_the_shares() -> None:
    parts = SplitRule(seed=1, shares=(0.7, 0.15, 0.15)).parts([str(number) for number in range(20_000)])
    assert [parts.count(part) / 20_000 for part in PARTS] == pytest.approx([0.7, 0.15, 0.15], abs=0.01)
