from math import log

import pytest

from afteraction.data import Span, Toll
from afteraction.data.bundled.markup import parse_markup, parse_toll
from afteraction.model.record.tolls import FEATURES, Features, describe, read_candidates


def features_of(marked: str, toll: str, kind: str = "figure") -> Features:
    """Returns the features of the first candidate of a kind with this toll."""
    reading = read_candidates(*parse_markup(marked))
    wanted = parse_toll(toll)
    pairs = zip(reading.candidates, describe(reading), strict=True)
    return next(features for candidate, features in pairs if (candidate.toll, candidate.kind) == (wanted, kind))


@pytest.mark.parametrize(
    ("feature", "toll", "kind", "marked"),
    [
        ("labelled", "6", "figure", "{D Six} {T monks} died."),
        ("one person", "1", "figure", "{T A monk} died."),
        ("listed", "7", "listed", "{D Six} {T monks} and {T a cook} died."),
        ("added", "8", "added", "They killed {D six}. {D Two} others died."),
        ("added killing", "8", "added", "They killed {D six}. They also killed {D two}."),
        ("in one sentence", "8", "in one sentence", "They killed {D six} in {L Koro}, where {D two} died."),
        ("of persons", "2", "listed", "{T A monk} and {T a nun} died."),
        ("with unlabelled", "8", "listed", "They killed {D six} {T monks} and two nuns."),
        ("sum elsewhere", "8", "listed", "They killed {D six} {T monks} and {D two} {T nuns} in separate raids."),
        ("headline", "6", "figure", "{D Six} die\n\nThey came at night."),
        ("first sentence", "6", "figure", "A raid\n\nThey killed {D six}."),
        ("toll word", "6", "figure", "The death toll is {D six}."),
        ("shot", "6", "figure", "They shot {D six} {T monks}."),
        ("attempted", "6", "figure", "They tried to kill {D six} {T monks}."),
        ("dated", "6", "figure", "In March {D six} {T monks} died."),
        ("past beside others", "6", "figure", "Last year {D six} {T monks} died. On Monday {D two} died."),
        ("running beside others", "6", "figure", "The war has killed {D six}. On Monday {D two} died."),
        (
            "past in court",
            "6",
            "figure",
            "A court opened the trial of {P five men}. They killed {D six} {T monks} in March.",
        ),
        ("years after", "6", "figure", "Ten years after {D six} {T monks} died, {P they} killed {D two}."),
        ("raised", "6", "figure", "The toll rose to {D six}."),
        ("toll raised", "6", "figure", "The toll rose to {D six}."),
        ("raised from", "4", "figure", "The toll rose to {D six} from {D four}."),
        ("also", "2", "figure", "They killed {D six}. They also killed {D two}."),
        ("part", "2", "figure", "They killed {D six}, including {D two} {T nuns}."),
        ("part", "2", "figure", "{D Two} {T nuns} on their way to work are among {T the dead}."),
        ("whole", "6", "figure", "They killed {D six}, including {D two} {T nuns}."),
        ("in a list", "6", "figure", "{D Six} {T monks} and {T a cook} died."),
        (
            "listed with others",
            "1",
            "figure",
            "They killed {T1 Bora}. The bomb killed {T1 Bora} and {D two} {T aides}.",
        ),
        ("people", "6", "figure", "They killed {D six} {T people}."),
        ("one", "1", "figure", "{T A monk} died."),
        ("thousands", "2000", "figure", "{D 2,000} {T people} died."),
        ("vague", "3+", "figure", "{D Several} {T people} died."),
        ("vague beside exact", "3+", "figure", "{D Several} {T people} died. They killed {D five}."),
        ("exact elsewhere", "6+", "figure", "{D Six} die\n\n{D At least six} {T monks} died."),
        ("is a sum", "8", "figure", "{D Eight} died. They killed {D six} {T monks} and {D two} {T nuns}."),
        ("sharpens", "51+", "figure", "{D More than 50} died. They killed {D at least 51}."),
        ("nobody early", "0", "nobody", "{P They} struck, but nobody was hurt."),
        ("nobody died", "0", "nobody", "{P They} struck, but nobody was killed."),
        ("nobody reported", "0", "nobody", "{P They} struck, but there were no reports of casualties."),
        ("hurt first", "none", "no figure", "{P They} wounded {T two monks}."),
        ("no word", "none", "no figure", "{P They} struck. There was no word on casualties."),
    ],
)
def test_each_feature_shows_in_a_small_text(feature: str, toll: str, kind: str, marked: str) -> None:
    assert features_of(marked, toll, kind)[feature] == 1


@pytest.mark.parametrize(
    ("feature", "toll", "marked"),
    [
        ("past beside others", "6", "Last year {D six} {T monks} died."),
        ("past in court", "6", "A court opened the trial of {P five men}. They killed {D six} {T monks}."),
        ("past in court", "6", "A court convened. They killed {D six} {T monks} in March."),
        ("years after", "2", "Ten years after {D six} {T monks} died, {P they} killed {D two}."),
        ("exact elsewhere", "1+", "{T A monk} died. {D At least one} {T person} died."),
        ("sharpens", "70", "{D More than 50} died. They killed {D 70}."),
        ("part", "6", "They killed {D six}, including {D two} {T nuns}."),
        ("first sentence", "6", "{P They} came. They killed {D six}."),
    ],
)
def test_each_feature_is_absent_elsewhere(feature: str, toll: str, marked: str) -> None:
    assert feature not in features_of(marked, toll)


def test_features_of_position() -> None:
    features = features_of("{P They} came.\nThey saw.\nThey killed {D six}.\nThey killed {D two}.", "2")
    assert features["early"] == 1 / 4
    assert features["after first span"] == log(4)
    assert features["figures before"] == log(2)


def test_a_sum_stands_where_its_first_figure_does() -> None:
    features = features_of("They killed {D six}. They also killed {D two}.", "8", "added")
    assert features["first sentence"] == features["early"] == 1
    assert "figures before" not in features


def test_uncertainty_is_the_sum_over_spans() -> None:
    text, spans = parse_markup("They killed {D six} {T monks} and {D two} {T nuns}.")
    pairs = zip(spans, (0.5, 1, 0.25, 1), strict=True)
    reading = read_candidates(text, [Span(one.start, one.end, one.label, score=score) for one, score in pairs])
    found = {(one.kind, one.toll): each for one, each in zip(reading.candidates, describe(reading), strict=True)}
    assert found["figure", Toll(6, 6)]["uncertainty"] == pytest.approx(log(2))
    assert found["listed", Toll(8, 8)]["uncertainty"] == pytest.approx(log(8))


def test_every_feature_is_described() -> None:
    assert all(FEATURES.values())
    assert set(features_of("They killed {D six} {T people}.", "6")) <= set(FEATURES)
