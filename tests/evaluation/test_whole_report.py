"""Every figure of a report and of a comparison, compared with a plain implementation of docs/metrics.md."""

from collections import defaultdict
from itertools import permutations, product
from math import log
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from afteraction.data import Article, Entity, Span, Toll
from afteraction.evaluation import EntityForm, Row, Scores, compare, evaluate, nearest_toll
from afteraction.evaluation.counting.names import normalise, normalise_name
from afteraction.evaluation.counting.spans import head_word

WORDS = ("The", "men", "of", "Gao,", "men", "the", "Front", "killed", "12", "Mali's", "gao", "two", "died")
TEXT = " ".join(WORDS)
EDGES = [(len(" ".join(WORDS[:index])) + bool(index), len(" ".join(WORDS[: index + 1]))) for index in range(len(WORDS))]
LABELS = ("TARGET", "LOCATION", "DEATH_TOLL")

Pair = tuple[Article, Article]
Figures = tuple[float, float, float, float, float]
"""Precision, recall, F1, support and predicted."""


@st.composite
def sides(draw: st.DrawFn, identity: str, *, predicted: bool) -> Article:
    """Draws an article with spans over some of its words, and perhaps entities, a toll and unknown labels."""
    spans, index = [], 0
    while index < len(WORDS):
        last = draw(st.integers(index, min(index + 2, len(WORDS) - 1)))
        if draw(st.booleans()):
            group = draw(st.sampled_from([None, "e1", "e2"]))
            spans.append(Span(EDGES[index][0], EDGES[last][1], draw(st.sampled_from(LABELS)), group))
        index = last + 1
    mentions = st.lists(st.sampled_from(["Gao", "the Front", "FRONT", "men", "12", "Mali"]), min_size=1, max_size=3)
    named = draw(st.lists(st.tuples(st.sampled_from(LABELS), mentions), max_size=3)) if predicted else []
    low = draw(st.none() | st.integers(0, 20))
    unknown = () if predicted else draw(st.sets(st.sampled_from(LABELS), max_size=2))
    return Article(
        identity,
        TEXT,
        tuple(spans),
        None if low is None else Toll(low, draw(st.none() | st.integers(low, 25))),
        tuple(Entity(f"e{number}", label, names[0], tuple(names), 0.5) for number, (label, names) in enumerate(named)),
        unknown_labels=tuple(sorted(unknown)),
        death_toll_score=draw(st.none() | st.floats(0, 1)) if predicted else None,
    )


@st.composite
def corpora(draw: st.DrawFn, *, systems: int = 1) -> list[list[Article]]:
    """Draws gold articles, then the same articles as predicted by each system."""
    ids = [f"a{number}" for number in range(draw(st.integers(1, 4)))]
    return [[draw(sides(identity, predicted=side > 0)) for identity in ids] for side in range(1 + systems)]


def scored(article: Article, unknown: tuple[str, ...]) -> list[Span]:
    return [span for span in article.spans if span.label not in unknown]


def largest_matching(gold: list[Span], predicted: list[Span], *, labels: bool) -> int:
    if not gold or not predicted:
        return 0
    touching = [
        [a.start < b.end and b.start < a.end and (a.label == b.label or not labels) for b in predicted] for a in gold
    ]
    return int((maximum_bipartite_matching(csr_array(np.array(touching, dtype=int)), perm_type="column") >= 0).sum())


def head(span: Span) -> tuple[int, int]:
    first, last = head_word(TEXT[span.start : span.end])
    return span.start + first, span.start + last


def credit_of_spans(scheme: str, gold: list[Span], predicted: list[Span]) -> float:
    same = sum((a.start, a.end) == (b.start, b.end) for a, b in product(gold, predicted))
    labelled = sum((a.start, a.end, a.label) == (b.start, b.end, b.label) for a, b in product(gold, predicted))
    if scheme == "partial":
        return same + (largest_matching(gold, predicted, labels=False) - same) / 2
    heads = sum((head(a), a.label) == (head(b), b.label) for a, b in product(gold, predicted))
    credit = {"strict": labelled, "exact": same, "head": heads}
    return credit[scheme] if scheme in credit else largest_matching(gold, predicted, labels=True)


def entities(article: Article, unknown: tuple[str, ...], *, label: str, names_alone: bool) -> list[set[str]]:
    """Returns the entities of a label, as sets of normalised mentions."""
    given = [entity for entity in article.entities if entity.label not in unknown]
    if given:
        found = [[e.name] if names_alone else list(e.mentions) for e in given if e.label == label]
    else:
        groups: dict[object, list[str]] = defaultdict(list)
        for span in scored(article, unknown):
            if span.label == label:
                groups[span.entity or span].append(article.surface(span))
        found = [mentions[:1] if names_alone else mentions for mentions in groups.values()]
    return [{normalise(mention) for mention in mentions} for mentions in found]


