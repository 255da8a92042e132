from pathlib import Path

import pytest

from afteraction.data import Article, DataError, Span
from afteraction.data.importers import (
    Discontinuous,
    ImportLog,
    LabelBy,
    LabelMap,
    RawArticle,
    export_articles,
    import_articles,
    read_brat,
)


def refuse(error: Exception) -> None:
    raise error


def pair(folder: Path, name: str, text: str, *lines: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_bytes(text.encode())
    (folder / f"{name}.ann").write_bytes("".join(f"{line}\n" for line in lines).encode())


def imported(folder: Path) -> list[Article]:
    raw = read_brat(folder, log=ImportLog(), on_error=refuse)
    return list(import_articles(raw, labels=LabelMap(), log=ImportLog(), on_error=refuse))


def raw_articles(folder: Path, log: ImportLog) -> list[RawArticle]:
    return list(read_brat(folder, log=log, on_error=refuse))


def test_a_folder_of_texts_with_annotation(tmp_path: Path) -> None:
    text = "👍 Rebels hit Gao.\r\nThe Cafe\u0301 burned."
    pair(
        tmp_path,
        "sub/news.1",
        text,
        "T1\tPERPETRATOR 2 8\tRebels",
        "T2\tTARGET 19 28\tThe Cafe\u0301",
        "T3\tTARGET 2 8\tRebels",
        "T4\tPERPETRATOR 2 8\tRebels",
        "*\tEquiv T2 T1",
        "*\tEquiv T1 T4",
        "*\tEquiv ",
        "R1\tNear Arg1:T1 Arg2:T2",
        "#1\tAnnotatorNotes T1\tsure?",
    )
    log = ImportLog()
    [raw] = raw_articles(tmp_path, log)
    assert (raw.id, raw.text) == ("sub/news.1", text)
    assert [span.entity for span in raw.spans] == ["T2", "T2", None, "T2"]
    assert (log.count("relations left out"), log.count("notes left out")) == (1, 1)
    [article] = imported(tmp_path)
    assert [(span.label, article.surface(span)) for span in article.spans] == [
        ("PERPETRATOR", "Rebels"),
        ("TARGET", "The Cafe\u0301"),
    ]


def test_members_of_the_same_entity_may_be_in_several_lines(tmp_path: Path) -> None:
    spans = [f"T{number}\tPER {2 * number - 2} {2 * number - 1}\t{letter}" for number, letter in enumerate("abcdef", 1)]
    equivalent = ["*\tEquiv T1 T2", "*\tEquiv T3 T4", "*\tEquiv T2 T3", "*\tEquiv T5 T6"]
    pair(tmp_path, "x", "a b c d e f", *spans, *equivalent)
    [raw] = raw_articles(tmp_path, ImportLog())
    assert [span.entity for span in raw.spans] == ["T1"] * 4 + ["T5"] * 2


def test_offsets_from_before_line_ends_were_changed(tmp_path: Path) -> None:
    pair(tmp_path, "a", "Rebels.\r\n\r\nThey hit Gao.", "T1\tLOCATION 18 21\tGao", "T2\tPERPETRATOR 0 6\tRebels")
    [article] = imported(tmp_path)
    assert [article.surface(span) for span in article.spans] == ["Rebels", "Gao"]


def test_a_span_over_a_line_end_is_one(tmp_path: Path) -> None:
    pair(tmp_path, "a", "two \n gunmen fled", "T1\tPERPETRATOR 0 4;6 12\ttwo  gunmen")
    [article] = imported(tmp_path)
    assert article.spans == (Span(0, 12, "PERPETRATOR"),)


def test_a_span_over_a_line_end_is_written_as_brat_does(tmp_path: Path) -> None:
    article = Article("a/b", "two\r\ngunmen fled", (Span(0, 11, "PERPETRATOR"),))
    export_articles([article], tmp_path / "out", to="brat")
    assert (tmp_path / "out" / "a%2Fb.ann").read_text() == "T1\tPERPETRATOR 0 3;5 11\ttwo gunmen\n"
    assert (tmp_path / "out" / "a%2Fb.txt").read_bytes() == b"two\r\ngunmen fled"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "T7\tTARGET 0 3;8 11\ttwo men",
            r"T7, TARGET 'two men', is discontinuous \(0 3;8 11\), but a span is one stretch of text",
        ),
        ("T7\tTARGET 4 7;0 3\told two", r"T7, TARGET 'old two', is discontinuous \(4 7;0 3\)"),
        ("T1\tTARGET zero 3\ttwo", "line 1: .* is not 'T1<tab>LABEL START END<tab>TEXT'"),
        ("T1 TARGET 0 3 two", "line 1: .* is not 'T1<tab>LABEL"),
    ],
)
def test_what_no_article_can_hold_is_refused_by_name_and_the_others_go_on(
    tmp_path: Path, line: str, message: str
) -> None:
    pair(tmp_path, "a", "two old men", line)
    pair(tmp_path, "b", "two old men")
    errors: list[DataError] = []
    assert [raw.id for raw in read_brat(tmp_path, log=ImportLog(), on_error=errors.append)] == ["b"]
    with pytest.raises(DataError, match=rf"a\.ann: .*{message}"):
        raise errors[0]


