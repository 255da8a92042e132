import random
import re
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import Article, Span, Toll
from afteraction.data.bundled.markup import parse_markup, parse_toll
from afteraction.model import choose_toll
from afteraction.model.record import assemble_record
from afteraction.model.record.tolls import ChosenToll, choose, describe, read_candidates


def toll_of(marked: str) -> Toll | None:
    """Returns the toll of a text in the mark-up of the bundled articles: "{D 50} {T people} died"."""
    return choose_toll(*parse_markup(marked)).toll


def scored(marked: str, *scores: float) -> Toll | None:
    """Returns the toll of a marked-up text whose spans have these scores, in order."""
    text, spans = parse_markup(marked)
    pairs = zip(spans, scores, strict=True)
    return choose_toll(text, [Span(span.start, span.end, span.label, score=score) for span, score in pairs]).toll


def predicted(marked: str) -> ChosenToll:
    """Returns the toll and its score, if all spans have the score 1."""
    text, spans = parse_markup(marked)
    return choose_toll(text, [Span(span.start, span.end, span.label, score=1.0) for span in spans])


KINDS = """\
50+ | Rebels killed {D at least 50} {T soldiers}.
30-40 | {D Between 30 and 40} {T people} died.
24+ | {D Dozens of} {T people} died.
12 | Rebels killed {D 12}. Another bomb in another town killed {D three}.
12 | Rebels struck {T a bus}. They killed {D 12}. {D Forty} were killed there last year.
12 | {T A raid} in 2014 was worse.\\n{D 12} {T people} died on Monday.
18 | {P Gunmen} killed {D 18}, including {D five} {T women}, in {L Koro}.
26 | Of the {D 26} {T dead}, {D nine} were {T monks}.
9 | {P Gunmen} shot {D nine} {T men} ({D six} {T cooks} and {D three} {T guards}) in {L Koro}.
14 | The death toll from the raid on {T a market} rises to {D 14} from {D 11}, the mayor said.
14 | The death toll from the raid on {T a market} rises to 14 from 11, the mayor said.
8 | {P Gunmen} killed {D seven} {T guests}. One more has died in hospital, taking the toll to {D eight}.
60 | {P Ali Bey} killed {D 58} {T monks} in {L Koro}. {D Two} {T more} died years later, raising the toll to {D 60}.
3 | {D Two} {T guards} and {T a cook} were killed when {P rebels} fired at {T a bus}.
4 | {P Gunmen} killed {T a man}, {T his wife} and {D two} {T children}.
13 | {P Rebels} killed {D six} {T monks} and {D seven} {T nuns} in {L Koro}.
6 | {P Rebels} killed {D four} {T monks} at {T a shrine}, police said. They also killed {D two} {T drivers}.
5 | A family of five was killed when {P a drone} struck {T their house}.
12 | {P Gunmen} beheaded {T a group of 12 traders} near {L Koro}.
2 | Five years after {D 40} {T people} were killed in {L Koro}, {P a gunman} killed {D two} {T nuns} there.
7 | More than {T 40 people} were killed or wounded by {P a bomber}. Doctors said {D seven} were dead.
7 | {D More than 40} {T people} were killed or injured by {P a bomb}. Doctors said {D seven} were dead.
2 | {P Rebels} kidnapped and killed {D two} {T monks} near {L Koro}.
3 | {D Three} {T nuns} were abducted in {L Koro} on Monday and later found dead.
8 | A court in {L Koro} sentenced {D five} {T men} to death for the bomb that killed {D eight} {T guests}.
none | {P Rebels} entered {L Koro}, where {D more than 40} {T women} were raped.
2 | {P Raiders} killed {D 300} {T goats} and {D two} {T boys} near {L Koro}.
12 | {P Raiders} killed {D 12}, cattle were stolen.
12 | {P Rebels} killed {D 12} {T monks} in {L Koro}. Also Thursday, {D two} {T nuns} were killed in {L Gao}.
3 | {P A mine} killed {D three} {T boys} in {L Koro}. It brings to {D 80} the number of people killed this year.
1 | {P Gunmen} shot dead {T a teacher} in {L Koro}.
1 | The murder of {T Mayor Ada Bora} has shocked {L Koro}.
9 | The murder of {T1 Ada Bora} shocked {L Koro}. The bomb that killed {T1 Ms. Bora} and {D eight} {T others} was large.
none | {P A bomb} wounded {T 14 people} in {L Koro}.
none | {P Rebels} attacked {T a post} in {L Koro}. It was not known whether anybody had been killed.
190-200 | {D Nearly 200} {T people} were killed by {P rebels}.
1-40 | {D Up to 40} {T people} were killed by {P rebels}.
51+ | {D More than 50} {T people} died. Police in {L Koro} said that {D at least 51} {T people} had died.
22+ | {D 22} dead in raid\\n\\n{D At least 22} {T people} died in {L Koro} when {P rebels} attacked.
0 | {P Rebels} fired at {T a bus}. No one was killed.
0 | {P Rebels} fired at {T a bus}. Nobody was hurt.
0 | {P Rebels} fired at {T a bus}. There were no casualties.
0 | {P Rebels} fired at {T a bus}. No-one was hurt.
0 | {P Rebels} fired at {T a bus}. Nobody has died.
0 | {P Rebels} fired at {T a bus}. The shots injured no one.
0 | {P Rebels} fired at {T a bus} but did not kill or injure anyone.
0 | {P Rebels} fired at {T a bus}. None of {T the passengers} was hurt.
1 | {P A bomb} killed {T a guard} but injured no one else.
0 | {P Rebels} burned {T a barn}. The fire left no victims.
0 | {P Rebels} fired at {T a bus}. {T The passengers} escaped unhurt.
none | {P Rebels} fired at {T a bus}. {P The attackers} escaped unhurt.
none | {P Rebels} fired at {T a bus}. None of {P the attackers} was hurt.
0 | {P Rebels} freed {T three engineers} unharmed.
2 | {P Rebels} killed {D two}. There were no casualties in the second raid.
"""