def credit_of_entities(similarity: str, gold: list[set[str]], predicted: list[set[str]]) -> float:
    """Returns the most credit of any alignment."""

    def similar(one: set[str], other: set[str]) -> float:
        return float(other <= one) if similarity == "strict" else len(other & one) / len(other)

    slots = [*gold, *[None] * len(predicted)]
    return max(
        sum(similar(one, other) for one, other in zip(order, predicted, strict=False) if one is not None)
        for order in permutations(slots, len(predicted))
    )


def names(article: Article, unknown: tuple[str, ...], label: str) -> set[str]:
    given = [entity for entity in article.entities if entity.label not in unknown]
    mentions = (
        [(entity.label, mention) for entity in given for mention in entity.mentions]
        if given
        else [(span.label, article.surface(span)) for span in scored(article, unknown)]
    )
    return {normalise_name(mention) for of, mention in mentions if of == label != "DEATH_TOLL"}


def figures(cells: list[tuple[float, int, int]]) -> Figures:
    credit, predicted, support = (sum(column) for column in zip(*cells, strict=True))
    precision = credit / predicted if predicted else 0
    recall = credit / support if support else 0
    both = predicted + support
    return precision, recall, 2 * credit / both if both else 0, support, predicted


def averages(by_label: dict[str, Figures]) -> list[float]:
    seen = [row for row in by_label.values() if row[3] + row[4]]
    return [mean(row[index] for row in seen) if seen else 0 for index in range(3)]


def naive(pairs: list[Pair], level: str, *, form: EntityForm = "name") -> tuple[dict[str, Figures], Figures]:
    """Returns the rows of a level by label, and its micro average."""
    kind, _, variant = level.partition(" ")
    by_label: dict[str, list[tuple[float, int, int]]] = {label: [] for label in LABELS}
    together: list[tuple[float, int, int]] = []
    for gold, predicted in pairs:
        unknown = gold.unknown_labels
        of_gold, of_predicted = scored(gold, unknown), scored(predicted, unknown)
        if kind == "spans":
            together.append((credit_of_spans(variant, of_gold, of_predicted), len(of_predicted), len(of_gold)))
        for label in LABELS:
            if kind == "spans":
                ours, theirs = ([span for span in side if span.label == label] for side in (of_gold, of_predicted))
                cell = (credit_of_spans(variant, ours, theirs), len(theirs), len(ours))
            elif kind == "entities":
                whole = entities(gold, unknown, label=label, names_alone=False)
                guessed = entities(predicted, unknown, label=label, names_alone=form == "name")
                cell = (credit_of_entities(variant, whole, guessed), len(guessed), len(whole))
                together.append(cell)
            else:
                known, found = names(gold, unknown, label), names(predicted, unknown, label)
                cell = (len(known & found), len(found), len(known))
                together.append(cell)
            by_label[label].append(cell)
    return {label: figures(cells) for label, cells in by_label.items()}, figures(together)


def naive_toll(pairs: list[tuple[Toll | None, Toll | None]], measure: str) -> Figures:
    cells = []
    for gold, predicted in pairs:
        right = gold is not None and predicted is not None and is_right(measure, gold, predicted)
        cells.append((float(right), int(predicted is not None), int(gold is not None)))
    return figures([*cells, (0.0, 0, 0)])


def middle(toll: Toll) -> float:
    return toll.low if toll.high is None else (toll.low + toll.high) / 2


def is_right(measure: str, gold: Toll, predicted: Toll) -> bool:
    if measure == "exact":
        return (gold.low, gold.high) == (predicted.low, predicted.high)
    if measure == "overlap":
        reach = [set(range(toll.low, 100 if toll.high is None else toll.high + 1)) for toll in (gold, predicted)]
        return bool(reach[0] & reach[1])
    distance = abs(middle(gold) - middle(predicted))
    return distance <= 1 if measure == "within_one" else 10 * distance <= middle(gold)


def given_figures(row: Row) -> Figures:
    return row.precision, row.recall, row.f1, row.support, row.predicted


def assert_level(scores: Scores, expected: tuple[dict[str, Figures], Figures]) -> None:
    by_label, micro = expected
    for row in scores.labels:
        assert given_figures(row) == pytest.approx(by_label[row.name], abs=1e-9), row.name
    assert all(not row[3] + row[4] for name, row in by_label.items() if name not in {row.name for row in scores.labels})
    assert given_figures(scores.micro) == pytest.approx(micro, abs=1e-9)
    assert given_figures(scores.macro)[:3] == pytest.approx(averages(by_label), abs=1e-9)


