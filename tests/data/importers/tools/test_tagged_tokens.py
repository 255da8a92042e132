import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from afteraction.data import Article, DataError, InputError
from afteraction.data.importers import ImportLog, LabelMap, TagScheme, import_articles, read_tag_names, read_tokens

TOKENS = ["Red", "Lance", "struck", "Kano", "."]
NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
EXPECTED = [("PER", "Red Lance"), ("LOC", "Kano")]


def refuse(error: Exception) -> None:
    raise error


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def imported(path: Path, log: ImportLog | None = None, **options: Any) -> list[Article]:
    log = log or ImportLog()
    raw = read_tokens(path, log=log, on_error=refuse, **options)
    return list(import_articles(raw, labels=LabelMap(), log=log, on_error=refuse))


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, article.surface(span)) for span in article.spans]


@pytest.mark.parametrize(
    "row",
    [
        {"tokens": TOKENS, "ner_tags": ["B-PER", "I-PER", "O", "B-LOC", "O"]},
        {"words": TOKENS, "tags": ["B-PER", "E-PER", "O", "S-LOC", "O"]},
        {"tokens": TOKENS, "labels": ["B_PER", "I_PER", "O", "B_LOC", "O"], "pos_tags": [1, 2, 3, 4, 5]},
        {"tokens": TOKENS, "ner": ["PER-B", "PER-I", "O", "LOC-B", "O"]},
        {"tokenized_text": TOKENS, "ner": [[0, 1, "PER"], [3, 3, "LOC"]]},
        {"sentences": [TOKENS[:3], TOKENS[3:]], "ner": [[[0, 1, "PER"]], [[3, 3, "LOC"]]]},
        {"tokens": TOKENS, "entities": [{"type": "PER", "start": 0, "end": 2}, {"type": "LOC", "start": 3, "end": 4}]},
    ],
)
def test_tags_and_spans_of_tokens_are_the_same_in_every_form(tmp_path: Path, row: dict[str, Any]) -> None:
    [article] = imported(lines(tmp_path / "x.jsonl", {"id": 7, **row}))
    assert (article.id, surfaces(article)) == ("7", EXPECTED)


@pytest.mark.parametrize(
    ("some", "none"),
    [
        ({"tokenized_text": TOKENS, "ner": [[3, 3, "LOC"]]}, {"tokenized_text": TOKENS, "ner": []}),
        (
            {"sentences": [TOKENS[:3], TOKENS[3:]], "ner": [[], [[3, 3, "LOC"]]]},
            {"sentences": [TOKENS[:3], TOKENS[3:]], "ner": [[], []]},
        ),
        (
            {"tokens": TOKENS, "entities": [{"type": "LOC", "start": 3, "end": 4}]},
            {"tokens": TOKENS, "entities": []},
        ),
    ],
)
def test_a_text_without_spans_has_none(tmp_path: Path, some: dict[str, Any], none: dict[str, Any]) -> None:
    first, second = imported(lines(tmp_path / "x.jsonl", some, none))
    assert (surfaces(first), surfaces(second)) == ([("LOC", "Kano")], [])
    [alone] = imported(lines(tmp_path / "x.jsonl", none))
    assert alone.spans == ()
    with pytest.raises(InputError, match="5 tokens, but 0 tags"):
        imported(lines(tmp_path / "x.jsonl", {"tokens": TOKENS, "ner_tags": []}))


