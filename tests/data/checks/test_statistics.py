from pathlib import Path

import pytest

from afteraction.data import Article, DataError, InputError, Span, corpus_stats, write_articles
from afteraction.data.checks import CorpusStats, LabelStats, Overlap, Stats, draw_stats


@pytest.fixture
def file(articles: list[Article], tmp_path: Path) -> Path:
    again = Article("again", "GAO and gao", (Span(0, 3, "LOCATION", entity="L1"), Span(8, 11, "LOCATION", entity="L1")))
    write_articles([*articles, again], tmp_path / "a.jsonl")
    return tmp_path / "a.jsonl"


def test_the_statistics_of_a_file(articles: list[Article], file: Path) -> None:
    lengths = sorted([*(len(article.text.split()) for article in articles), 3])
    assert corpus_stats([file]) == CorpusStats(
        files=(
            Stats(
                file=str(file),
                articles=5,
                without_spans=1,
                with_death_toll=3,
                words=sum(lengths),
                lengths=tuple(map(float, lengths)),
                labels=(
                    LabelStats("DEATH_TOLL", spans=3, articles=3, surfaces=3, entities=3),
                    LabelStats("LOCATION", spans=6, articles=4, surfaces=4, entities=5),
                    LabelStats("PERPETRATOR", spans=4, articles=3, surfaces=3, entities=4),
                    LabelStats("TARGET", spans=5, articles=3, surfaces=4, entities=5),
                ),
            ),
        ),
        overlaps=(),
    )


def test_overlaps_count_surfaces_with_the_same_label(file: Path, tmp_path: Path) -> None:
    text = "gao, Gao or Timbuktu: rebels"
    spans = (Span(0, 3, "LOCATION", "L"), Span(5, 8, "LOCATION", "L"), Span(12, 20, "LOCATION"), Span(22, 28, "TARGET"))
    other = tmp_path / "b.jsonl"
    write_articles([Article("b", text, spans)], other)
    overlaps = corpus_stats([other, file]).overlaps
    assert [overlap for overlap in overlaps if overlap.file == str(other)] == [
        Overlap(
            str(other), str(file), "LOCATION", 2, surfaces_seen=1, spans=3, spans_seen=2, entities=2, entities_seen=1
        ),
        Overlap(
            str(other), str(file), "TARGET", 1, surfaces_seen=0, spans=1, spans_seen=0, entities=1, entities_seen=0
        ),
    ]
    assert {
        overlap.label: (overlap.spans_seen, overlap.spans) for overlap in overlaps if overlap.file == str(file)
    } == {"DEATH_TOLL": (0, 3), "LOCATION": (3, 6), "PERPETRATOR": (0, 4), "TARGET": (0, 5)}


def test_a_surface_is_the_same_across_a_line_end(tmp_path: Path) -> None:
    for name, text in (("a", "SHINING PATH"), ("b", "Shining\n  Path")):
        write_articles([Article(name, text, (Span(0, len(text), "PERPETRATOR"),))], tmp_path / f"{name}.jsonl")
    overlaps = corpus_stats([tmp_path / "a.jsonl", tmp_path / "b.jsonl"]).overlaps
    assert [(overlap.surfaces_seen, overlap.spans_seen) for overlap in overlaps] == [(1, 1), (1, 1)]


def test_stats_of_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    [stats] = corpus_stats([tmp_path / "a.jsonl"]).files
    assert stats == Stats(str(tmp_path / "a.jsonl"), 0, 0, 0, 0, (0.0, 0.0, 0.0, 0.0, 0.0), ())


def test_stats_of_a_faulty_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    with pytest.raises(DataError, match=r"a\.jsonl: line 1: "):
        corpus_stats([tmp_path / "a.jsonl"])


@pytest.mark.parametrize(("name", "magic"), [("p.png", b"\x89PNG"), ("p.SVG", b"<?xml")])
def test_a_picture_is_the_same_each_time(file: Path, tmp_path: Path, name: str, magic: bytes) -> None:
    (tmp_path / "empty.jsonl").touch()
    stats = corpus_stats([file, file, tmp_path / "empty.jsonl"])
    draw_stats(stats, tmp_path / name)
    content = (tmp_path / name).read_bytes()
    assert content.startswith(magic)
    draw_stats(stats, tmp_path / name)
    assert (tmp_path / name).read_bytes() == content


def test_a_picture_of_another_kind_is_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"p\.gif: cannot tell the format"):
        draw_stats(corpus_stats([file]), tmp_path / "p.gif")
