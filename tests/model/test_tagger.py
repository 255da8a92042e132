from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from threading import get_ident

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from transformers import pipeline

from afteraction.data import Article, DataError, Span, SubwordTokenizer, Toll
from afteraction.data.text import render
from afteraction.data.tokens import plan_windows
from afteraction.model import RuleTagger, Tagger, choose_toll, find_spans, link_entities
from afteraction.model.record.tolls import ChosenToll
from afteraction.model.tagger import ARTICLES_AT_ONCE

PIECES = (
    "gunmen",
    "Gao",
    "50",
    " ",
    "\n",
    "\n\n",
    "\n \t\n",
    "\r\n\r\n",
    ". ",
    "é",
    "e\u0301",
    "[SEP]",
    "\x1c",
    "👩🏽‍🚒",
    "中",
)
texts = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
SHORT = (
    "Two gunmen killed at least 50 soldiers near Gao, Mali.",
    "the the\n\nthe bus",
    "",
    "police",
    "[SEP] is a word [CLS] here",
    "Rebels attacked a bus in Kano, killing three people.",
)
LONG = " ".join(["Two gunmen killed at least 50 soldiers near Gao, Mali, and the army said more."] * 6)


def shape(article: Article) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.label) for span in article.spans]


def score_list(article: Article) -> list[float | None]:
    return [span.score for span in article.spans]


def test_the_tiny_model_finds_spans_of_every_label(tagger: Tagger) -> None:
    found = {span.label for article in tagger.predict([*SHORT, LONG]) for span in article.spans}
    assert found == set(tagger.settings.labels)


@given(text=texts)
@settings(deadline=None, max_examples=150)
@example(text="")
@example(text="\n\n")
@example(text=".\x1f0")
@example(text="gunmen\n\n\ngunmen\n\u2028\n\u0301gunmen")
@example(text=LONG.replace(" ", "\n\n"))
def test_any_text_gives_a_valid_article_of_the_same_text(tagger: Tagger, text: str) -> None:
    [article] = tagger.predict([text])
    assert article.text == text
    assert article == article.with_fields()
    assert all(span.score is not None and 0 <= span.score <= 1 for span in article.spans)
    assert (article.spans, article.entities) == link_entities(text, article.spans)
    assert ChosenToll(article.death_toll, article.death_toll_score) == choose_toll(text, article.spans)


def test_no_span_crosses_a_blank_line(tagger: Tagger) -> None:
    text = LONG.replace(" ", "\n\n")
    [article] = tagger.predict([text])
    assert article.spans
    assert not any("\n" in article.surface(span) for span in article.spans)


def test_order_ids_and_meta_are_kept_and_strings_numbered(tagger: Tagger) -> None:
    given = [
        LONG,
        Article("named", SHORT[0], (Span(0, 10, "OTHER"),), Toll(7, 7), meta={"source": "x"}),
        SHORT[3],
        Article("empty", ""),
    ]
    found = list(tagger.predict(given))
    assert [article.id for article in found] == ["1", "named", "3", "empty"]
    assert [article.text for article in found] == [LONG, SHORT[0], SHORT[3], ""]
    assert [article.meta for article in found] == [{}, {"source": "x"}, {}, {}]


def test_annotation_is_replaced_whatever_it_says(tagger: Tagger) -> None:
    annotated = Article("a", SHORT[0], (Span(0, 10, "OTHER"),), Toll(7, 7))
    [with_annotation], [without] = tagger.predict([annotated]), tagger.predict([Article("a", SHORT[0])])
    assert with_annotation == without


def test_a_stream_without_end_is_read_a_chunk_at_a_time(tagger: Tagger) -> None:
    read = 0

    def stream() -> Iterator[str]:
        nonlocal read
        for number in count():
            read += 1
            yield f"bus {number}"

    first = list(islice(tagger.predict(stream()), 3))
    assert [article.text for article in first] == ["bus 0", "bus 1", "bus 2"]
    assert read == ARTICLES_AT_ONCE


