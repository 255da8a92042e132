"""The names of groups and persons in a field of a table."""

import re
from collections.abc import Iterator

from afteraction.data.text.lexicon import word_list

_NOTHING = word_list("nothing")
_NOBODY = ("unidentified ", "unknown ", "not applicable")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]?")
_APART = re.compile(r"\s+and/or\s+|\s*[;\n]\s*")
_ACRONYM = re.compile(r"(?P<acronym>[^\s:]{2,12}): +(?P<name>\S.*)")
_IN_BRACKETS = re.compile(r"\((?P<acronym>[A-Z][A-Z\d-]{2,})\)")
_OTHER_NAME = re.compile(r"(?P<name>\S.*?) +[-–] +(?P<other>\S+(?: \S+){2,})")
_MARK = re.compile(r"\s*[/,]\s*|\s{2,}")
_AND = re.compile(r"\s+(?:and|or|&)\s+")
_WITHIN = re.compile(r"\b(?:of|for|in)\b")


def named_groups(value: str) -> list[tuple[str, ...]]:
    """Returns the groups or persons that a field names, each with its names, without remarks in brackets.

    - `JNIM: Group for Support of Islam and Muslims` is one group with two names, in ACLED's style. So is a name with
      its acronym in brackets or with a longer name after a dash.
    - `X and/or Y`, or a semicolon between them, are two groups.
    - For any other list (`YPG / PKK`), the whole comes first, since a name may contain such marks, and then the parts.
      An "and" after "of", "for" or "in" is part of a name.
    """
    groups: dict[tuple[str, ...], None] = {}
    for part in _APART.split(value):
        groups.update(dict.fromkeys(_groups(part)))
    return list(groups)


def group_names(value: str) -> list[str]:
    """Returns all names of `named_groups` without repetition."""
    return list(dict.fromkeys(name for names in named_groups(value) for name in names))


def is_given(value: str) -> bool:
    """Returns whether a field has a value other than "unknown" and the like."""
    folded = value.strip().casefold().rstrip(".")
    return folded not in {"", *_NOTHING} and not folded.startswith(_NOBODY)


def _groups(part: str) -> Iterator[tuple[str, ...]]:
    whole = " ".join(_BRACKETS.sub(" ", part).split())
    names = [whole]
    pair = _ACRONYM.fullmatch(whole)
    if pair and sum(character.isupper() or character.isdigit() for character in pair["acronym"]) >= 2:
        names = [pair["acronym"], pair["name"]]
    elif other := _OTHER_NAME.fullmatch(whole):
        names = [whole, other["name"], other["other"]]
    names += [match["acronym"] for match in _IN_BRACKETS.finditer(part)]
    if given := tuple(dict.fromkeys(filter(is_given, names))):
        yield given
    if len(names) == 1:
        for name in _listed(_BRACKETS.sub("  ", part)):
            if is_given(name) and name != whole:
                yield (name,)


def _listed(part: str) -> Iterator[str]:
    for item in _MARK.split(part):
        begin = 0
        for match in _AND.finditer(item):
            if not _WITHIN.search(item, begin, match.start()):
                yield item[begin : match.start()].strip()
                begin = match.end()
        yield item[begin:].strip()
