from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate import Evaluator

from afteraction.data import Article, Span
from afteraction.evaluation import Row, Scores, evaluate
from afteraction.evaluation.counting.spans import count_mentions, count_overlapping, head_word
from afteraction.evaluation.counting.tally import ALL

LABELS = ("TARGET", "LOCATION")
WORDS = 12

Pair = tuple[list[Article], list[Article]]


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    """Draws spans over the words of "w w w ...", in order, without overlaps, some of them adjacent."""
    edges = draw(st.lists(st.integers(0, WORDS), unique=True, max_size=8).map(sorted))
    return tuple(
        Span(2 * first, 2 * last - 1, draw(st.sampled_from(LABELS)))
        for first, last in pairwise(edges)
        if draw(st.booleans())
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[Article], list[Article]]:
    """Draws gold and predicted articles of the same texts."""
    text = " ".join("w" * WORDS)
    sides = draw(st.lists(st.tuples(spans(), spans()), min_size=1, max_size=4))
    gold = [Article(f"a{number}", text, side) for number, (side, _) in enumerate(sides)]
    return gold, [Article(f"a{number}", text, side) for number, (_, side) in enumerate(sides)]


def scores(pair: Pair) -> dict[str, Scores]:
    return dict(evaluate(*pair, labels=LABELS, samples=1).mentions)


def nervaluate(pair: Pair) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Returns nervaluate's precision, recall and F1 by scheme and label, zero for a label without spans.

    Its end offsets are inclusive.
    """
    sides = [
        [[{"label": s.label, "start": s.start, "end": s.end - 1} for s in article.spans] for article in side]
        for side in pair
    ]
    found = Evaluator(*sides, tags=list(LABELS), loader="dict").evaluate()
    rows = {"micro": found["overall"], **found["entities"]}
    return {
        scheme: dict.fromkeys(LABELS, (0.0, 0.0, 0.0))
        | {name: (row[key].precision, row[key].recall, row[key].f1) for name, row in rows.items()}
        for scheme, key in (("strict", "strict"), ("exact", "exact"), ("partial", "partial"), ("type", "ent_type"))
    }


def figures(row: Row) -> tuple[float, float, float]:
    return row.precision, row.recall, row.f1


@given(pairs())
def test_strict_exact_and_partial_scores_agree_with_nervaluate(pair: Pair) -> None:
    ours, theirs = scores(pair), nervaluate(pair)
    for scheme in ("strict", "exact", "partial"):
        for row in (*ours[scheme].labels, ours[scheme].micro):
            assert figures(row) == pytest.approx(theirs[scheme][row.name], abs=1e-9), (scheme, row.name)


@given(pairs())
def test_type_scores_agree_with_nervaluate_where_no_span_overlaps_two(pair: Pair) -> None:
    ours, theirs = scores(pair), nervaluate(pair)
    rows = (*ours["type"].labels, ours["type"].micro)
    if all(overlaps_one(*articles) for articles in zip(*pair, strict=True)):
        for row in rows:
            assert figures(row) == pytest.approx(theirs["type"][row.name], abs=1e-9)
    # Otherwise nervaluate takes the nearest match, or one of a wrong label, and may leave a later span unmatched.
    for row in rows:
        assert row.f1 >= theirs["type"][row.name][2] - 1e-9


def overlaps_one(gold: Article, predicted: Article) -> bool:
    return all(
        sum(s.start < other.end and other.start < s.end for other in others.spans) <= 1
        for side, others in ((gold, predicted), (predicted, gold))
        for s in side.spans
    )


@given(spans(), spans())
def test_the_matching_is_the_largest_of_all(gold: tuple[Span, ...], predicted: tuple[Span, ...]) -> None:
    first, second = ([(s.start, s.end) for s in side[:5]] for side in (gold, predicted))
    small, large = sorted((first, second), key=len)
    largest = max(
        size
        for size in range(len(small) + 1)
        for chosen in combinations(small, size)
        for others in permutations(large, size)
        if all(a[0] < b[1] and b[0] < a[1] for a, b in zip(chosen, others, strict=True))
    )
    assert count_overlapping(first, second) == count_overlapping(second, first) == largest


@given(pairs())
def test_a_more_lenient_scheme_scores_no_less(pair: Pair) -> None:
    found = {scheme: row.micro.f1 for scheme, row in scores(pair).items()}
    assert found["strict"] <= found["exact"] <= found["partial"] + 1e-9
    assert found["strict"] <= found["head"] <= found["type"]


@given(pairs())
def test_gold_against_itself_is_perfect_under_every_scheme(pair: Pair) -> None:
    gold, _ = pair
    for found in scores((gold, gold)).values():
        assert found.micro.f1 == float(any(article.spans for article in gold))


@pytest.mark.parametrize(
    ("phrase", "head"),
    [
        ("a military police school", "school"),
        ("a military police school in Bamako", "school"),
        ("gunmen who came on motorcycles", "gunmen"),
        ("Ahmed Sani, the governor", "Sani"),
        ("the Front (FLS)", "Front"),
        ("the army's men", "men"),
        ("Al-Shabaab", "Al-Shabaab"),
        ("in Gao", "Gao"),
        ("at least 40", "40"),
        ("1,200 displaced villagers", "villagers"),
        ("at least 1,200", "1,200"),
        ("10–15 soldiers", "soldiers"),
        ("the bus, 2 cars", "bus"),
        ("Islamic State – Sahel", "State"),
        ("...", "..."),
        ("the U.S. embassy.", "embassy"),
    ],
)
def test_the_head_is_the_last_word_before_what_only_says_more(phrase: str, head: str) -> None:
    start, end = head_word(phrase)
    assert phrase[start:end] == head


def test_a_head_matches_where_it_stands_and_under_its_label() -> None:
    text = "the police school in Bamako and the school"

    def article(*edges: tuple[int, int]) -> Article:
        return Article("a", text, tuple(Span(start, end, "TARGET") for start, end in edges))

    gold = article((0, 27), (32, 42))
    assert count_mentions(gold, article((4, 17), (36, 42)))["head"] == {"TARGET": (2, 2, 2)}
    assert count_mentions(gold, article((4, 10), (21, 27)))["head"] == {"TARGET": (0, 2, 2)}
    moved = Article("a", text, (Span(0, 27, "LOCATION"),))
    assert count_mentions(gold, moved)["head"] == {"TARGET": (0, 0, 2), "LOCATION": (0, 1, 0)}


def test_a_wrong_label_counts_under_the_schemes_that_do_not_look_at_labels() -> None:
    gold = Article("a", "w w w", (Span(0, 3, "TARGET"),))
    cells = count_mentions(gold, Article("a", "w w w", (Span(0, 3, "LOCATION"),)))
    assert {scheme: sum(cell[0] for label, cell in found.items() if label) for scheme, found in cells.items()} == (
        dict.fromkeys(("strict", "exact", "partial", "type", "head"), 0)
    )
    assert cells["exact"][ALL] == cells["partial"][ALL] == (1, 1, 1)
