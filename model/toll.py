"""An article's death toll, chosen among its DEATH_TOLL mentions."""

import re
from collections.abc import Sequence

from afteraction.data import Span, Toll, parse_count

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[A-Z\"'“‘\[(])|\n+")
_EARLIER = re.compile(
    r"\b(?:last (?:year|month|week)|(?:in|since|during|of) (?:19|20)\d\d|(?:years?|months?|weeks?) (?:ago|earlier)"
    r"|previous|previously|since|similar|past|so far this|earlier this (?:year|month)|anniversary)\b",
    re.IGNORECASE,
)
_REVISED = re.compile(
    r"\b(?:rose|risen|raised|revised|climbed|jumped|increased|now|later|confirmed|updated|final|death toll)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(r"\b(?:dozens|scores|hundreds|thousands|several|few|many|handful)\b", re.IGNORECASE)
_NOBODY = re.compile(
    r"\b(?:no ?(?:one|body) (?:was|is|has been|were)(?: \w+)? (?:killed|hurt|injured|harmed|wounded)"
    r"|(?:no|without(?: any)?) (?:deaths|casualties|fatalities|victims|loss of life)"
    r"|(?:caused|left|claimed) no (?:deaths|casualties|victims))\b",
    re.IGNORECASE,
)


def choose_toll(text: str, spans: Sequence[Span]) -> Toll | None:
    """The range of the DEATH_TOLL mention that best stands for an article's main attack.

    A mention counts more the earlier it stands and where its sentence speaks of a newer figure, less where its
    sentence recalls the past or where it is vague ("dozens"). Without a mention, an article with other spans
    that says that nobody was hurt has a toll of zero.
    """
    tolls = {span: parse_count(text[span.start : span.end]) for span in spans if span.label == "DEATH_TOLL"}
    read = [span for span, toll in tolls.items() if toll is not None]
    if read:
        return tolls[max(read, key=lambda span: _weight(text, span))]
    return Toll(0, 0) if spans and _NOBODY.search(text) else None


def _weight(text: str, span: Span) -> float:
    """How well a mention stands for the article; the factors were chosen on the bundled train and dev articles."""
    starts = [0, *(match.end() for match in _SENTENCE_END.finditer(text, 0, span.start + 1))]
    following = _SENTENCE_END.search(text, span.end)
    sentence = text[starts[-1] : following.start() if following else len(text)]
    weight = (1.0 if span.score is None else span.score) * (1.0 + 2.0 / len(starts))
    if _EARLIER.search(sentence):
        weight *= 0.7
    if _REVISED.search(sentence):
        weight *= 1.5
    if _VAGUE.search(text, span.start, span.end):
        weight *= 0.2
    return weight
