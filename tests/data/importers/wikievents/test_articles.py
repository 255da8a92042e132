"""Tests on invented articles in both published forms, and on WikiEvents itself if it is available."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, read_articles
from afteraction.data.errors import DataError
from afteraction.data.importers import ImportLog, import_wikievents

PUBLISHED = Path(os.environ.get("AFTERACTION_TEST_CORPORA", "no corpora")) / "wikievents"


def gen_arg(tokens: str, *events: tuple[str, str, dict[str, str]], article_id: str = "a1") -> dict[str, Any]:
    """Returns an article in the form without offsets, with events `(type, trigger, {role: text})`."""
    return {
        "docid": article_id,
        "tokens": tokens.split(),
        "sentences": tokens.split("."),
        "event_mentions": [
            {
                "event_type": event_type,
                "trigger": {"text": trigger, "start_idx": 0, "end_idx": 1},
                "arguments": [{"role": role, "text": text} for role, text in arguments.items()],
            }
            for event_type, trigger, arguments in events
        ],
    }


def read(line: dict[str, Any], folder: Path) -> tuple[Article, ImportLog]:
    source, output, log = folder / "source.jsonl", folder / "out.jsonl", ImportLog()
    source.write_text(json.dumps(line) + "\n", encoding="utf-8")
    errors: list[DataError] = []
    import_wikievents(source, output=output, log=log, on_error=errors.append)
    assert not errors
    [article] = read_articles(output)
    return article, log


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, article.surface(span)) for span in article.spans]


def test_the_form_without_offsets_is_set_anew_and_its_arguments_found(tmp_path: Path) -> None:
    tokens = (
        "The men were calm . Two armed men attacked a mall in Oak Ford , killing six service members . "
        "Ana Ruiz ’ s brother was in Oak Ford Hall . Ana Ruiz fled ."
    )
    article, log = read(
        gen_arg(
            tokens,
            ("Conflict.Attack", "attacked", {"Attacker": "men", "Target": "mal", "Place": "Oak Ford"}),
            ("Life.Die", "killing", {"Killer": "Ana Ruiz", "Victim": "members", "Instrument": "mall"}),
            ("Movement", "fled", {"Target": "brother"}),
        ),
        tmp_path,
    )
    assert article.text.splitlines()[:2] == [
        "The men were calm.",
        "Two armed men attacked a mall in Oak Ford, killing six service members.",
    ]
    assert surfaces(article) == [
        ("PERPETRATOR", "Two armed men"),
        ("TARGET", "a mall"),
        ("LOCATION", "Oak Ford"),
        ("TARGET", "service members"),
        ("PERPETRATOR", "Ana Ruiz"),
        ("PERPETRATOR", "Ana Ruiz"),
    ]
    [one, other] = [span.entity for span in article.spans if article.surface(span) == "Ana Ruiz"]
    assert one == other is not None
    assert article.unknown_labels == ("DEATH_TOLL",)
    assert log.count("arguments of attacks and deaths") == 5
    assert log.count("arguments not found in the text") == 0


@pytest.mark.parametrize(
    ("role", "text", "counted"),
    [
        ("Attacker", "they", "pronouns left out"),
        ("Victim", "12", "bare counts left out"),
        ("Place", "city", "places left out that are no proper names"),
        ("Place", "Malian", "places left out that are no proper names"),
        ("Attacker", "nobody of that name", "arguments not found in the text"),
    ],
)
def test_what_makes_no_span_is_counted(tmp_path: Path, role: str, text: str, counted: str) -> None:
    tokens = "In the Malian city they killed 12 ."
    article, log = read(gen_arg(tokens, ("Life.Die.Unspecified", "killed", {role: text})), tmp_path)
    assert article.spans == ()
    assert log.count(counted) == 1


def test_a_word_is_what_stands_nearest_to_the_trigger(tmp_path: Path) -> None:
    tokens = "Police came . A bomb hit the police . The police left ."
    article, _ = read(gen_arg(tokens, ("Conflict.Attack", "hit", {"Target": "police"})), tmp_path)
    assert [(span.start, article.surface(span)) for span in article.spans] == [(24, "the police")]


def test_of_a_place_only_the_name_is_taken_and_not_in_a_longer_name(tmp_path: Path) -> None:
    tokens = "In Gao province men attacked . The Gao Marathon was off . Men left Gao ."
    article, _ = read(gen_arg(tokens, ("Conflict.Attack", "attacked", {"Place": "Gao province"})), tmp_path)
    assert [(span.start, article.surface(span)) for span in article.spans] == [(3, "Gao"), (65, "Gao")]


def test_the_form_with_offsets_is_taken_at_its_word(tmp_path: Path) -> None:
    sentences = ["Gunmen fled 🔥 town.", "Then gunmen shot an old man."]
    words = [["Gunmen", "fled", "🔥", "town", "."], ["Then", "gunmen", "shot", "an", "old", "man", "."]]
    line = {
        "doc_id": "a1",
        "tokens": [*words[0], *words[1]],
        "text": "".join(sentences),
        "sentences": [
            [[[word, 0, 0] for word in sentence], text] for sentence, text in zip(words, sentences, strict=True)
        ],
        "entity_mentions": [{"id": "m1", "start": 6, "end": 7}, {"id": "m2", "start": 10, "end": 11}],
        "event_mentions": [
            {
                "event_type": "Life.Die.Unspecified",
                "trigger": {"text": "shot"},
                "arguments": [
                    {"role": "Killer", "text": "gunmen", "entity_id": "m1"},
                    {"role": "Victim", "text": "man", "entity_id": "m2"},
                    {"role": "Victim", "text": "man", "entity_id": "m9"},
                ],
            }
        ],
    }
    article, log = read(line, tmp_path)
    assert article.text == "\n".join(sentences)
    assert surfaces(article) == [("PERPETRATOR", "gunmen"), ("TARGET", "an old man")]
    assert log.count("arguments not found in the text") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sentences": [["Gunmen fled."]]}, r"line 1: sentences: .* is not \[\[\[token, start, end\], ...\], text\]"),
        ({"sentences": [[[["Gunmen", 0, 0]], "Men"]]}, "token 1, 'Gunmen', is not in the text"),
        ({"sentences": [[[["Gunmen", 0, 0]], "Gunmen"]]}, "article 'a1': 2 tokens, but 1 in its sentences"),
        ({"event_mentions": 3}, "line 1: event_mentions: .* list"),
    ],
)
def test_a_faulty_line_is_named_and_left_out(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    line = {"doc_id": "a1", "tokens": ["Gunmen", "fled"], "sentences": [], "entity_mentions": [], "event_mentions": []}
    source = tmp_path / "source.jsonl"
    source.write_text(json.dumps(line | change) + "\n", encoding="utf-8")
    errors: list[DataError] = []
    assert import_wikievents(source, output=tmp_path / "out.jsonl", log=ImportLog(), on_error=errors.append) == 0
    with pytest.raises(DataError, match=message):
        raise errors[0]


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the corpus is not in the folder AFTERACTION_TEST_CORPORA")
@pytest.mark.parametrize(("name", "articles", "arguments"), [("train", 204, 1604), ("dev", 20, 135)])
def test_the_published_files_are_read_whole(name: str, articles: int, arguments: int, tmp_path: Path) -> None:
    log, errors = ImportLog(), []
    count = import_wikievents(
        PUBLISHED / f"{name}.jsonl", output=tmp_path / "out.jsonl", log=log, on_error=errors.append
    )
    assert (count, errors) == (articles, [])
    assert log.count("arguments of attacks and deaths") == arguments
    assert log.count("arguments not found in the text") == 0