@pytest.mark.parametrize(("toll", "marked"), [line.split(" | ") for line in KINDS.splitlines()])
def test_the_toll_of_each_kind(toll: str, marked: str) -> None:
    assert toll_of(marked.replace("\\n", "\n")) == parse_toll(toll)


@pytest.mark.parametrize(
    ("toll", "marked"),
    [
        ("10", "{P Rebels} killed {D five} {T monks} and {D five} {T nuns} in {L Koro}."),
        ("2", "{D One} {T monk} and {D one} {T nun} were killed in {L Koro}."),
        ("9", "{P A bomb} killed {D three} {T men}, {D three} {T women} and {D three} {T children} in {L Koro}."),
    ],
)
def test_entities_do_not_hide_victims(toll: str, marked: str) -> None:
    text, spans = parse_markup(marked)
    assert assemble_record(Article("a", text), spans).death_toll == parse_toll(toll)


@pytest.mark.parametrize(
    ("toll", "count"),
    [
        ("24", "2 dozen"),
        ("36+", "several dozen"),
        ("300+", "a few hundred"),
        ("3000", "3 thousand"),
        ("120000", "1,20,000"),
        ("300000", "3 lakh"),
        ("1000000", "one million"),
        ("1500000", "1.5 million"),
        ("1500000", "one and a half million"),
        ("2000000+", "more than 2 million"),
        ("1-12", "no more than 12"),
        ("40+", "in excess of 40"),
        ("none", "two thirds of the"),
        ("none", "three-quarters of the"),
        ("none", "80 per cent of the"),
        ("none", "10 to 20 percent of the"),
    ],
)
def test_a_count_outside_all_spans_is_read_as_a_whole(toll: str, count: str) -> None:
    assert toll_of(f"{{P Rebels}} killed {count} people.") == parse_toll(toll)


def test_surer_mentions_weigh_more() -> None:
    marked = "{P Rebels} came to {L Koro}. They killed {D 12}. They killed {D 15}."
    assert scored(marked, 1, 1, 0.9, 0.2) == Toll(12, 12)
    assert scored(marked, 1, 1, 0.2, 0.9) == Toll(15, 15)
    assert scored(marked, 1, 1, 0.0, 0.9) == Toll(15, 15)


