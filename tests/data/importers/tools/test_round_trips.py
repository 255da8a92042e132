"""Tests that articles survive a round trip through every format unchanged."""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from afteraction.data import LABELS, Article, Entity, InputError, Span, Toll, read_articles
from afteraction.data.importers import (
    EXPORTERS,
    ImportLog,
    LabelMap,
    RawArticle,
    Units,
    detect_layout,
    export_articles,
    import_articles,
    read_argilla,
    read_brat,
    read_conll,
    read_doccano,
    read_events,
    read_label_studio,
    read_prodigy,
)

Reader = Callable[[Path], Iterator[RawArticle]]


def refuse(error: Exception) -> None:
    raise error


def conll(path: Path) -> Iterator[RawArticle]:
    return read_conll(path, detect_layout(path), log=LOG, on_error=refuse)


def spacy(path: Path) -> Iterator[RawArticle]:
    return read_prodigy(path.rename(path.with_suffix(".spacy")), log=LOG, on_error=refuse)


LOG = ImportLog()
READERS: dict[str, Reader] = {
    "argilla": partial(read_argilla, log=LOG, on_error=refuse, units=Units.CODE_POINTS),
    "brat": partial(read_brat, log=LOG, on_error=refuse),
    "conll": conll,
    "doccano": partial(read_doccano, log=LOG, on_error=refuse, units=Units.CODE_POINTS),
    "events": partial(read_events, log=LOG, on_error=refuse),
    "label-studio": partial(read_label_studio, log=LOG, on_error=refuse),
    "prodigy": partial(read_prodigy, log=LOG, on_error=refuse),
    "spacy": spacy,
}

pieces = st.text(
    st.sampled_from('aéZ9\u0301 \n\r\t\u00a0\u2028\u0085\u001e\0"\\#-{👍🏽\u200d\ufe0f漢𝔸\U0010ffff'), max_size=8
)
any_text = pieces | st.text(max_size=8)
tolls = st.builds(lambda low, more: Toll(low, low + more if more else None), st.integers(0, 99), st.integers(0, 9))
entities = st.builds(Entity, any_text, st.sampled_from(LABELS), any_text, st.just(("a",)), st.floats(0, 1))


@st.composite
def any_articles(draw: st.DrawFn) -> Article:
    text, spans = "", []
    for surface, label in draw(st.lists(st.tuples(any_text, st.none() | st.sampled_from(LABELS)), max_size=5)):
        whole = surface.strip() == surface != "" and all(line.strip() for line in surface.split("\n"))
        if label and whole:
            entity, score = draw(st.none() | any_text), draw(st.none() | st.floats(0, 1))
            spans.append(Span(len(text), len(text) + len(surface), label, entity, score))
        text += surface
    return Article(
        id=draw(any_text.filter(str.strip)),
        text=text,
        spans=tuple(spans),
        death_toll=draw(st.none() | tolls),
        entities=tuple(draw(st.lists(entities, max_size=1))),
        meta=draw(st.dictionaries(any_text, any_text | st.integers(), max_size=2)),
        unknown_labels=tuple(draw(st.sets(st.sampled_from(LABELS), max_size=2))),
    )


NEWS = "👍🏽 Cafe\u0301 bombed in 𝔸den.\r\n\r\nTwo\r\ngunmen killed at least 50 👮‍♀️ officers. #Aden\n"


def span(surface: str, label: str, entity: str | None = None, score: float | None = None) -> Span:
    return Span(NEWS.index(surface), NEWS.index(surface) + len(surface), label, entity, score)


EMOJI = Article(
    "news/1",
    NEWS,
    (
        span("Cafe\u0301", "TARGET"),
        span("𝔸den", "LOCATION", "e1", 0.25),
        span("Two\r\ngunmen", "PERPETRATOR", "e2"),
        span("at least 50", "DEATH_TOLL"),
        span("👮‍♀️ officers", "TARGET"),
    ),
    Toll(50, None),
    meta={"source": "Aden Post"},
)


def round_trip(name: str, articles: list[Article]) -> list[Article]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        assert export_articles(articles, path, to=name) == len(articles)
        raw = READERS[name](path)
        return list(import_articles(raw, labels=LabelMap(), log=ImportLog(), on_error=refuse))


@pytest.mark.parametrize("name", sorted(READERS))
@given(article=any_articles())
@example(article=EMOJI)
@example(article=Article("empty", ""))
@example(article=Article("like an address", "/news"))
@example(article=Article("# id = 1", "# O\n\n-DOCSTART- O\n# id = 2", (Span(0, 1, "TARGET"),)))
def test_an_article_comes_back_as_it_was(name: str, article: Article) -> None:
    assert round_trip(name, [article]) == [article]


@pytest.mark.parametrize("name", sorted(READERS))
def test_several_articles_come_back_in_their_order(name: str, articles: list[Article]) -> None:
    expected = sorted([*articles, EMOJI, Article("empty", "")], key=lambda article: article.id)
    assert round_trip(name, expected) == expected


@pytest.mark.parametrize("name", sorted(READERS))
def test_nothing_that_we_write_is_told_as_unread(name: str) -> None:
    assert round_trip(name, [EMOJI]) == [EMOJI]
    assert LOG.count("keys left out that look like annotation") == 0


def test_each_exporter_has_a_reader_here() -> None:
    assert set(EXPORTERS) == {"articles", *READERS}


def test_article_files_are_a_format_too(tmp_path: Path, articles: list[Article]) -> None:
    export_articles(articles, tmp_path / "out.parquet", to="articles")
    assert list(read_articles(tmp_path / "out.parquet")) == articles


def test_a_format_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no format 'docano' to write; did you mean 'doccano'"):
        export_articles([], tmp_path / "out", to="docano")


@pytest.mark.parametrize("name", ["brat", "conll"])
def test_a_label_with_white_space_is_refused_where_the_format_has_none(name: str, tmp_path: Path) -> None:
    article = Article("a", "bus", (Span(0, 3, "a target"),))
    with pytest.raises(InputError, match=r"article .a.: .* white space"):
        export_articles([article], tmp_path / "out", to=name)


@pytest.mark.parametrize("label", ["A|B", "a=B-b"])
def test_a_label_that_a_tag_cannot_hold_is_refused(label: str, tmp_path: Path) -> None:
    article = Article("a", "bus", (Span(0, 3, label),))
    with pytest.raises(InputError, match=r"article 'a': 'B-.*' would be read as another tag"):
        export_articles([article], tmp_path / "out", to="conll")
