"""The rows of importers and incident tables for `growth_rows.py`."""

import json
from collections.abc import Callable
from contextlib import suppress

from growth_texts import Row, Work, folder, word

from afteraction.data import TARGET, Article
from afteraction.data.errors import DataError
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.label_map import LabelMap
from afteraction.data.importers.muc4.archive import Message
from afteraction.data.importers.muc4.articles import Muc4Log, muc_article
from afteraction.data.importers.muc4.gold import View
from afteraction.data.importers.muc4.keys import Template, parse_keys
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.to_articles import to_article
from afteraction.data.importers.wikievents.articles import read_wikievents
from afteraction.data.incidents import Incident, align
from afteraction.data.text import load_aliases


def nested(step: int, *, breaks: str = " ") -> Row:
    """Applies the import rules to spans that all end at the end of the text. They may be refused."""

    def row(size: int) -> Work:
        text = f"abcd{breaks}" * (size // (4 + len(breaks))) + "end"
        spans = tuple(RawSpan(start, len(text), TARGET) for start in range(0, len(text), step))

        def work() -> None:
            with suppress(DataError):
                to_article(RawArticle("a", text, spans), labels=LabelMap(), log=ImportLog())

        return work

    return row


def raw_spans(*, surface: bool, text: str) -> Row:
    """Applies the import rules to short spans, without units, in a text that may have unusual characters."""

    def row(size: int) -> Work:
        whole = text * (size // len(text))
        spans = tuple(
            RawSpan(start, start + 4, TARGET, whole[start : start + 4] if surface else None)
            for start in range(0, len(whole) - 4, 10)
        )
        return lambda: to_article(RawArticle("a", whole, spans, units=None), labels=LabelMap(), log=ImportLog())

    return row


def muc4(key: Callable[[int], str], text: Callable[[int], str], *, view: View = View.LABELS) -> Row:
    """Reads a key and converts its article. Each has half of the characters."""

    def row(size: int) -> Work:
        message = Message("DEV-MUC3-0001", text(size // 2))
        keys = f"0. MESSAGE: ID   DEV-MUC3-0001\n1. MESSAGE: TEMPLATE   1\n{key(size // 2)}\n"

        def work() -> Article:
            templates: list[Template] = list(parse_keys(keys, source="key"))
            return muc_article(message, templates, view=view, log=Muc4Log())

        return work

    return row


def again(words: str) -> Callable[[int], str]:
    """Returns a function that repeats words up to a size."""
    return lambda size: words * (size // len(words))


def slots(name: str, entry: str) -> Callable[[int], str]:
    """Returns a function that writes the entries of a key's slot, one per line."""
    return lambda size: (
        f"18. {name}   "
        + "\n   ".join(entry.format(number=number) for number in range(max(size // (len(entry) + 6), 1)))
    )


def gen_arg(tokens: str, argument: str) -> Row:
    """Reads a WikiEvents article in the form that gives arguments by their text."""

    def row(size: int) -> Work:
        words = [tokens.format(number=number % 977) for number in range(size // (len(tokens) + 4))]
        arguments = [{"role": "Victim", "text": argument.format(number=n % 977)} for n in range(len(words) // 4)]
        event = {"event_type": "Life.Die", "trigger": {"text": words[0]}, "arguments": arguments}
        path = folder() / "a.jsonl"
        line = {"doc_id": "a", "tokens": words, "sentences": [], "event_mentions": [event]}
        path.write_text(json.dumps(line) + "\n", encoding="utf-8")
        return lambda: list(read_wikievents(path, log=ImportLog(), on_error=print))

    return row


def incident(text: str, **fields: str) -> Row:
    """Searches a text for the values of an incident's fields."""

    def row(size: int) -> Work:
        whole = "".join(text.format(number=number, word=word(number)) for number in range(size // len(text)))
        values = {name: [value] for name, value in fields.items()}
        return lambda: align(Incident(id="a", text=whole, **values), load_aliases())

    return row


IMPORT_ROWS: dict[str, Row] = {
    "importers: spans all over": nested(5),
    "importers: spans all over paragraphs": nested(6, breaks="\n\n"),
    "importers: units": raw_spans(surface=True, text="abcd \U0001f600 e\u0301 "),
    "importers: MUC-4, escaped quotes": muc4(slots("PERP: INDIVIDUAL ID", '\\"'), again("REBELS ")),
    "importers: MUC-4, one filler of escaped quotes": muc4(
        lambda size: "9. PERP: INDIVIDUAL ID   " + again('\\"')(size), again("REBELS ")
    ),
    "importers: MUC-4, occurrences with blanks": muc4(
        slots("PERP: INDIVIDUAL ID", '"REBELS X"'), lambda size: "REBELS" + " " * size + "REBELS Y X"
    ),
    "importers: MUC-4, blanks alone": muc4(slots("PERP: INDIVIDUAL ID", '"REBELS X"'), again(" ")),
    "importers: MUC-4, keys": muc4(slots("PERP: INDIVIDUAL ID", '"REBELS {number}"'), again("REBELS ")),
    "importers: MUC-4, keys, roles": muc4(
        slots("HUM TGT: NAME", '"REBELS {number}"'), again("REBELS "), view=View.ROLES
    ),
    "importers: MUC-4, one entry": muc4(slots("HUM TGT: NAME", '/ "REBELS {number}"'), again("REBELS ")),
    "importers: MUC-4, titles": muc4(slots("HUM TGT: DESCRIPTION", '"MAYOR": "REBELS"'), again("MAYOR REBELS ")),
    "importers: WikiEvents, arguments by text": gen_arg("w{number}", "w{number}"),
    "importers: WikiEvents, one argument": gen_arg("Rebels", "Rebels"),
    "incident tables: about": incident("about "),
    "incident tables: between one and": incident("between one and "),
    "incident tables: one and": incident("one and "),
    "incident tables: dozens": incident("dozens "),
    "incident tables: counts": incident("{number} people, "),
    "incident tables: repeated names": incident(
        "Taliban killed Haqqani in Kabul, ", perpetrator="Taliban", target="Haqqani", location="Kabul"
    ),
    "incident tables: names and modifiers": incident("Taliban ", perpetrator="Taliban", target="Taliban"),
    "incident tables: members of": incident("members of ", perpetrator="Taliban", target="members"),
    "incident tables: initials": incident("{word} ", perpetrator="ABCDE", location="Northern Kabul"),
    "incident tables: killed 12": incident("12 ", target="soldiers"),
}
