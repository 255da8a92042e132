from collections import Counter
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, Span
from afteraction.evaluation import ERROR_KINDS, ErrorCounter, SpanError, span_errors

TEXT = "x" * 24


@st.composite
def side(draw: st.DrawFn) -> tuple[Span, ...]:
    """Draws spans without overlaps, over a short text, so that those of two sides often overlap."""
    edges = draw(st.lists(st.integers(0, len(TEXT)), unique=True, max_size=12).map(sorted))
    return tuple(Span(start, end, draw(st.sampled_from("AB"))) for start, end in pairwise(edges) if draw(st.booleans()))


def pair(gold: tuple[Span, ...], predicted: tuple[Span, ...]) -> tuple[Article, Article]:
    return Article("a", TEXT, gold), Article("a", TEXT, predicted)


def naive_errors(
    gold: tuple[Span, ...], predicted: tuple[Span, ...]
) -> set[tuple[str, frozenset[Span], frozenset[Span]]]:
    """Applies the definition to sets: cuts one overlap at a time, then collects connected spans."""
    correct = set(gold) & set(predicted)
    nodes = [(0, span) for span in gold if span not in correct] + [
        (1, span) for span in predicted if span not in correct
    ]
    links = {
        (a, b): len(set(range(a[1].start, a[1].end)) & set(range(b[1].start, b[1].end)))
        for a in nodes
        for b in nodes
        if a[0] == 0 and b[0] == 1
    }
    links = {link: size for link, size in links.items() if size}
    while True:
        degree = Counter(node for link in links for node in link)
        inner = [link for link in links if all(degree[node] > 1 for node in link)]
        if not inner:
            break
        least = min(links[link] for link in inner)
        del links[next(link for link in inner if links[link] == least)]
    errors = set()
    for node in nodes:
        group, grown = {node}, set()
        while group != grown:
            grown = set(group)
            group |= {end for link in links if grown & set(link) for end in link}
        of_gold = frozenset(span for which, span in group if which == 0)
        of_predicted = frozenset(span for which, span in group if which == 1)
        errors.add((naive_kind(of_gold, of_predicted), of_gold, of_predicted))
    return errors


def naive_kind(gold: frozenset[Span], predicted: frozenset[Span]) -> str:
    sizes = (min(len(gold), 2), min(len(predicted), 2))
    if sizes == (1, 1):
        same_label = {span.label for span in gold} == {span.label for span in predicted}
        same_offsets = {(span.start, span.end) for span in gold} == {(span.start, span.end) for span in predicted}
        return {(True, False): "boundary", (False, True): "label", (False, False): "both"}[same_label, same_offsets]
    return {(1, 0): "missed", (0, 1): "spurious", (1, 2): "split", (2, 1): "merged"}[sizes]


@given(side(), side())
def test_errors_are_those_of_the_definition_read_off(gold: tuple[Span, ...], predicted: tuple[Span, ...]) -> None:
    found = {
        (error.kind, frozenset(error.gold), frozenset(error.predicted)) for error in span_errors(*pair(gold, predicted))
    }
    assert found == naive_errors(gold, predicted)


@given(side(), side())
def test_every_span_is_correct_or_in_one_error(gold: tuple[Span, ...], predicted: tuple[Span, ...]) -> None:
    errors = span_errors(*pair(gold, predicted))
    correct = [span for span in gold if span in predicted]
    assert Counter(gold) == Counter(correct) + Counter(span for error in errors for span in error.gold)
    assert Counter(predicted) == Counter(correct) + Counter(span for error in errors for span in error.predicted)


@pytest.mark.parametrize(
    ("gold", "predicted", "kinds"),
    [
        ("A0-4", "A0-4", []),
        ("A0-4", "B0-4", ["label"]),
        ("A0-4", "A0-5", ["boundary"]),
        ("A0-4", "B1-4", ["both"]),
        ("A0-4", "", ["missed"]),
        ("", "A0-4", ["spurious"]),
        ("A0-4", "A4-6", ["missed", "spurious"]),
        ("A0-9", "A0-4 B5-9", ["split"]),
        ("A0-4 A5-9", "B0-9", ["merged"]),
        ("A0-4 A5-9", "A2-6 A8-12", ["boundary", "boundary"]),
        ("A0-6 A7-9", "A0-2 A3-5 A5-9", ["split", "boundary"]),
    ],
)
def test_each_kind_by_example(gold: str, predicted: str, kinds: list[str]) -> None:
    assert [error.kind for error in span_errors(*pair(spans(gold), spans(predicted)))] == kinds


def spans(written: str) -> tuple[Span, ...]:
    """Returns spans from a string like "A0-4 B5-9"."""
    edges = [(part[0], *map(int, part[1:].split("-"))) for part in written.split()]
    return tuple(Span(start, end, label) for label, start, end in edges)


def test_a_long_chain_is_no_trouble() -> None:
    text = "x" * 40_000
    gold = tuple(Span(start, start + 4, "A") for start in range(0, 39_000, 4))
    predicted = tuple(Span(start, start + 4, "A") for start in range(2, 39_000, 4))
    errors = span_errors(Article("a", text, gold), Article("a", text, predicted))
    assert sum(len(error.gold) for error in errors) == len(gold)


def test_counts_and_examples_of_a_stream() -> None:
    counter = ErrorCounter(examples=2)
    text = "The rebels attacked a bus in Kano."
    ids = count()
    for _ in range(3):
        identity = f"article-{next(ids)}"
        counter.add(
            Article(identity, text, (Span(0, 10, "PERPETRATOR"), Span(29, 33, "LOCATION"))),
            Article(identity, text, (Span(4, 10, "PERPETRATOR"), Span(20, 25, "TARGET"))),
        )
    result = counter.result()
    assert result.total == 9
    assert list(result.counts) == ["LOCATION", "PERPETRATOR", "TARGET"]
    assert result.counts["PERPETRATOR"] == dict.fromkeys(ERROR_KINDS, 0) | {"boundary": 3}
    assert result.counts["LOCATION"]["missed"] == result.counts["TARGET"]["spurious"] == 3
    assert [(example.article, example.error.kind) for example in result.examples] == [
        (f"article-{number}", kind) for kind in ("missed", "boundary", "spurious") for number in (0, 1)
    ]
    assert all(example.text == text and example.start == 0 for example in result.examples)


def test_an_example_shows_the_text_around_its_spans() -> None:
    text = f"{'a' * 100} the bus {'b' * 100}"
    counter = ErrorCounter()
    counter.add(Article("a", text, (Span(101, 108, "TARGET"),)), Article("a", text))
    [example] = counter.result().examples
    assert example.text == text[41:168]
    assert example.start == 41
    assert example.error == SpanError("missed", (Span(101, 108, "TARGET"),), ())
