from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from afteraction.data import Toll, parse_count
from afteraction.data.text import read_toll

EXACT = (
    (0, "0|no|none|nobody|no one|no-one|zero|nil|no deaths|no more"),
    (1, "1|one|a|an|a soldier|a further soldier|one more|one of the soldiers|one of the two|١"),
    (2, "two|a couple|a couple of|a pair|both|both of them|the two|another two"),
    (3, "three|three soldiers|three first responders|three others|٣"),
    (4, "four more|some four"),
    (5, "a family of five|an entire family of five|family of 5|a crew of five|their family of five"),
    (6, "half a dozen|a half dozen|a half-dozen|half-dozen|one-half dozen|one half dozen"),
    (12, "a dozen|twelve|another dozen|a further dozen|nearly a dozen|12 more|12 people on 3 July"),
    (20, "a score|a score of people|twenty"),
    (24, "two dozen|two dozens|a couple of dozen|a couple dozen|nearly two dozen"),
    (42, "forty-two|forty two|forty‑two|forty-\ntwo|forty - two"),
    (50, "50|fifty|some 50|nearly 50|about 50|around 50|roughly 50|approximately 50|almost 50"),
    (50, "close to 50|circa 50|~50|an estimated 50|estimated at 50|exactly 50|a total of 50"),
    (50, "in the region of 50|50 or so|a reported 50|the 50|all 50|the other 50|a further 50"),
    (50, "an additional 50|50 others|50 of|50 people|50, a spokesman said|“50”|(50)|[50]|50.|...50"),
    (3, "a trio|a trio of|3 (three)"),
    (4, "a quartet of"),
    (11, "eleven (11)|11 (eleven)|eleven, 11"),
    (12, "a toll of 12|a death toll of 12|a group of 12 farmers|a team of a dozen|a crowd of twelve"),
    (12, "a total number of 12"),
    (18, "a dozen and a half|one and a half dozen"),
    (20, "twenty-odd|20-odd|some twenty-odd"),
    (30, "two and a half dozen|two dozen and a half"),
    (1500, "one and a half thousand|a thousand and a half"),
    (50, "close on 50|nigh on fifty|not quite 50|getting on for 50|fifty-some"),
    (1_500_000, "one and a half million|a million and a half"),
    (50, "-50-|50 -- mostly civilians|50 people and the attacker"),
    (60, "three score|sixty"),
    (112, "a hundred and twelve|one hundred twelve|a hundred and 12|a hundred\nand\r\ntwelve"),
    (200, "two hundred|2 hundred"),
    (1000, "a thousand|1,000|1.000|1k"),
    (1200, "1,200|1 200|1\u00a0200|1\u202f200|1.200|1'200|1’200|1 , 200|1200|twelve hundred"),
    (1200, "1.2 thousand"),
    (2000, "2k|two thousand"),
    (2500, "two thousand five hundred|2 thousand 500|2.5k"),
    (12_000, "12 000|12,000|12k|twelve thousand"),
    (100_000, "1,00,000|a lakh|100k|a hundred thousand"),
    (200_000, "two lakh|2 lakh"),
    (250_000, "a quarter million|a quarter-million|one quarter million"),
    (500_000, "half a million|one half million|five lakh"),
    (1_125_000, "1.125 million|1,125,000|1.125.000"),
    (1_200_000, "1.2 million|1.200 million|12 lakh"),
    (2_000_000, "2 million|2,000,000"),
    (12_345_678, "12,345,678|1,23,45,678"),
    (12_345_678, "one crore twenty-three lakh forty-five thousand six hundred seventy-eight"),
)
AT_LEAST = (
    (2, "an unknown number of people|an unspecified number of|a large number of|unknown number of people"),
    (2, "a number|an unknown number|a significant number of people|a number of them"),
    (3, "a great many"),
    (18, "a total of at least 18|a group of at least 18 farmers"),
    (20, "20 at least|at least 20 (twenty)|20 minimum|20 and rising|a minimum of 20"),
    (24, "dozens and dozens|dozens upon dozens"),
    (50, "a little over 50|just over 50|a bit more than 50|north of 50"),
    (2, "multiple|multiple people|a number of people|a group of soldiers|a family of|a crowd of people"),
    (3, "several|several others|a few|a few more|a handful|a handful of|many|many more|numerous"),
    (3, "countless"),
    (9, "no fewer than nine|no less than 9|not fewer than nine|not less than nine"),
    (9, "at least nine of them|possibly more than nine|perhaps more than nine people|maybe at least nine"),
    (9, "an estimated at least nine|nine, possibly more than ten|at least nine and possibly more than ten"),
    (12, "a dozen or more|at least a dozen|well over a dozen|12 or even more|12, likely more|12 and probably more"),
    (12, "a dozen and upwards|12 or even more than 20"),
    (20, "tens|tens of|tens of people"),
    (24, "dozens|dozens of|dozens more|dozens, if not hundreds|dozens or even hundreds"),
    (24, "more than two dozen"),
    (36, "several dozen|several dozens|a few dozen|at least several dozen"),
    (40, "scores|scores of|scores of people"),
    (50, "at least 50|at least 50 dead|at  least\n50|at least some 50|“at least 50”|at least fifty"),
    (50, "more than 50|more than about 50|over 50|well over 50|above 50|upwards of 50|in excess of 50"),
    (50, "a minimum of 50|>50|> 50|≥50|>=50|50 or more|50 people or more|50, possibly more"),
    (50, "at least 50 and possibly more|50-plus|50 plus|50+"),
    (112, "at least a hundred and twelve|more than 112"),
    (200, "hundreds|hundreds of people|at least two hundred"),
    (300, "several hundred|a few hundred"),
    (2000, "thousands|thousands of"),
    (20_000, "tens of thousands|tens of thousands of"),
    (200_000, "hundreds of thousands"),
    (2_000_000, "millions"),
)
RANGES = (
    (
        0,
        50,
        "up to 50|as many as 50|no more than 50|at most 50|not more than 50|a maximum of 50|≤50",
    ),
    (0, 50, "50 or fewer|50 at most|50 at the most|a little under 51|50 maximum"),
    (0, 40, "up to 30 or 40"),
    (0, 19, "fewer than 20|less than 20|under 20|<20"),
    (2, 3, "two or three|two to three|two-to-three|2 or 3 soldiers"),
    (10, 12, "10, 11 or 12|ten, eleven or twelve people|a group of 10 to 12"),
    (10, 15, "at least 10 and as many as 15|at least 10 but no more than 15"),
    (20, 30, "20 or 30"),
    (24, 36, "two or three dozen"),
    (30, 39, "more than 30 but fewer than 40|fewer than 40 but more than 30"),
    (30, 39, "at least 30 people and less than 40"),
    (30, 40, "between 30 and 40|between thirty and forty|between about 30 and about 40"),
    (30, 40, "between 30 and 40 people|30 to 40|from 30 to 40|anywhere from 30 to 40"),
    (30, 40, "somewhere between 30 and 40|about 30 to 40 people|30 or 40|30-40|30–40|30−40|30‒40"),
    (30, 40, "30 - 40|between 30-40|thirty to forty|30, possibly 40|30 or possibly 40"),
    (30, 40, "at least 30 and possibly 40|at least 30 or as many as 40|30 and up to 40"),
    (90, 100, "90 to a hundred"),
    (100, 150, "between one hundred and one hundred and fifty"),
    (100, 200, "between a hundred and two hundred|one hundred to two hundred|one or two hundred"),
    (200, 300, "two to three hundred|between two and three hundred"),
    (200, 300, "between two hundred and three hundred"),
    (500, 1000, "500-1,000|between 500 and 1,000"),
    (2000, 3000, "2-3,000|2 to 3,000|two to 3,000|between 2 and 3,000|2-3k|2,000-3,000"),
    (12_000, 15_000, "12–15,000|12,000–15,000"),
    (1500, 2000, "between one thousand and five hundred and two thousand"),
    (100_000, 200_000, "one to two hundred thousand"),
    (1_200_000, 1_500_000, "1.2 to 1.5 million"),
)
NO_COUNT = (
    "|   |?|people|nothing|some|some people|all|the|all but three|soldiers and 50 others|+50"
    "|at least|up to|first|the first|the 21st|twenty-first|twenty first|hundred and first"
    "|two hundredth|xiv|ii|half|half of them|two thirds|two-thirds of them|a third of them"
    "|one half|a quarter|one quarter of them|a quarter of a million"
    "|two and a half|and a half|1.5|.5|0.5|1.2.3|1.2m|50%|50 percent|$50|35 a day|35 people a day"
    "|35 per day|a 12-year-old boy|1,2|10:30|3/4|5 + 3|12 15|12, then 15|12, 15"
    "|a number 12 bus|two women and three children|twenty fifty|40 to 30|between 40 and 30|between 30"
    "|up to several dozen|at least zero|fewer than zero|over no one"
)
TABLE = [
    *((phrase, Toll(value, value)) for value, phrases in EXACT for phrase in phrases.split("|")),
    *((phrase, Toll(value, None)) for value, phrases in AT_LEAST for phrase in phrases.split("|")),
    *((phrase, Toll(low, high)) for low, high, phrases in RANGES for phrase in phrases.split("|")),
    *((phrase, None) for phrase in NO_COUNT.split("|")),
]
WORDS = sorted({word for phrase, _ in TABLE for word in phrase.split()})

