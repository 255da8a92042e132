import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from afteraction.data import (
    Article,
    DataError,
    LabelScheme,
    Span,
    SubwordTokenizer,
    WindowConfig,
    build_examples,
    format_article,
    write_articles,
)
from afteraction.data.files import sha256
from afteraction.data.locks import hold_folder
from afteraction.data.tokens import IGNORED, Examples, Misalignment, default_cache, spans_to_tokens

WINDOW = WindowConfig(size=24, stride=4)
SCHEME = LabelScheme()


@pytest.fixture
def path(articles: list[Article], tmp_path: Path) -> Path:
    write_articles(articles, tmp_path / "articles.jsonl")
    return tmp_path / "articles.jsonl"


def build(
    *paths: Path,
    tokenizer: SubwordTokenizer,
    window: WindowConfig = WINDOW,
    scheme: LabelScheme = SCHEME,
) -> Examples:
    return build_examples(
        paths, tokenizer=tokenizer, window=window, scheme=scheme, cache=paths[0].parent / "new" / "cache"
    )


def entries(path: Path) -> list[Path]:
    return sorted((path.parent / "new" / "cache").iterdir())


def rows(examples: Examples) -> list[dict[str, list[int]]]:
    return list(examples.dataset)


def test_each_token_is_labelled_exactly_once_over_the_windows(
    path: Path, articles: list[Article], subwords: SubwordTokenizer
) -> None:
    examples = build(path, tokenizer=subwords)
    labels = [label for row in rows(examples) for label in row["labels"] if label != IGNORED]
    expected: list[int] = []
    for article, encoded in zip(articles, subwords.encode([article.text for article in articles]), strict=True):
        runs, _ = spans_to_tokens(article, encoded.bounds)
        tags = ["O"] * len(encoded.ids)
        for first, stop, label in runs:
            tags[first:stop] = [f"B-{label}"] + [f"I-{label}"] * (stop - first - 1)
        expected += [SCHEME.tags.index(tag) for tag in tags]
    assert labels == expected
    assert examples.articles == len(articles)
    assert examples.spans == sum(len(article.spans) for article in articles)
    assert len(rows(examples)) > len(articles)


def test_windows_list_the_unknown_labels(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    article = Article("a", "gunmen attacked a bus", (Span(0, 6, "PERPETRATOR"),), unknown_labels=("TARGET",))
    complete = article.with_fields(id="b", unknown_labels=())
    unlabelled = article.with_fields(id="c", unknown_labels=SCHEME.labels)
    write_articles([article, complete, unlabelled], tmp_path / "a.jsonl")
    first, second, third = (
        [row["labels"][1], set(row["labels"][2:-1]), row["unknown"]]
        for row in rows(build(tmp_path / "a.jsonl", tokenizer=subwords))
    )
    assert first == [1, {0}, [SCHEME.index("TARGET")]]
    assert second == [1, {0}, []]
    assert third == [1, {IGNORED}, [0, 1, 2, 3]]


def test_special_tokens_frame_each_window_and_are_ignored(
    path: Path, subwords: SubwordTokenizer, tokenizer: PreTrainedTokenizerFast
) -> None:
    for row in rows(build(path, tokenizer=subwords)):
        assert len(row["input_ids"]) == len(row["labels"]) == row["length"] <= WINDOW.size
        assert (row["input_ids"][0], row["input_ids"][-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
        assert (row["labels"][0], row["labels"][-1]) == (IGNORED, IGNORED)
        assert not set(row["input_ids"][1:-1]) & {tokenizer.cls_token_id, tokenizer.sep_token_id}


def test_the_ids_under_labels_are_the_articles_own(
    path: Path, articles: list[Article], subwords: SubwordTokenizer
) -> None:
    pairs = [
        pair
        for row in rows(build(path, tokenizer=subwords))
        for pair in zip(row["input_ids"], row["labels"], strict=True)
    ]
    encoded = subwords.encode([article.text for article in articles])
    assert [token for token, label in pairs if label != IGNORED] == np.concatenate([e.ids for e in encoded]).tolist()


def test_an_empty_article_is_an_example_of_special_tokens_only(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    write_articles([Article("a", " \n")], tmp_path / "a.jsonl")
    examples = build(tmp_path / "a.jsonl", tokenizer=subwords)
    assert [(row["labels"], row["length"]) for row in rows(examples)] == [([IGNORED, IGNORED], 2)]


def test_a_second_build_comes_from_the_cache(path: Path, subwords: SubwordTokenizer) -> None:
    built = build(path, tokenizer=subwords)
    (entry,) = entries(path)
    stamps = {file: file.stat().st_mtime_ns for file in entry.iterdir()}
    again = build(path, tokenizer=subwords)
    assert entries(path) == [entry]
    assert {file: file.stat().st_mtime_ns for file in entry.iterdir()} == stamps
    assert rows(again) == rows(built)
    assert (again.articles, again.misaligned) == (built.articles, built.misaligned)


def test_misaligned_annotations_survive_the_cache(path: Path, subwords: SubwordTokenizer) -> None:
    text = "Mali\u2028ok👍at"
    write_articles([Article("é", text, (Span(0, 4, "LOCATION"), Span(7, 8, "TARGET"))), Article("b", "x")], path)
    expected = (Misalignment("é", 7, "TARGET", "👍", "ok👍at"),)
    assert build(path, tokenizer=subwords).misaligned == expected
    assert build(path, tokenizer=subwords).misaligned == expected
    assert len(entries(path)) == 1


def cased(tokenizer: PreTrainedTokenizerFast) -> SubwordTokenizer:
    definition = json.loads(tokenizer.backend_tokenizer.to_str())
    definition["normalizer"]["lowercase"] = False
    return SubwordTokenizer(
        PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(definition)), pad_token="[PAD]")
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"window": WindowConfig(size=25, stride=4)},
        {"window": WindowConfig(size=24, stride=3)},
        {"scheme": LabelScheme((*SCHEME.labels, "WEAPON"))},
        {"scheme": LabelScheme(SCHEME.labels[::-1])},
    ],
)
def test_another_window_or_label_scheme_is_another_entry(
    changed: dict[str, Any], path: Path, subwords: SubwordTokenizer
) -> None:
    before = rows(build(path, tokenizer=subwords))
    after = rows(build(path, tokenizer=subwords, **changed))
    assert len(entries(path)) == 2
    assert rows(build(path, tokenizer=subwords)) == before
    assert rows(build(path, tokenizer=subwords, **changed)) == after


