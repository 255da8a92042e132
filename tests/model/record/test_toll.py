import re

import pytest

from afteraction.data import Span, Toll
from afteraction.model import choose_toll


def toll_of(marked: str, *scores: float, label: str = "DEATH_TOLL") -> Toll | None:
    """Returns the toll chosen from a text such as "[50] died", whose mentions have these scores, in order."""
    text, spans = "", []
    for before, surface in re.findall(r"([^\[]*)(?:\[([^\]]*)\]|$)", marked):
        text += before
        if surface:
            score = scores[len(spans)] if scores else None
            spans.append(Span(len(text), len(text) + len(surface), label, score=score))
            text += surface
    return choose_toll(text, spans)


def exactly(number: int) -> Toll:
    return Toll(number, number)


@pytest.mark.parametrize(
    ("marked", "toll"),
    [
        ("Rebels killed [at least 50] soldiers.", Toll(50, None)),
        ("[Between 30 and 40] people died.", Toll(30, 40)),
        ("[Dozens of] people died.", Toll(24, None)),
        ("Rebels killed [12]. Another bomb killed [three].", exactly(12)),
        ("Rebels struck a bus. They killed [12]. The toll later rose to [15], police said.", exactly(15)),
        ("Rebels struck a bus. [Forty] were killed there last year. They killed [12].", exactly(12)),
        ("Rebels killed [dozens of] people. Police said [15] died.", exactly(15)),
        ("A raid in 2014 was worse.\n[12] people died on Monday.", exactly(12)),
        ("Rebels killed [people], and [three] died.", exactly(3)),
    ],
)
def test_the_toll_that_the_article_best_supports(marked: str, toll: Toll) -> None:
    assert toll_of(marked) == toll


def test_a_mention_at_the_beginning_of_its_sentence_belongs_to_that_sentence() -> None:
    assert toll_of("Rebels struck a bus. Others did so last year. [Twelve] died. They also killed [fifty].") == exactly(
        12
    )


def test_surer_mentions_weigh_more() -> None:
    marked = "Rebels killed [12] and [15] in Gao."
    assert toll_of(marked, 0.9, 0.4) == exactly(12)
    assert toll_of(marked, 0.4, 0.9) == exactly(15)


def test_a_score_of_zero_is_no_certainty() -> None:
    assert toll_of("Rebels killed [12] and [15] in Gao.", 0.0, 0.4) == exactly(15)


@pytest.mark.parametrize(
    "said",
    [
        "No one was killed.",
        "Nobody was hurt.",
        "There were no casualties.",
        "The blast passed without any deaths.",
        "The fire left no victims.",
    ],
)
def test_an_attack_in_which_nobody_is_said_to_have_died_has_a_toll_of_zero(said: str) -> None:
    text = f"Rebels struck. {said}"
    assert choose_toll(text, [Span(0, 6, "PERPETRATOR")]) == exactly(0)
    assert choose_toll(text, []) is None


@pytest.mark.parametrize(
    ("marked", "toll"),
    [
        ("Rebels struck. Nobody was killed. In earlier raids [one] died last year.", 0),
        ("Rebels killed [two]. There were no casualties in the second raid.", 2),
    ],
)
def test_that_nobody_died_counts_less_than_a_figure_of_the_day_and_more_than_one_of_the_past(
    marked: str, toll: int
) -> None:
    assert toll_of(marked) == exactly(toll)


def test_a_mention_of_each_sentence_is_weighed_in_it_however_many_there_are() -> None:
    marked = "Others did so last year. [Forty] died last year.\n" * 50 + "[Twelve] died. Others did so last year."
    assert toll_of(marked) == exactly(40)
    assert toll_of("[Forty] died last year. [Twelve] died.\n" + "Others did so last year.\n" * 50) == exactly(40)
    assert toll_of("Rebels struck. [Forty] died last year. [Twelve] died. Others did so last year.") == exactly(12)


def test_without_figures_there_is_no_toll() -> None:
    assert toll_of("[Rebels] struck.", label="PERPETRATOR") is None
    assert toll_of("[people] died.") is None
    assert toll_of("") is None


def test_a_figure_outside_a_toll_mention_counts_for_nothing() -> None:
    assert toll_of("[12] hostages were taken.", label="TARGET") is None
