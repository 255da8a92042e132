"""Phrases in a sentence that distinguish the past from the present, a total from a part, and a claim from a report."""

import re

from afteraction.data.text import word_list, word_set
from afteraction.model.record.tolls.sentences import TARGETS, VICTIMS

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SOME = r"two|three|four|five|six|seven|eight|nine|ten|several|more than|less than|nearly|over|\d+"
_ATTACK = "attack|bomb|blast|raid|strike|incident|explosion|bombing|clash|shooting"

PAST = re.compile(
    rf"\b(?:last (?:year|month|{_MONTHS})"
    r"|(?:years?|months?|weeks?|decades?|days?) (?:ago|earlier|after|before|later|since)|previous|previously|similar"
    r"|in the past|earlier this (?:year|month|week)|anniversary|earlier attack|to the day|the worst|deadliest)\b"
)
"""Indicates that the attack may be an earlier one."""

YEARS_AFTER = re.compile(r"\b(?:years?|months?|weeks?|decades?|days?|day) (?:after|since)\b[^.;]*$")
"""Comes before a figure that only dates the present attack: "ten years after 52 people were killed"."""

DATED = re.compile(
    rf"\b(?:last (?:week|{_DAYS})|(?:in|since|of|during|from) (?:(?:early|late|mid|{_MONTHS})[ -]?)?(?:19|20)\d\d"
    rf"|in (?:{_MONTHS})|on (?:{_MONTHS}) \d+|on \d+ (?:{_MONTHS}))\b"
)
"""Indicates that the attack has a date, as earlier attacks often have."""

IN_COURT = re.compile(
    r"\b(?:court|tribunal|trial|judges?|charge[ds]|arrested|convicted|indicted|sentenced|genocide|war crimes|massacre"
    r"|suspects?|accused|lawyers?|prosecutors?|anniversary|investigat\w+|testif\w+|probe|inquiry|assassination)\b"
)
"""Indicates that the text may be about the aftermath of a past attack."""

RUNNING = re.compile(
    r"\b(?:since|so far this|this (?:year|month|week)|(?:over|in|during|within|for) the (?:past|last)|in recent|to date"
    rf"|in (?:the )?(?:past |last )?(?:{_SOME}) (?:\S+ )?(?:days|weeks|months|years|decades)"
    r"|conflict|war|uprising|insurgency|unrest|crackdown|protests|revolt|rebellion|violence"
    r"|began|erupted|years of|months of)\b"
)
"""Indicates that the figure may be the total of a war or a year."""

RAISED = re.compile(
    r"\b(?:rose|risen|rises|rising|raised|raising|raises|climb\w*|jump\w*|increas\w*|revis\w*|updat\w*|brings|bringing"
    r"|brought|taking|reach\w*|stood|stands|latest|final|grew|grown|confirmed|corrected|surpass\w*)\b"
)
"""Indicates that the sentence corrects a figure."""

RAISED_TO = re.compile(r"\b(?:to|at|reached)(?: \w+)?$")
RAISED_FROM = re.compile(r"\b(?:from|than)(?: \w+)?$")
"""Come right before a new figure and an old figure."""

ELSEWHERE = re.compile(
    rf"\b(?:elsewhere|meanwhile|separate(?:ly)?|another (?:{_ATTACK}|part|village|town|district|area|city)|in other"
    rf"|also (?:on )?(?:{_DAYS})|second (?:{_ATTACK})|other (?:attacks|violence|incidents)|in a similar|different)\b"
)
"""Indicates that the sentence is about another attack."""

ALSO = word_set("also another other others more additional further too besides later")
"""Words that add a figure to the one before it."""

PART_BEFORE = re.compile(
    r"\b(?:including|included|includes|include|among (?:them|whom|the \w+|those|these)(?: \w+)?"
    r"|of (?:whom|them|these)|made up of|comprising|consisting of|mostly|them)(?: [:,])?(?: \w+)?$"
    rf"|\bamong (?:\S+ ){{1,4}}(?:was|were|are|is)$|\bof the {VICTIMS} (?:\w+ )?,$"
)
PART_AFTER = re.compile(
    rf"(?:of (?:them|whom|these|those|the|{VICTIMS}|{TARGETS})(?: |$)"
    rf"|(?:\S+ ){{0,3}}(?:(?:was|were|are|is) )?(?:also )?among\b"
    rf"|(?:[^\s{VICTIMS}.;:]+ ){{0,7}}(?:was|were|are|is) (?:also )?among (?:the|those|{TARGETS}))"
)
"""Indicate that the victims are part of others. They match the words before and after the victims."""

WHOLE_AFTER = re.compile(
    r"(?:\S+ ){0,6}?(?:including|among (?:them|whom)|of (?:whom|them)|mostly|most of|some of|many of|half of)\b"
)
"""Indicates that parts of the victims follow."""

_NOT_ATTACKERS = "".join(rf"(?<!\b{attacker} )" for attacker in sorted(word_list("attackers")))
_NO_ONE = "no[ -]?(?:one|body)"
NOBODY = re.compile(
    rf"\b(?:{_NO_ONE}(?: else)? (?:was|is|has been|were|had been)(?: \w+)? (?:killed|hurt|injured|harmed|wounded)"
    rf"|{_NO_ONE}(?: else)? (?:has |had )?died"
    rf"|(?:kill|hurt|injur|harm|wound)(?:s|ed|es|ing)? {_NO_ONE}\b(?! else)"
    r"|(?:not|without) (?:kill|hurt|injur|harm|wound)(?:e|ing)?(?: (?:or|and) \w+)? (?:anyone|anybody)"
    r"|(?:no|without(?: any)?|without causing(?: any)?)(?: serious| immediate| human| civilian)?(?: reports? of)?"
    r"(?: any)? (?:deaths|casualties|causalities|fatalities|injuries|victims|losses|loss of life)"
    rf"|none (?:of (?:[\w@#]+ ){{1,3}})?{_NOT_ATTACKERS}(?:was|were) (?:killed|hurt|injured)"
    r"|not a single (?:person|soul) (?:was|were) (?:killed|hurt)"
    rf"|(?:found|released|freed|{_NOT_ATTACKERS}escaped|emerged|rescued|recovered)(?: [\w@#]+){{0,3}}"
    r" (?:unharmed|unhurt|uninjured)"
    r"|no (?:\w+ ){1,5}(?:was|were) (?:killed|hurt|injured|harmed))\b"
)
"""States that nobody was killed or hurt."""

NOBODY_DIED = re.compile(r"kill|death|died|fatal|life|single")
"""Indicates that a match of `NOBODY` is about the dead, not only the hurt."""

_NO_WORD = re.compile(
    r"\b(?:no (?:\w+ )?(?:word|details|information|figures)|not (?:\w+ )?(?:clear|known)|unclear|unknown"
    r"|trying to determine)\b"
)
_OF_CASUALTIES = re.compile(r"\b(?:casualt\w+|deaths|died|killed|injur\w+|hurt|victims)\b")


def says_no_word(sentence: str) -> bool:
    """Returns whether a sentence says that it is not yet known whether anybody was killed or hurt."""
    said = _NO_WORD.search(sentence)
    return said is not None and _OF_CASUALTIES.search(sentence, said.end()) is not None
