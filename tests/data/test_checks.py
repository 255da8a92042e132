from pathlib import Path

import pytest

from afteraction.data import (
    LABELS,
    Article,
    DataError,
    Fault,
    LabelStats,
    Span,
    Stats,
    SubwordTokenizer,
    check_files,
    file_stats,
    format_article,
    write_articles,
)


def check(*paths: Path, tokenizer: SubwordTokenizer) -> list[Fault]:
    return list(check_files(paths, labels=LABELS, tokenizer=tokenizer))


def test_good_files_have_no_faults(articles: list[Article], tmp_path: Path, subwords: SubwordTokenizer) -> None:
    write_articles(articles[:2], tmp_path / "a.jsonl")
    write_articles(articles[2:], tmp_path / "b.parquet")
    assert check(tmp_path / "a.jsonl", tmp_path / "b.parquet", tokenizer=subwords) == []


def test_every_fault_is_found_in_the_order_of_the_files(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    lines = [
        "nothing",
        format_article(Article("one", "Gao  fell.", (Span(0, 3, "LOCATIONS"), Span(5, 9, "LOCATIONS")))),
        format_article(Article("two", "ok👍at 👍", (Span(2, 3, "TARGET"),))),
        format_article(Article("three", "")),
        "{}",
    ]
    first.write_text("\n".join(lines))
    write_articles([Article("two", " Gao\nfell. "), Article("four", "", ())], second)
    assert check(first, second, tokenizer=subwords) == [
        Fault(str(first), None, f"{first}: line 1: invalid JSON: expected ident at line 1 column 2"),
        Fault(str(first), "one", "unknown label 'LOCATIONS'; did you mean 'LOCATION'?"),
        Fault(str(first), "two", "TARGET '👍': its edges lie within subwords; the model can only learn 'ok👍at'"),
        Fault(str(first), None, f"{first}: line 5: the key 'id' is missing"),
        Fault(str(second), "two", f"the id is taken already, in {first}"),
        Fault(str(second), "two", f"the text is that of article 'one' in {first}"),
    ]


def test_a_span_that_no_subword_touches_is_a_fault(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    write_articles([Article("a", "Gao \u200b", (Span(4, 5, "TARGET"),))], tmp_path / "a.jsonl")
    assert [fault.message for fault in check(tmp_path / "a.jsonl", tokenizer=subwords)] == [
        "TARGET '\\u200b': its edges lie within subwords; no subword is left for it"
    ]


def test_a_file_cut_off_is_a_fault_after_what_could_be_read(
    articles: list[Article], tmp_path: Path, subwords: SubwordTokenizer
) -> None:
    whole, cut = tmp_path / "whole.jsonl.gz", tmp_path / "cut.jsonl.gz"
    write_articles(articles, whole)
    cut.write_bytes(whole.read_bytes()[:-20])
    (fault,) = check_files([cut], labels=LABELS, tokenizer=subwords)
    assert "cannot be read" in fault.message


def test_a_fault_says_where_it_is() -> None:
    assert str(Fault("a.jsonl", "one", "is wrong")) == "a.jsonl: article 'one': is wrong"
    assert str(Fault("a.jsonl", None, "a.jsonl: line 1: is wrong")) == "a.jsonl: line 1: is wrong"


def test_stats_count_what_a_file_holds(articles: list[Article], tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    again = Article("again", "GAO and gao", (Span(0, 3, "LOCATION"), Span(8, 11, "LOCATION")))
    write_articles([*articles, again], path)
    lengths = [len(article.text.split()) for article in [*articles, again]]
    assert file_stats(path) == Stats(
        file=str(path),
        articles=5,
        without_spans=1,
        with_death_toll=3,
        words=sum(lengths),
        longest=max(lengths),
        labels=(
            LabelStats("DEATH_TOLL", spans=3, articles=3, surfaces=3),
            LabelStats("LOCATION", spans=6, articles=4, surfaces=4),
            LabelStats("PERPETRATOR", spans=4, articles=3, surfaces=3),
            LabelStats("TARGET", spans=5, articles=3, surfaces=4),
        ),
    )


def test_stats_of_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    assert file_stats(tmp_path / "a.jsonl") == Stats(str(tmp_path / "a.jsonl"), 0, 0, 0, 0, 0, ())


def test_stats_of_a_faulty_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    with pytest.raises(DataError, match=r"a\.jsonl: line 1: "):
        file_stats(tmp_path / "a.jsonl")