def test_another_tokenizer_is_another_entry(
    path: Path, subwords: SubwordTokenizer, tokenizer: PreTrainedTokenizerFast
) -> None:
    before = rows(build(path, tokenizer=subwords))
    assert rows(build(path, tokenizer=cased(tokenizer))) != before
    assert len(entries(path)) == 2


def test_changed_data_is_another_entry(path: Path, articles: list[Article], subwords: SubwordTokenizer) -> None:
    build(path, tokenizer=subwords)
    write_articles(articles[:2], path)
    assert build(path, tokenizer=subwords).articles == 2
    assert len(entries(path)) == 2


def test_the_order_of_the_files_counts_but_not_their_names(
    path: Path, articles: list[Article], subwords: SubwordTokenizer
) -> None:
    other, copy = path.with_name("other.jsonl"), path.with_name("copy.jsonl")
    write_articles(articles[:1], other)
    copy.write_bytes(path.read_bytes())
    both = rows(build(path, other, tokenizer=subwords))
    assert rows(build(copy, other, tokenizer=subwords)) == both
    assert len(entries(path)) == 1
    assert rows(build(other, path, tokenizer=subwords)) == [both[-1], *both[:-1]]
    assert len(entries(path)) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"articles\.jsonl: no article to train on"),
        ("nothing", r"articles\.jsonl: line 1: invalid JSON"),
        (
            format_article(Article("a1", "Gao", (Span(0, 3, "LOCATIONS"),))),
            r"articles\.jsonl: article 'a1': unknown label 'LOCATIONS'; did you mean 'LOCATION'\?",
        ),
    ],
)
def test_faulty_data_is_refused_and_leaves_nothing_in_the_cache(
    content: str, message: str, path: Path, subwords: SubwordTokenizer
) -> None:
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        build(path, tokenizer=subwords)
    assert entries(path) == []


def test_a_cache_that_cannot_be_written_is_refused_with_the_remedy(path: Path, subwords: SubwordTokenizer) -> None:
    with pytest.raises(DataError, match=r"the cache cannot be written: .*; set AFTERACTION_CACHE"):
        build_examples([path], tokenizer=subwords, window=WINDOW, scheme=SCHEME, cache=path)


def test_what_a_killed_process_began_to_build_is_removed_a_day_later(path: Path, subwords: SubwordTokenizer) -> None:
    cache = path.parent / "new" / "cache"
    abandoned, current = cache / ".building-a", cache / ".building-b"
    for folder in (abandoned, current):
        folder.mkdir(parents=True)
    os.utime(abandoned, (0, 0))
    build(path, tokenizer=subwords)
    assert not abandoned.exists()
    assert current.exists()


def test_a_clock_that_steps_ahead_takes_no_folder_from_a_process_that_still_builds_in_it(
    path: Path, subwords: SubwordTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = path.parent / "new" / "cache"
    dead, alive = cache / ".building-a", cache / ".building-b"
    for folder in (dead, alive):
        folder.mkdir(parents=True)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 10 * 86_400)
    with hold_folder(alive):
        build(path, tokenizer=subwords)
        assert not dead.exists()
        assert alive.exists()


def test_the_cache_is_for_its_owner_alone(path: Path, subwords: SubwordTokenizer) -> None:
    before = os.umask(0)
    try:
        build(path, tokenizer=subwords)
    finally:
        os.umask(before)
    for folder in (path.parent / "new", path.parent / "new" / "cache", *entries(path)):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERACTION_CACHE", "/somewhere")
    assert default_cache() == Path("/somewhere")
    monkeypatch.setenv("AFTERACTION_CACHE", "")
    monkeypatch.setenv("HOME", "/home/someone")
    assert default_cache() == Path("/home/someone/.cache/afteraction")


def test_a_files_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