values = st.integers(0, 10_000_000) | st.integers(0, 2000)
spaces = st.text(" \n\t\u00a0\u202f", max_size=3)


@pytest.mark.parametrize(("phrase", "toll"), TABLE)
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_phrases_of_the_table(case: Callable[[str], str], phrase: str, toll: Toll | None) -> None:
    assert parse_count(case(phrase)) == toll


def spell(number: int, *, british: bool, hyphen: str) -> str:
    """Spells a number in English. Shares no code with the parser."""
    small: tuple[str, ...] = (
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
    )
    small += ("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
    if number < 20:
        return small[number]
    if number < 100:
        ten, one = divmod(number, 10)
        word = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")[ten - 2]
        return word + (hyphen + small[one] if one else "")
    size, name = next(pair for pair in ((10**6, "million"), (1000, "thousand"), (100, "hundred")) if pair[0] <= number)
    head, rest = divmod(number, size)
    spelled = f"{spell(head, british=british, hyphen=hyphen)} {name}"
    if rest:
        spelled += " and " if british and rest < 100 else " "
        spelled += spell(rest, british=british, hyphen=hyphen)
    return spelled


def test_a_number_too_large_to_be_a_count_is_none() -> None:
    assert parse_count("a billion billion") is None
    assert parse_count("999999999999999 million million") is None


@given(values, st.booleans(), st.sampled_from("- ‑"))
@example(9_999_999, True, "-")
@example(1_000_001, True, "-")
@example(2_000_000, False, " ")
def test_spelled_numbers(number: int, british: bool, hyphen: str) -> None:
    assert parse_count(spell(number, british=british, hyphen=hyphen)) == Toll(number, number)


@given(values, st.sampled_from([",", ".", " ", "\u00a0", "\u202f", "'", " , "]))
def test_grouped_digits(number: int, gap: str) -> None:
    assert parse_count(f"{number:,}".replace(",", gap)) == Toll(number, number)


@given(st.integers(1, 10_000_000), st.booleans(), st.booleans())
def test_any_number_can_be_bounded(number: int, spelled: bool, british: bool) -> None:
    count = spell(number, british=british, hyphen="-") if spelled else f"{number:,}"
    for phrase in ("at least {}", "more than {} people", "{} or more", "{}-plus", "no fewer than {}"):
        assert parse_count(phrase.format(count)) == Toll(number, None)
    for phrase in ("up to {}", "no more than {}", "as many as {} dead", "{} or fewer"):
        assert parse_count(phrase.format(count)) == Toll(0, number)
    assert parse_count(f"fewer than {count}") == Toll(0, number - 1)


@given(values, values, st.booleans())
def test_ranges_of_any_two_numbers(one: int, other: int, british: bool) -> None:
    low, high = sorted((one, other))
    read = 1000 * low if high % 1000 == 0 and 1000 * low < high else low  # 2-3,000
    assert parse_count(f"between {low:,} and {high}") == Toll(read, high)
    assert parse_count(f"{low}–{high:,}") == Toll(read, high)
    spelled = [spell(number, british=british, hyphen="-") for number in (10_000_000 + low, 10_000_000 + high)]
    assert parse_count(f"between {spelled[0]} and {spelled[1]}") == Toll(10_000_000 + low, 10_000_000 + high)


@given(st.text() | st.text("0123456789,. -–+kKaA½²٣'\n\ud800"))
@example("9" * 10_000)
@example("at least " + "1" * 5000 + ".5 million")
@example("1" + ",111" * 5000)
@example("million " * 500)
@example("a group of " * 5000)
@example("between " * 500)
@example("one hundred and " * 500)
def test_any_text_is_a_toll_or_none(text: str) -> None:
    assert isinstance(parse_count(text), Toll | None)


@given(st.lists(st.sampled_from(WORDS), max_size=9), spaces, spaces)
def test_white_space_and_case_do_not_matter(words: list[str], before: str, after: str) -> None:
    phrase = " ".join(words)
    toll = parse_count(phrase)
    assert isinstance(toll, Toll | None)
    for variant in (phrase.upper(), phrase.title(), f"{before}{phrase}{after}", phrase.replace(" ", "\n")):
        assert parse_count(variant) == toll


@pytest.mark.parametrize(
    ("phrase", "low", "high"),
    [
        ("nearly 200", 190, 200),
        ("Almost 90", 86, 90),
        ("nearly a dozen", 12, 12),
        ("up to 40", 1, 40),
        ("no one", 0, 0),
        ("12", 12, 12),
    ],
)
def test_phrases_that_tolls_read_otherwise_than_counts(phrase: str, low: int, high: int) -> None:
    assert read_toll(phrase) == Toll(low, high)
