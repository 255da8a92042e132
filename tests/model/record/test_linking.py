import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import LABELS, Article, Span
from afteraction.data.text import render
from afteraction.model import link_entities

Annotated = Callable[[str], tuple[str, tuple[Span, ...]]]
Groups = Callable[[str], str]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Jama'at Nusrat al-Islam wal-Muslimin]P struck. [JNIM]P claimed it.", "1 1"),
        ("[JNIM]P struck. [Jama'at Nusrat al-Islam wal-Muslimin]P claimed it.", "1 1"),
        ("[the Lord's Resistance Army]P fled; [the LRA]P returned.", "1 1"),
        ("[the Liberation Tigers of Tamil Eelam]P, or [LTTE]P", "1 1"),
        ("[JNIM]P fought. [ISGS]P fled.", "1 2"),
        ("[National Liberation Army]T met [FARC]T", "1 2"),
        ("[Unidentified soldiers]P shot a man. [The US]P bombed Gao.", "1 2"),
        ("[THE LIBERATION FRONT]P STRUCK. [LF]P CLAIMED IT.", "1 1"),
    ],
)
def test_an_acronym_joins_the_name_it_abbreviates_in_either_order(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Fuerzas Armadas Revolucionarias]P ([Rebel Front]P)", "1 1"),
        ("[the armed wing]P (“[Qassam]P”)", "1 1"),
        ("[the armed wing]P [[Qassam]P]", "1 1"),
        ("[the armed wing]P ([soldiers]P)", "1 2"),
        ("[Fuerzas Armadas]P ([Kano]L)", "1 2"),
    ],
)
def test_a_name_in_brackets_is_the_one_before_it(marked: str, expected: str, groups: Groups) -> None:
    # "[[" is a bracket in the text followed by one that opens a span.
    assert groups(marked.replace("[[", "([")) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Enrique Lopez Albujar]T and later [Lopez Albujar]T, [Albujar]T, [Enrique]T", "1 1 1 1"),
        ("[Albujar]T was shot; [Enrique Lopez Albujar]T died", "1 1"),
        ("[Enrique Lopez Albujar]T and [Lopez]T", "1 2"),
        ("[New York]L and [York]L", "1 2"),
        ("[Ann Smith]T, [Bob Smith]T, [Smith]T", "1 2 2"),
        ("[Ann Smith]T, [Smith]T, [Bob Smith]T, [Ann Mary Smith]T", "1 1 2 1"),
        ("[Smith]T, [Ann Smith]T, [Bob Smith]T", "1 1 2"),
        ("[the nurse Ann Smith]T, [Smith]T, [Bob Smith]T", "1 1 2"),
        ("[al-Qaeda]P, [al-Qaeda in Mali]P, [al-Qaeda in Iraq]P", "1 1 2"),
        ("[General Ada Bora]P, [General Bora]P, [Bora]P, [President Bora]P, [Ada Bora]P", "1 1 1 1 1"),
        ("[Enrique Lopez]T and [Enrique Lopez]P", "1 2"),
    ],
)
def test_a_name_s_first_or_last_words_stand_for_it_but_for_places(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[former President Ada Bora]T died. [Ms. Bora]T, [Ada Bora]T and [President Bora]T", "1 1 1 1"),
        ("[Bora]T died. A bomb killed [opposition leader Ada Bora]T", "1 1"),
        ("[Jordanian-born leader Abu Musab al-Zarqawi]P and [Zarqawi]P. [Al-Shabab]P, [the Shabab]P", "1 1 2 2"),
        ("[the militant group Hizbul Islam]P fled. [Hizbul Islam]P returned.", "1 1"),
        ("[former President Ada Bora]T and [Ada]T", "1 2"),
        ("[a bus near Kela]T and [Kela]T", "1 2"),
        ("[former President Ada Bora]T and [his brother]T", "1 2"),
    ],
)
def test_the_last_words_of_a_name_stand_for_a_description_that_ends_in_it(
    marked: str, expected: str, groups: Groups
) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "[the Taliban]P and [Taliban]P",
        "[The Taliban]P and [the taliban]P",
        "[the Taliban's]P and [Taliban’s]P",
        "[a bus]T, [The bus]T",
        "[Bus-stop]T, [bus-stop]T",
        '["Tiger Force"]P, [Tiger Force]P',
        "[Gao]L, [GAO]L",
        "[both soldiers]T, [those soldiers]T",
    ],
)
def test_the_same_words_are_one_whatever_their_case_determiner_or_punctuation(marked: str, groups: Groups) -> None:
    assert groups(marked) == "1 1"


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[at least 50]D died, [more than fifty]D", "1 1"),
        ("[50]D died, [at least 50]D", "1 2"),
        ("[twelve]D died, [3]D, [a dozen]D, [three]D", "1 2 1 2"),
        ("[people]D died, [people]D", "1 2"),
    ],
)
def test_tolls_are_one_where_they_mean_the_same_range(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[A MILITARY POLICE SCHOOL]T BURNT; [THE SCHOOL]T", "1 1"),
        ("[A MILITARY POLICE SCHOOL]T BURNT; [MILITARY POLICE]T", "1 2"),
        ("[TWO GUNMEN]P FLED; [THE ATTACKERS]P", "1 1"),
        ("[THE TALIBAN]P FLED; [TALIBAN]P", "1 1"),
    ],
)
def test_capitals_tell_nothing_in_an_article_all_in_capitals(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("[JNIM]P struck. [Jama'at Nusrat al-Islam wal-Muslimin]P", "Jama'at Nusrat al-Islam wal-Muslimin"),
        ("[Boko Haram]P struck. [The group]P fled.", "Boko Haram"),
        ("[the school]T, [a military police school]T, [the military police school]T", "a military police school"),
        ("[Albujar]T was shot; [Enrique Lopez Albujar]T died", "Enrique Lopez Albujar"),
    ],
)
def test_an_entity_is_called_by_the_mention_that_names_it_best(marked: str, name: str, annotated: Annotated) -> None:
    assert name in {entity.name for entity in link_entities(*annotated(marked))[1]}


