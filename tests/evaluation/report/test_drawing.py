import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import LABELS, Article, DataError, Entity, Span, Toll
from afteraction.evaluation import record_lines, view_articles
from afteraction.evaluation.report.articles import Legend, facts, meta_items, paragraphs

LEGEND = Legend(LABELS)


@st.composite
def texts_with_two_sides(draw: st.DrawFn) -> tuple[str, tuple[Span, ...], tuple[Span, ...]]:
    text = draw(st.text(alphabet="ab \n<&é😀\u0301", max_size=40))
    return text, draw(sides(text)), draw(sides(text))


@st.composite
def sides(draw: st.DrawFn, text: str) -> tuple[Span, ...]:
    """Draws spans for an article, without those that the article would refuse."""
    kept: list[Span] = []
    edges = st.integers(0, len(text))
    for start, end in draw(st.lists(st.tuples(edges, edges), max_size=6)):
        span = Span(min(start, end), max(start, end), draw(st.sampled_from(LABELS)))
        try:
            kept = [*Article("a", text, (*kept, span)).spans]
        except DataError:
            continue
    return tuple(kept)


@given(texts_with_two_sides())
def test_the_pieces_are_the_text_and_each_character_has_its_marks(
    drawn: tuple[str, tuple[Span, ...], tuple[Span, ...]],
) -> None:
    text, above, below = drawn
    cut = paragraphs(text, above=above, below=below, differing=(), legend=LEGEND)
    assert "".join("".join(piece.text for piece in part.pieces) + part.gap for part in cut) == text
    position = 0
    for part in cut:
        for piece in part.pieces:
            for offset in range(position, position + len(piece.text)):
                for side, mark in ((above, piece.above), (below, piece.below)):
                    [label] = [span.label for span in side if span.start <= offset < span.end] or [None]
                    assert (mark.style.label if mark else None) == label
            position += len(piece.text)
        position += len(part.gap)
    for side, marks in (
        (above, [piece.above for part in cut for piece in part.pieces]),
        (below, [piece.below for part in cut for piece in part.pieces]),
    ):
        assert sum(mark.begins for mark in marks if mark) == sum(mark.ends for mark in marks if mark) == len(side)


def test_a_paragraph_ends_where_a_blank_line_begins() -> None:
    cut = paragraphs("one\n\n\n\ntwo\nthree\r\n\r\nfour", above=(), below=(), differing=(), legend=LEGEND)
    assert [("".join(piece.text for piece in part.pieces), part.gap) for part in cut] == [
        ("one", "\n\n"),
        ("", "\n\n"),
        ("two\nthree\r", "\n\r\n"),
        ("four", ""),
    ]


def test_only_what_differs_stands_out() -> None:
    same, other = Span(0, 3, "TARGET"), Span(4, 7, "TARGET")
    [part] = paragraphs("one two", above=(same, other), below=(same,), differing={other}, legend=LEGEND)
    assert [(p.above.differs if p.above else None, p.below.differs if p.below else None) for p in part.pieces] == [
        (False, False),
        (None, None),
        (True, None),
    ]


def test_the_usual_labels_look_the_same_whichever_occur() -> None:
    assert Legend(["LOCATION"])["LOCATION"] == Legend([*LABELS, "WEAPON"])["LOCATION"]
    assert [style.label for style in Legend(["WEAPON", "TARGET"]).styles] == ["TARGET", "WEAPON"]


@pytest.mark.parametrize(
    ("labels", "tags"),
    [
        (LABELS, ["who", "whom", "where", "toll"]),
        (("PerpInd", "PerpOrg", "Target"), ["PerpI", "PerpO", "Tar"]),
        (("PER", "PERSON", "LO"), ["PER", "PERS", "LO"]),
    ],
)
def test_each_label_has_a_short_tag_of_its_own(labels: tuple[str, ...], tags: list[str]) -> None:
    assert [style.tag for style in Legend(labels).styles] == tags


def test_the_record_of_an_annotated_article_goes_by_its_groups() -> None:
    text = "Gunmen of the Front attacked a school. The Front hit the school in Gao; gunmen fled Gao."
    spans = [
        Span(0, 6, "PERPETRATOR"),
        Span(10, 19, "PERPETRATOR", "e1"),
        Span(39, 48, "PERPETRATOR", "e1"),
        Span(29, 37, "TARGET", "e2"),
        Span(53, 63, "TARGET", "e2"),
        Span(67, 70, "LOCATION"),
        Span(72, 78, "PERPETRATOR"),
        Span(84, 87, "LOCATION"),
    ]
    who, whom, where, toll = record_lines(Article("a", text, tuple(spans), Toll(2, None)))
    assert [line.heading for line in (who, whom, where, toll)] == ["who", "whom", "where", "how many"]
    assert [(named.name, named.others) for named in who.entities] == [("Gunmen", ()), ("the Front", ())]
    assert [(named.name, named.others) for named in whom.entities] == [("the school", ("a school",))]
    assert [named.name for named in where.entities] == ["Gao"]
    assert {named.score for named in (*who.entities, *whom.entities)} == {None}
    assert (toll.toll, toll.score) == ("at least 2 killed", None)


