"""The pages in a browser."""

import json
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from afteraction.data import Article
from afteraction.evaluation import ArticleSlicer, Report, SpanSlicer, view_articles
from afteraction.evaluation.report.browser import WorstArticles
from afteraction.evaluation.report.page import report_page

Pairs = list[tuple[Article, Article]]


@pytest.fixture
def opened(
    browser: Chrome, page: Path, report: Report, worst: WorstArticles, slicers: list[ArticleSlicer | SpanSlicer]
) -> Chrome:
    """Opens a report's page in the browser, and returns the browser."""
    page.write_text(report_page(report, worst, slicers=slicers, provenance={}))
    return show(browser, page)


def show(browser: Chrome, page: Path) -> Chrome:
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(page.as_uri())
    return browser


def shown(browser: Chrome) -> list[str]:
    return [
        article.find_element(By.TAG_NAME, "h3").text
        for article in browser.find_elements(By.TAG_NAME, "article")
        if article.is_displayed()
    ]


def announced(browser: Chrome) -> str:
    return browser.find_element(By.ID, "found").text


def errors(browser: Chrome) -> list[str]:
    lines = [line for line in browser.find_elements(By.CSS_SELECTOR, "li[data-kind]") if line.is_displayed()]
    return [line.find_element(By.TAG_NAME, "b").text for line in lines]


def choose(browser: Chrome, name: str, value: str) -> None:
    Select(browser.find_element(By.NAME, name)).select_by_visible_text(value)


def assert_quiet(browser: Chrome, page: Path) -> None:
    """Checks that nothing was logged, and nothing was requested but the page and its data URLs."""
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requests = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    # A browser that has just started may still be loading its own start page.
    asked = {request["request"]["url"] for request in requests if request["documentURL"] == page.as_uri()}
    assert {address for address in asked if not address.startswith("data:")} == {page.as_uri()}


def test_a_report_is_quiet_and_runs_nothing_of_its_texts(opened: Chrome, page: Path, pairs: Pairs) -> None:
    assert_quiet(opened, page)
    assert opened.execute_script("return window.ran") is None
    texts = {element.get_attribute("textContent") for element in opened.find_elements(By.CSS_SELECTOR, "article .text")}
    assert texts == {gold.text for gold, _ in pairs}
    assert "<b>hostile</b>" in shown(opened)
    assert {element.text for element in opened.find_elements(By.CSS_SELECTOR, ".legend li")} >= {"<i> <i>odd</i>"}


def test_a_view_is_quiet_and_runs_nothing_of_its_texts(browser: Chrome, page: Path, pairs: Pairs) -> None:
    page.write_text(view_articles([gold for gold, _ in pairs], title="<i>some</i>", limit=9))
    show(browser, page)
    assert_quiet(browser, page)
    assert browser.execute_script("return window.ran") is None
    assert browser.find_element(By.TAG_NAME, "h1").text == "<i>some</i>"
    assert browser.find_elements(By.CSS_SELECTOR, "article .text")[2].get_attribute("textContent") == pairs[2][0].text


def test_the_policy_stops_a_script_that_is_not_ours(opened: Chrome) -> None:
    opened.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.ran = 1';"
        "document.body.append(script);"
    )
    assert opened.execute_script("return window.ran") is None
    assert any("Content Security Policy" in entry["message"] for entry in opened.get_log("browser"))


def test_all_articles_show_until_a_filter_is_set(opened: Chrome) -> None:
    assert shown(opened) == ["wrong", "<b>hostile</b>", "right"]
    assert announced(opened) == "3 of 3 articles shown, with 7 errors"
    assert errors(opened) == []


@pytest.mark.parametrize(
    ("name", "value", "articles", "kinds"),
    [
        ("label", "TARGET", ["wrong"], ["merged", "missed"]),
        ("label", "PERPETRATOR", ["wrong"], ["boundary"]),
        ("label", "<i>odd</i>", ["<b>hostile</b>"], ["spurious", "missed"]),
        ("label", "DEATH_TOLL", [], []),
        ("kind", "spurious", ["wrong", "<b>hostile</b>"], ["spurious", "spurious"]),
        ("kind", "label", ["wrong"], ["label"]),
        ("slice", "radio", ["wrong"], ["boundary", "merged", "label", "spurious", "missed"]),
        ("slice", "wire", ["right"], []),
        ("slice", "3 or 4 words", ["wrong"], ["merged"]),
    ],
)
def test_a_filter_shows_what_it_says(
    opened: Chrome, name: str, value: str, articles: list[str], kinds: list[str]
) -> None:
    choose(opened, name, value)
    assert shown(opened) == articles
    assert errors(opened) == kinds
    assert announced(opened).startswith(f"{len(articles)} of 3 articles shown, with {len(kinds)} error")
    assert announced(opened).endswith("that match")


def test_scores_filter_predicted_spans_and_clear_undoes_it(opened: Chrome) -> None:
    high = opened.find_element(By.NAME, "high")
    high.clear()
    high.send_keys("0.45")
    assert errors(opened) == ["label", "spurious"]
    low = opened.find_element(By.NAME, "low")
    low.clear()
    low.send_keys("0.3")
    assert errors(opened) == ["label"]
    high.clear()
    assert errors(opened) == ["boundary", "merged", "label", "spurious"]
    opened.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    opened.execute_async_script("setTimeout(arguments[0])")
    assert len(shown(opened)) == 3
    assert errors(opened) == []


def test_filters_add_up(opened: Chrome) -> None:
    choose(opened, "label", "TARGET")
    choose(opened, "kind", "missed")
    assert errors(opened) == ["missed"]
    choose(opened, "slice", "wire")
    assert shown(opened) == []
    assert announced(opened) == "0 of 3 articles shown, with 0 errors that match"


def test_the_keyboard_is_enough(opened: Chrome) -> None:
    def press(*keys: str) -> None:
        opened.switch_to.active_element.send_keys(*keys)

    opened.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert opened.switch_to.active_element.text == "Skip to the articles"
    press(Keys.ENTER)
    assert opened.switch_to.active_element.get_attribute("id") == "browser"
    press(Keys.TAB)
    assert opened.switch_to.active_element.get_attribute("name") == "label"
    press("PERP")
    assert shown(opened) == ["wrong"]
    press(Keys.TAB, Keys.TAB)
    for name in ("kind", "slice", "low", "high"):
        assert opened.find_element(By.NAME, name).get_attribute("tabindex") != "-1"
    summary = opened.find_element(By.CSS_SELECTOR, "article summary")
    summary.send_keys(Keys.ENTER)
    assert errors(opened) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(opened: Chrome, width: int) -> None:
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        opened.execute_script("for (const part of document.querySelectorAll('details')) part.open = true")
        assert opened.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
