import pytest

from afteraction.model.record.tolls.fates import Fate, fate_after, fate_before

BEFORE: dict[Fate | None, str] = {
    "killed": "gunmen killed all|killing|the murder of|the deaths of the|a bomber killed himself and|shot dead"
    "|gunned down|managed to kill|also killed were"
    "|kidnapped and killed|accused of kidnapping and killing|sentenced to death for killing",
    "toll": "the death toll rose to|the number of people killed stood at|the toll is now|dead :|taking the total to",
    "hurt": "wounding|and wounded|kidnapped|a court sentenced",
    "killed or hurt": "killed or wounded|injured or killed",
    "attempted": "tried to kill|plotted to murder|an attempted murder of",
    "shot": "police shot",
    None: "near|an attack on|were killed by|in the street",
}
AFTER: dict[Fate | None, str] = {
    "killed": "were killed in|died|have since died|dead|, 28 , a farmer , died|( a cook ) was shot dead|'s murder"
    "|who was assassinated|were stabbed to death|to death|were among the dead|were killed and wounded @|deaths"
    "|who was wounded in the raid died|did not survive|lost their lives"
    "|were kidnapped and killed|was arrested and then shot dead|who were abducted in May have been found dead"
    "|were abducted last week and later beheaded|were detained before being executed",
    "hurt": "were wounded|were injured when|were released|survived|were raped|were sentenced to death"
    "|were kidnapped and killed a guard|were kidnapped and @ killed",
    "killed or hurt": "were killed or wounded|were killed and injured in",
    "shot": "were shot by",
    None: "has shot dead a man|killed a guard|fled|when @ were killed|, police said|'s car , killing @|at @ died",
}


@pytest.mark.parametrize(("fate", "words"), [(fate, one) for fate, all_ in BEFORE.items() for one in all_.split("|")])
def test_words_before_victims(fate: Fate | None, words: str) -> None:
    assert fate_before(words.split()) == fate


@pytest.mark.parametrize(("fate", "words"), [(fate, one) for fate, all_ in AFTER.items() for one in all_.split("|")])
def test_words_after_victims(fate: Fate | None, words: str) -> None:
    assert fate_after(words.split()) == fate


def test_no_words_say_nothing() -> None:
    assert fate_before([]) is None
    assert fate_after([]) is None
