import pytest

from afteraction.data.bundled.markup import parse_markup
from afteraction.model.record.tolls.sentences import Sentence, Victims, read_sentences


def sentences_of(marked: str) -> list[Sentence]:
    return read_sentences(*parse_markup(marked))


def victims_of(marked: str) -> list[Victims]:
    return [victims for sentence in sentences_of(marked) for victims in sentence.victims]


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("{P Gunmen} killed {D six} {T monks}, {T a cook} and {T civilians}.", "gunmen killed @ , @ and # ."),
        ("{D Two} of {T the wounded} died.", "@ died ."),
        ("They killed {T a group of 12 traders}.", "they killed @ ."),
        ("A family of five died.", "a family of @ died ."),
        ("The toll rose from 12 to 15.", "the toll rose from @ to @ ."),
        ("The toll has gone up to 15.", "the toll has gone up to @ ."),
        ("Hundreds of thousands of lives are at stake.", "@ lives are at stake ."),
        ("No one died in 1985.", "no one died in 1985 ."),
        ("Not one of them died.", "not one of them died ."),
        ("In San Bernardino 14 people died.", "in san bernardino @ people died ."),
        ("{P 20 rebels} fled.", "20 rebels fled ."),
        ("Write to @ or #.", "write to or ."),
    ],
)
def test_victims_become_one_word(marked: str, words: str) -> None:
    assert [sentence.text for sentence in sentences_of(marked)] == [words]


def test_where_a_size_comes_from() -> None:
    marked = "{D Six} {T monks}, {T a cook} and {T 12 hostages} died; 30 {T nuns} fled."
    found = [(each.source, each.toll.low, each.surface, each.noun) for each in victims_of(marked)]
    assert found == [
        ("labelled", 6, "six monks", ("monks",)),
        ("one person", 1, "a cook", ("cook",)),
        ("in a target", 12, "12 hostages", ("12", "hostages")),
        ("unlabelled", 30, "30 nuns", ("nuns",)),
    ]


@pytest.mark.parametrize(
    ("target", "is_one"),
    [
        ("the mayor", True),
        ("Mayor Ada Bora", True),
        ("Mr Flores", True),
        ("Kurds", False),
        ("the monks", False),
        ("his family", False),
        ("a crew", False),
        ("Ada and Ben Bora", False),
    ],
)
def test_one_person(target: str, is_one: bool) -> None:
    assert bool(victims_of(f"They killed {{T {target}}}.")) == is_one


@pytest.mark.parametrize(
    ("target", "sizes"),
    [
        ("a couple", [2]),
        ("an elderly couple", [2]),
        ("a pair of nuns", [2]),
        ("a father and son", [2]),
        ("his wife and baby", [2]),
        ("an American and a Canadian soldier", [2]),
        ("a publisher and parliamentarian", [1]),
        ("men and women", []),
    ],
)
def test_pairs(target: str, sizes: list[int]) -> None:
    assert [victims.toll.low for victims in victims_of(f"They killed {{T {target}}}.")] == sizes


def test_a_pair_behind_its_article() -> None:
    assert [victims.toll.low for victims in victims_of("They killed {D a} {T couple} and {D one} {T nun}.")] == [2, 1]


def test_the_headline_is_sentence_zero() -> None:
    sentences = sentences_of("{D Six} dead in Koro\n\n{P Rebels} came. They killed {D six}.")
    assert [sentence.number for sentence in sentences] == [0, 1, 2]


def test_lines_broken_at_a_margin_are_one_sentence() -> None:
    line = "THE PEOPLE OF THE VALLEY HAVE LEFT THEIR HOMES SINCE THE ATTACK OF"
    text = f"{line}\n{line}\n{line}\nTHE NIGHT IN WHICH {{D SIX}} DIED."
    assert len(sentences_of(text)) == 1
    assert len(sentences_of("Six dead\nTwo towns burn\nRebels came.")) == 3
