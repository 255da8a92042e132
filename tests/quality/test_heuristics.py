"""Floors for the heuristics, on the bundled corpus's gold spans. Each test prints its figure (`pytest -s`).

A floor is just below the figure at the time of writing. A change that raises a figure must raise its floor.
"""

import textwrap
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from itertools import combinations

import pytest

from afteraction.data import LABELS, Article, read_named
from afteraction.data.incidents import Incident, align
from afteraction.data.text import has_content, layout_breaks, load_aliases
from afteraction.evaluation import score_spans
from afteraction.model import RuleTagger, choose_toll, link_entities

Report = Callable[[str, float], None]

FLOORS = {
    "links": {"invented": 0.674, "voa": 0.786},
    "tolls": {"invented": 0.835, "voa": 0.89},
    "silver": {"invented": 0.98, "voa": 0.96},
    "rules": {"invented": 0.37, "voa": 0.38},
}


@pytest.fixture(scope="module", params=["invented", "voa"])
def kind(request: pytest.FixtureRequest) -> str:
    """Returns the kind of bundled articles."""
    return str(request.param)


@pytest.fixture(scope="module")
def gold(kind: str) -> list[Article]:
    """Returns all articles of a kind."""
    articles = read_named(["bundled:train", "bundled:dev", "bundled:test"])
    return [article for article in articles if article.meta["source"] == kind]


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    def show(what: str, figure: float) -> None:
        with capsys.disabled():
            print(f" [{what}: {figure:.4f}]", end="")  # noqa: T201

    return show


def f1(found: Iterable[Hashable], wanted: Iterable[Hashable]) -> float:
    found, wanted = set(found), set(wanted)
    return 2 * len(found & wanted) / (len(found) + len(wanted))


def linked_pairs(article: Article) -> set[tuple[str, int, int]]:
    """Returns the pairs of spans of one entity, as their starts. Death tolls have no entity."""
    spans = [span for span in article.spans if span.entity is not None and span.label != "DEATH_TOLL"]
    return {(article.id, a.start, b.start) for a, b in combinations(spans, 2) if a.entity == b.entity}


def test_entity_links(gold: list[Article], kind: str, report: Report) -> None:
    linked = [article.with_fields(spans=link_entities(article.text, article.spans)[0]) for article in gold]
    figure = f1(*({pair for article in side for pair in linked_pairs(article)} for side in (linked, gold)))
    report("F1 of linked pairs", figure)
    assert figure >= FLOORS["links"][kind]


def test_toll_choice(gold: list[Article], kind: str, report: Report) -> None:
    attacks = [article for article in gold if article.spans]
    figure = sum(choose_toll(a.text, a.spans).toll == a.death_toll for a in attacks) / len(attacks)
    report("exact tolls", figure)
    assert figure >= FLOORS["tolls"][kind]


def incident_of(article: Article) -> Incident:
    """Returns the row of an incident table: the longest name per perpetrator, target and place, and the deaths."""
    names: dict[str, dict[str, str]] = {label: {} for label in LABELS}
    for span in article.spans:
        surface, known = article.surface(span), names[span.label].get(str(span.entity), "")
        names[span.label][str(span.entity)] = max(known, surface, key=len)
    perpetrators, targets, locations, _ = (list(names[label].values()) for label in LABELS)
    toll = article.death_toll
    deaths = [] if toll is None else [str(toll.low) if toll.high is not None else f"{toll.low}+"]
    return Incident(article.id, article.text, perpetrators, targets, locations, deaths)


def test_silver_spans(gold: list[Article], kind: str, report: Report) -> None:
    aliases = load_aliases()
    correct: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for article in gold:
        wanted = {(article.surface(span), span.label) for span in article.spans}
        silver = align(incident_of(article), aliases)
        for span in silver.spans:
            found[span.label] += 1
            correct[span.label] += (silver.surface(span), span.label) in wanted
    assert found.total() > 700
    report("precision of silver spans", correct.total() / found.total())
    assert correct.total() / found.total() >= FLOORS["silver"][kind]


def test_rule_tagger(gold: list[Article], kind: str, report: Report) -> None:
    figure = score_spans(gold, list(RuleTagger().predict(gold)), labels=LABELS).micro.f1
    report("strict F1 of the rules", figure)
    assert figure >= FLOORS["rules"][kind]


def test_layout_and_function_words_forbid_no_gold_span(gold: list[Article]) -> None:
    for article in gold:
        breaks = layout_breaks(article.text)
        for span in article.spans:
            assert not any(span.start < start and end < span.end for start, end in breaks)
            assert has_content(article.surface(span)) or article.surface(span).lower() in ("a", "an")


def test_layout_forbids_no_gold_span_of_wrapped_text(gold: list[Article]) -> None:
    for article in gold:
        lines = (textwrap.wrap(line, 66, break_on_hyphens=False) for line in article.text.split("\n"))
        wrapped = "\n".join("\n".join(line) for line in lines)
        ink = [offset for offset, character in enumerate(article.text) if not character.isspace()]
        moved = dict(zip(ink, (i for i, character in enumerate(wrapped) if not character.isspace()), strict=True))
        breaks = layout_breaks(wrapped)
        for span in article.spans:
            first, last = moved[span.start], moved[span.end - 1]
            assert not any(first < start and end <= last for start, end in breaks)
