"""Any JSON is read, or refused with one line."""

import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import DataError, InputError
from afteraction.data.importers import (
    ImportLog,
    LabelMap,
    RawArticle,
    import_articles,
    read_argilla,
    read_doccano,
    read_events,
    read_label_studio,
    read_prodigy,
    read_tokens,
)
from afteraction.data.importers.json_files import find_text_key

Read = Callable[..., Iterator[RawArticle]]
READERS: dict[str, Read] = {
    "argilla": read_argilla,
    "doccano": read_doccano,
    "events": read_events,
    "label-studio": read_label_studio,
    "prodigy": read_prodigy,
    "tokens": partial(read_tokens, tag_names=["O", "B-A", "I-A"]),
}
KEYS = """
    text data tokens words spans ents entities label labels annotation annotations prediction relations meta id fields
    responses suggestions spans.responses spans.responses.users spans.suggestion value values user_id status result
    start end type points offset length completed_by annotation_id ner ner_tags tags sentences tokenized_text doctext
    extracts templates evt_triggers gold_evt_links ent_spans document events arguments argument mention role event_type
    event_mentions entity_mentions answer row token_start token_end globalOffsets
""".split()

leaves = (
    st.none() | st.booleans() | st.integers(-1, 4) | st.floats(0, 3) | st.sampled_from(["", "Gao", "B-A", "O", "A"])
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
texts = st.fixed_dictionaries({"text": st.just("Gao burns")}, optional=dict.fromkeys(KEYS[1:], values))
tokens = st.fixed_dictionaries({"tokens": st.just(["Gao", "burns"])}, optional=dict.fromkeys(KEYS[3:], values))


@pytest.mark.parametrize("name", READERS)
@given(item=values | texts | tokens | st.dictionaries(st.sampled_from(KEYS), values, min_size=1))
def test_any_json_is_read_or_refused_in_one_line(name: str, item: Any) -> None:
    errors: list[DataError] = []
    log = ImportLog()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.json")
        path.write_text(json.dumps([item, {"text": "Gao"}]))
        try:
            raw = READERS[name](path, log=log, on_error=errors.append)
            list(import_articles(raw, labels=LabelMap(), log=log, on_error=errors.append))
        except InputError as error:
            errors.append(DataError(str(error)))
    assert all("\n" not in str(error) for error in errors)
    assert all("\n" not in line for line in log.lines())


def test_keys_with_line_ends_are_named_on_one_line() -> None:
    with pytest.raises(DataError, match=r"with --text-key: 'a\\nb', 'c'$"):
        find_text_key({"a\nb": "x", "c": "y"}, given=None)


def test_an_item_that_could_not_be_written_again_is_left_out(tmp_path: Path) -> None:
    path, errors = tmp_path / "x.json", list[DataError]()
    path.write_text('[{"text": "Gao", "x": 1e999}, {"text": "Kano"}]', encoding="utf-8")
    raw = read_doccano(path, log=ImportLog(), on_error=errors.append)
    [article] = import_articles(raw, labels=LabelMap(), log=ImportLog(), on_error=errors.append)
    assert article.text == "Kano"
    assert str(errors[0]).endswith("x.json: item 1: meta: holds NaN or Infinity, which JSON cannot")