def test_chunks_join_without_a_seam(tagger: Tagger) -> None:
    number = ARTICLES_AT_ONCE + 2
    found = list(tagger.predict(f"bus {i}" for i in range(number)))
    assert [(article.id, article.text) for article in found] == [(str(i + 1), f"bus {i}") for i in range(number)]


@pytest.mark.parametrize("tokens_per_batch", [1, 70, 4096])
def test_batches_do_not_change_what_is_found(tagger: Tagger, tokens_per_batch: int) -> None:
    batched = Tagger(
        model=tagger.model, tokenizer=tagger.tokenizer, settings=tagger.settings, tokens_per_batch=tokens_per_batch
    )
    given = [*SHORT, LONG]
    for text, together in zip(given, batched.predict(given), strict=True):
        [alone] = tagger.predict([text])
        assert shape(together) == shape(alone)
        assert score_list(together) == pytest.approx(score_list(alone), abs=1e-5)
        assert [entity.mentions for entity in together.entities] == [entity.mentions for entity in alone.entities]


def test_cores_read_batches_of_their_own_and_give_the_same(tagger: Tagger) -> None:
    texts = [*SHORT, LONG] * 3
    batched = Tagger(model=tagger.model, tokenizer=tagger.tokenizer, settings=tagger.settings, tokens_per_batch=70)
    alone = batched.log_probabilities(texts)
    threads: set[tuple[int, int]] = set()
    hook = tagger.model.register_forward_pre_hook(
        lambda *_: threads.add((get_ident(), torch.get_num_threads()))  # each on one thread
    )
    torch.set_num_threads(3)
    try:
        together = batched.log_probabilities(texts)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(1)
        hook.remove()
    assert {number for _, number in threads} == {1}
    assert get_ident() not in {thread for thread, _ in threads}
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_long_article_has_the_scores_of_its_windows_one_by_one(tagger: Tagger) -> None:
    subwords = SubwordTokenizer(tagger.tokenizer)
    [encoded] = subwords.encode([LONG])
    [merged] = tagger.log_probabilities([LONG])
    length = len(encoded.ids)
    windows = plan_windows(length, size=30, stride=8)
    assert len(windows) > 3
    assert merged.shape == (length, 9)
    values = [run_alone(tagger, subwords.window_ids(encoded.ids[w.start : w.stop])) for w in windows]
    for token in range(length):
        room = {
            index: min(
                token - window.start if window.start else length,
                window.stop - 1 - token if window.stop < length else length,
            )
            for index, window in enumerate(windows)
            if window.start <= token < window.stop
        }
        furthest = [index for index in room if room[index] == max(room.values())]
        gaps = [np.abs(values[index][token - windows[index].start] - merged[token]).max() for index in furthest]
        assert min(gaps) < 1e-5


def run_alone(tagger: Tagger, ids: NDArray[np.int32]) -> NDArray[np.float32]:
    with torch.inference_mode():
        logits = tagger.model(input_ids=torch.tensor([ids.tolist()])).logits[0, 1:-1]
    return np.asarray(torch.log_softmax(logits, dim=-1).numpy())


@pytest.mark.parametrize("text", ["", " \n\n "])
def test_a_text_without_subwords_has_no_scores(tagger: Tagger, text: str) -> None:
    [scores] = tagger.log_probabilities([text])
    assert scores.shape == (0, 9)
    assert list(tagger.log_probabilities([])) == []


def test_log_probabilities_are_normalised(tagger: Tagger) -> None:
    for scores in tagger.log_probabilities([*SHORT, LONG]):
        assert np.exp(scores).sum(axis=1) == pytest.approx(np.ones(len(scores)), abs=1e-5)


