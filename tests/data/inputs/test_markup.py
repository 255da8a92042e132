import json
import logging
import sys
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from afteraction.data import Article, DataError, InputNotice, read_inputs
from afteraction.data.inputs.markup import find_tag, without_tags

PAGE = """<!DOCTYPE html>
<html><head><title>Gunmen kill ten in Kano</title>
<link rel="canonical" href="https://news.example.org/kano">
<meta property="article:published_time" content="2024-03-02T10:00:00Z">
<script>var killed = 12;</script><style>p { color: red }</style></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav>
<article><h1>Gunmen kill ten in Kano</h1>
<p>Gunmen of the <b>Red&nbsp;Lance</b> killed ten traders at a market in Kano on Friday, the police said to us.</p>
<p>The attackers came on motorcycles in the early morning and fled towards the border, witnesses told reporters.</p>
</article><footer><a href="/imprint">Imprint</a> All rights reserved</footer></body></html>
"""


def read(path: Path) -> tuple[list[Article], list[DataError]]:
    errors: list[DataError] = []
    return list(read_inputs([str(path)], stream=None, on_error=errors.append)), errors


@pytest.mark.parametrize("name", ["a.html", "a.HTM", "a.html.gz", "page"])
def test_the_article_of_a_page_is_found_with_its_title_above(name: str, tmp_path: Path) -> None:
    with pa.output_stream(str(tmp_path / name), compression="detect") as stream:
        stream.write(PAGE.encode())
    [article], errors = read(tmp_path / name)
    assert errors == []
    assert article.id == str(tmp_path / name)
    title, *paragraphs = article.text.split("\n\n")
    assert title == "Gunmen kill ten in Kano"
    assert [paragraph[:20] for paragraph in paragraphs] == ["Gunmen of the Red La", "The attackers came o"]
    assert not any(word in article.text for word in ("<", "var killed", "color", "Home", "Imprint", "nbsp"))
    assert article.meta == {"title": title, "date": "2024-03-02", "url": "https://news.example.org/kano"}


def test_the_number_of_a_footnote_in_a_page_is_not_part_of_another_number(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE.replace("killed ten", "killed 12<sup>3</sup>"))
    [article], _ = read(tmp_path / "a.html")
    assert "killed 12 3 traders" in article.text


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("windows-1252", '<meta charset="windows-1252">'),
        ("windows-1252", '<meta charset="iso-8859-1">'),
        ("windows-1252", "<META http-equiv=Content-Type content='text/html; charset=us-ascii'>"),
        ("iso-8859-1", "<meta content='text/html;charset=Latin1' http-equiv='content-type'/>"),
        ("windows-1250", '<meta charset="windows-1250">'),
        ("utf-8", '<meta charset="iso-8859-1">'),
        ("utf-8", ""),
    ],
)
def test_a_page_is_in_utf_8_or_in_the_encoding_that_it_declares(
    encoding: str, declaration: str, tmp_path: Path
) -> None:
    names = "José Łąk’s" if encoding == "windows-1250" else "José Muñoz, São Tomé" + "’s" * (encoding != "iso-8859-1")
    page = PAGE.replace("<head>", f"<head>{declaration}").replace("Kano on", f"Kano of {names} on")
    (tmp_path / "a.html").write_bytes(page.encode(encoding))
    [article], errors = read(tmp_path / "a.html")
    assert errors == []
    assert f"a market in Kano of {names} on" in article.text


@pytest.mark.parametrize(
    ("declaration", "problem"),
    [
        ("", "not UTF-8: byte"),
        ('<meta charset="utf-8">', "not UTF-8: byte"),
        ('<meta charset="utf-16">', "not UTF-8: byte"),
        ('<meta charset="shift_jis">', "neither UTF-8 nor shift_jis, the encoding that it declares"),
        ('<meta charset="klingon">', "neither UTF-8 nor klingon, the encoding that it declares"),
    ],
)
def test_the_encoding_of_a_page_is_not_guessed(declaration: str, problem: str, tmp_path: Path) -> None:
    page = PAGE.replace("<head>", f"<head>{declaration}").replace("Kano on", "São Tomé on")
    (tmp_path / "a.html").write_bytes(page.encode("windows-1252"))
    articles, [error] = read(tmp_path / "a.html")
    assert articles == []
    assert str(error).startswith(f"{tmp_path}/a.html: {problem}")


@pytest.mark.parametrize("content", ["", "<html><body></body></html>", "<html><script>x()</script></html>"])
def test_a_page_without_text_is_reported(content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.html").write_text(content)
    with caplog.at_level(logging.CRITICAL):
        articles, [error] = read(tmp_path / "a.html")
    assert articles == []
    assert str(error) == f"{tmp_path}/a.html: no article found in this page of HTML"


def test_a_page_in_a_cell_is_told_and_its_article_taken_out(tmp_path: Path) -> None:
    lines = [json.dumps({"id": number, "content": PAGE, "date": "x"}) for number in (1, 2)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    articles, [notice] = read(tmp_path / "a.jsonl")
    assert [article.text[:43] for article in articles] == ["Gunmen kill ten in Kano\n\nGunmen of the Red "] * 2
    assert articles[0].meta == {
        "title": "Gunmen kill ten in Kano", "url": "https://news.example.org/kano", "date": "x",
    }  # fmt: skip
    assert isinstance(notice, InputNotice)
    assert "line 1: a page of HTML" in str(notice)


def test_tags_in_a_cell_are_told_once_and_taken_out(tmp_path: Path) -> None:
    cells = ["<p>Gunmen in <b>Gao</b>.</p><p>Ten died.</p>", "No tags &amp; none.", "<br/>Jos"]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"text": cell}) for cell in cells))
    articles, [notice] = read(tmp_path / "a.jsonl")
    assert [article.text for article in articles] == ["Gunmen in Gao.\n\nTen died.", "No tags &amp; none.", "Jos"]
    assert isinstance(notice, InputNotice)
    assert "line 1: HTML in a text ('<p>'): tags are taken out" in str(notice)