def test_a_text_without_annotation_is_passed_over_and_counted(tmp_path: Path) -> None:
    pair(tmp_path, "a", "two old men")
    (tmp_path / "b.txt").write_text("unread")
    (tmp_path / "c.ann").write_text("T1\tTARGET 0 3\ttwo\n")
    log = ImportLog()
    assert [raw.id for raw in raw_articles(tmp_path, log)] == ["a"]
    assert log.count("texts passed over without an .ann file") == 1
    assert log.count("annotation passed over without a .txt file") == 1
    assert log.count("texts whose .ann file is empty, read as without spans") == 1


@pytest.mark.parametrize(
    ("discontinuous", "surfaces"),
    [(Discontinuous.WHOLE, ["Hutu and Tutsi rebels"]), (Discontinuous.PARTS, ["Hutu", "rebels"])],
)
def test_a_discontinuous_span_is_read_as_requested(
    tmp_path: Path, discontinuous: Discontinuous, surfaces: list[str]
) -> None:
    line = "T1\tPERPETRATOR 0 4;15 21\tHutu rebels"
    pair(tmp_path, "a", "Hutu and Tutsi\nrebels fled", line, "T2\tPERPETRATOR 9 14;15 21\tTutsi rebels")
    raw = read_brat(tmp_path, log=ImportLog(), on_error=refuse, discontinuous=discontinuous)
    [first] = raw
    assert [first.text[span.start : span.end].replace("\n", " ") for span in first.spans[:-1]] == surfaces
    assert first.spans[-1].surface == "Tutsi rebels"
    assert {span.entity for span in first.spans[:-1]} == ({"T1"} if len(surfaces) > 1 else {None})


def test_what_is_no_folder_of_brats_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no NAME\.txt with a NAME\.ann"):
        raw_articles(tmp_path, ImportLog())
    with pytest.raises(DataError, match="not a folder"):
        raw_articles(tmp_path / "none", ImportLog())
    pair(tmp_path, "a", "x")
    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    with pytest.raises(DataError, match=r"a\.txt is not UTF-8 at byte 3"):
        raw_articles(tmp_path, ImportLog())


def test_no_file_is_written_over(tmp_path: Path) -> None:
    pair(tmp_path, "a", "kept")
    with pytest.raises(DataError, match="exists already; name a new or an empty folder"):
        export_articles([Article("b", "new")], tmp_path, to="brat")
    with pytest.raises(DataError, match="two articles have the id 'b'"):
        export_articles([Article("b", "new"), Article("b", "newer")], tmp_path / "out", to="brat")
    with pytest.raises(DataError, match="out: cannot be written: File name too long"):
        export_articles([Article("b", "new"), Article("c" * 300, "newer")], tmp_path / "out", to="brat")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ann", "a.txt"]


EVENTS = (
    "T1\tOrganization 0 6\tRebels",
    "T2\tAttack 7 10\thit",
    "T3\tPlace 11 14\tGao",
    "T4\tPlace 19 23\tMali",
    "T5\tDate 27 33\tMonday",
    "E1\tAttack:T2 Attacker:T1 Target:T3 Target2:T4",
    "E2\tClaim:T2 Speaker:T1 Topic:E1",
)


def test_arguments_are_labelled_by_their_roles(tmp_path: Path) -> None:
    pair(tmp_path, "a", "Rebels hit Gao and Mali on Monday", *EVENTS)
    log = ImportLog()
    [raw] = raw_articles(tmp_path, log)
    assert [(span.label, span.surface) for span in raw.spans] == [
        ("Attacker", "Rebels"),
        ("Speaker", "Rebels"),
        ("Target", "Gao"),
        ("Target", "Mali"),
        ("Date", "Monday"),
    ]
    assert log.count("triggers of events left out") == 1
    assert log.count("arguments left out that are events themselves") == 1
    [by_type] = read_brat(tmp_path, log=log, on_error=refuse, label_by=LabelBy.TYPE)
    assert [span.label for span in by_type.spans] == ["Organization", "Attack", "Place", "Place", "Date"]
    assert log.count("events left out") == 2


def test_an_argument_that_is_not_there_is_refused(tmp_path: Path) -> None:
    pair(tmp_path, "a", "Rebels hit Gao", "T1\tAttack 7 10\thit", "E1\tAttack:T1 Target:T9")
    with pytest.raises(DataError, match=r"a\.ann: line 2: the argument Target:T9 is not there"):
        raw_articles(tmp_path, ImportLog())


def test_an_event_without_a_trigger_is_refused(tmp_path: Path) -> None:
    pair(tmp_path, "a", "Rebels hit Gao", "E1 Attack:T1")
    with pytest.raises(DataError, match=r"a\.ann: line 1: 'E1 Attack:T1' is not"):
        raw_articles(tmp_path, ImportLog())