def test_a_saved_folder_loads_as_a_pipeline_with_the_same_scores(model_folder: Path, tagger: Tagger) -> None:
    tag = pipeline(
        "token-classification", model=str(model_folder), aggregation_strategy="none", ignore_labels=[], device="cpu"
    )
    fitting = [SHORT[0], SHORT[1], SHORT[3], SHORT[5]]
    for text, ours in zip(fitting, tagger.log_probabilities(fitting), strict=True):
        theirs = tag(text)
        assert [token["entity"] for token in theirs] == [tagger.scheme.tags[index] for index in ours.argmax(axis=1)]
        assert [float(token["score"]) for token in theirs] == pytest.approx(np.exp(ours.max(axis=1)).tolist(), abs=1e-5)


def test_whole_words_keeps_spans_out_of_words(tagger: Tagger) -> None:
    text = " ".join(["gunmenbus50villagé"] * 5)
    edges = {index for span in next(tagger.predict([text])).spans for index in (span.start, span.end)}
    loose = Tagger(
        model=tagger.model,
        tokenizer=tagger.tokenizer,
        settings=tagger.settings.model_copy(update={"whole_words": False}),
    )
    loose_edges = {index for span in next(loose.predict([text])).spans for index in (span.start, span.end)}
    words = {index for index in range(len(text) + 1) if index % 19 in (0, 18)}
    assert edges
    assert edges <= words
    assert not loose_edges <= words