def test_tags_that_were_escaped_are_told_and_taken_out(tmp_path: Path) -> None:
    cells = [
        "&lt;p&gt;Tom &amp;amp; Jerry &amp;lt;5&lt;/p&gt;&lt;p&gt;Ten died.&lt;/p&gt;",
        "3 &lt; 5",
        "<p>&lt;/p&gt;</p>",
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"text": cell}) for cell in cells))
    articles, [notice] = read(tmp_path / "a.jsonl")
    assert [article.text for article in articles] == ["Tom & Jerry <5\n\nTen died.", "3 &lt; 5", "</p>"]
    assert "line 1: HTML in a text ('<p>'): tags are taken out" in str(notice)


def test_a_cell_of_tags_alone_has_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "<p><img src='a.png'></p>"}))
    articles, [_, error] = read(tmp_path / "a.jsonl")
    assert articles == []
    assert str(error).endswith("line 1: no text but tags of HTML")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div>One<div>Two</div></div>Three", "One\n\nTwo\n\nThree"),
        ("One<br>two<br />three", "One\ntwo\nthree"),
        ("<p>One\n  two</p>\n\n\n<p>Three</p>", "One two\n\nThree"),
        ("One <i>two</i>.\n\nThree", "One two.\n\nThree"),
        ("One\ntwo.\r\n\r\nThree.\n\n<h2>Four</h2>\nFive.\n \nSix.", "One two.\n\nThree.\n\nFour\n\nFive.\n\nSix."),
        ("One.\n\nTwo.<br />three\n\n<blockquote>\n\nFour\n\n</blockquote>", "One.\n\nTwo.\nthree\n\nFour"),
        ("One.<br />\n<br />\nTwo.", "One.\n\nTwo."),
        ("<p>Tom &amp; Jerry&rsquo;s &lt;5</p>", "Tom & Jerry’s <5"),
        ("<p>One<script>if (a < b) { c() }</script><!-- no --> two</p>", "One two"),
        ("<table><tr><td>Gao</td><td>12</td></tr><tr><td>Jos</td></tr></table>", "Gao\t12\n\nJos"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\n\nTwo"),
        ("<pre>a\n  b</pre><p>c</p>", "a\nb\n\nc"),
        ('<p class="a > b">One</p>', "One"),
        ("<P>One</P>", "One"),
        ("<details><summary>Who</summary><b>Gunmen</b></details>It", "Who\n\nGunmen\n\nIt"),
        ("One<fieldset><legend>Dead</legend><b>12</b> men</fieldset>", "One\n\nDead\n\n12 men"),
        ("<table><caption>Dead</caption><td>12</td></table>", "Dead\n\n12"),
        ("<![CDATA[<p>One.</p><p>Two &amp; three</p>]]>", "One.\n\nTwo & three"),
        ("<p>One.</p><![CDATA[Ten]] died]]><p>Two</p>", "One.\n\nTen]] died\n\nTwo"),
        ("<![CDATA[One\n\nTwo", "One\n\nTwo"),
        ("<p>Killed 12<sup>3</sup></p>", "Killed 12 3"),
        ('<p>Killed 12<SUP id="a"><a href="#3">3</a></SUP> men</p>', "Killed 12 3 men"),
        ("<p>On the 1<sup>st</sup>, 2 km<sup>2</sup></p>", "On the 1st, 2 km2"),
        ("He said <q>no, <q>never</q></q>.</q>", "He said “no, ‘never’”."),
    ],
)
def test_tags_are_taken_out_as_a_browser_would_show_the_text(html: str, text: str) -> None:
    assert find_tag(html)
    assert without_tags(html) == text


@pytest.mark.parametrize("text", ["<5 killed", "a <b> c", "x < y > z", "<redacted>", "</", "1<br", "<<p"])
def test_other_angle_brackets_are_no_tags(text: str) -> None:
    assert find_tag(text) is None


def test_without_trafilatura_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        read(tmp_path / "a.html")
    assert caught.value.name == "trafilatura"  # the command line uses it to word the remedy


def test_html_beyond_reading_is_reported(tmp_path: Path) -> None:
    declaration = "<![unknown["
    with suppress(AssertionError):
        HTMLParser().feed(declaration)
        pytest.skip("this version of Python reads every declaration")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": f"<p>Gao</p>{declaration}"}))
    articles, errors = read(tmp_path / "a.jsonl")
    assert articles == []
    assert "line 1: HTML that cannot be read" in str(errors[-1])
