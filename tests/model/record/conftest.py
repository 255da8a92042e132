"""Marked-up texts, for the tests of records."""

import re
from collections.abc import Callable

import pytest

from afteraction.data import Span
from afteraction.model import link_entities

LABELS = {"P": "PERPETRATOR", "T": "TARGET", "L": "LOCATION", "D": "DEATH_TOLL"}


def parse_marks(marked: str) -> tuple[str, tuple[Span, ...]]:
    text, spans = "", []
    for before, surface, label in re.findall(r"([^\[]*)(?:\[([^\]]*)\]([PTLD])|$)", marked):
        text += before
        if surface:
            spans.append(Span(len(text), len(text) + len(surface), LABELS[label]))
            text += surface
    return text, tuple(spans)


@pytest.fixture(scope="session")
def annotated() -> Callable[[str], tuple[str, tuple[Span, ...]]]:
    """Returns a function that parses "[two gunmen]P fled" into its text and spans."""
    return parse_marks


@pytest.fixture(scope="session")
def groups() -> Callable[[str], str]:
    """Returns a function that returns the entity number of each mention in order, as in "1 2 1"."""

    def number_mentions(marked: str) -> str:
        linked, _ = link_entities(*parse_marks(marked))
        return " ".join((span.entity or "").removeprefix("e") for span in linked)

    return number_mentions
