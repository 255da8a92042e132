"""Determines what happened to victims from the words around them."""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Literal

from afteraction.data.text import word_list, word_set
from afteraction.model.record.tolls.sentences import TARGETS, VICTIMS

Fate = Literal["killed", "toll", "shot", "hurt", "killed or hurt", "attempted"]
"""What the governing word says. "toll" is a count named as one of the dead ("the death toll rose to @"). "attempted" is
a killing that was tried, planned or feared. "shot" does not say whether the victims died."""

_KILLING = word_list("killing") | word_list("kills")
_KILLED = (word_list("killed") - {"shot"}) | word_set("gunned hacked wiped")
_DEATHS = word_list("deaths")
_DEAD = (word_list("dead") - _DEATHS) | word_set("succumbed drowned suffocated")
_HURT = (word_list("hurt") - {"casualties"}) | word_list("unharmed")
_SEIZED = word_set(
    "kidnapped abducted captured arrested detained raped kidnapping abducting capturing arresting detaining raping"
)
"""What the killed may have suffered before. The wounded in "killed and wounded" are other people."""
_HURTING = word_list("hurt") | word_list("hurting")
_HURT_FORMS = _HURT | _HURTING
_BE = word_list("be")
_HAVE = word_list("have")
_AUXILIARIES = _BE | _HAVE
_SELVES = word_list("selves")
_PASSED_OVER = word_list("between_verb_and_count") | word_list("before_count")
_ATTEMPTED = word_list("attempted")
_DONE = word_set("managed death")
"""Words that rule out a mere attempt: "managed to kill", "sentenced to death for killing"."""
_TOLL_WORDS, _BEFORE_TOLL = word_list("toll_words"), word_list("before_toll")
_TOTALS = word_set("total toll count")
_CLAUSE_ENDS = (word_list("clause_ends") - word_set("who that")) | word_set("because as if until during")
_OBJECT_STARTS = word_list("object_starts") | {VICTIMS, TARGETS}
_SHOOTING = word_set("shot shooting gunned gunning stabbed stabbing beaten hacked hacking burned left leaving")
_OR = word_set("or and /")
_THEN_KILLED = re.compile(
    rf"(?:[^\s,;:{VICTIMS}]+ ){{0,8}}?(?:and|then|before being|(?:has|have|had) been)"
    r"(?: (?:was|were|been|later|then|subsequently|also))*"
    rf" (?:{'|'.join(sorted(_KILLED))}|shot|found (?:dead|murdered))\b"
    rf"(?! (?:an?|the|his|her|their|{VICTIMS}|{TARGETS}|\d))"
)
"""What follows "were kidnapped" if the victims were killed afterwards."""
_DASHES = word_set("- – —")

_RELATIVES = word_set("who that whom")
_FATAL = word_set("dead death killed victims")
_COUNTED_DEATHS = word_set("deaths fatalities")

_REACH = 14
"""The number of words after victims that are searched for the verb that governs them."""
_TOLL_REACH = 16
_APPOSITION_REACH = 8
_LONGEST_APPOSITION = 28


def fate_before(words: Sequence[str]) -> Fate | None:
    """Returns the fate of victims from the words before them in the sentence: "killing", "the murder of", "wounded"."""
    index = len(words) - 1
    if index > 0 and words[index] == "and" and words[index - 1] in _SELVES:  # "killed himself and @"
        index -= 2
    while index >= 0 and (words[index] in _PASSED_OVER or words[index].endswith("ly")):
        if words[index] == "of" and index and words[index - 1] in _DEATHS:
            return "attempted" if words[max(index - 2, 0)] in _ATTEMPTED else "killed"
        if words[index] == ":" and index and words[index - 1] in _TOLL_WORDS:
            return "toll"
        index -= 1
    if index < 0:
        return None
    word, earlier = words[index], set(words[max(index - 3, 0) : index])
    if word in _BEFORE_TOLL and _counts_the_dead(words[max(index - _TOLL_REACH + 1, 0) : index + 1]):
        return "toll"
    if word in _HURTING and not _BE & set(words[max(index - 2, 0) : index]):
        return "killed or hurt" if earlier & _OR and earlier & (_KILLING | _DEAD) else "hurt"
    if word in _KILLING and not _BE & set(words[max(index - 2, 0) : index]):
        if earlier & _OR and earlier & _HURTING and not ("and" in earlier and earlier & _SEIZED):
            return "killed or hurt"
        return "attempted" if earlier & _ATTEMPTED and not earlier & _DONE else "killed"
    if word in _BE and index and words[index - 1] in _KILLED | {"dead"}:  # "also killed were @"
        return "killed"
    if (word in ("dead", "death") and earlier & _SHOOTING) or (word == "down" and "gunned" in earlier):
        return "killed"
    return "shot" if word == "shot" else None