def test_bare_labels_need_the_scheme_io(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", {"tokens": TOKENS, "ner_tags": ["PER", "PER", "O", "LOC", "O"]})
    with pytest.raises(InputError, match=r"x\.jsonl: the tag 'PER' of token 1 .*--scheme io"):
        imported(path)
    assert surfaces(imported(path, scheme=TagScheme.IO)[0]) == EXPECTED


def test_numbers_are_named_by_the_user(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", {"tokens": TOKENS, "ner_tags": [1, 2, 0, 3, 0]})
    with pytest.raises(InputError, match="the tags are numbers: name them with --tag-names"):
        imported(path)
    assert surfaces(imported(path, tag_names=NAMES)[0]) == EXPECTED
    with pytest.raises(InputError, match="the tag 3 has no name; named are 0 to 2"):
        imported(path, tag_names=NAMES[:3])


@pytest.mark.parametrize(
    "content",
    [
        NAMES,
        {str(number): name for number, name in enumerate(NAMES)},
        {name: number for number, name in enumerate(NAMES)},
        {"id2label": {str(number): name for number, name in enumerate(NAMES)}},
        {"features": {"ner_tags": {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "Sequence"}}},
    ],
)
def test_names_come_from_a_file_in_its_usual_forms(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "names.json"
    path.write_text(json.dumps(content))
    assert read_tag_names(str(path)) == NAMES == read_tag_names(",".join(NAMES))


def test_names_come_with_a_data_set(tmp_path: Path) -> None:
    features = {"ner_tags": {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "List"}}
    table = pa.Table.from_pylist([{"id": "1", "tokens": TOKENS, "ner_tags": [1, 2, 0, 3, 0]}])
    stored = json.dumps({"info": {"features": features}}).encode()
    pq.write_table(table.replace_schema_metadata({"huggingface": stored}), tmp_path / "x.parquet")
    assert surfaces(imported(tmp_path / "x.parquet")[0]) == EXPECTED
    folder = tmp_path / "saved" / "train"
    folder.mkdir(parents=True)
    with pa.OSFile(str(folder / "data-0.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    (folder / "dataset_info.json").write_text(json.dumps({"features": features}))
    assert surfaces(imported(tmp_path / "saved")[0]) == EXPECTED


def test_the_text_is_the_rows_own_where_the_tokens_are_in_it(tmp_path: Path) -> None:
    tokens = ["Red", "-LRB-", "``", "Lance", "''", "-RRB-", "struck"]
    tags = ["B-P", "I-P", "I-P", "I-P", "I-P", "I-P", "O"]
    own = {"text": 'Red ("Lance")  struck', "tokens": tokens, "ner_tags": tags}
    others = (own | {"text": other} for other in ("another", None, " "))
    log = ImportLog()
    articles = imported(lines(tmp_path / "x.jsonl", own, *others), log)
    assert [article.text for article in articles] == [own["text"], *['Red ( " Lance " ) struck'] * 3]
    assert surfaces(articles[0]) == [("P", 'Red ("Lance")')]
    assert [line for line in log.lines() if re.search(r"texts left out .*: 1, such as .*line 2: token 1, 'Red'", line)]


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([{"a": 1}, "O", "O", "O", "O"], "is not a span|neither a name"),
        ([["B-PER"], "O"], "some sentences have a list"),
        ([1.5, [2], "O", "O", "O"], "no name|neither a name|neither O"),
    ],
)
def test_tags_of_no_form_are_named(tmp_path: Path, tags: list[Any], message: str) -> None:
    path = lines(tmp_path / "x.jsonl", {"tokens": TOKENS, "ner_tags": tags}, {"tokens": ["Gao"], "ner_tags": ["B-LOC"]})
    errors: list[DataError] = []
    assert len(list(read_tokens(path, log=ImportLog(), on_error=errors.append, tag_names=NAMES))) == 1
    assert [error for error in errors if re.search(f"line 1: .*({message})", str(error))]


def test_a_faulty_row_is_named_and_other_annotation_told(tmp_path: Path) -> None:
    good = {
        "tokens": TOKENS,
        "ner_tags": ["B-PER", "I-PER", "O", "O", "O"],
        "chunk_tags": ["B-NP", "I-NP"],
        "cats": {"a": 1},
    }
    path = lines(tmp_path / "x.jsonl", good | {"ner_tags": ["O"]}, good, {"text": "x"})
    errors: list[DataError] = []
    log = ImportLog()
    assert len(list(read_tokens(path, log=log, on_error=errors.append))) == 1
    assert [str(error).removeprefix(f"{path}: ")[:30] for error in errors] == [
        "line 1: 5 tokens, but 1 tags",
        "line 3: no list of tokens unde",
    ]
    assert log.count("keys left out that look like annotation") == 2
