import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, InputError, Span, SubwordTokenizer
from afteraction.evaluation import (
    ArticleSlicer,
    Slice,
    SliceCounter,
    SpanSlicer,
    default_slicers,
    require_meta_field,
    score_spans,
    subword_offset,
    word_offset,
)
from afteraction.evaluation.figures.slices import (
    MOST_VALUES,
    REST,
    attacks_slicer,
    case_slicer,
    length_slicer,
    meta_slicer,
    name_slicer,
    position_slicer,
    span_length_slicer,
)

TEXT = "Rebels attacked the bus near Gao. The gunmen of the Front fled."


@st.composite
def pairs(draw: st.DrawFn) -> list[tuple[Article, Article]]:
    def side() -> tuple[Span, ...]:
        words = [(0, 6), (16, 23), (29, 32), (34, 44)]
        return tuple(Span(*word, draw(st.sampled_from("AB"))) for word in words if draw(st.booleans()))

    return [
        (
            Article(str(number), TEXT, side(), meta={"source": draw(st.sampled_from("xyz"))}),
            Article(str(number), TEXT, side()),
        )
        for number in range(draw(st.integers(1, 6)))
    ]


def slices(slicer: ArticleSlicer | SpanSlicer, pairs: list[tuple[Article, Article]]) -> list[Slice]:
    counter = SliceCounter([slicer])
    for gold, predicted in pairs:
        counter.add(gold, predicted)
    return list(counter.result())


@given(pairs())
def test_a_slice_of_articles_scores_as_those_articles_alone(pairs: list[tuple[Article, Article]]) -> None:
    found = slices(meta_slicer("source"), pairs)
    assert {part.value for part in found} == {gold.meta["source"] for gold, _ in pairs}
    for part in found:
        members = [(gold, predicted) for gold, predicted in pairs if gold.meta["source"] == part.value]
        expected = score_spans([gold for gold, _ in members], [predicted for _, predicted in members]).micro
        assert part.articles == len(members)
        assert (part.row.precision, part.row.recall, part.row.f1) == (expected.precision, expected.recall, expected.f1)
        assert (part.row.support, part.row.predicted) == (expected.support, expected.predicted)
        assert 0 <= part.row.f1_interval.low <= part.row.f1_interval.high <= 1


@given(pairs())
def test_slices_of_spans_add_up_to_all_spans(pairs: list[tuple[Article, Article]]) -> None:
    found = slices(span_length_slicer(), pairs)
    assert sum(part.row.support for part in found) == sum(len(gold.spans) for gold, _ in pairs)
    assert sum(part.row.predicted for part in found) == sum(len(predicted.spans) for _, predicted in pairs)
    whole = score_spans([gold for gold, _ in pairs], [predicted for _, predicted in pairs]).micro
    correct = sum(part.row.recall * part.row.support for part in found)
    assert correct == pytest.approx(whole.recall * whole.support)


