"""The command that trains a model."""

from typing import Annotated

import typer


def train(
    config: Annotated[
        str,
        typer.Argument(metavar="CONFIG", help="YAML file, or the name of a bundled config: quickstart, default."),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Settings that replace those of the config, as in fitting.epochs=3."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the run's last checkpoint.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the complete config instead of training.")] = False,
) -> None:
    """Train a model from a config.

    The model, its scores and its log are saved in the run's folder.
    """
    from afteraction.train.config import dump_config, load_config

    settings = load_config(config, overrides=overrides or [])
    if dry_run:
        typer.echo(dump_config(settings), nl=False)
        return

    from afteraction.output.progress import quiet_libraries, training_progress
    from afteraction.output.training import print_run
    from afteraction.training import fit

    quiet_libraries()
    result = fit(settings, resume=resume, callbacks=training_progress())
    # Of several training processes, one prints.
    if result.main:
        print_run(result)
