"""The command that trains a model."""

from typing import Annotated

import typer

from afteraction.data import InputError


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
    seeds: Annotated[
        str | None,
        typer.Option(metavar="N,N,...", help="Train one run per seed, and show how much the scores vary."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the complete config instead of training.")] = False,
) -> None:
    """Train a model from a config.

    The model, its scores and its log are saved in the run's folder.
    """
    from afteraction.train.config_files import dump_config, load_config

    settings = load_config(config, overrides=overrides or [])
    if dry_run:
        typer.echo(dump_config(settings), nl=False)
        return

    from afteraction.output.lines import print_line
    from afteraction.output.progress import quiet_libraries, shown_log, training_progress
    from afteraction.output.training import print_run, print_seeds
    from afteraction.training import fit, fit_seeds

    quiet_libraries()
    if seeds is not None:
        print_seeds(
            fit_seeds(settings, _parse(seeds), resume=resume, make_callbacks=training_progress, announce=print_line)
        )
        return
    with shown_log("afteraction.train.distillation"):  # teachers may take long before the first step
        result = fit(settings, resume=resume, callbacks=training_progress())
    # If several processes train together, only one prints.
    if result.main:
        print_run(result)


def _parse(seeds: str) -> list[int]:
    """Reads whole numbers separated by commas."""
    for seed in seeds.split(","):
        if not seed.strip().isdecimal():
            raise InputError(f"--seeds {seeds}: {seed!r} is not a whole number, as in --seeds 1,2,3")
    return [int(seed) for seed in seeds.split(",")]
