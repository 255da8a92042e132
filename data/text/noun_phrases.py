"""Finds the noun phrase around a head word, by word lists and the forms of words. This is a heuristic, not a parser.

To the left, the phrase includes
- every word that may modify a noun, if a determiner, a number or a preposition precedes them (`the heavily armed men`,
  `six service members`); otherwise only certain modifiers (capitals, hyphenated words, the modifiers below);
- the determiner;
- a possessor with its own phrase (`the country's president`);
- the number, unless `counts` is false.

To the right, it includes
- the rest of a name, and the full stop of an abbreviation;
- the noun after a group's name (`Taliban fighters`);
- an of-phrase (`members of the armed forces`).

Function words, verbs, punctuation and the ends of the sentence end the phrase.
"""

import re
from collections.abc import Sequence

from afteraction.data.text import lexicon
from afteraction.data.text.lexicon import word_list, word_set
from afteraction.data.text.names import is_capitalized
from afteraction.data.text.numbers import is_number

_DETERMINERS = lexicon.DETERMINERS - {"that"}  # "that" introduces a clause more often than a noun
PRONOUNS = (
    word_list("pronouns")
    | word_list("possessives")
    | word_list("demonstratives")
    | word_set("""
        mine one ones someone anyone everyone nobody none some others another everybody somebody anybody many
        several""")
)
_PREPOSITIONS = word_list("prepositions")
_FUNCTION_WORDS = word_set("""
    about above across after against ago ahead along already also although always among amid an and around as at
    away back be because been before behind being below between but by can could despite did do does down during
    either else even ever except few for from had has have having here how however if in inside instead into is just
    least less like may meanwhile might more most much must near neither never nor not now of off on once only onto or
    out outside over past per perhaps rather since so soon still such than then there therefore through throughout thus
    to today together tomorrow tonight too toward towards under unless until up upon very via was were what when where
    whether while why will with within without would yesterday yet n't t s re ve ll d m""")
_MONTHS = word_set("january february march april may june july august september october november december")
_DAYS = word_set("monday tuesday wednesday thursday friday saturday sunday") | _MONTHS
_TITLES = word_list("titles") | word_list("ranks")
_VERBS = word_set("""
    said says say told tells shot hit struck left took takes made makes found blew fought set saw came went began
    became led leads held lost gave got hurt threw drove ran fled broke stabbed died dies kills kill attack attacks
    target targets targeted fire fires let put kept sent brought thought knew know knows meant stood sat burnt wrote
    claim claims see sees want wants injures wounds including according include includes included""")
_MODIFIERS = word_set("""
    armed masked unarmed unidentified unknown suspected alleged wounded injured innocent heavily young old elderly
    senior former local foreign national federal military civilian police security special armoured armored army
    government suicide car truck rebel militant guerrilla terrorist jihadist extremist separatist paramilitary
    religious political male female teenage little other fellow lone second third first single suspect bomb
    presidential public private state city school church market train bus police nuclear oil news""")
_AFTER_NAMES = word_set("""
    member members fighter fighters militant militants insurgent insurgents gunman gunmen guerrilla guerrillas rebel
    rebels terrorist terrorists commander commanders leader leaders operative operatives supporter supporters figure
    figures group groups cell cells forces troops soldiers police government regime military community""")
_NEVER = _FUNCTION_WORDS | _DAYS | _VERBS | _DETERMINERS | PRONOUNS
_MAX_MODIFIERS = 6
"""How many tokens to the left of the head may be modifiers."""


def widen(tokens: Sequence[str], first: int, stop: int, *, counts: bool = True) -> tuple[int, int]:
    """Widens a head to its noun phrase. Both are half-open ranges of a sentence's tokens.

    `counts` decides whether a number before the noun belongs to the phrase.
    """
    return _left_edge(tokens, first, counts=counts), _right_edge(tokens, first, stop)


def _left_edge(tokens: Sequence[str], first: int, *, counts: bool) -> int:
    # Take every word that may be a modifier.
    edge = first
    while edge > 0 and first - edge < _MAX_MODIFIERS and _may_modify(tokens, edge - 1):
        edge -= 1
    before = tokens[edge - 1].lower() if edge else ""
    # A possessor belongs to the phrase, with its own whole phrase.
    if before == "s" and edge > 2 and tokens[edge - 2] in ("'", "’"):
        return _left_edge(tokens, edge - 3, counts=True)
    # Nothing here shows where the phrase begins, so keep only certain modifiers.
    if before not in _DETERMINERS | _PREPOSITIONS and not _is_count(tokens, edge - 1):
        edge = first
        while edge > 0 and _surely_modifies(tokens, edge - 1):
            edge -= 1
    while counts and _is_count(tokens, edge - 1):
        edge -= 1
    return edge - (edge > 0 and tokens[edge - 1].lower() in _DETERMINERS)


def _right_edge(tokens: Sequence[str], first: int, stop: int) -> int:
    # The rest of a name, the full stop of an abbreviation ("U . S ."), the noun after a group's name.
    if is_capitalized(tokens[stop - 1]):
        while stop < len(tokens) and (is_capitalized(tokens[stop]) or _is_hyphen(tokens, stop)):
            stop += 1 + _is_hyphen(tokens, stop)
        if len(tokens[stop - 1]) == 1 and stop - 1 > first and tokens[stop : stop + 1] == ["."]:
            stop += 1
        stop += stop < len(tokens) and tokens[stop] in _AFTER_NAMES
    if tokens[stop : stop + 1] != ["of"]:
        return stop
    # An of-phrase, if a noun follows "of".
    edge = stop + 1
    edge += tokens[edge : edge + 1] != [] and tokens[edge].lower() in _DETERMINERS
    begin = edge
    while edge < len(tokens) and edge - begin < _MAX_MODIFIERS // 2 and _may_modify(tokens, edge):
        edge += 1
    return edge if edge > begin and tokens[edge - 1] != "-" else stop


def _may_modify(tokens: Sequence[str], index: int) -> bool:
    """Returns whether a token may stand between a determiner and the noun."""
    word, before = tokens[index].lower(), tokens[index - 1].lower() if index else ""
    if _is_hyphen(tokens, index) or _is_hyphen(tokens, index + 1):
        return True
    if not word[:1].isalpha() or is_number(word) or word in _NEVER:
        return False
    if word.endswith(("ed", "ing")) and word not in _MODIFIERS:
        return before in _DETERMINERS or before in ("of", "-") or before.endswith("ly")
    return True


def _surely_modifies(tokens: Sequence[str], index: int) -> bool:
    """Returns whether a token modifies the noun even if no determiner comes before it."""
    word = tokens[index]
    if _is_hyphen(tokens, index) or _is_hyphen(tokens, index + 1):
        return True
    if word == "." and index:
        return tokens[index - 1].lower() in _TITLES
    return word.lower() in _MODIFIERS or (is_capitalized(word) and _may_modify(tokens, index))


def _is_count(tokens: Sequence[str], index: int) -> bool:
    """Returns whether a token is a number, but not a year, a day of a month, or a part of a hyphenated word."""
    if index < 0 or not is_number(tokens[index]) or _is_hyphen(tokens, index + 1):
        return False
    if index and tokens[index - 1].lower() in _MONTHS:
        return False
    return not re.fullmatch("(?:19|20)[0-9]{2}", tokens[index])


def _is_hyphen(tokens: Sequence[str], index: int) -> bool:
    """Returns whether a token exists and is a hyphen inside a word."""
    return 0 < index < len(tokens) - 1 and tokens[index] == "-" and tokens[index + 1][:1].isalnum()