def test_without_figures_or_spans_there_is_no_toll() -> None:
    assert toll_of("{P Rebels} struck.") is None
    assert toll_of("{P Rebels} killed {T people}.") is None
    assert toll_of("Rebels killed 12 people.") is None
    assert choose_toll("", []) == ChosenToll(None, None)


def test_a_figure_outside_a_toll_mention_counts_only_with_a_word_of_killing() -> None:
    assert toll_of("{P Rebels} took {T 12 hostages}.") is None
    assert toll_of("{P Rebels} fired 12 rockets at {T a base}.") is None
    assert toll_of("{P Rebels} killed 12 people in {L Koro}.") == Toll(12, 12)


_WORDS = (
    "gunmen killed wounded at least 12 two people were and , . ( ) died the a toll rose to from including of whom"
    " soldiers last year also no one was hurt dead man Koro dozens in 300 cows family five - \n\n up nearly than or"
).split(" ")
words = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=40)
labels = st.sampled_from(["DEATH_TOLL", "TARGET", "PERPETRATOR", "LOCATION"])


@st.composite
def annotated(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """Draws a text of the words above, or any text, with spans that do not overlap."""
    text = draw(words.map(" ".join) | st.text(max_size=60))
    found = [match.span() for match in re.finditer(r"\S+(?: \S+)?", text)]
    chosen = [bounds for bounds in found if draw(st.booleans())]
    return text, [Span(*bounds, draw(labels), score=draw(st.none() | st.floats(0, 1))) for bounds in chosen]


@given(annotated(), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_any_article_has_a_toll_among_its_candidates_whatever_the_order_of_its_spans(
    article: tuple[str, list[Span]], generator: random.Random
) -> None:
    text, spans = article
    chosen = choose_toll(text, spans)
    assert choose_toll(text, generator.sample(spans, len(spans))) == chosen
    assert (chosen.score is None) == all(span.score is None for span in spans)
    toll = chosen.toll
    if not spans:
        assert toll is None
        return
    reading = read_candidates(text, spans)
    assert len(describe(reading)) == len(reading.candidates)
    assert toll in {candidate.toll for candidate in reading.candidates}
    # No toll is larger than twice the sum of all figures, since a sum may contain each figure at most twice.
    figures = sum(one.toll.low for one in reading.candidates if one.kind == "figure" and one.toll is not None)
    assert all(one.toll is None or one.toll.low <= 2 * figures for one in reading.candidates)


def test_references_and_invisible_characters_do_not_change_the_toll() -> None:
    text = "Gun\xadmen killed at&nbsp;least&nbsp;12 people."
    start = text.index("at&nbsp;")
    assert choose_toll(text, [Span(start, text.index(" people"), "DEATH_TOLL")]).toll == Toll(12, None)


@pytest.mark.parametrize(("text", "toll"), [("[\xad\u200b", None), ("Twelve people were killed.\u200b", Toll(12, 12))])
def test_a_span_of_invisible_characters_at_the_end_is_in_the_last_sentence(text: str, toll: Toll | None) -> None:
    spans = [Span(len(text) - 1, len(text), "TARGET")]
    assert read_candidates(text, spans).first_span == 0
    assert choose_toll(text, spans).toll == toll


def test_a_score_is_the_tempered_probability_among_the_different_tolls() -> None:
    # Four candidates with the probabilities 0.1, 0.4, 0.2 and 0.3; the second and the third have one toll.
    probabilities = (0.1, 0.4, 0.2, 0.3)
    features = [{"early": log(probability)} for probability in probabilities]
    chosen = choose([None, Toll(5, 5), Toll(5, 5), Toll(9, 9)], features, {"early": 1.0})
    tempered = np.power([0.1, 0.6, 0.3], 1 / 1.4)
    assert chosen.toll == Toll(5, 5)
    assert chosen.score == pytest.approx(tempered[1] / tempered.sum(), abs=1e-6)


def test_two_figures_for_one_attack_are_less_certain_than_one() -> None:
    one = predicted("{P Rebels} killed {D 12} {T soldiers} in {L Koro}.")
    two = predicted("{P Rebels} killed {D 12} {T soldiers} in {L Koro}. The army said {D 15} died.")
    assert one.score is not None
    assert two.score is not None
    assert two.score < one.score <= 1
