"""The gate: which articles pass, what happens to the others, and how it is reported."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from afteraction.data import Article, DataError, Span, read_articles, read_named, write_articles
from afteraction.evaluation.tuning import fit_gate, make_gate
from afteraction.model import ModelError, ModelSettings, Tagger, load_system, save_settings
from afteraction.model.archive import Shard, label_archive, merge_shards
from afteraction.model.gate import GATE_FILE, Gate, Share, is_skipped, read_gate
from afteraction.model.record.assemble import SKIPPED
from afteraction.model.systems import GatedSystem

ATTACKS = ("Rebels attacked a bus in Kano, killing three people.", "Two gunmen killed at least 50 soldiers near Gao.")
QUIET = ("The market was near the river.", "", "The city said the school was near the market &amp; the river.")


def gate(threshold: float = 0.0) -> Gate:
    share = Share(passed=1, articles=2, low=0.1, high=0.9)
    words = {"attacked": (2.0, 3.0), "killed": (1.0, 3.0), "market": (1.0, -2.0)}
    return Gate(data=("x",), with_spans=share, without=share, threshold=threshold, bias=-1.0, words=words)


@pytest.fixture
def gated_folder(model_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "gated"
    shutil.copytree(model_folder, folder)
    (folder / GATE_FILE).write_text(gate().model_dump_json(), encoding="utf-8")
    return folder


def invented(count: int) -> list[Article]:
    """Makes articles of random words. Those with spans have other frequent words than those without."""
    rng = np.random.default_rng(5)
    words = np.array([f"word{'abcdefghij'[i % 10]}{'klmnopqrst'[i // 10]}" for i in range(60)])
    articles = []
    for number in range(count):
        with_span = bool(number % 3)
        shares = np.linspace(1, 3, 60)[:: 1 if with_span else -1]
        text = " ".join(rng.choice(words, 30, p=shares / shares.sum()))
        articles.append(Article(f"a{number}", text, (Span(0, 4, "TARGET"),) if with_span else ()))
    return articles


def test_a_score_is_the_weights_of_the_words_over_a_vector_of_length_one() -> None:
    assert gate().score("Nothing.") == -1.0
    assert gate().score("They ATTACKED.") == pytest.approx(2.0)
    value = 1 + np.log(2)  # "market" occurs twice
    expected = -1 + (2 * 3 - 2 * value) / np.sqrt(4 + value**2)
    assert gate().score("A market, attacked; a mar\xadket.") == pytest.approx(expected)


def test_the_fit_is_scikit_learns() -> None:
    articles = invented(300)
    fitted = fit_gate(articles, data=["x"])
    vectors = TfidfVectorizer(sublinear_tf=True, min_df=2)
    texts = [article.text for article in articles]
    model = LogisticRegression(C=10, tol=1e-8, max_iter=5000)
    model.fit(vectors.fit_transform(texts), [bool(article.spans) for article in articles])
    expected = model.decision_function(vectors.transform(texts))
    np.testing.assert_allclose([fitted.score(text) for text in texts], expected, atol=0.02)


@pytest.mark.parametrize("recall", [0.9, 0.99, 1.0])
def test_the_wanted_share_of_articles_with_spans_passes(recall: float) -> None:
    fitted = fit_gate(invented(300), data=["x"], recall=recall)
    share = fitted.with_spans
    assert share.articles == 200
    assert share.passed == round(recall * 200)
    assert share.low <= share.passed / share.articles <= share.high
    assert fitted.without.articles == 100
    assert fitted.without.passed < 100


def test_articles_that_nobody_annotated_or_read_are_ignored() -> None:
    articles = invented(300)
    partly = [article.with_fields(unknown_labels=("LOCATION",)) for article in articles[:1]]
    unknown = [Article(f"u{number}", "word", unknown_labels=("TARGET",)) for number in range(100)]
    skipped = [Article(f"s{number}", "word", meta={SKIPPED: True}) for number in range(100)]
    assert fit_gate([*partly, *articles[1:], *unknown, *skipped], data=["x"]) == fit_gate(articles, data=["x"])


def test_too_few_articles_of_a_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="mine: 40 articles with spans; a gate needs 50"):
        fit_gate(invented(60), data=["mine"])


def test_it_is_kept_with_the_model(tmp_path: Path) -> None:
    write_articles(invented(300), tmp_path / "in.jsonl")
    save_settings(tmp_path, ModelSettings())
    made = make_gate(tmp_path, [str(tmp_path / "in.jsonl")])
    assert read_gate(tmp_path) == made
    assert made.data == (str(tmp_path / "in.jsonl"),)
    with pytest.raises(ModelError, match=r"it has no gate\.json"):
        read_gate(tmp_path / "other")


def test_no_gate_is_written_where_there_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # "news" is the name of a model, and no folder here
    with pytest.raises(ModelError, match="news: no such model folder"):
        make_gate(Path("news"), ["bundled:dev"])
    assert not Path("news").exists()


@given(picks=st.lists(st.sampled_from([*ATTACKS, *QUIET]), max_size=12))
def test_order_ids_and_meta_stay_and_only_those_that_pass_are_read(picks: list[str]) -> None:
    seen: list[str] = []

    class Reader:
        labels = ("TARGET",)

        def predict(self, articles: list[Article]) -> Iterator[Article]:
            for article in articles:
                seen.append(article.text)
                yield article.with_fields(death_toll=None)

    given_articles = [Article(f"a{n}", text, meta={"n": n}) for n, text in enumerate(picks)]
    labelled = list(GatedSystem(Reader(), gate()).predict(given_articles))
    assert [(article.id, article.text, article.meta["n"]) for article in labelled] == [
        (article.id, article.text, article.meta["n"]) for article in given_articles
    ]
    assert [article.text for article in labelled if not is_skipped(article)] == seen
    assert seen == [text for text in picks if text in ATTACKS]
    assert all(article.meta[SKIPPED] is True and not article.spans for article in labelled if article.text in QUIET)


def test_what_is_read_again_without_a_gate_no_longer_says_that_it_was_not(gated_folder: Path) -> None:
    [skipped] = load_system(gated_folder, gate=True).predict([QUIET[0]])
    assert is_skipped(skipped)
    [read] = Tagger.load(gated_folder).predict([skipped])
    assert not is_skipped(read)


def test_an_archive_run_counts_what_it_did_not_read(gated_folder: Path, tmp_path: Path) -> None:
    texts = [*ATTACKS, *QUIET[:1], *ATTACKS, *QUIET[2:]]
    write_articles([Article(f"a{n}", text) for n, text in enumerate(texts)], tmp_path / "in.jsonl")
    inputs = [str(tmp_path / "in.jsonl")]
    manifest = label_archive(gated_folder, inputs, tmp_path / "out", gate=True, part_size=2)
    assert (manifest.settings["gate"], manifest.result.articles, manifest.result.skipped) == ("on", 6, 2)
    assert [part.skipped for part in manifest.result.parts] == [0, 1, 1]
    for number in (1, 2):
        output = tmp_path / f"shard-{number}"
        label_archive(gated_folder, inputs, output, gate=True, part_size=2, shard=Shard(number, 2))
    merged = merge_shards([tmp_path / "shard-1", tmp_path / "shard-2"], tmp_path / "merged")
    assert merged == manifest
    labelled = [a for path in sorted((tmp_path / "out").glob("part-*")) for a in read_articles(path)]
    assert [is_skipped(article) for article in labelled] == [text in QUIET for text in texts]
    with pytest.raises(DataError, match="gate was on, now none"):
        label_archive(gated_folder, inputs, tmp_path / "out", part_size=2)


def test_no_gate_is_told_before_anything_is_written(model_folder: Path, tmp_path: Path) -> None:
    write_articles([Article("a", ATTACKS[0])], tmp_path / "in.jsonl")
    for model, message in ((model_folder, r"it has no gate\.json"), ("rules", "the rules have no gate")):
        with pytest.raises(ModelError, match=message):
            label_archive(model, [str(tmp_path / "in.jsonl")], tmp_path / "out", gate=True)
    assert not (tmp_path / "out").exists()


def test_a_damaged_gate_is_one_line(gated_folder: Path) -> None:
    content = json.loads((gated_folder / GATE_FILE).read_text(encoding="utf-8"))
    (gated_folder / GATE_FILE).write_text(json.dumps(content | {"threshold": "high"}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"gate\.json: threshold"):
        load_system(gated_folder, gate=True)


def test_the_gate_of_news_passes_what_its_record_says() -> None:
    """On articles that it was fitted on. This is not a measurement, but shows that file and code match."""
    shipped = read_gate(Path(__file__).parents[2] / "model" / "shipped" / "news")
    articles = list(read_named(["bundled:voa-dev"]))
    passed = [shipped.passes(article.text) for article in articles if article.spans]
    assert sum(passed) / len(passed) >= 0.97
    assert shipped.with_spans.passed / shipped.with_spans.articles >= 0.99
