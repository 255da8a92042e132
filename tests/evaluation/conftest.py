"""A small report with every kind of error, and a browser to open pages with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service

from afteraction.data import Article, Span, Toll
from afteraction.evaluation import ArticleSlicer, Baseline, Report, SpanSlicer, default_slicers, evaluate
from afteraction.evaluation.report.browser import WorstArticles

HOSTILE = (
    "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'> \"quoted\" & {{ braces }} | ** ` killed 3"
)


def spans_of(text: str, *given: tuple[str, str, float | None]) -> tuple[Span, ...]:
    """Returns spans from words, label and score, at the first occurrence of the words."""
    return tuple(
        Span(text.index(words), text.index(words) + len(words), label, score=score) for words, label, score in given
    )


@pytest.fixture(scope="session")
def pairs() -> list[tuple[Article, Article]]:
    """Returns three articles: one right, one with several kinds of errors, one with mark-up in text, id and meta."""
    right = "Rebels shot three people in Kano."
    wrong = "Two gunmen of the Front killed 12 soldiers and a nurse near Gao, Mali.\n\nThe Front hit a school."
    spans = spans_of(right, ("Rebels", "PERPETRATOR", None), ("Kano", "LOCATION", None))
    return [
        (
            Article("right", right, spans, meta={"source": "wire"}),
            Article("right", right, spans_of(right, ("Rebels", "PERPETRATOR", 0.9), ("Kano", "LOCATION", 0.7))),
        ),
        (
            Article(
                "wrong",
                wrong,
                spans_of(
                    wrong,
                    ("Two gunmen of the Front", "PERPETRATOR", None),
                    ("12", "DEATH_TOLL", None),
                    ("soldiers", "TARGET", None),
                    ("a nurse", "TARGET", None),
                    ("Gao", "LOCATION", None),
                    ("a school", "TARGET", None),
                ),
                Toll(12, 12),
                meta={"source": "radio"},
            ),
            Article(
                "wrong",
                wrong,
                spans_of(
                    wrong,
                    ("Two gunmen", "PERPETRATOR", 0.95),
                    ("12", "DEATH_TOLL", 0.99),
                    ("soldiers and a nurse", "TARGET", 0.6),
                    ("Gao", "TARGET", 0.4),
                    ("Mali", "LOCATION", 0.2),
                ),
                Toll(12, None),
                death_toll_score=0.625,
            ),
        ),
        (
            Article("<b>hostile</b>", HOSTILE, spans_of(HOSTILE, ("3", "<i>odd</i>", None)), meta={"source": "<u>"}),
            Article("<b>hostile</b>", HOSTILE, spans_of(HOSTILE, ("<script>", "<i>odd</i>", 0.5))),
        ),
    ]


@pytest.fixture(scope="session")
def slicers() -> list[ArticleSlicer | SpanSlicer]:
    return default_slicers()


@pytest.fixture(scope="session")
def worst() -> WorstArticles:
    """Returns the observer of every pair of the report."""
    return WorstArticles()


@pytest.fixture(scope="session")
def report(
    pairs: list[tuple[Article, Article]], slicers: list[ArticleSlicer | SpanSlicer], worst: WorstArticles
) -> Report:
    return evaluate(
        *zip(*pairs, strict=True),
        gold_name="<i>gold</i>.jsonl",
        system="a | system",
        slicers=slicers,
        baseline=Baseline("nothing at all", lambda article: Article(article.id, article.text)),
        observers=[worst],
        samples=50,
    )


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Yields a headless Chromium that records what pages log and request."""
    program = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no Chromium with its chromedriver on this machine: pages are not tested in a browser")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (
        "headless",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "disable-dev-shm-usage",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        f"user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    try:
        started = webdriver.Chrome(options=options, service=Service(driver))
    except WebDriverException as error:
        pytest.skip(f"Chromium does not start here: pages are not tested in a browser: {error.msg}")
    yield started
    started.quit()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Returns the path for the page of a test."""
    return tmp_path / "page.html"
