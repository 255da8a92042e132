import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import Article, InputError
from afteraction.data.checks.duplicates import jaccard, shingles
from afteraction.model import Tagger
from afteraction.model.decoding.spans import spans_by_temperature
from afteraction.model.suggestion import Suggestions, parse_weights, suggest, uncertainty_of

WORDS = (
    "gunmen rebels soldiers police bus village market Gao Mali Kano killed attacked wounded river army near 12".split()
)

pools = st.lists(
    st.tuples(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.sampled_from("ABC")), max_size=14
).map(
    lambda drawn: [
        Article(str(number), " ".join(words), meta={"source": source}) for number, (words, source) in enumerate(drawn)
    ]
)


def ids(result: Suggestions) -> list[str]:
    return [suggestion.article.id for suggestion in result.chosen]


@settings(max_examples=25)
@given(pools, st.integers(1, 20))
def test_the_choice_is_varied_and_fixed(tagger: Tagger, pool: list[Article], number: int) -> None:
    result = suggest(tagger, pool, number=number, seed=3)
    chosen = [suggestion.article for suggestion in result.chosen]
    candidates = len(pool) - result.near_duplicates
    assert len(chosen) == min(number, candidates)
    assert not any(jaccard(shingles(a.text), shingles(b.text)) >= 0.8 for a, b in combinations(chosen, 2))
    uncertainties = [suggestion.uncertainty for suggestion in result.chosen]
    assert uncertainties == sorted(uncertainties, reverse=True)
    # Each source has its share of the candidates. A larger number chooses all of them.
    everything = suggest(tagger, pool, number=len(pool) + 1, seed=3)
    assert len(everything.chosen) == candidates
    shares = Counter(suggestion.article.meta["source"] for suggestion in everything.chosen)
    found = Counter(article.meta["source"] for article in chosen)
    assert all(abs(found[source] - len(chosen) * share / candidates) < 1 for source, share in shares.items())
    # The order of the pool does not matter.
    assert ids(suggest(tagger, pool[::-1], number=number, seed=3)) == ids(result)


def test_the_least_certain_come_first_and_lengths_are_spread(tagger: Tagger) -> None:
    same = [Article(f"{one}-{two}", f"{one} {two}", meta={"source": 1}) for one, two in combinations(WORDS, 2)]
    same = [article for article in same if len(article.text) == 10]
    assert len(same) > 8
    result = suggest(tagger, same, number=4)
    of_all = {one.article.id: one.uncertainty for one in suggest(tagger, same, number=len(same)).chosen}
    assert [one.uncertainty for one in result.chosen] == sorted(of_all.values(), reverse=True)[:4]
    pool = [Article(str(number), " ".join(f"x{number}y{word}" for word in range(number))) for number in range(1, 41)]
    lengths = sorted(int(name) for name in ids(suggest(tagger, pool, number=8)))
    assert Counter((length - 1) // 10 for length in lengths) == {0: 2, 1: 2, 2: 2, 3: 2}


def test_seeds_decide_between_articles_of_one_uncertainty(tagger: Tagger) -> None:
    pool = [Article(str(number), " " * number) for number in range(20)]
    chosen = [tuple(ids(suggest(tagger, pool, number=5, seed=seed))) for seed in (0, 0, 1, 2)]
    assert chosen[0] == chosen[1]
    assert len(set(chosen)) > 1
    assert all(suggestion.uncertainty == 0 for suggestion in suggest(tagger, pool, number=20).chosen)


def test_what_repeats_an_annotated_article_is_left_out(tagger: Tagger) -> None:
    text = (
        "Two gunmen killed at least 50 soldiers near Gao on the river, the army said on Monday in the city of Bamako."
    )
    pool = [Article("same", text), Article("near", text + " It said more."), Article("other", "Rebels attacked a bus.")]
    result = suggest(tagger, pool, number=5, annotated=[Article("x", text)])
    assert (ids(result), result.annotated, result.near_duplicates) == (["other"], 2, 0)
    result = suggest(tagger, pool, number=5)
    assert (len(result.chosen), result.annotated, result.near_duplicates) == (2, 0, 1)


def test_suggestions_are_what_the_tagger_predicts(tagger: Tagger, articles: list[Article]) -> None:
    predicted = {article.id: article for article in tagger.predict(articles)}
    result = suggest(tagger, articles, number=9)
    assert {one.article.id: one.article.spans for one in result.chosen} == {
        name: article.spans for name, article in predicted.items()
    }
    assert result.mean_uncertainty == pytest.approx(np.mean([one.uncertainty for one in result.chosen]))


def test_the_uncertainty_is_the_expected_number_of_wrong_spans(tagger: Tagger, articles: list[Article]) -> None:
    weights = {label: 2.0**power for power, label in enumerate(tagger.labels)}
    for emissions in tagger.emissions(articles):
        [[spans]] = spans_by_temperature([emissions], tagger.settings, temperatures=[1.0])
        expected = sum(weights[span.label] * min(span.score or 0, 1 - (span.score or 0)) for span in spans)
        for (start, _), row in zip(emissions.bounds.tolist(), emissions.log_probabilities.tolist(), strict=True):
            if not any(span.start <= start < span.end for span in spans):
                for number, label in enumerate(tagger.labels):
                    begin = math.exp(row[1 + 2 * number])
                    expected += weights[label] * min(begin, 1 - begin)
        assert uncertainty_of(emissions, tagger.settings, weights=weights) == pytest.approx(expected, abs=1e-4)


def test_a_weight_of_nought_ignores_a_label(tagger: Tagger, articles: list[Article]) -> None:
    nothing = dict.fromkeys(tagger.labels, 0.0)
    assert all(one.uncertainty == 0 for one in suggest(tagger, articles, number=9, weights=nothing).chosen)


def test_wrong_weights_and_ids_are_refused(tagger: Tagger) -> None:
    assert parse_weights(["A=2", "B=C=0.5"]) == {"A": 2.0, "B=C": 0.5}
    for item in ("A", "=2", "A=x", "A="):
        with pytest.raises(InputError, match="needs a label and a number"):
            parse_weights([item])
    with pytest.raises(InputError, match="did you mean 'TARGET'"):
        suggest(tagger, [], number=1, weights={"TARGT": 1})
    with pytest.raises(InputError, match="must be 0 or more"):
        suggest(tagger, [], number=1, weights={"TARGET": -1})
    with pytest.raises(InputError, match="2 articles of the pool have this id"):
        suggest(tagger, [Article("a", "x"), Article("a", "y")], number=1)
    assert suggest(tagger, [], number=3) == Suggestions((), 0, 0.0, 0, 0)
