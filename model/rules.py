"""A rule-based tagger: word lists and patterns, nothing learnt. It is the baseline that a trained model must beat.

The rules were written by looking at the bundled training articles. Their spans have no scores, since rules give no
probability.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from afteraction.data import DEATH_TOLL, LABELS, LOCATION, PERPETRATOR, TARGET, Article, Span, parse_count
from afteraction.data.text import DETERMINERS, TENS_PATTERN, UNITS_PATTERN, layout_breaks, render
from afteraction.model.record.assemble import ArticleLike, assemble_record, wrap_texts

Match = tuple[int, int, str]
"""Characters `[start, end)` that a rule matched, and their label."""

_ATTACKERS = (
    "gunm[ae]n|attackers?|assailants?|militants?|insurgents?|rebels?|jihadists?|terrorists?|bombers?|bandits?|raiders?"
    "|kidnappers?|abductors?|hijackers?|extremists?|guerrillas?|militias?|militiam[ae]n|fighters?|arsonists?|killers?"
    "|separatists?|hitm[ae]n|shooters?|snipers?|hostage-takers?|perpetrators?|suspects?|robbers?|paramilitaries"
    "|(?:armed|masked|hooded|unidentified|unknown) (?:men|group)|(?:group|gang)(?! of)"
)
_VICTIMS = (
    "people|persons?|soldiers?|troops|civilians?|villagers?|residents?|polic(?:e|em[ae]n|ewom[ae]n)|officers?|guards?"
    "|wom[ae]n|m[ae]n|child(?:ren)?|boys?|girls?|students?|pupils?|teachers?|workers?|drivers?|passengers?|farmers?"
    "|herders?|miners?|traders?|shoppers?|worshippers?|pilgrims?|journalists?|reporters?|judges?|mayors?|governors?"
    "|ministers?|officials?|doctors?|nurses?|priests?|imams?|rangers?|peacekeepers?|prisoners?|hostages?|victims?"
    "|tourists?|engineers?|lawyers?|prosecutors?|councillors?|sergeants?|constables?|commanders?|bystanders?|others"
)
_THINGS = (
    "bus(?:es)?|minibus(?:es)?|trucks?|lorr(?:y|ies)|tankers?|cars?|vehicles?|convoys?|patrols?|trains?|ferr(?:y|ies)"
    "|aircraft|helicopters?|boats?|schools?|colleges?|universit(?:y|ies)|academ(?:y|ies)|hospitals?|clinics?|churches"
    "|church|mosques?|shrines?|temples?|markets?|shops?|banks?|hotels?|bars?|restaurants?|nightclubs?|malls?|offices?"
    "|stations?|posts?|checkpoints?|barracks|bases?|camps?|outposts?|headquarters|court(?:s|house)?|embass(?:y|ies)"
    "|consulates?|buildings?|houses?|homes?|compounds?|warehouses?|depots?|factor(?:y|ies)|plants?|pipelines?|pylons?"
    "|lines?|bridges?|railways?|refiner(?:y|ies)|mines?|wells?|terminals?|airports?|villages?|ranch(?:es)?|farms?"
)
_NUMBER = (
    rf"\d{{1,3}}(?:,\d{{3}})+|\d+|{UNITS_PATTERN}|(?:{TENS_PATTERN})(?:-[a-z]+)?"
    "|dozens of|scores of|hundreds of|dozens|several|a dozen|a hundred"
)
_BOUND = "at least|more than|over|up to|as many as|nearly|almost|about|around|some|no fewer than|an estimated|between"
_COUNT = rf"(?:(?:{_BOUND})\s)?(?:{_NUMBER})(?:\s(?:and|to|or)\s(?:{_NUMBER}))?"

_STOP = (
    "of|in|on|at|by|to|for|from|with|and|or|but|as|that|which|who|whom|when|where|while|after|before|during|into|over"
    "|near|under|was|were|is|are|be|been|being|had|has|have|said|says|he|she|it|they|we|you|i|not|no|if|than|then|so"
    "|killed|killing|wounded|wounding|injured|attacked|shot|dead|died|against|through|since|until|about|will|would"
)
_DETERMINER = rf"(?:{'|'.join(sorted(DETERMINERS))}|two|three|four|five|six|\d+|other)"
# The length of a word is limited, since a match may begin at each hyphen.
_REST = r"[\w'’-]{0,60}+(?![\w'’-])"
_MODIFIER = rf"(?!(?:{_STOP}|{_DETERMINER})\b)[^\W\d_]{_REST}"
_CAPITALIZED = f"[A-Z]{_REST}"

_PERPETRATORS = re.compile(rf"\b(?:{_DETERMINER}\s)?(?:{_MODIFIER}\s){{0,3}}?(?:{_ATTACKERS})\b(?!-)", re.IGNORECASE)
_TARGETS = re.compile(
    rf"\b(?:{_DETERMINER}\s)?(?:{_MODIFIER}\s){{0,3}}?(?:{_VICTIMS}|{_THINGS})\b"
    rf"(?![-’'])(?!\s(?:{_VICTIMS}|{_THINGS})\b)",
    re.IGNORECASE,
)
_GROUP = re.compile(
    rf"\b((?:[Tt]he\s)?(?:{_CAPITALIZED}\s(?:(?:of|the|for|and)\s){{0,2}}){{0,4}}"
    r"(?:Front|Brigades?|Movement|Army|Legion|Column|Command|Battalion|Cells?|Faction|Militia|Vanguard|Resistance)"
    rf"(?:\s(?:of|for)\s(?:the\s)?{_CAPITALIZED}(?:\s(?:of\s(?:the\s)?)?{_CAPITALIZED})*)?)(?!\s[A-Z])"
    r"(?:\s\((?:the\s)?(?P<acronym>[A-Z][\w-]+)\))?"
)
_PLACES = re.compile(
    rf"\b(?:in|near|outside|around|at|from)\s({_CAPITALIZED}(?:\s(?:de\s|la\s|el\s)?{_CAPITALIZED}){{0,2}})"
    rf"(?:,\s({_CAPITALIZED}(?:\s{_CAPITALIZED})?))?(?:,\s({_CAPITALIZED}(?:\s{_CAPITALIZED})?))?"
)
_PLACES_IN_CAPITALS = re.compile(
    r"\b(?:IN|NEAR)\s(?!(?:THE|AN?|THIS|THAT|HIS|ITS|THEIR)\b)([A-Z]+(?:\s[A-Z]+){0,2})(?=[,.;])"
)
_DATELINE = re.compile(r"^([A-Z]{3,}(?:[ -][A-Z]{2,})*)(?=,| \(| [-–—])(?:,\s([A-Z][a-z]+)(?=[,\s]))?", re.MULTILINE)
_CASUALTIES = re.compile(
    r"\b(?:the (?:dead|victims|wounded|injured|survivors|hostages)|victims|survivors)\b", re.IGNORECASE
)
_NO_PLACE = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October"
    r"|November|December|Jan|Feb|Oct|Nov|Dec|The|This|That|He|She|They|We|It|God|Parliament|Congress|[A-Z]{1,2})\b"
)

_DEAD = "killed|dead|died|die|dying|slain|murdered|massacred|perished"
_UNHURT = r"(?!(?:wounded|injured|hurt|and)\b)"
_TOLLS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:kill(?:ed|ing|s)|shot dead|murder(?:ed|ing)|claimed the lives of|death toll\D{{1,30}}?)\s({_COUNT})\b",
        rf"\b({_COUNT})(?=(?:\s{_UNHURT}[\w'’-]+){{0,6}}?\s(?:(?:was|were|are|is|been|being)\s)?(?:{_DEAD})\b)",
        rf"\b(?:dead|killed)\s?[:–—-]\s?({_COUNT})\b",
    )
)
_VIOLENCE = re.compile(
    r"\b(?:attack(?:s|ed|ers?|ing)?|bomb(?:s|ed|ers?|ings?)?|blasts?|explo(?:ded?|sions?|sives)|gunm[ae]n|gunfire"
    r"|shot|shoot(?:ing|ings|ers?)|opened fire|open fire|ambush(?:ed)?|raid(?:ed|ers?)?|stormed|kill(?:ed|ing|ings)"
    r"|kidnap(?:ped|ping)?|abduct(?:ed|ion)|hostages?|arson|torched|set fire|stabb(?:ed|ing)|assassinat(?:ed|ion)"
    r"|massacred?|grenades?|rockets?|mortars?|detonated|militants?|rebels?|insurgents?|jihadists?|drones?|air ?strikes?"
    r"|mines?|beheaded|dead|wounded)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?][\"'”’)]*(?=\s)|(?=\n)|$)")
_WORD = re.compile(r"\w+")
_NAME_ENDS = re.compile(r"\b(?![-’']\w)")
_LEAST_VIOLENCE = 3
"""The number of words of violence that an article needs to be regarded as about an attack."""


class RuleTagger:
    """A tagger that labels articles by rules, with the default labels."""

    labels = LABELS
    languages = ("en",)

    def predict(self, articles: Iterable[ArticleLike]) -> Iterator[Article]:
        """Labels articles one at a time. A plain string gets its number in the stream, from 1, as its id."""
        for article in wrap_texts(articles):
            yield assemble_record(article, rule_spans(article.text))


def rule_spans(text: str) -> list[Span]:
    """Returns the spans that the rules find, in order.

    Rules are tried one by one. A match that begins inside an earlier one is shortened at the front; a match that still
    overlaps is dropped.
    """
    rendered = render(text)
    return rendered.spans_to_given(_find_spans(rendered.text))


def _find_spans(text: str) -> list[Span]:
    if len(_VIOLENCE.findall(text)) < _LEAST_VIOLENCE:
        return []
    taken = bytearray(len(text))
    for start, end in layout_breaks(text):  # so that matches across a break are dropped
        taken[start:end] = b"\x01" * (end - start)
    kept: list[Span] = []
    for find in (_tolls, _perpetrators, _targets, _locations):
        for start, end, label in find(text):
            # In "12 people", the count is already taken as the death toll. The rest is a target.
            while start < end and (taken[start] or text[start].isspace()):
                start += 1
            if start < end and not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                kept.append(Span(start, end, label))
    return sorted(kept, key=lambda span: span.start)


def _violent_sentences(text: str) -> Iterator[tuple[int, int]]:
    for match in _SENTENCE.finditer(text):
        if _VIOLENCE.search(match[0]):
            yield match.span()


def _tolls(text: str) -> Iterator[Match]:
    for pattern in _TOLLS:
        for match in pattern.finditer(text):
            if parse_count(match[1]) is not None:
                yield *match.span(1), DEATH_TOLL


def _perpetrators(text: str) -> Iterator[Match]:
    groups = [*_GROUP.finditer(text)]
    for match in groups:
        yield *match.span(1), PERPETRATOR
    for match in _PERPETRATORS.finditer(text):
        yield *match.span(), PERPETRATOR
    acronyms = sorted({match["acronym"] for match in groups if match["acronym"]})
    yield from _mentions_of(acronyms, text, PERPETRATOR)


def _targets(text: str) -> Iterator[Match]:
    for match in _CASUALTIES.finditer(text):
        yield *match.span(), TARGET
    for start, end in _violent_sentences(text):
        for match in _TARGETS.finditer(text, start, end):
            yield *match.span(), TARGET


def _locations(text: str) -> Iterator[Match]:
    # In an article all in capitals, capitals do not mark names, so a comma, full stop or semicolon must follow a name.
    upper = text.isupper()
    names = set() if upper else {name for match in _DATELINE.finditer(text) for name in match.groups()}
    for start, end in _violent_sentences(text):
        places = (_PLACES_IN_CAPITALS if upper else _PLACES).finditer(text, start, end)
        names |= {name for match in places for name in match.groups()}
    # Longer names first, so that "New York" is found before "York".
    longest_first = sorted(filter(None, names), key=lambda name: (-len(name), name))
    yield from _mentions_of([name for name in longest_first if not _NO_PLACE.match(name)], text, LOCATION)


def _mentions_of(names: Sequence[str], text: str, label: str) -> Iterator[Match]:
    """Yields every occurrence of each name, in the order of the names. Names must begin with a letter."""
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(_WORD.findall(name)[0], set()).add(len(name))
    found: dict[str, list[int]] = {name: [] for name in names}
    for match in _WORD.finditer(text):
        start = match.start()
        for length in lengths.get(match[0], ()):
            starts = found.get(text[start : start + length])
            free = starts is not None and (not starts or starts[-1] + length <= start)
            if starts is not None and free and _NAME_ENDS.match(text, start + length):
                starts.append(start)
    for name, starts in found.items():
        for start in starts:
            yield start, start + len(name), label
