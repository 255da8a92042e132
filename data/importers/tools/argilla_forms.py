"""The forms of Argilla's records, each converted to that of `dataset.records.to_json`.

- Data set exports of Argilla 2 are flat: `spans.responses`, `spans.responses.users`, `spans.responses.status`,
  `spans.suggestion`, next to the fields and the metadata.
- Data sets of Argilla 1 have a column per question, with objects of `user_id`, `value` and `status`, and one for
  `NAME-suggestion`.
- Its records have `responses` with `values` by question, and `suggestions` with a `question_name`.
- Its older records of token classification have `annotation` and `prediction`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic_core import from_json

from afteraction.data.errors import DataError, clip

_OWN = {"id", "status", "_server_id", "external_id", "metadata", "inserted_at", "updated_at", "vectors"}


def as_record(item: Any) -> Any:
    """Returns a record in the form of `records.to_json`. An item in no known form is returned unchanged.

    Raises:
        DataError: the item has the keys of one of the forms, but a part of it has another type.
    """
    if not isinstance(item, dict):
        return item
    try:
        record = _converted({key: value for key, value in item.items() if value is not None}, item.keys())
        return item if record is None else _with_id(record)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"not a valid record of Argilla: {type(error).__name__}: {clip(str(error))}") from None


def _converted(item: dict[str, Any], keys: Collection[str]) -> dict[str, Any] | None:
    """Returns the record of an item in one of the forms, or None if it has none of them.

    The `keys` are those of the item with its nulls: a record that nobody has answered has null for each answer.
    """
    if "fields" in item:
        return _from_feedback(item)
    if "text" in item and {"annotation", "prediction", "annotation_agent"} & set(keys):
        return _from_tokens(item)
    if questions := {key.rpartition(".")[0] for key in keys if key.endswith((".responses", ".suggestion"))}:
        return _from_flat(item, questions)
    if questions := {key for key in keys if f"{key}-suggestion" in keys or _are_answers(item.get(key))}:
        return _from_columns(item, questions)
    return None


def _with_id(record: dict[str, Any]) -> dict[str, Any]:
    """Returns a record with its metadata parsed, and with its `id`, or its `external_id` if it has none."""
    metadata = record.get("metadata")
    if isinstance(metadata, str):
        record["metadata"] = from_json(metadata) if metadata else {}
    name = record.get("id") or record.get("external_id")
    return {**record, "id": name} if name else record


def _from_feedback(item: dict[str, Any]) -> dict[str, Any]:
    """Converts the lists of responses and suggestions of Argilla 1 to mappings by question."""
    responses, suggestions = item.get("responses"), item.get("suggestions")
    if isinstance(responses, list):
        by_question: dict[str, list[Any]] = {}
        for response in responses:
            for name, value in (response.get("values") or {}).items():
                answer = {"status": response.get("status"), "user_id": response.get("user_id")}
                by_question.setdefault(name, []).append({**answer, "value": (value or {}).get("value")})
        item["responses"] = by_question
    if isinstance(suggestions, list):
        item["suggestions"] = {one["question_name"]: one for one in suggestions if one.get("question_name")}
    return item


def _from_tokens(item: dict[str, Any]) -> dict[str, Any]:
    record = {key: value for key, value in item.items() if key in _OWN}
    record["fields"] = {"text": item["text"]}
    discarded = item.get("status") == "Discarded"
    if discarded or item.get("annotation") is not None:
        status = "discarded" if discarded else "submitted"
        answer = {"value": item.get("annotation"), "user_id": item.get("annotation_agent"), "status": status}
        record["responses"] = {"spans": [answer]}
    if item.get("prediction") is not None:
        record["suggestions"] = {"spans": {"value": item["prediction"]}}
    # A status such as "Validated" is that of the record. A record without annotation is not done.
    record.pop("status", None)
    return record


def _from_flat(item: dict[str, Any], questions: set[str]) -> dict[str, Any]:
    responses, suggestions = {}, {}
    for name in questions:
        values = item.get(f"{name}.responses")
        users = item.get(f"{name}.responses.users") or []
        statuses = item.get(f"{name}.responses.status") or []
        if isinstance(values, list):
            responses[name] = [
                {
                    "value": value,
                    "user_id": users[index] if index < len(users) else None,
                    "status": statuses[index] if index < len(statuses) else None,
                }
                for index, value in enumerate(values)
            ]
        if item.get(f"{name}.suggestion") is not None:
            suggestions[name] = {"value": item[f"{name}.suggestion"]}
    rest = {key: value for key, value in item.items() if key.partition(".")[0] not in questions and key not in _OWN}
    return _built(item, rest, responses, suggestions)


def _from_columns(item: dict[str, Any], questions: set[str]) -> dict[str, Any]:
    responses = {name: _rows(item[name]) for name in questions if name in item}
    suggestions = {name: {"value": item[f"{name}-suggestion"]} for name in questions if f"{name}-suggestion" in item}
    of_questions = tuple(f"{name}-suggestion" for name in questions)
    rest = {
        key: value
        for key, value in item.items()
        if key not in questions and key not in _OWN and not key.startswith(of_questions)
    }
    return _built(item, rest, responses, suggestions)


def _built(
    item: Mapping[str, Any], rest: Mapping[str, Any], responses: Mapping[str, Any], suggestions: Mapping[str, Any]
) -> dict[str, Any]:
    """Builds a record. Flat columns do not distinguish fields from metadata, so any string may be the text."""
    texts = {key: value for key, value in rest.items() if isinstance(value, str)}
    metadata = item.get("metadata")
    others = {key: value for key, value in rest.items() if key != "text" and not isinstance(value, list | dict)}
    return {
        **{key: value for key, value in item.items() if key in _OWN},
        **{key: value for key, value in rest.items() if isinstance(value, list | dict)},
        "fields": texts,
        "responses": responses,
        "suggestions": suggestions,
        "metadata": others if metadata is None else metadata,
    }


def _are_answers(value: Any) -> bool:
    """Returns whether a column has the answers of users: objects with a value, or columns of them."""
    if isinstance(value, dict):
        return {"user_id", "value"} <= value.keys()
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, dict) and {"user_id", "value"} <= part.keys() for part in value)
    )


def _rows(value: Any) -> list[dict[str, Any]]:
    """Returns the answers of users as a list, also if a data set has them as columns."""
    if isinstance(value, dict):
        return [dict(zip(value, row, strict=False)) for row in zip(*value.values(), strict=False)]
    return list(value)
