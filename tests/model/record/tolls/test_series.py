import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Span, Toll
from afteraction.data.bundled.markup import parse_markup
from afteraction.model.record.tolls import read_candidates
from afteraction.model.record.tolls.sentences import read_sentences
from afteraction.model.record.tolls.series import Series, add, read_series


def series_of(marked: str) -> list[Series]:
    return [series for sentence in read_sentences(*parse_markup(marked)) for series in read_series(sentence)]


def sums_of(marked: str) -> list[int]:
    """Returns the sum of each series in which somebody died."""
    return [add(*(victims.toll for victims in one.counted)).low for one in series_of(marked) if one.dead]


@pytest.mark.parametrize(
    ("marked", "sums"),
    [
        ("{P Gunmen} killed {D six} {T monks} and {D 11} {T nuns}.", [17]),
        ("{P Gunmen} killed {T a man}, {T his wife} and {D two} {T children}.", [4]),
        ("{P Gunmen} killed {D six} {T monks}, as well as {T a cook}.", [7]),
        ("{P Gunmen} killed {D six} {T monks} along with {T a cook}.", [7]),
        ("{D Six} monks and a dozen soldiers died.", [18]),
        ("{P Gunmen} killed {D six} {T monks} and wounded {T two nuns}.", [6]),
        ("{P Gunmen} killed {D six} {T monks} at {T a shrine} and {D two} {T nuns} at a school.", [6, 2]),
        ("{D Six} {T people}, including {D two} {T nuns}, died.", [6, 2]),
        ("{D Six} {T people} ({D four} {T men} and {D two} {T women}) died.", [6, 6]),
        ("{D Six} {T monks} - including {D two} {T boys} - and {D three} {T nuns} died.", [9, 2]),
        ("{D Six} {T monks} - including {D two} {T boys} - and {D three} {T dogs} died.", [6, 2]),
        ("{D Seven} {T monks}, {D six} of them {T boys}, died.", [7, 6]),
        ("{P Gunmen} killed {D three} {T guards}, {T Ali Bey}, {T Ben Bey} and {T Omar Bey}.", [3]),
        ("{T Mayor Bora}, 34, and {D two} {T aides} were killed.", [3]),
        ("{T Ada Bora}, 34, and {T her aide Ali Bey}, 22. {D Two} were killed.", [2]),
        ("{P Gunmen} killed {T Ada Bora} (34) and {D two} {T aides}.", [3]),
        ("{P Gunmen} killed {D two} {T men}, 25 and 32, in {L Koro}.", [2]),
        ("{D Three} {T men}, 25, 31 and 40, and {D two} {T women} were killed.", [5]),
        ("{D Seven}, 12 and 4 {T people} were killed.", [23]),
        ("{T The mayor} slept. They killed him and his {D two} {T sons}.", [3]),
        ("They killed her and {T the driver}, police said.", [2]),
        ("They killed him and {P two accomplices}.", []),
        ("21:58 {D One} {T monk} dead.", [1]),
        ("{D 30} {T people} were killed or wounded.", []),
        ("{P Raiders} killed {D 40} {T cows}.", []),
        ("{P Raiders} saw {T a farmer} and 12 houses.", []),
        ("{P Raiders} killed 12 hours later.", []),
    ],
)
def test_victims_that_are_listed_together_add_up(marked: str, sums: list[int]) -> None:
    assert sums_of(marked) == sums


def test_a_second_mention_of_a_person_does_not_count() -> None:
    text, spans = parse_markup("They killed {T1 Ada Bora}, {T1 the mayor}, and {T2 a guard}.")
    (series,) = (one for sentence in read_sentences(text, spans) for one in read_series(sentence))
    assert len(series.counted) == 2
    apart = [Span(span.start, span.end, span.label) for span in spans]
    (series,) = (one for sentence in read_sentences(text, apart) for one in read_series(sentence))
    assert len(series.counted) == 3


tolls = st.tuples(st.integers(0, 10**6), st.none() | st.integers(0, 10**6)).map(
    lambda pair: Toll(pair[0], None if pair[1] is None else pair[0] + pair[1])
)


@given(st.lists(tolls, min_size=1, max_size=5))
def test_sums_of_ranges(ranges: list[Toll]) -> None:
    total = add(*ranges)
    assert total.low == sum(one.low for one in ranges)
    open_above = any(one.high is None for one in ranges)
    assert total.high == (None if open_above else sum(one.high or 0 for one in ranges))
    assert add(*reversed(ranges)) == total


def test_a_person_of_two_lists_counts_once_in_their_sum() -> None:
    marked = "They killed {T1 Ada Bora}. A blast also killed {T1 Ms. Bora} and {D eight} {T others}."
    sums = [one.toll for one in read_candidates(*parse_markup(marked)).candidates if one.kind == "added"]
    assert sums == [Toll(9, 9)]
