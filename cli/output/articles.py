"""Prints the records of predicted articles."""

from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from afteraction.data import Article
from afteraction.evaluation import RecordLine, record_lines
from afteraction.model.gate import is_skipped
from afteraction.output.console import wide_console


def print_articles(articles: Iterable[Article]) -> None:
    """Prints the record of each article: who, whom, where, and how many were killed.

    If an article has labels other than the default ones, its entities are printed by label instead.
    """
    console = wide_console()
    for article in articles:
        if is_skipped(article):
            console.print(Text(article.id, style="bold"), "  not read: it did not pass the gate\n", sep="\n")
            continue
        table = Table(box=box.SIMPLE, show_header=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column()
        table.add_column(justify="right", style="dim", no_wrap=True)
        for line in record_lines(article):
            if line.toll is None:
                _add_entities(table, line)
            else:
                _add_toll(table, line, line.toll)
        console.print(Text(article.id, style="bold"), table, sep="\n")


def _add_entities(table: Table, line: RecordLine) -> None:
    """Adds one row per entity, with up to three other names in brackets. Only the first row has the heading."""
    if not line.entities:
        table.add_row(line.heading, "-", "")
    for index, entity in enumerate(line.entities):
        others = ", ".join(entity.others[:3]) + (", …" if len(entity.others) > 3 else "")
        name = Text.assemble(entity.name, (f"  (also: {others})" if others else "", "dim"))
        table.add_row(line.heading if index == 0 else "", name, _in_digits(entity.score))


def _add_toll(table: Table, line: RecordLine, toll: str) -> None:
    """Adds the death toll, with the phrases of the text that state it."""
    phrases = "; ".join(dict.fromkeys(phrase for entity in line.entities for phrase in (entity.name, *entity.others)))
    table.add_row(line.heading, Text(toll + (f" (the text: {phrases})" if phrases else "")), _in_digits(line.score))


def _in_digits(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"
