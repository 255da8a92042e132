from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from afteraction.data import Article, DataError, Toll, write_articles
from afteraction.data.bundled.markup import parse_markup
from afteraction.model.record.tolls import Features, choose, describe, read_candidates, read_weights
from afteraction.train.toll_ranker import (
    PENALTY,
    Example,
    add_noise,
    fit_weights,
    main,
    make_examples,
    read_examples,
)


def article(name: str, marked: str, toll: Toll | None) -> Article:
    text, spans = parse_markup(marked)
    return Article(name, text, spans, toll)


WHOLES = [
    article(f"a{n}", f"They killed {{D {n}}} {{T people}}, including {{D {n - 9}}} {{T monks}}.", Toll(n, n))
    for n in range(12, 30)
]


def loss(examples: Sequence[Example], weights: dict[str, float]) -> float:
    """Returns the loss that the fit minimises, written out."""
    total = PENALTY / 2 * sum(weight**2 for weight in weights.values())
    for example in examples:
        powers = [np.exp(sum(weights[name] * value for name, value in each.items())) for each in example.features]
        total -= example.weight * np.log(sum(np.array(powers)[list(example.right)]) / sum(powers))
    return float(total)


def test_the_fit_is_the_minimum_of_the_loss() -> None:
    cases: list[tuple[list[Features], list[bool], float]] = [
        ([{"early": 1.0}, {"early": 0.5, "part": 1.0}, {"vague": 1.0}], [True, False, True], 1.0),
        ([{"early": 0.2}, {"part": 1.0, "vague": 1.0}], [False, True], 2.0),
        ([{"early": 0.3}, {"vague": 1.0}], [True, False], 0.5),
        ([{"early": 0.3}], [False], 1.0),  # has no effect
    ]
    examples = [Example(*case) for case in cases]
    weights = fit_weights(examples)
    least = loss(examples[:3], weights)
    for name in ("early", "part", "vague", "one"):
        for step in (-0.02, 0.02):
            assert loss(examples[:3], weights | {name: weights[name] + step}) > least


def test_what_is_learned_is_chosen() -> None:
    weights = fit_weights(make_examples(WHOLES[1:]))
    reading = read_candidates(WHOLES[0].text, WHOLES[0].spans)
    tolls = [candidate.toll for candidate in reading.candidates]
    assert choose(tolls, describe(reading), weights).toll == WHOLES[0].death_toll
    assert weights["part"] < 0 < weights["whole"]


def test_noise_is_the_same_each_time_and_leaves_spans_out() -> None:
    versions = [tuple(add_noise(one, seed=1)) for one in WHOLES]
    assert versions == [tuple(add_noise(one, seed=1)) for one in WHOLES]
    kept = sum(map(len, versions))
    assert 0.5 < kept / sum(len(one.spans) for one in WHOLES) < 1
    assert all(0.3 <= (span.score or 0) <= 1 for spans in versions for span in spans)


def test_examples_of_articles_and_of_a_models_spans() -> None:
    plain = list(make_examples(WHOLES[:1]))
    predicted = {WHOLES[0].id: WHOLES[0].with_fields(spans=WHOLES[0].spans[:2])}
    assert len(list(make_examples(WHOLES[:1], predicted=predicted))) == len(plain) + 1
    assert list(make_examples([Article("none", "No attack.")])) == []
    unknown = WHOLES[0].with_fields(unknown_labels=("DEATH_TOLL",))
    assert len(list(make_examples([unknown]))) == len(plain)
    assert list(make_examples([unknown.with_fields(death_toll=None)])) == []
    heavy = list(make_examples(WHOLES[:1], weight=3.0))
    assert [example.weight for example in heavy] == [3 * example.weight for example in plain]


def test_nothing_to_learn_from_is_an_error() -> None:
    with pytest.raises(DataError, match="nothing to learn from"):
        fit_weights([])


def test_files_to_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_articles(WHOLES, tmp_path / "gold.jsonl")
    (tmp_path / "examples.txt").write_text("# a kind\n\n3 | {D Two} {T monks} and {T a nun} died.\n", encoding="utf-8")
    arguments = [str(tmp_path / "gold.jsonl"), "--examples", str(tmp_path / "examples.txt")]
    arguments += ["--predicted", str(tmp_path / "gold.jsonl"), "--output", str(tmp_path / "weights.yaml")]
    main(arguments)
    first = read_weights(tmp_path / "weights.yaml")
    main(arguments)
    assert read_weights(tmp_path / "weights.yaml") == first
    (tmp_path / "examples.txt").write_text("3 {D Two} died.\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(arguments)
    assert "examples.txt, line 1" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["3 {D Two} died", "many | {D Two} died", "2 | {X Two} died", "2 | {D Two died"])
def test_a_wrong_example_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "examples.txt"
    path.write_text(f"# kinds\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"examples\.txt, line 2"):
        read_examples(path)
    with pytest.raises(DataError, match=r"none\.txt"):
        read_examples(tmp_path / "none.txt")
