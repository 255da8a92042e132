"""The command line: registers every command under its name."""

from typing import Annotated

import typer

from afteraction import __version__
from afteraction.commands.archives import merge
from afteraction.commands.archives import table as flat_table
from afteraction.commands.calibrate import calibrate
from afteraction.commands.data_checks import data_app
from afteraction.commands.evaluate import compare, evaluate, spread
from afteraction.commands.export import export
from afteraction.commands.gate import gate
from afteraction.commands.import_corpora import export_standoff, fa_kes, muc4, standoff, wikievents
from afteraction.commands.import_table import table
from afteraction.commands.import_tools import convert, import_app
from afteraction.commands.pack import pack, unpack
from afteraction.commands.precisions import precisions
from afteraction.commands.predict import predict
from afteraction.commands.search import search
from afteraction.commands.suggest import suggest
from afteraction.commands.train import train
from afteraction.commands.view import view

app = typer.Typer(
    help="Find who attacked whom, where, and how many were killed in news articles. Trains, evaluates and runs models.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"afteraction {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    pass


app.add_typer(data_app, name="data")
app.command()(train)
app.command()(search)
app.command()(predict)
app.command()(merge)
app.command("table")(flat_table)
app.command()(evaluate)
app.command()(calibrate)
app.command()(pack)
app.command()(unpack)
app.command()(export)
app.command()(precisions)
app.command()(gate)
app.command()(compare)
app.command()(spread)
app.command()(view)
data_app.command()(suggest)
data_app.command()(convert)
data_app.command()(export_standoff)
import_app.command()(fa_kes)
import_app.command()(muc4)
import_app.command()(standoff)
import_app.command()(wikievents)
import_app.command()(table)
