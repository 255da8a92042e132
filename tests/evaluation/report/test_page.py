import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, InputError, Span
from afteraction.evaluation import (
    ArticleSlicer,
    Baseline,
    Report,
    SpanSlicer,
    WorstArticles,
    evaluate,
    make_report_folder,
    span_errors,
    write_report,
)
from afteraction.evaluation.counting.levels import LEVELS, MEANINGS
from afteraction.evaluation.figures.errors import ERROR_KINDS
from afteraction.evaluation.figures.scores import Interval, Row
from afteraction.evaluation.figures.slices import MOST_VALUES, REST, meta_slicer
from afteraction.evaluation.report.charts import reliability_chart, score_chart, threshold_chart
from afteraction.evaluation.report.page import KINDS, report_page
from afteraction.evaluation.report.write import escape_markdown, report_markdown

Slicers = list[ArticleSlicer | SpanSlicer]
SHEET = (Path(__file__).parents[3] / "evaluation" / "report" / "templates" / "page.css").read_text(encoding="utf-8")
SCHEMA = (Path(__file__).parents[3] / "docs" / "report-schema.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def html(report: Report, worst: WorstArticles, slicers: Slicers) -> str:
    return report_page(report, worst, slicers=slicers, provenance={"gold, SHA-256": "<0>"})


@pytest.fixture(scope="session")
def six(pairs: list[tuple[Article, Article]], slicers: Slicers) -> Report:
    """Returns a report on the same articles, each twice: enough for intervals."""
    twice = [[a.with_fields(id=f"{a.id}{copy}") for a in side for copy in "12"] for side in zip(*pairs, strict=True)]
    nothing = Baseline("nothing at all", lambda article: Article(article.id, article.text))
    return evaluate(*twice, slicers=slicers, baseline=nothing, samples=50)


def rows(html: str, caption: str) -> list[list[str]]:
    """Returns the text of each cell of a table's body."""
    [table] = [part for part in re.findall(r"<table>.*?</table>", html, re.DOTALL) if f"<caption>{caption}<" in part]
    body = table.partition("<tbody>")[2]
    return [
        [
            " ".join(re.sub(r"<[^>]+>", "", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>.*?</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    ]


def test_the_page_has_the_figures_of_the_report(six: Report) -> None:
    strict = six.mentions["strict"]
    html = report_page(six, WorstArticles(), slicers=[], provenance={})
    shown = rows(html, "Exact spans, by label")
    assert [row[0] for row in shown[:4]] == ["PERPETRATOR", "TARGET", "LOCATION", "DEATH_TOLL"]
    for row, cells in zip((*strict.labels, strict.micro, strict.macro), shown, strict=True):
        assert cells[1:3] == [f"{row.precision:.3f}", f"{row.recall:.3f}"]
        assert cells[3] == f"{row.f1:.3f} {row.f1_interval.low:.3f} to {row.f1_interval.high:.3f}"
        assert cells[4:] == [str(row.support), str(row.predicted), "0.000"]
    counted = rows(html, "Errors by label and kind")
    assert counted[-1] == ["all", *(str(sum(k[kind] for k in six.errors.counts.values())) for kind in KINDS), "14"]


def test_a_share_of_nothing_is_no_figure() -> None:
    gold = [Article(name, "Gao", (Span(0, 3, "LOCATION"),)) for name in "abcde"]
    predicted = [Article(article.id, "Gao", (Span(0, 3, "TARGET"),)) for article in gold]
    report = evaluate(gold, predicted, labels=("LOCATION", "TARGET", "DEATH_TOLL"), samples=10)
    page = report_page(report, WorstArticles(), slicers=[], provenance={})
    assert rows(page, "Exact spans, by label")[:3] == [
        ["LOCATION", "–", "0.000", "0.000 0.000 to 0.000", "5", "0"],
        ["TARGET", "0.000", "–", "0.000 0.000 to 0.000", "0", "5"],
        ["DEATH_TOLL", "–", "–", "–", "0", "0"],
    ]
    text = report_markdown(report, provenance={})
    assert "| LOCATION | – | 0.000 | 0.000 | 0.000 to 0.000 | 5 | 0 |" in text
    assert r"| DEATH\_TOLL | – | – | – | – | 0 | 0 |" in text


def test_a_share_of_nothing_is_no_figure_for_the_baseline_either() -> None:
    nothing = Baseline("nothing at all", lambda article: article.with_fields(spans=()))
    gold = [Article("a", "Gao")]
    report = evaluate(gold, [Article("a", "Gao", (Span(0, 3, "TARGET"),))], baseline=nothing, samples=10)
    page = report_page(report, WorstArticles(), slicers=[], provenance={})
    assert "<dt>F1 of the baseline</dt><dd><b>–</b>" in page
    spans = rows(page, "The same spans at more lenient levels, micro average")
    tolls = rows(page, "Death toll of each article")
    assert [row[-1] for row in spans] == ["–"] * 5
    assert [row[-2:] for row in tolls] == [["–", "–"]] * 4
    text = report_markdown(report, provenance={})
    assert "The baseline, nothing at all, has –." in text
    assert text.count(" | 0 | 0 | – |") == 4
    assert report.baseline is not None
    micro, plain = (each.mentions["strict"].micro for each in (report, report.baseline))
    with_plain, without = (
        score_chart({"": [micro]}, baseline=baseline, description="F1") for baseline in ({"micro": plain}, {})
    )
    assert with_plain == without


def test_the_page_explains_every_level_and_kind(report: Report) -> None:
    assert list(MEANINGS["spans"]) == list(report.mentions)
    assert tuple(KINDS) == ERROR_KINDS
    assert list(MEANINGS["tolls"]) == [row.name for row in report.tolls.rows]
    assert all(level.meaning and level.title for level in LEVELS)


def test_few_articles_have_no_interval(html: str, report: Report, six: Report, slicers: Slicers) -> None:
    page = report_page(six, WorstArticles(), slicers=slicers, provenance={})
    shown = {row[0]: row for row in rows(page, "Exact spans by slice") if len(row) > 1}
    assert {part.value: part.articles for part in six.slices if part.value in ("radio", "near the beginning")} == {
        "radio": 2,
        "near the beginning": 6,
    }
    assert shown["radio"][4].endswith(" –")
    assert " to " in shown["near the beginning"][4]
    assert report.articles == 3
    assert all(row[3].endswith("–") for row in rows(html, "Exact spans, by label"))
    assert "** (–), 3 articles, 7 errors" in report_markdown(report, provenance={})


def test_similarities_that_cannot_differ_are_shown_once(pairs: Any) -> None:
    gold, predicted = zip(*pairs, strict=True)
    for form, tables in (("name", 1), ("mentions", 2)):
        report = evaluate(gold, predicted, entity_form=form, samples=10)
        page = report_page(report, WorstArticles(), slicers=[], provenance={})
        assert (
            page.count("<caption>Entities") == report_markdown(report, provenance={}).count("Entities, CEAF") == tables
        )


def test_texts_are_escaped_and_nothing_comes_from_elsewhere(html: str) -> None:
    assert "<i>odd" not in html
    assert "<b>hostile" not in html
    assert "&lt;i&gt;gold&lt;/i&gt;.jsonl" in html
    assert "&lt;0&gt;" in html
    assert html.count("<script>") == 1
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:|#)|url\(|@import""", re.sub(r"&lt;.*?&gt;", "", html))
    assert not re.search(r"<[^>]+\son\w+=|<[^>]+\sstyle=", html)


def test_without_the_script_all_articles_show_and_no_filters(html: str) -> None:
    assert len(re.findall(r"<article [^>]*data-errors", html)) == 3
    assert not re.search(r"<article[^>]* hidden", html)
    assert re.search(r"<form[^>]* hidden>", html)


def test_the_page_says_how_many_articles_it_leaves_out(report: Report, pairs: Any, slicers: Slicers) -> None:
    worst = WorstArticles(limit=1)
    for pair in pairs:
        worst.add(*pair)
    page = report_page(report, worst, slicers=slicers, provenance={})
    assert "The 1 article with the most errors. 2 more are left out" in page
    assert page.count("<article ") == 1


def test_articles_with_a_rare_value_are_in_the_slice_of_other_values() -> None:
    articles = [Article(str(n), "Gao", meta={"source": f"s{n:02}"} if n else {}) for n in range(MOST_VALUES + 4)]
    worst, slicers = WorstArticles(), [meta_slicer("source")]
    report = evaluate(articles, articles, slicers=slicers, observers=[worst], samples=10)
    page = report_page(report, worst, slicers=slicers, provenance={})
    [other] = re.findall(rf'<option value="(\d+)">{re.escape(REST)}<', page)
    assert (report.slices[int(other)].articles, page.count(f'data-slices="[{other}]"')) == (3, 3)
    assert page.count('data-slices="[]"') == 1


def test_a_report_without_calibration_slices_and_errors_has_a_page_too(pairs: Any) -> None:
    worst = WorstArticles()
    gold = [pair[0] for pair in pairs]
    report = evaluate(gold, gold, slicers=[], observers=[worst], samples=10)
    page = report_page(report, worst, slicers=[], provenance={})
    assert "every span is right" in page
    assert 'id="calibration"' not in page
    assert 'id="slices"' not in page
    assert "calibration" not in report_markdown(report, provenance={})


@given(st.lists(st.integers(0, 5), max_size=12), st.integers(1, 5))
def test_the_articles_with_most_errors_are_kept(errors: list[int], limit: int) -> None:
    worst = WorstArticles(limit=limit)
    text = "a " * 6
    for number, count in enumerate(errors):
        spans = tuple(Span(2 * index, 2 * index + 1, "TARGET") for index in range(count))
        worst.add(Article(str(number), text, spans), Article(str(number), text))
    expected = sorted(range(len(errors)), key=lambda number: -errors[number])[:limit]
    assert [gold.id for gold, _ in worst.pairs] == [str(number) for number in expected]
    assert [len(span_errors(*pair)) for pair in worst.pairs] == [errors[number] for number in expected]
    assert worst.seen == len(errors)


def test_the_folder_has_three_forms_of_the_same_figures(
    tmp_path: Path, report: Report, worst: WorstArticles, slicers: Slicers
) -> None:
    folder = tmp_path / "new" / "report"
    write_report(folder, report, worst=worst, slicers=slicers, provenance={"gold": "a"})
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.json", "report.md"]
    record = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert record["provenance"] == {"gold": "a"}
    assert record["mentions"]["strict"]["micro"]["f1"] == report.mentions["strict"].micro.f1
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_report(folder, report, worst=worst, slicers=slicers, provenance={"gold": "a"})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    make_report_folder(tmp_path / "new" / "report")
    make_report_folder(tmp_path / "new" / "report")
    assert (tmp_path / "new" / "report").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file/report: cannot be written"):
        make_report_folder(tmp_path / "file" / "report")


NAMED = {"unknown_labels", "seqeval", "counts", "provenance"}
"""Keys whose values are mappings from labels or other names."""


def test_every_key_of_the_json_is_documented(report: Report) -> None:
    documented = set(re.findall(r"`(\w+)`", SCHEMA))

    def undocumented(value: Any, *, named: bool) -> set[str]:
        """Returns keys that are not documented. Where keys are names, such as labels, only their values are checked."""
        if isinstance(value, dict):
            missing = set() if named else {key for key in value if key not in documented}
            return missing.union(*(undocumented(part, named=key in NAMED) for key, part in value.items()))
        if isinstance(value, list | tuple):
            return set().union(*(undocumented(part, named=False) for part in value))
        return set()

    assert undocumented(report.record() | {"provenance": {}}, named=False) == set()
    assert f"version {report.schema_version}" in SCHEMA


def test_the_markdown_has_whole_tables(report: Report) -> None:
    text = report_markdown(report, provenance={"gold": "a"})
    assert text.startswith("# a \\| system on \\<i\\>gold\\</i\\>.jsonl\n")
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) == 7
    for table in tables:
        lines = table.splitlines()
        assert re.fullmatch(r"\|(?: ---:? \|)+", lines[1])
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {lines[1].count("|")}
    assert text.count("<details>") == text.count("</details>") == 3
    assert "\n\n\n" not in text


def test_markdown_is_escaped() -> None:
    assert escape_markdown("a|b\n*c* <d> `e` [f](g) &amp;") == r"a\|b \*c\* \<d\> \`e\` \[f\](g) \&amp;"


def test_charts_are_the_same_each_time_and_stand_alone(report: Report) -> None:
    row = Row("TARGET", 0.5, 0.5, 0.5, Interval(0.4, 0.6), 10, 10)
    assert report.calibration is not None
    for draw in (
        lambda: score_chart({"<a> & b": [row]}, baseline={"TARGET": row}, description="F1"),
        lambda: reliability_chart(report.calibration),
        lambda: threshold_chart(report.calibration, support=10),
    ):
        chart = draw()
        assert chart == draw()
        assert chart.svg.startswith("<svg")
        assert not re.search(r"""href="(?!#)|url\((?!#)|<script|<!DOCTYPE""", chart.svg)


def _luminance(colour: str) -> float:
    """Returns the relative luminance as defined by WCAG 2.2."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_have_the_contrast_of_wcag_aa(theme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", blocks[theme]))
    words = ["ink", "muted", "accent", *(f"s{index}" for index in range(8))]
    for name in words:
        for ground in ("ground", "card"):
            low, high = sorted((_luminance(colours[name]), _luminance(colours[ground])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, f"{name} on {ground}"