def test_an_entity_lists_each_surface_once_and_its_best_score(annotated: Annotated) -> None:
    text, spans = annotated("[a bus]T burnt, [the bus]T, [a bus]T; [Gao]L")
    scored = [replace(span, score=score) for span, score in zip(spans, (0.2, 0.9, 0.4, 0.5), strict=True)]
    bus, gao = link_entities(text, scored)[1]
    assert (bus.id, bus.label, bus.mentions, bus.score) == ("e1", "TARGET", ("a bus", "the bus"), 0.9)
    assert (gao.id, gao.label, gao.mentions, gao.score) == ("e2", "LOCATION", ("Gao",), 0.5)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Katibat Rijal]P, [an Islamist faction]P", "1 1"),
        ("[Katibat Rijal]P ([KR]P), [an Islamist faction]P", "1 1 1"),
        ("[the driver]T, [Wes Tollefson]T, was hit", "1 1"),
        ("[Melanie Brierley]T, 41, [a nurse]T", "1 1"),
        ("[the armed wing]P — [Qassam]P", "1 1"),
        ("[the guard]T, [a father of four]T", "1 1"),
        ("[two brothers]T, [Tomislav and Ante]T", "1 1"),
        ("[two brothers]T, [Tomislav]T", "1 2"),
        ("[Rios]T, [his wife]T", "1 2"),
        ("[a crane]T, [a bus]T", "1 2"),
        ("[teachers]T, [a guard]T and [Bob]T", "1 2 3"),
        ("[the teacher]T, [a guard]T and [a boy]T", "1 2 3"),
        ("[the teacher]T, [two guards]T", "1 2"),
        ("[the teacher]T; [a guard]T", "1 2"),
        ("[Gao]L, [Mali]L", "1 2"),
        ("[Gao]L ([Mali]L)", "1 2"),
    ],
)
def test_an_apposition_is_what_it_stands_beside_and_a_list_is_not(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[a man]P known as [Vasu]P", "1 1"),
        ("[a group]P calling itself [the Creek Vanguard]P", "1 1"),
        ("[the dead man]T, identified as [Tapan Deori]T", "1 1"),
        ("[the dead men]T. Known as [Tapan Deori]T", "1 2"),
        ("[the dead men]T were [Tapan Deori]T", "1 2"),
        ("[the dead men]T and a friend called [Tapan Deori]T", "1 2"),
    ],
)
def test_who_is_named_is_the_one_with_the_name(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[JNIM]P struck. [JNIM fighters]P, [fighters of the JNIM]P", "1 1 1"),
        ("[fighters of JNIM]P struck. [JNIM]P claimed it.", "1 1"),
        ("[JNIM]P struck. [Two JNIM fighters]P, [the leader of JNIM]P", "1 2 3"),
        ("[JNIM]P struck. [former fighters of the JNIM]P", "1 2"),
        ("[JNIM]T fled. [JNIM positions]T; [the headquarters of JNIM]T", "1 2 3"),
    ],
)
def test_a_group_s_fighters_stand_for_it(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[the Gaza Strip]L, [Gaza]L, [Gaza City]L", "1 1 2"),
        ("[Swat]L, [Swat Valley]L, [Kunduz Province]L, [Kunduz]L", "1 1 2 2"),
        ("[al-Mayadin]L, [Mayadin]L, [Al Mayadin]L", "1 1 1"),
        ("[Burma]L, [Myanmar]L, [DR Congo]L, [the Democratic Republic of Congo]L", "1 1 2 2"),
        ("[Sana'a]L, [Sanaa]L, [Kobanê]L, [Kobane]L, [the United States]L, [the U.S.]L", "1 1 2 2 3 3"),
        ("[Oklahoma City]L, [Oklahoma]L, [Valley]L, [Province]L", "1 2 3 4"),
        ("[the Gaza Strip]T and [Gaza]T", "1 1"),
        ("[Burma]T and [Myanmar]T", "1 2"),
    ],
)
def test_a_place_is_called_by_its_other_names(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


def test_no_mentions_make_no_entities() -> None:
    assert link_entities("Nothing happened.", ()) == ((), ())


SURFACES = (
    "two gunmen|the gunmen|the attackers|The group|a gunman|Boko Haram|BH|JNIM|Jama'at Nusrat al-Islam wal-Muslimin"
    "|Enrique Lopez|Lopez|a police school|the school|The School's|50|at least 50|fifty|of|'|—|ǅ|the|ISIS|a"
).split("|")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(SURFACES)
            | st.text(min_size=1, max_size=8).filter(lambda drawn: bool(render(drawn).text.strip())),
            st.sampled_from([*LABELS, "OTHER"]),
            st.sampled_from([", ", " (", " [“", ". "]),
            st.none() | st.floats(0, 1),
        ),
        max_size=12,
    )
)
@settings(deadline=None)
def test_each_mention_is_in_exactly_one_entity_of_its_label(
    mentions: list[tuple[str, str, str, float | None]],
) -> None:
    text, spans = "", []
    for surface, label, gap, score in mentions:
        stripped = surface.strip()
        spans.append(Span(len(text), len(text) + len(stripped), label, "gold", score))
        text += stripped + gap
    linked, entities = link_entities(text, spans)
    assert [replace(span, entity="gold") for span in linked] == spans
    assert [entity.id for entity in entities] == [f"e{number}" for number in range(1, len(entities) + 1)]
    assert list(dict.fromkeys(span.entity for span in linked)) == [entity.id for entity in entities]
    for entity in entities:
        members = [span for span in linked if span.entity == entity.id]
        surfaces = [render(text[span.start : span.end]).text for span in members]
        assert {span.label for span in members} == {entity.label}
        assert entity.mentions == tuple(dict.fromkeys(surfaces))
        assert entity.name in entity.mentions
        assert entity.score == max((span.score for span in members if span.score is not None), default=None)


def test_linking_is_stable_on_annotated_articles(articles: list[Article]) -> None:
    for article in articles:
        once, entities = link_entities(article.text, article.spans)
        assert link_entities(article.text, once) == (once, entities)


@pytest.mark.parametrize(
    "marked",
    [
        "[Boko Ha\xadram]P struck. [Boko Haram]P claimed it.",
        "[Jama&rsquo;at]P struck. [Jama'at]P claimed it. [Jamaʼat]P, too.",
        "\ufeff[Boko\u200b Haram]P struck [Gao]L. [Boko&nbsp;Haram]P left [G\u200eao\u200f]L.",
    ],
)
def test_invisible_characters_and_references_do_not_keep_mentions_apart(marked: str, annotated: Annotated) -> None:
    linked, entities = link_entities(*annotated(marked))
    assert len(entities) == len({span.label for span in linked})
    assert not re.search("[&\xad\u200b\u200e\u200f]", "".join(entity.name for entity in entities))
