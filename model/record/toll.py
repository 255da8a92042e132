"""An article's death toll, chosen among its DEATH_TOLL mentions."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

from afteraction.data import DEATH_TOLL, Span, Toll, parse_count
from afteraction.data.text import sentence_around, sentence_starts

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

_CERTAINTY_OF_NOBODY = 0.6


def choose_toll(text: str, spans: Sequence[Span]) -> Toll | None:
    """The range of the DEATH_TOLL mention that best stands for an article's main attack.

    A mention counts more the earlier it stands and where its sentence speaks of a newer figure, less where its
    sentence recalls the past or where it is vague ("dozens"). In an article with spans, that nobody was hurt is a
    mention of zero, which counts less than others.
    """
    tolls = [
        (1.0 if span.score is None else span.score, span.start, span.end, parse_count(text[span.start : span.end]))
        for span in spans
        if span.label == DEATH_TOLL
    ]
    if spans:
        tolls += [(_CERTAINTY_OF_NOBODY, *match.span(), Toll(0, 0)) for match in _NOBODY.finditer(text)]
    sentences = [*sentence_starts(text), len(text)]
    weights = [
        (certainty * _weight(text, start, end, sentences=sentences), toll)
        for certainty, start, end, toll in tolls
        if toll is not None
    ]
    return max(weights, key=itemgetter(0))[1] if weights else None


def _weight(text: str, start: int, end: int, *, sentences: Sequence[int]) -> float:
    """How well a mention stands for the article; the factors were chosen on the bundled train and dev articles.

    `sentences` are where the text's sentences begin, and its length.
    """
    place = bisect_right(sentences, start, hi=len(sentences) - 1)
    sentence = text[slice(*sentence_around(start, end, bounds=sentences))]
    weight = 1.0 + 2.0 / place
    if _EARLIER.search(sentence):
        weight *= 0.7
    if _REVISED.search(sentence):
        weight *= 1.5
    if _VAGUE.search(text, start, end):
        weight *= 0.2
    return weight
