"""Results on standard output, as tables for people."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from afteraction.data import DEATH_TOLL, LABELS, Article, Entity

if TYPE_CHECKING:
    from afteraction.train import FitResult

_HEADINGS = dict(zip(LABELS, ("who", "whom", "where", "how many"), strict=True))


def print_articles(articles: Iterable[Article]) -> None:
    """Prints each article's record: who, whom, where, how many killed; or its entities by label, if others."""
    console = wide_console()
    for article in articles:
        table = Table(box=box.SIMPLE, show_header=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column()
        table.add_column(justify="right", style="dim", no_wrap=True)
        found = {entity.label for entity in article.entities}
        default = found <= set(LABELS)
        for label in LABELS[:3] if default else sorted(found):
            _add_entities(table, label, [entity for entity in article.entities if entity.label == label])
        if default:
            toll = "no figure" if article.death_toll is None else f"{article.death_toll} killed"
            wordings = [entity for entity in article.entities if entity.label == DEATH_TOLL]
            said = "; ".join(dict.fromkeys(mention for entity in wordings for mention in entity.mentions))
            table.add_row(_HEADINGS[DEATH_TOLL], Text(toll + (f" (the text: {said})" if said else "")), "")
        console.print(Text(article.id, style="bold"), table, sep="\n")


def print_run(result: "FitResult") -> None:
    """Prints where a run lies and how it scored."""
    console = wide_console()
    micro = result.scores.micro
    interval = "" if micro.low is None else f" ({micro.low:.3f} to {micro.high:.3f})"
    console.print(
        f"{result.run.path}: development F1 {micro.f1:.3f}{interval}, the best checkpoint; "
        f"the model is in {result.run.model}"
    )
    if result.examples.misaligned:
        console.print(
            f"{len(result.examples.misaligned)} annotations do not fit subwords; they are listed in {result.run.data}"
        )


def wide_console() -> Console:
    """Standard output for tables, as wide as they need off a terminal."""
    # No markup and no emoji codes: labels, ids and file names may hold brackets and colons of their own.
    plain = partial(Console, highlight=False, markup=False, emoji=False)
    console = plain()
    # Off a terminal there is no width to fit: let a line be as long as it needs to be for tools.
    return console if console.is_terminal else plain(width=10_000)


def _add_entities(table: Table, label: str, entities: list[Entity]) -> None:
    heading = _HEADINGS.get(label, label)
    if not entities:
        table.add_row(heading, "-", "")
    for entity in entities:
        others = [mention for mention in entity.mentions if mention.casefold() != entity.name.casefold()]
        also = f"  (also: {', '.join(others[:3])}{', …' if len(others) > 3 else ''})" if others else ""
        score = "" if entity.score is None else f"{entity.score:.2f}"
        table.add_row(heading, Text.assemble(entity.name, (also, "dim")), score)
        heading = ""
