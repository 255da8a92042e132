"""The death toll of a MUC article, from the slots HUM TGT: NUMBER and HUM TGT: EFFECT OF INCIDENT.

The toll of one incident is the sum over the human targets whose effect is DEATH:

- A target's number is read as follows: `3` is 3, `6-8` a range, `6-` at least 6, `-6` at most 6, `~6` is 6, and PLURAL
  at least 2. Of several alternatives, the first that gives a number is used.
- Without a number, a named target counts as one, any other as at least one.
- If some people of a target were only injured, it counts as one up to its number.
- Several targets may have the same strings (`20: "PERSONS"` dead and `100: "PERSONS"` injured). If as many numbers as
  effects refer to these strings, they belong together in the key's order.
- If the key leaves open whether a target died, it counts as zero up to its number.
- If nobody died and the key says so, the toll is 0.

The toll of the article is that of its main attack, taken to be the incident with the highest lower limit. Optional
incidents are used only if no other incident has a toll.
"""

import math
import re
from collections.abc import Iterable

from afteraction.data.articles.article import Toll
from afteraction.data.importers.muc4.keys import Filler, Slot, Template

_NOBODY_DIED = {"NO DEATH", "NO INJURY OR DEATH"}
_NUMBER = re.compile(r"~?\s*(?P<low>\d*)\s*(?P<dash>-?)\s*(?P<high>\d*)")


def article_toll(templates: Iterable[Template]) -> Toll | None:
    """Returns the toll of an article's main attack, or None if its keys give no figure."""
    tolls = [(template.optional, toll) for template in templates if (toll := template_toll(template))]
    certain = [toll for optional, toll in tolls if not optional]
    return max(certain or [toll for _, toll in tolls], key=lambda toll: toll.low, default=None)


def template_toll(template: Template) -> Toll | None:
    """Returns the toll of one incident, or None if the key has no figure for deaths."""
    effects = template.fillers(Slot.EFFECT)
    deaths = [effect for effect in effects if "DEATH" in effect.alternatives]
    if not deaths:
        said = {alternative for effect in effects for alternative in effect.alternatives}
        return Toll(0, 0) if said and said <= _NOBODY_DIED else None
    numbers = template.fillers(Slot.NUMBER)
    hurt = {effect.subject for effect in effects if effect.alternatives == ("INJURY",)}
    names = {name for filler in template.fillers(Slot.NAME) for name in filler.alternatives}
    low, high = 0, 0.0
    for death in deaths:
        same = [effect for effect in effects if effect.subject == death.subject]
        own = [number for number in numbers if number.subject == death.subject]
        apart = len(own) == len(same) > 1  # several targets with the same strings
        if apart:
            own = [number for number, effect in zip(own, same, strict=True) if effect is death]
        number = _first_number(own or [number for number in numbers if {*number.subject} & {*death.subject}])
        if number is None:  # a named target counts as one, any other as at least one
            number = Toll(1, 1 if names & set(death.subject) else None)
        certain = not death.doubtful and len(death.alternatives) == 1  # "INJURY / DEATH" leaves it open
        low += 0 if not certain else min(1, number.low) if death.subject in hurt and not apart else number.low
        high += math.inf if number.high is None else number.high
    if low == 0 and high == math.inf:
        return None
    return Toll(low, None if high == math.inf else int(high))


def parse_number(text: str) -> Toll | None:
    """Reads one alternative of a NUMBER slot; returns None if it is not a number.

    Examples: `3`, `6-8`, `6-` (at least), `-6` (at most), `~6` (about, taken as 6), `PLURAL` (at least 2).
    """
    if text == "PLURAL":
        return Toll(2, None)
    match = _NUMBER.fullmatch(text)
    if not match or not (match["low"] or match["high"]):
        return None
    low = int(match["low"] or 0)
    if not match["dash"]:
        return Toll(low, low)
    high = int(match["high"]) if match["high"] else None
    return Toll(low, None if high is None else max(low, high))


def _first_number(fillers: Iterable[Filler]) -> Toll | None:
    """Returns the first number that some fillers of the slot give, or None."""
    return next(filter(None, (parse_number(text) for filler in fillers for text in filler.alternatives)), None)