def test_the_record_of_a_predicted_article_is_its_entities() -> None:
    entity = Entity("e1", "PERPETRATOR", "the Front", ("The Front", "the Front", "the FDS"), 0.9)
    article = Article("a", "The Front ...", entities=(entity,), death_toll_score=0.75)
    who, whom, _, toll = record_lines(article)
    assert whom.entities == ()
    assert [(named.name, named.others, named.score) for named in who.entities] == [("the Front", ("the FDS",), 0.9)]
    assert (who.score, toll.toll, toll.score) == (None, "no figure", 0.75)


def test_other_labels_have_a_record_too() -> None:
    labels = ["Place", "Weapon"]
    article = Article("a", "rifles, Gao", (Span(0, 6, "Weapon"), Span(8, 11, "Place")))
    for lines in (record_lines(article), record_lines(article, labels=labels)):
        assert [(line.heading, line.entities[0].name, line.toll) for line in lines] == [
            ("Place", "Gao", None),
            ("Weapon", "rifles", None),
        ]
    assert record_lines(Article("b", "None."), labels=labels) == ()
    [toll] = record_lines(Article("c", "Two died.", death_toll=Toll(2, 2)), labels=labels)
    assert (toll.label, toll.heading, toll.toll) == ("DEATH_TOLL", "how many", "2 killed")


def test_default_labels_come_first_in_a_record() -> None:
    article = Article("a", "rifles, Gao", (Span(0, 6, "Arms"), Span(8, 11, "LOCATION")))
    assert [line.label for line in record_lines(article)] == ["LOCATION", "Arms"]


def test_a_page_shows_the_record_with_the_styles_of_its_legend() -> None:
    legend = Legend(["Weapon", "place"])
    article = Article("a", "rifles, Gao", (Span(0, 6, "Weapon"), Span(8, 11, "place")), Toll(2, 2))
    weapon, place, toll = facts(article, legend=legend)
    assert [fact.heading for fact in (weapon, place, toll)] == ["Weapon", "place", "How many"]
    assert [weapon.style, place.style, toll.style] == [legend["Weapon"], legend["place"], LEGEND["DEATH_TOLL"]]


def test_meta_shows_what_it_holds() -> None:
    meta = {"source": "wire", "attacks": 0, "tags": ["Ñ"], "none": None, "empty": [], "alert": False}
    assert meta_items(meta) == (("source", "wire"), ("attacks", "0"), ("tags", '["Ñ"]'), ("alert", "false"))


class _Texts(HTMLParser):
    """The drawn texts of a page, as a browser would parse them."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "div" and (dict(attrs).get("class") or "").startswith("text"):
            self.texts.append("")
            self.depth = 1
        elif self.depth and tag == "div":
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "div" and self.depth > 0

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.texts[-1] += data


def test_a_page_holds_every_text_exactly(articles: list[Article]) -> None:
    text = "</div><script>alert(1)</script> &amp; 😀\n\n\n  Gao\tend"
    odd = Article("<b>odd</b>", text, (Span(text.index("Gao"), text.index("Gao") + 3, "LOCATION"),))
    page = view_articles([*articles, odd], title="<i>a title</i>", limit=10)
    parser = _Texts()
    parser.feed(page)
    assert parser.texts == [article.text for article in (*articles, odd)]
    assert "<script" not in page
    assert "<i>" not in page
    assert "<b>" not in page


def test_a_page_says_how_many_articles_it_leaves_out(articles: list[Article]) -> None:
    page = view_articles(iter(articles), title="some", limit=1)
    assert page.count("<article") == 1
    assert "1 article shown, the first of the file; 3 more left out" in page
    assert "left out" not in view_articles(articles, title="all", limit=4)


def test_a_page_shows_entities_without_spans() -> None:
    article = Article("a", "A rifle.", entities=(Entity("e1", "Weapon", "a rifle", ("a rifle",)),))
    assert '<span class="name">a rifle</span>' in view_articles([article], title="one", limit=4)


def test_a_page_of_no_articles_says_so() -> None:
    assert "The file has no articles." in view_articles([], title="none", limit=4)


def test_a_page_asks_for_nothing_from_elsewhere(articles: list[Article]) -> None:
    page = view_articles(articles, title="some", limit=10)
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:|#)|url\(|@import""", page)
    assert "default-src &#39;none&#39;" in page
