import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from afteraction.data import (
    LABELS,
    Article,
    Span,
    SubwordTokenizer,
    Toll,
    WindowConfig,
    check_files,
    format_article,
    read_named,
    resolve,
    write_articles,
)
from afteraction.data.checks import CODES, SEVERITIES, Fault

STORY = " ".join(f"word{number}" for number in range(60))


def check(*paths: Path, tokenizer: SubwordTokenizer, labels: Sequence[str] = LABELS) -> list[Fault]:
    """Returns all faults except those that every small file has."""
    faults = check_files(paths, labels=labels, tokenizer=tokenizer)
    return [fault for fault in faults if fault.code != "few-examples"]


def codes(*paths: Path, tokenizer: SubwordTokenizer) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.article) for fault in check(*paths, tokenizer=tokenizer)]


def test_good_files_have_no_faults(articles: list[Article], tmp_path: Path, subwords: SubwordTokenizer) -> None:
    write_articles(articles[:2], tmp_path / "a.jsonl")
    write_articles(articles[2:], tmp_path / "b.parquet")
    assert check(tmp_path / "a.jsonl", tmp_path / "b.parquet", tokenizer=subwords) == []


def test_faults_are_found_in_the_order_of_the_files(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    lines = [
        "nothing",
        format_article(Article("one", "Gao  fell.", (Span(0, 3, "LOCATIONS"), Span(5, 9, "LOCATIONS")))),
        format_article(Article("two", "👍ok👍at 👍", (Span(3, 4, "TARGET"),))),
        format_article(Article("three", "", unknown_labels=("TARGETS", "LOCATION"))),
        "{}",
    ]
    first.write_text("\n".join(lines))
    write_articles([Article("two", " Gao\nfell. "), Article("four", "", ()), Article("five", "gao fell")], second)
    learnt = "TARGET has an edge within a subword; the model can only learn '👍ok👍at'"
    a, b = str(first), str(second)
    assert check(first, second, tokenizer=subwords) == [
        Fault(
            "unreadable",
            a,
            "line 1: invalid JSON: expected ident at column 2; each line is an article, one JSON object",
        ),
        Fault("unknown-label", a, "unknown label 'LOCATIONS'; did you mean 'LOCATION'?", "one", 0, 3, "Gao"),
        Fault("misaligned", a, learnt, "two", 3, 4, "👍"),
        Fault("unknown-label", a, "unknown_labels has 'TARGETS'; did you mean 'TARGET'?", "three"),
        Fault("unreadable", a, "line 5: the key 'id' is missing"),
        Fault("duplicate-id", b, f"the id is already used in {first}", "two"),
        Fault("leak", b, f"the text is that of article 'one' in {first}", "two"),
        Fault("leak", b, f"the text is nearly (1.00) that of article 'one' in {first}", "five"),
        Fault("near-duplicate", b, f"the text is nearly (1.00) that of article 'two' in {second}", "five"),
    ]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.parquet"])
def test_every_fault_of_a_refused_article_is_reported(tmp_path: Path, subwords: SubwordTokenizer, name: str) -> None:
    text = "Gunmen killed\n\nfour people."
    spans = [
        {"start": 0, "end": 6, "label": "PERPETRATOR"},
        {"start": 4, "end": 9, "label": "TARGET"},
        {"start": 7, "end": 19, "label": "TARGET"},
        {"start": 13, "end": 15, "label": "TARGET"},
        {"start": 20, "end": 26, "label": "", "text": "people"},
        {"start": 20, "end": 99, "label": "TARGET"},
        {"start": 26, "end": 27, "label": "TARGET", "score": 2.0},
    ]
    record = {"id": "a", "text": text, "spans": spans}
    content = json.dumps(record).encode()
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist([record]), tmp_path / name)
    else:
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    faults = check(tmp_path / name, tokenizer=subwords)
    assert [(fault.code, fault.start, fault.end, fault.text) for fault in faults] == [
        ("overlap", 4, 9, "en ki"),
        ("overlap", 7, 19, "killed\n\nfour"),
        ("white-space", 13, 15, "\n\n"),
        ("no-label", 20, 26, "people"),
        ("outside-text", 20, 99, "people."),
        ("score", 26, 27, "."),
    ]
    assert {fault.article for fault in faults} == {"a"}
    assert faults[0].message == "TARGET overlaps the span before it"


