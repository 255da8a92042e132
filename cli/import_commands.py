"""`afteraction data import`: a command for each format that annotation comes in."""

import typer

import_app = typer.Typer(help="Turn annotation made elsewhere into article files.", rich_markup_mode=None)
