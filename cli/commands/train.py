"""The command that trains a model."""

from typing import Annotated

import typer


def train(
    config: Annotated[str, typer.Argument(help="A YAML file, or a bundled config: quickstart, default.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="As in fitting.epochs=3.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the resolved config, and train nothing.")] = False,
) -> None:
    """Trains a model from a config and saves it in the run's folder."""
    from afteraction.train.config import dump_config, load_config

    settings = load_config(config, overrides=overrides or [])
    if dry_run:
        typer.echo(dump_config(settings), nl=False)
        return

    from afteraction.output.articles import print_run
    from afteraction.output.progress import quiet_libraries, training_bar
    from afteraction.training import fit

    quiet_libraries()
    result = fit(settings, resume=resume, callbacks=training_bar())
    if result.main:
        print_run(result)