def _counts_the_dead(words: Sequence[str]) -> bool:
    """Returns whether the words before a number announce a count of the dead: "the number of dead stood at"."""
    if VICTIMS in words and words[-1] not in ("to", "at"):
        return False
    if words[-1] == "to" and _TOTALS & set(words[-2:]):
        return True
    known = set(words)
    return "toll" in known or "tolls" in known or ("number" in known and bool(known & (_TOLL_WORDS - {"number"})))


def fate_after(words: Sequence[str]) -> Fate | None:
    """Returns the fate of victims from the words after them in the sentence: "were killed", "died", "'s murder"."""
    return _governing(*_without_apposition(words))


def _without_apposition(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Removes what is set off by commas, brackets or dashes between the victims and their verb: ", 28, a farmer,".

    Returns the words up to the next victims, and all words up to the end of the sentence.
    """
    kept = list(words)
    start = kept[:_APPOSITION_REACH]
    for index, word in enumerate(start):
        if word in _BE or word == VICTIMS or _verb(index, start, start[: index + 1]):
            break
        if word in ("(", ",") or word in _DASHES:
            close = ")" if word == "(" else word
            inside = kept[index + 1 : index + 1 + _LONGEST_APPOSITION]
            size = inside.index(close) if close in inside else None
            other_victims = size is not None and VICTIMS in inside[:size] and not {"including", "whom"} & set(inside)
            if size is not None and not (word == "," and other_victims):
                kept = kept[:index] + kept[index + size + 2 :]
            break
        if word in _CLAUSE_ENDS:
            break
    stop = kept.index(VICTIMS) if VICTIMS in kept else len(kept)
    return kept[:stop], kept


def _governing(words: Sequence[str], rest: Sequence[str]) -> Fate | None:
    """Returns what the first governing word says.

    `words` end at the next victims, `rest` ends at the end of the sentence.
    """
    if words and words[0] in ("'s", "’s", "s"):
        return "killed" if _DEATHS & set(takewhile(lambda word: word != ",", words[1:4])) else None
    if list(words[:2]) == ["to", "death"]:  # "stabbed @ to death"
        return "killed"
    relatives = 0
    for index, word in enumerate(words[:_REACH]):
        relatives += word in _RELATIVES
        if word in _CLAUSE_ENDS or relatives > 1 or (word == "," and index > 3):
            return None
        fate = _verb(index, words, rest)
        if fate is not None:
            return fate
    return None


def _verb(index: int, words: Sequence[str], rest: Sequence[str]) -> Fate | None:
    """Returns what a word after victims says about them; None if it is not a verb that governs them."""
    word, earlier = words[index], set(words[max(index - 4, 0) : index])
    following, soon = rest[index + 1 : index + 3], set(rest[index + 1 : index + 5])
    passive = bool(earlier & _BE)
    if word in _HURT:
        died = {"died", "dies"} & set(words[index + 1 :]) or (word == "survive" and "not" in earlier)
        then_killed = word in _SEIZED and passive and _THEN_KILLED.match(" ".join(rest[index + 1 : index + 14]))
        return "killed" if died or then_killed else "hurt"
    if word == "shot" and passive:
        return "killed" if soon & _FATAL or "fatally" in earlier else "shot"
    if _is_death(word, earlier, following):
        # In "were killed and wounded @", the wounded have their own count.
        joined = len(following) == 2 and following[0] in _OR and following[1] in _HURT_FORMS
        counted = rest[index + 3 : index + 4] in ([VICTIMS], [TARGETS])
        return "killed or hurt" if joined and not counted else "killed"
    lost = word == "lost" and bool(soon & {"life", "lives"})
    to_death = word == "to" and passive and "death" in following[:1]
    among_dead = word == "among" and bool(soon & _FATAL)
    return "killed" if lost or to_death or among_dead or (word in _COUNTED_DEATHS and index < 3) else None


def _is_death(word: str, earlier: set[str], following: Sequence[str]) -> bool:
    """Returns whether a word after victims says that they died. "Killed a guard" says that they killed somebody."""
    if earlier & {"not", "never"}:
        return False
    is_object = bool(following) and (following[0] in _OBJECT_STARTS or following[0].isdigit())
    if word in _KILLED:
        return bool(earlier & _BE) or not (is_object or earlier & _HAVE)
    if word == "dead" and "shot" in earlier and not earlier & _BE:
        return not is_object
    return word in _DEAD and not (word == "die" and earlier & _ATTEMPTED)
