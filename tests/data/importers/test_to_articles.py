import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, DataError, Entity, InputError, Span, Toll
from afteraction.data.importers import (
    ImportLog,
    LabelMap,
    RawArticle,
    RawSpan,
    Units,
    import_articles,
    parse_label_map,
    to_article,
)

TEXT = "Two gunmen killed soldiers.\n\nThe gunmen fled."


def article_of(*spans: RawSpan, text: str = TEXT, labels: LabelMap | None = None) -> tuple[Article, ImportLog]:
    log = ImportLog()
    return to_article(RawArticle("a", text, spans), labels=labels or LabelMap(), log=log), log


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, article.surface(span)) for span in article.spans]


def test_an_article_keeps_what_the_rules_leave_alone() -> None:
    raw = RawArticle("a", TEXT, (RawSpan(0, 10, "P", "Two gunmen", "e1", 0.5),), Toll(1, 2), (), {"k": 1}, ("T",))
    article = to_article(raw, labels=LabelMap(), log=ImportLog())
    assert article == Article("a", TEXT, (Span(0, 10, "P", "e1", 0.5),), Toll(1, 2), (), {"k": 1}, ("T",))


def test_labels_are_renamed_and_dropped() -> None:
    labels = parse_label_map(["WHO=PERPETRATOR"], ["DATE"])
    article, log = article_of(RawSpan(0, 10, "WHO"), RawSpan(18, 26, "DATE"), labels=labels)
    assert surfaces(article) == [("PERPETRATOR", "Two gunmen")]
    assert log.count("spans dropped by their label") == 1


def test_labels_of_entities_are_renamed_and_dropped_too_and_unknown_ones_renamed() -> None:
    entities = (Entity("e1", "WHO", "Two gunmen", ("Two gunmen",)), Entity("e2", "DATE", "today", ("today",)))
    raw = RawArticle("a", TEXT, entities=entities, unknown_labels=("WHOM", "DATE", "TARGET"))
    labels = parse_label_map(["WHO=PERPETRATOR", "WHOM=TARGET"], ["DATE"])
    article = to_article(raw, labels=labels, log=ImportLog())
    assert article.entities == (Entity("e1", "PERPETRATOR", "Two gunmen", ("Two gunmen",)),)
    assert article.unknown_labels == ("TARGET", "DATE")


@pytest.mark.parametrize(
    ("renamed", "dropped", "message"),
    [
        (["WHO"], [], "--map WHO: write OLD=NEW"),
        (["=A"], [], "write OLD=NEW"),
        (["A="], [], "write OLD=NEW"),
        (["A=B", "A=C"], [], "'A' is named twice"),
        (["A=B"], ["A"], "'A' is named twice"),
    ],
)
def test_a_label_map_that_says_nothing_clear_is_refused(renamed: list[str], dropped: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_label_map(renamed, dropped)


@pytest.mark.parametrize("label", ["a target", "O", ""])
def test_a_label_that_no_tag_could_hold_stops_the_import(label: str) -> None:
    raw = RawArticle("a", TEXT, (RawSpan(0, 10, label),))
    with pytest.raises(InputError, match="rename it with --map"):
        list(import_articles([raw], labels=LabelMap(), log=ImportLog(), on_error=pytest.fail))


@pytest.mark.parametrize("labels", [parse_label_map(["VICTMI=TARGET"]), parse_label_map([], ["VICTMI"])])
def test_a_mapped_name_that_never_occurs_is_refused_with_the_nearest(labels: LabelMap) -> None:
    raw = RawArticle("a", TEXT, (RawSpan(0, 10, "VICTIM"),))
    with pytest.raises(InputError, match="no label 'VICTMI'; did you mean 'VICTIM'"):
        list(import_articles([raw], labels=labels, log=ImportLog(), on_error=pytest.fail))


@pytest.mark.parametrize(
    ("spans", "kept", "change"),
    [
        ([(3, 18)], ["gunmen killed"], "spans trimmed of white space"),
        ([(3, 4)], [], "spans dropped that hold only white space"),
        ([(18, 39)], ["soldiers.", "The gunmen"], "spans split at a paragraph break"),
        ([(4, 10), (0, 10)], ["Two gunmen"], "spans dropped that overlap another"),
        ([(4, 17), (0, 10)], ["gunmen killed"], "spans dropped that overlap another"),
        ([(4, 10), (4, 10)], ["gunmen"], "spans dropped that occur twice"),
    ],
)
def test_a_span_that_no_article_could_hold_is_repaired_and_counted(
    spans: list[tuple[int, int]], kept: list[str], change: str
) -> None:
    article, log = article_of(*(RawSpan(start, end, "X") for start, end in spans))
    assert [surface for _, surface in surfaces(article)] == kept
    assert log.count(change) == 1
    assert any(f"{change}: 1, such as article 'a': X '" in line for line in log.lines())


def test_of_equally_long_overlapping_spans_the_earlier_stays_then_the_files_first() -> None:
    article, _ = article_of(RawSpan(7, 13, "LATER"), RawSpan(4, 10, "FIRST"), RawSpan(4, 10, "SECOND"))
    assert surfaces(article) == [("FIRST", "gunmen")]


def test_a_faulty_article_is_named_and_left_out() -> None:
    good = RawArticle("good", TEXT, source="f.jsonl: line 1")
    bad = RawArticle("bad", TEXT, (RawSpan(0, 10, "P", "Three gunmen"),), source="f.jsonl: line 2")
    again = RawArticle("good", TEXT, source="f.jsonl: line 3")
    errors: list[DataError] = []
    log = ImportLog()
    articles = list(import_articles([good, bad, again], labels=LabelMap(), log=log, on_error=errors.append))
    assert articles == [Article("good", TEXT)]
    first, second = (str(error) for error in errors)
    assert first.startswith(
        "f.jsonl: line 2: article 'bad': P [0, 10) is 'Three gunmen' in the file, but the text there"
    )
    assert first.endswith("is 'Two gunmen' (tried code-points)")
    assert second == "f.jsonl: line 3: article 'good': an earlier article has the same id; ids must differ"
    assert next(log.lines()) == "articles: 1; spans: 0; in the file: P 1"


raw_spans = st.builds(
    lambda start, length, label: RawSpan(start, start + length, label),
    st.integers(0, 30),
    st.integers(0, 15),
    st.sampled_from("AB"),
)


@given(st.text(st.sampled_from("ab \n\r\t\u00a0👍\u0301"), min_size=45, max_size=60), st.lists(raw_spans, max_size=8))
def test_any_spans_within_a_text_become_an_article(text: str, spans: list[RawSpan]) -> None:
    article, log = article_of(*spans, text=text)
    given_characters = {index for span in spans for index in range(span.start, span.end)}
    kept_characters = {index for span in article.spans for index in range(span.start, span.end)}
    assert kept_characters <= given_characters
    assert not any(not text[index].isspace() for index in given_characters) or article.spans
    assert log.spans == len(article.spans)


def test_units_have_the_names_of_the_command_line() -> None:
    assert [str(units) for units in Units] == ["code-points", "utf-16", "crlf-as-one", "graphemes"]
