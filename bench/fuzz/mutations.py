"""Makes random changes to the bytes of a file that leave most of it as it was."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

LONGEST = 100_000
"""Bytes. Longer inputs are cut."""

PIECES = (
    *(
        piece.encode("utf-8", "surrogatepass")
        for piece in (
            "\0", "\ufeff", "\r\n", "\r", "\n\n", "\u2028", "\x85", "\x1b[31m", "\ud800", "\udc80", "\udfff",
            "\U0010ffff",
            "e\u0301", "e" + "\u0301" * 200, "\u202eabc\u202c", "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05dc",
            "\u200d", "\ufe0f", "\U0001f46e\u200d\u2640\ufe0f",
            "\u0661\u0662", "\u0967\u0968", "\u00b2", "\u2460", "\uff11\uff12", "\u216b", "\u3007", "\u00bd",
            "\u1100\u1161", "\uff9e", "\u00df", "\u0130", "\ufb01", "\u1e9e",
            "0", "-1", "-0", "1e999", "1E400", "NaN", "Infinity", "-Infinity", "0x10", "1_000", "00", "+1", "1.",
            ".5",
            str(2**31), str(2**63), str(-(2**63)), str(2**64), str(10**30), "9" * 400, "9" * 5000, "1" + ",000" * 300,
            "{", "}", "[", "]", '"', "\\", "\\u0000", "\\ud800", "'", ",", ":", ";", "|", "\t", " ", "null",
            "true", "[]", "{}",
            '""', "[" * 400, "]" * 400, '{"a":' * 300, "[" * 5000, "(" * 3000, '"id": "a", "id": "b", ',
            '{"text": "x"}', "sep=,", "#", "##",
            "<", ">", "&", "&#0;", "&#x110000;", "&#xd800;", "&amp", "&nbsp;", "<p>", "</p>", "<!--", "<![CDATA[",
            "<!DOCTYPE x>", "<?xml",
            "<html>", "<br/>", "B-", "I-", "O", "E-", "S-", "-DOCSTART-", "B-LOCATION", "_", "*", "http://",
            "=1+1", "@", "%", "%s", "{0}",
            "T1\tX 0 5;7 9\tabc", "R1\tX Arg1:T1 Arg2:T2", "E1\tX:T1 A:T1", "- a\n", "&x\n", "*x\n",
            "!!python/object:os.system x\n", "<<: *x\n", "? ",
            "one", "two", "dozen", "dozens of", "hundred", "thousand", "million", "billion", "trillion", "half",
            "a", "and", "or", "to",
            "between", "at least", "up to", "more than", "no", "-", "\u2013", ".", "killed", "were killed",
            "people", "wounded", "including",
            "the", "Gunmen", "Mr", "of", "in Gao, Mali", "twenty-", "AA-", "another", "others", "dead", "injured",
            "none",
        )
    ),
    b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xc0\x80", b"\xf5\x80\x80\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd", b"PK\3\4", b"PAR1",
)  # fmt: skip
"""Strings that readers may fail on, and words that heuristics look for."""

VALUES: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 3, 7, 2**31, 2**63, 10**30, 0.5, -0.5, 1e300, float("nan"), float("inf"), "", " ",
    "x", "\ud800", "\0", "O",
    "B-LOCATION", "LOCATION", [], {}, [1], ["x"], {"a": 1}, [[[]]], [None], {"": {}}, "a" * 1000, 10**400,
    [0, 5, "LOCATION"], [[0, 5, "TARGET"]],
    {"start": 0, "end": 5, "label": "TARGET"}, {"low": 1, "high": None}, {"low": -1, "high": 10**30},
)  # fmt: skip
KEYS = (
    "id", "text", "spans", "start", "end", "label", "labels", "entities", "meta", "tokens", "tags", "ner_tags",
    "title", "death_toll", "score",
    "", "\ud800", "a.b", "annotations", "data", "result", "value", "type", "from_name", "extends", "name",
)  # fmt: skip


def mutated(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """Returns one of the seeds after a few random changes."""
    content = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        content = chance.choice(CHANGES)(content, seeds, chance)
    return content[:LONGEST]


def changed(value: Any, chance: random.Random) -> Any:
    """Returns a JSON value with one element changed, removed, repeated or added."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice([*value])
        if chance.random() < 0.15:
            return {name: inner for name, inner in value.items() if name != key}
        return value | {key: changed(value[key], chance)}
    if isinstance(value, dict):
        return value | {chance.choice(KEYS): chance.choice(VALUES)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        index = chance.randrange(len(value))
        middle = chance.choice(([changed(value[index], chance)], [value[index]] * 2, []))
        return [*value[:index], *middle, *value[index + 1 :]]
    if isinstance(value, int | float) and chance.random() < 0.5:
        return value + chance.choice((-1, 1, 5, 1000))
    if isinstance(value, str) and chance.random() < 0.5:
        return _piece(value.encode("utf-8", "replace"), (), chance).decode("utf-8", "replace")
    return chance.choice(VALUES)


def _json(content: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """Changes a value of a JSON file, or of one of its lines."""
    lines = content.split(b"\n")
    index = chance.randrange(len(lines))
    for place, part in ((slice(None), content), (slice(index, index + 1), lines[index])):
        try:
            value = json.loads(part)
        except (ValueError, RecursionError):
            continue
        # Lone surrogates are written as JSON escapes or as bytes.
        text = json.dumps(changed(value, chance), ensure_ascii=chance.random() < 0.5)
        lines[place] = [text.encode("utf-8", "surrogatepass")]
        return b"\n".join(lines)
    return _piece(content, (), chance)


def _stretch(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(content) + 1)
    return start, min(start + chance.choice((0, 1, 1, 4, 20, 100)), len(content))


def _piece(content: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    start, stop = _stretch(content, chance)
    return content[:start] + chance.choice(PIECES) + content[chance.choice((start, stop)) :]


def _flip(content: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    if not content:
        return content
    flipped = bytearray(content)
    flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _noise(content: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    start, stop = _stretch(content, chance)
    return content[:start] + chance.randbytes(chance.choice((1, 2, 8))) + content[stop:]


def _truncate(content: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _splice(content: bytes, seeds: Sequence[bytes], chance: random.Random) -> bytes:
    other = chance.choice(seeds)
    return content[: chance.randrange(len(content) + 1)] + other[chance.randrange(len(other) + 1) :]


def _repeat(content: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """Repeats a stretch, occasionally until the file reaches the longest length."""
    start, stop = _stretch(content, chance)
    times = chance.choice((2, 3, 10, 100)) if chance.random() < 0.95 else LONGEST // (stop - start + 1)
    return content[:start] + content[start:stop] * times + content[stop:]


def _lines(content: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """Repeats, moves or removes a line."""
    lines = content.split(b"\n")
    line = lines.pop(chance.randrange(len(lines)))
    for _ in range(chance.choice((0, 1, 2))):
        lines.insert(chance.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


def _line_ends(content: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    return content.replace(b"\n", chance.choice((b"\r\n", b"\r", b"", b"\n\n", b"\0")))


def _encoding(content: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    return content.decode("utf-8", "replace").encode(chance.choice(("utf-16", "utf-32", "utf-8-sig", "utf-7")))


CHANGES: tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...] = (
    *(_json,) * 5, *(_piece,) * 5, *(_flip,) * 3, *(_lines,) * 2, _noise, _truncate, _splice, _repeat, _line_ends,
    _encoding,
)  # fmt: skip
"""Each change, repeated according to its weight."""