def test_the_interval_is_that_of_drawing_every_article() -> None:
    random = np.random.default_rng(0)
    pairs, counts = [], []
    for number in range(60):
        gold = tuple(Span(index, index + 1, "A") for index in range(int(random.integers(0, 5))))
        predicted = tuple(Span(index, index + 1, "A") for index in range(int(random.integers(0, 5))))
        pairs.append((Article(str(number), "x" * 5, gold), Article(str(number), "x" * 5, predicted)))
        counts.append((min(len(gold), len(predicted)), len(predicted) + len(gold)))
    drawn = np.array(counts)[random.integers(0, 60, size=(20_000, 60))].sum(axis=1)
    expected = np.percentile(2 * drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    [found] = slices(case_slicer(), pairs)
    assert [found.row.f1_interval.low, found.row.f1_interval.high] == pytest.approx(list(expected), abs=0.02)


def value(slicer: ArticleSlicer, text: str = "x", **meta: object) -> str | None:
    return slicer.value(Article("a", text, meta=meta))


@pytest.mark.parametrize(
    ("words", "band"),
    [
        (0, "up to 200 words"),
        (200, "up to 200 words"),
        (201, "201 to 400 words"),
        (800, "401 to 800 words"),
        (801, "over 800 words"),
    ],
)
def test_articles_by_length(words: int, band: str) -> None:
    assert value(length_slicer(), "a " * words) == band


def test_articles_by_case() -> None:
    assert [value(case_slicer(), text) for text in ("GUNMEN, 5 DEAD", "gunmen", "Gunmen", "123")] == [
        "upper",
        "lower",
        "mixed",
        "mixed",
    ]


def test_articles_by_attacks_and_fields() -> None:
    found = [value(attacks_slicer(), incidents=attacks) for attacks in (0, 1, 2, 3, 12, "two", -1, True)]
    assert found == ["no attack", "1 attack", "2 attacks", *["3 attacks or more"] * 2, None, None, None]
    assert value(attacks_slicer()) is None
    assert [value(meta_slicer("a"), a=given) for given in ("x", 3, True, None, ["x"])] == ["x", "3", "True", None, None]


def span_value(slicer: SpanSlicer, text: str, surface: str, *, label: str = "TARGET") -> str:
    start = text.index(surface)
    return slicer.values_of(Article("a", text))(Span(start, start + len(surface), label))


def test_spans_by_length() -> None:
    text = "Rebels of the Front for the Liberation of all of Azawad attacked two buses"
    slicer = span_length_slicer()
    assert span_value(slicer, text, "Rebels") == "1 word"
    assert span_value(slicer, text, "two buses") == "2 words"
    assert span_value(slicer, text, "Rebels of the Front") == "3 or 4 words"
    assert span_value(slicer, text, "the Liberation of all of Azawad") == "5 to 8 words"
    assert span_value(slicer, text, text) == "over 8 words"


def test_spans_by_position() -> None:
    near, far = f"{'a ' * 399}bus", f"  {'a ' * 400}bus"
    assert span_value(position_slicer(word_offset), near, "bus") == "near the beginning"
    assert span_value(position_slicer(word_offset), far, "bus") == "far on"
    assert word_offset("a " * 400) == 800
    assert word_offset("") == 0


def test_spans_by_position_in_subwords(subwords: SubwordTokenizer) -> None:
    offset = subword_offset(subwords, subwords=4)
    assert offset("two gunmen killed 12 soldiers") == len("two gunmen killed 12 ")
    assert offset("two gunmen killed 12") == len("two gunmen killed 12")


def test_spans_by_names_of_training() -> None:
    training = [Article("t", "The Front hit Gao", (Span(0, 9, "PERPETRATOR"), Span(14, 17, "LOCATION")))]
    slicer = name_slicer(training)
    assert span_value(slicer, "the FRONT fled", "the FRONT", label="PERPETRATOR") == "seen in training"
    assert span_value(slicer, "in Gao", "Gao", label="LOCATION") == "seen in training"
    assert span_value(slicer, "in Gao", "Gao", label="TARGET") == "not seen in training"
    assert span_value(slicer, "a bus of Bani", "bus of Bani") == "not seen in training"
    assert span_value(slicer, "The gunmen fled", "The gunmen") == "no name"


def test_values_in_their_order_and_many_values_put_together() -> None:
    pairs = [(Article(str(n), "x", meta={"source": f"s{n % 20:02}"}), Article(str(n), "x")) for n in range(45)]
    found = slices(meta_slicer("source"), pairs)
    assert [part.value for part in found] == [*(f"s{n:02}" for n in range(MOST_VALUES)), REST]
    assert sum(part.articles for part in found) == 45
    texts = ["lower", "UPPER", "UPPER", "Mixed"]
    found = slices(case_slicer(), [(Article(str(n), text), Article(str(n), text)) for n, text in enumerate(texts)])
    assert [(part.value, part.articles) for part in found] == [("mixed", 1), ("upper", 2), ("lower", 1)]


def test_a_field_that_no_article_has_is_refused() -> None:
    articles = [Article("a", "x"), Article("b", "x", meta={"source": "wire"}), Article("c", "x", meta={"desk": 1})]
    rest = iter(articles)
    require_meta_field("source", rest, name="gold.jsonl")
    assert [article.id for article in rest] == ["c"]  # nothing is read past the first article with the field
    with pytest.raises(InputError, match=r"dask: no article of gold\.jsonl has .* did you mean 'desk'"):
        require_meta_field("dask", articles, name="gold.jsonl")
    with pytest.raises(InputError, match="their meta is empty"):
        require_meta_field("desk", articles[:1], name="gold.jsonl")


def test_a_field_without_a_single_value_is_refused() -> None:
    articles = [Article("a", "x", meta={"tags": ["x"], "desk": None}), Article("b", "x", meta={"tags": {"x": 1}})]
    for field in ("tags", "desk"):
        with pytest.raises(InputError, match=rf"{field}: in gold\.jsonl, .* always a null, a list or a mapping"):
            require_meta_field(field, articles, name="gold.jsonl")
    require_meta_field("tags", [*articles, Article("c", "x", meta={"tags": "x"})], name="gold.jsonl")


def test_the_default_dimensions() -> None:
    names = [slicer.dimension for slicer in default_slicers(training=[], meta=["source", "kind"])]
    assert names == [
        "article length",
        "position in the article",
        "span length",
        "name",
        "case",
        "attacks",
        "meta source",
        "meta kind",
    ]
    assert "name" not in {slicer.dimension for slicer in default_slicers()}