def test_spans_less_probable_than_their_labels_threshold_are_left_out(tagger: Tagger) -> None:
    text = "Two gunmen killed at least 50 soldiers near Gao. The army said the rebels attacked a bus."
    everything = next(tagger.predict([text])).spans
    thresholds = dict.fromkeys(tagger.settings.labels, 0.0)
    label = max(thresholds, key=lambda label: sum(span.label == label for span in everything))
    scores = sorted(span.score or 0.0 for span in everything if span.label == label)
    thresholds[label] = scores[len(scores) // 2]
    strict = Tagger(
        model=tagger.model,
        tokenizer=tagger.tokenizer,
        settings=tagger.settings.model_copy(update={"thresholds": thresholds}),
    )
    kept = shape(next(strict.predict([text])))
    assert 0 < len(kept) < len(everything)
    assert kept == [(s.start, s.end, s.label) for s in everything if (s.score or 0.0) >= thresholds[s.label]]


def test_a_temperature_changes_scores_and_no_span(tagger: Tagger) -> None:
    articles = [Article(str(number), text) for number, text in enumerate([*SHORT, LONG])]
    emissions = list(tagger.emissions(articles))
    cool = find_spans(emissions, tagger.settings)
    warm = find_spans(emissions, tagger.settings.model_copy(update={"temperature": 3.0}))
    assert [[(s.start, s.end, s.label) for s in spans] for spans in cool] == [
        [(s.start, s.end, s.label) for s in spans] for spans in warm
    ]
    assert sum(s.score or 0.0 for spans in warm for s in spans) < sum(s.score or 0.0 for spans in cool for s in spans)
    assert [shape(article) for article in tagger.predict(articles)] == [
        [(s.start, s.end, s.label) for s in spans] for spans in cool
    ]


def test_an_article_whose_best_span_is_below_its_threshold_has_none_at_any_temperature(tagger: Tagger) -> None:
    emissions = list(tagger.emissions([Article(str(number), text) for number, text in enumerate([*SHORT, LONG])]))
    found = find_spans(emissions, tagger.settings.model_copy(update={"thresholds": dict.fromkeys(tagger.labels, 0.0)}))
    best = [max((span.score or 0.0 for span in spans), default=0.0) for spans in found]
    threshold = sorted(best)[len(best) // 2] - 1e-6  # scores of spans are rounded
    assert 0.0 < threshold <= max(best)
    for temperature in (1.0, 3.0):
        changes = {"article_threshold": threshold, "temperature": temperature}
        changes |= {"thresholds": dict.fromkeys(tagger.labels, 0.0)}
        kept = find_spans(emissions, tagger.settings.model_copy(update=changes))
        assert [len(spans) for spans in kept] == [
            len(spans) if score >= threshold else 0 for spans, score in zip(found, best, strict=True)
        ]


def test_half_the_precision_gives_nearly_the_same(model_folder: Path, tagger: Tagger) -> None:
    text = "Two gunmen killed at least 50 soldiers near Gao. The army said the rebels attacked a bus."
    half = Tagger.load(model_folder, precision="bfloat16")
    assert half.model.dtype == torch.bfloat16
    (exact,), (rough,) = tagger.log_probabilities([text]), half.log_probabilities([text])
    assert rough.dtype == np.float32
    np.testing.assert_allclose(np.exp(rough), np.exp(exact), atol=0.05)


@given(kinds=st.lists(st.sampled_from("tad"), min_size=1, max_size=8), at_once=st.integers(1, 9))
@settings(deadline=None, max_examples=20)
def test_a_stream_keeps_the_order_and_takes_texts_articles_and_dicts(
    tagger: Tagger, kinds: list[str], at_once: int
) -> None:
    texts = [SHORT[number % len(SHORT)] for number in range(len(kinds))]
    mixed = [
        {"t": text, "a": Article(f"a{n}", text, meta={"n": n}), "d": {"id": f"d{n}", "text": text, "n": n}}[kind]
        for n, (kind, text) in enumerate(zip(kinds, texts, strict=True))
    ]
    labelled = list(tagger.stream(mixed, at_once=at_once))
    assert [article.text for article in labelled] == texts
    assert [(article.id, dict(article.meta)) for article in labelled] == [
        (str(number + 1), {}) if kind == "t" else (f"{kind}{number}", {"n": number})
        for number, kind in enumerate(kinds)
    ]
    alone = [next(tagger.predict([text])) for text in texts]
    assert [shape(article) for article in labelled] == [shape(article) for article in alone]


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_stream_reads_no_further_ahead_than_it_is_told(tagger: Tagger, at_once: int) -> None:
    read: list[int] = []

    def endless() -> Iterator[str]:
        for number in count(1):
            read.append(number)
            yield SHORT[0]

    stream = tagger.stream(endless(), at_once=at_once)
    for number in range(1, 8):
        next(stream)
        assert len(read) == -(-number // at_once) * at_once


def test_a_stream_of_nothing_at_a_time_is_refused(tagger: Tagger) -> None:
    with pytest.raises(DataError, match="at_once is 0"):
        next(tagger.stream(SHORT, at_once=0))


@pytest.mark.parametrize("single", [SHORT[0], {"id": "a1", "text": SHORT[0]}])
def test_a_single_text_is_not_read_as_its_characters_nor_a_dict_as_its_keys(
    tagger: Tagger, single: str | dict[str, str]
) -> None:
    for system in (tagger, RuleTagger()):
        with pytest.raises(DataError, match=r"a single (text|dict): put it into a list"):
            next(system.predict(single))


def test_references_and_invisible_characters_do_not_reach_the_model(tagger: Tagger) -> None:
    shown = "Two gunmen killed the rebels’ soldiers & police in Gao. The army said they attacked a bus."
    text = (
        "\ufeffTwo gun\xadmen killed the rebels&rsquo; sol\u200bdiers &amp; police in&#32;Gao. The army said they "
        "att&shy;acked a bus."
    )
    [found], [expected] = tagger.predict([text]), tagger.predict([shown])
    assert expected.spans
    assert [render(found.surface(span)).text for span in found.spans] == [
        expected.surface(span) for span in expected.spans
    ]
    assert [(span.label, span.score, span.entity) for span in found.spans] == [
        (span.label, span.score, span.entity) for span in expected.spans
    ]
    assert (found.text, found.entities, found.death_toll) == (text, expected.entities, expected.death_toll)
