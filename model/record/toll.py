"""Chooses the death toll of an article among its DEATH_TOLL mentions."""

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

# The weights of mentions. They were chosen on the bundled training and development articles.

_EARLY_BONUS = 2.0
"""A mention in the n-th sentence gets this / n on top of 1: news articles put the main attack first."""

_EARLIER_FACTOR = 0.7
"""For a sentence that recalls the past ("last year"): its figure may be that of another attack."""

_REVISED_FACTOR = 1.5
"""For a sentence that corrects a figure ("rose to"): the newer figure is the better one."""

_VAGUE_FACTOR = 0.2
"""For a vague mention ("dozens"): almost any exact figure says more."""

_NOBODY_CERTAINTY = 0.6
"""For "nobody was hurt", as if it were a mention with this score: it is often said of only a part of the events."""


def choose_toll(text: str, spans: Sequence[Span]) -> Toll | None:
    """Returns the range of the DEATH_TOLL mention that best represents the main attack of an article.

    A mention counts more if it comes early or if its sentence gives a newer figure. It counts less if its sentence
    recalls the past or if it is vague ("dozens"). In an article with spans, a statement that nobody was hurt is a
    mention of zero, which counts less than other mentions.

    None if no mention can be read as a count.
    """
    tolls = [
        (1.0 if span.score is None else span.score, span.start, span.end, parse_count(text[span.start : span.end]))
        for span in spans
        if span.label == DEATH_TOLL
    ]
    if spans:
        tolls += [(_NOBODY_CERTAINTY, *match.span(), Toll(0, 0)) for match in _NOBODY.finditer(text)]
    sentences = [*sentence_starts(text), len(text)]
    weights = [
        (certainty * _weight(text, start, end, sentences=sentences), toll)
        for certainty, start, end, toll in tolls
        if toll is not None
    ]
    return max(weights, key=itemgetter(0))[1] if weights else None


def _weight(text: str, start: int, end: int, *, sentences: Sequence[int]) -> float:
    """Returns how well the mention at `[start, end)` represents the article.

    `sentences` holds the start of each sentence, and last the length of the text.
    """
    sentence_number = bisect_right(sentences, start, hi=len(sentences) - 1)
    sentence = text[slice(*sentence_around(start, end, bounds=sentences))]
    weight = 1.0 + _EARLY_BONUS / sentence_number
    if _EARLIER.search(sentence):
        weight *= _EARLIER_FACTOR
    if _REVISED.search(sentence):
        weight *= _REVISED_FACTOR
    if _VAGUE.search(text, start, end):
        weight *= _VAGUE_FACTOR
    return weight