def test_each_wrong_surface_in_a_file_is_reported(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    spans = [
        {"start": start, "end": end, "label": "TARGET", "text": text}
        for start, end, text in ((0, 3, "bus"), (4, 7, "usm"), (8, 10, "ma"))
    ]
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "text": "bus car market", "spans": spans}))
    faults = check(tmp_path / "a.jsonl", tokenizer=subwords)
    assert [(fault.code, fault.start, fault.text) for fault in faults] == [("surface", 4, "car")]
    assert faults[0].message == "TARGET should be 'usm': offsets count Unicode code points"


def test_a_span_that_no_subword_touches_is_a_fault(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    write_articles([Article("a", "Gao \u200b", (Span(4, 5, "TARGET"),))], tmp_path / "a.jsonl")
    [fault] = check(tmp_path / "a.jsonl", tokenizer=subwords)
    assert fault.message == "TARGET has an edge within a subword; no subword is left for it"


def test_a_truncated_file_is_a_fault_after_what_could_be_read(
    articles: list[Article], tmp_path: Path, subwords: SubwordTokenizer
) -> None:
    whole, cut = tmp_path / "whole.jsonl.gz", tmp_path / "cut.jsonl.gz"
    write_articles(articles, whole)
    cut.write_bytes(whole.read_bytes()[:-20])
    [fault] = check(cut, tokenizer=subwords)
    assert (fault.code, fault.article) == ("unreadable", None)
    assert "cannot be read" in fault.message


def test_repetitions_within_a_file_and_across_files(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    nearly = STORY.replace("word30", "edited")
    write_articles([Article("a", STORY), Article("b", nearly), Article("c", STORY)], tmp_path / "1.jsonl")
    write_articles([Article("d", STORY + " more"), Article("e", "another text")], tmp_path / "2.jsonl")
    reported = codes(tmp_path / "1.jsonl", tmp_path / "2.jsonl", tokenizer=subwords)
    assert reported == [("near-duplicate", "b"), ("duplicate", "c"), ("leak", "d")]
    write_articles([Article("d", STORY + " more"), Article("e", STORY + " more")], tmp_path / "2.jsonl")
    reported = codes(tmp_path / "1.jsonl", tmp_path / "2.jsonl", tokenizer=subwords)
    assert reported[2:] == [("leak", "d"), ("duplicate", "e"), ("leak", "e")]


@pytest.mark.parametrize(
    ("phrases", "toll", "expected"),
    [
        (["at least 50"], Toll(50, None), []),
        (["more than 50", "52"], Toll(52, 52), []),
        (["30", "40"], Toll(30, 40), []),
        (["12", "three"], Toll(15, 15), []),
        (["nearly 200"], Toll(190, 200), []),
        (["up to 40"], Toll(1, 40), []),
        (["12"], Toll(0, 0), []),
        ([], Toll(2, 2), []),
        (["12"], None, []),
        (["12"], Toll(24, 24), ["toll"]),
        (["12", "three"], Toll(14, 14), ["toll"]),
        (["at least 12", "three"], Toll(15, None), []),
        (["at least 12", "three"], Toll(15, 15), ["toll"]),
        (["12 or 13", "three"], Toll(15, 16), []),
        (["at least 12", "12 or more"], Toll(24, None), []),
        (["at least 12"], Toll(24, None), ["toll"]),
        (["50", "at least 12"], Toll(50, None), ["toll"]),
        (["50", "at least 12"], Toll(12, None), []),
        (["16", "over 25"], Toll(16, None), []),
        (["16", "25"], Toll(16, 25), []),
        (["at least 12"], Toll(12, 12), ["toll"]),
        (["forty, fifty"], None, ["toll-wording"]),
        (["forty, fifty"], Toll(40, 50), ["toll-wording"]),
    ],
)
def test_a_toll_that_no_phrase_gives(
    phrases: list[str], toll: Toll | None, expected: list[str], tmp_path: Path, subwords: SubwordTokenizer
) -> None:
    text = "They killed" + "".join(f" {phrase};" for phrase in phrases)
    spans = tuple(
        Span(text.index(f" {phrase};") + 1, text.index(f" {phrase};") + 1 + len(phrase), "DEATH_TOLL")
        for phrase in phrases
    )
    write_articles([Article("a", text, spans, toll)], tmp_path / "a.jsonl")
    assert [code for code, _ in codes(tmp_path / "a.jsonl", tokenizer=subwords)] == expected


def test_labels_with_few_spans_are_reported_per_file(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    text = "bus " * 30
    write_articles(
        [Article("a", text, tuple(Span(4 * n, 4 * n + 3, "TARGET") for n in range(30)))], tmp_path / "a.jsonl"
    )
    write_articles([Article("b", "bus", (Span(0, 3, "TARGET"),))], tmp_path / "b.jsonl")
    faults = check_files([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], labels=["TARGET", "WHERE"], tokenizer=subwords)
    assert [(Path(fault.file).name, fault.code, fault.message.split(";")[0]) for fault in faults] == [
        ("a.jsonl", "few-examples", "no span of WHERE"),
        ("b.jsonl", "few-examples", "1 span of TARGET"),
        ("b.jsonl", "few-examples", "no span of WHERE"),
    ]


def test_articles_longer_than_the_window_are_reported(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    write_articles([Article("fits", "bus " * 30), Article("long", "bus " * 31)], tmp_path / "a.jsonl")
    window = WindowConfig(size=32, stride=4)
    faults = check_files([tmp_path / "a.jsonl"], labels=[], tokenizer=subwords, window=window)
    assert [(fault.code, fault.article, fault.message) for fault in faults if fault.code != "near-duplicate"] == [
        ("long", "long", "31 subwords, more than a window of 32 holds: read in 2 windows")
    ]


def test_names_are_compared_across_files(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    hit = "Yesterday the Red Hand hit"
    named = [Article(str(n), f"{hit} {n}.", (Span(14, 22, "PERPETRATOR"),)) for n in range(3)]
    odd = Article("odd", "A bus was taken from the Red Hand.", (Span(25, 33, "TARGET"),))
    write_articles(named, tmp_path / "1.jsonl")
    write_articles([odd], tmp_path / "2.jsonl")
    reported = codes(tmp_path / "1.jsonl", tmp_path / "2.jsonl", tokenizer=subwords)
    assert [(code, article) for code, article in reported if code != "near-duplicate"] == [("two-labels", "odd")]


def test_a_fault_as_text_has_its_location() -> None:
    fault = Fault("overlap", "a.jsonl", "overlaps", "one", 2, 5, "bus")
    assert str(fault) == "error: a.jsonl: article 'one': [2, 5) 'bus': overlaps (overlap)"
    assert str(Fault("toll", "a.jsonl", "is wrong", "one")) == "warning: a.jsonl: article 'one': is wrong (toll)"
    assert str(Fault("long", "a.jsonl", "is wrong")) == "info: a.jsonl: is wrong (long)"


def test_the_documentation_lists_every_code_with_its_severity() -> None:
    page = (Path(__file__).parents[3] / "docs" / "data-checks.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `")]
    assert {code.strip(" `"): severity.strip() for code, severity in rows} == CODES
    assert set(CODES.values()) == set(SEVERITIES)


# The bundled corpus


def test_the_bundled_corpus_has_no_errors(subwords: SubwordTokenizer) -> None:
    paths = [resolve(f"bundled:{split}") for split in ("train", "dev", "test")]
    counts = Counter(fault.code for fault in check_files(paths, labels=LABELS, tokenizer=subwords))
    assert {code for code in counts if CODES[code] == "error"} == set()
    assert not counts["misaligned"]


def test_a_broken_copy_of_the_bundled_corpus_shows_each_break(tmp_path: Path, subwords: SubwordTokenizer) -> None:
    corpus = list(read_named(["bundled:train"]))
    attacked = [article for article in corpus if len(article.spans) > 8 and article.death_toll]
    leaked, mislabelled, cut, retold, shifted = attacked[:5]
    words = leaked.text.split(" ")
    words[20] = "otherwise"
    broken = [
        mislabelled.with_fields(
            spans=tuple(Span(s.start, s.end, s.label.replace("TARGET", "TARGTE")) for s in mislabelled.spans)
        ),
        cut.with_fields(spans=(Span(cut.spans[0].start + 1, cut.spans[0].end, cut.spans[0].label), *cut.spans[1:])),
        retold.with_fields(death_toll=Toll(7777, 7777)),
        Article("again", " ".join(words)),
    ]
    write_articles([leaked], tmp_path / "train.jsonl")
    write_articles(broken, tmp_path / "dev.jsonl")
    record = json.loads(format_article(shifted))
    for span in record["spans"]:
        span["end"] += len(shifted.text)
    with (tmp_path / "dev.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    reported = set(codes(tmp_path / "train.jsonl", tmp_path / "dev.jsonl", tokenizer=subwords))
    assert {
        ("unknown-label", mislabelled.id),
        ("misaligned", cut.id),
        ("toll", retold.id),
        ("leak", "again"),
        ("outside-text", shifted.id),
    } <= reported