def levels(pairs: list[Pair], form: EntityForm) -> dict[str, tuple[dict[str, Figures], Figures]]:
    mentions = {scheme: naive(pairs, f"spans {scheme}") for scheme in ("strict", "exact", "partial", "type", "head")}
    grouped = {s: naive(pairs, f"entities {s}", form=form) for s in ("strict", "proportional")}
    return mentions | {f"entities_{name}": found for name, found in grouped.items()} | {"names": naive(pairs, "names")}


def with_known_tolls(pairs: list[Pair]) -> list[Pair]:
    return [pair for pair in pairs if pair[0].death_toll is not None or "DEATH_TOLL" not in pair[0].unknown_labels]


def tolls(pairs: list[Pair]) -> list[tuple[Toll | None, Toll | None]]:
    return [(gold.death_toll, predicted.death_toll) for gold, predicted in with_known_tolls(pairs)]


@given(corpora(), st.sampled_from(["name", "mentions"]))
@settings(deadline=None, max_examples=60)
def test_every_figure_of_a_report_is_what_the_document_says(corpus: list[list[Article]], form: EntityForm) -> None:
    gold, predicted = corpus
    pairs = list(zip(gold, predicted, strict=True))
    report = evaluate(gold, predicted[::-1], entity_form=form, samples=2)
    expected = levels(pairs, form)
    for scheme, scores in report.mentions.items():
        assert_level(scores, expected[scheme])
    for similarity, scores in report.entities.items():
        assert_level(scores, expected[f"entities_{similarity}"])
    assert_level(report.names, expected["names"])
    for found, answers in (
        (report.tolls, tolls(pairs)),
        (report.tolls.rule, [(toll, nearest_toll(TEXT)) for toll, _ in tolls(pairs)]),
    ):
        assert found is not None
        for row in found.rows:
            assert given_figures(row) == pytest.approx(naive_toll(answers, row.name), abs=1e-9), row.name
        assert found.articles == len(answers)
        assert found.neither == answers.count((None, None))
        errors = [abs(log((middle(b) + 1) / (middle(a) + 1))) for a, b in answers if a is not None and b is not None]
        assert found.log_error == (pytest.approx(mean(errors), abs=1e-9) if errors else None)
    scored = [
        (predicted.death_toll_score, gold.death_toll == predicted.death_toll)
        for gold, predicted in with_known_tolls(pairs)
        if predicted.death_toll_score is not None
    ]
    assert (report.tolls.mean_score is None) == (not scored)
    if scored:
        expected_means = (mean(score for score, _ in scored), mean(right for _, right in scored))
        assert (report.tolls.mean_score, report.tolls.share_right) == pytest.approx(expected_means, abs=1e-9)


@given(corpora(systems=2))
@settings(deadline=None, max_examples=30)
def test_every_difference_and_p_is_what_the_document_says(corpus: list[list[Article]]) -> None:
    gold, first, second = corpus

    def scores(system: list[Article]) -> dict[tuple[str, str], float]:
        pairs = list(zip(gold, system, strict=True))
        found: dict[tuple[str, str], float] = {}
        for level, (by_label, micro) in levels(pairs, "name").items():
            found |= {(level, "micro"): micro[2], (level, "macro"): averages(by_label)[2]}
        for measure in ("exact", "overlap", "within_tenth", "within_one"):
            found[f"tolls_{measure}", "micro"] = naive_toll(tolls(pairs), measure)[2]
        return found

    one, other = scores(first), scores(second)
    shuffles = []
    for swapped in product((False, True), repeat=len(gold)):
        sides = [pair[::-1] if swap else pair for swap, *pair in zip(swapped, first, second, strict=True)]
        left, right = (scores([pair[index] for pair in sides]) for index in (0, 1))
        shuffles.append({key: abs(right[key] - left[key]) for key in left})
    found = compare(gold, first, second, samples=2000).differences
    assert {(row.level, row.average) for row in found} == set(one)
    for row in found:
        key = (row.level, row.average)
        assert (row.first, row.second) == pytest.approx((one[key], other[key]), abs=1e-9), key
        exact = mean(shuffle[key] >= abs(other[key] - one[key]) - 1e-9 for shuffle in shuffles)
        assert row.p == pytest.approx(exact, abs=6 * (exact * (1 - exact) / 2000) ** 0.5 + 1e-3), key
