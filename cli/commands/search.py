"""The command that searches for better settings."""

from pathlib import Path
from typing import Annotated

import typer


def search(
    config: Annotated[
        str,
        typer.Argument(metavar="CONFIG", help="YAML file, or the name of a bundled config: quickstart, default."),
    ],
    space: Annotated[
        Path, typer.Argument(metavar="SPACE", help="YAML file of the settings to search and their values.")
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Settings that replace those of the config, as in fitting.epochs=3."),
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Number of trials, including those of earlier calls.")] = 20,
) -> None:
    """Search for better settings of a config.

    Each trial is a run. Run the same command again to resume an interrupted search.
    """
    from afteraction.output.lines import print_line
    from afteraction.output.progress import quiet_libraries, training_progress
    from afteraction.output.search import print_search
    from afteraction.training import search as search_settings

    quiet_libraries()
    result = search_settings(
        config,
        space,
        trials=trials,
        overrides=overrides or [],
        make_callbacks=training_progress,
        announce=print_line,
    )
    print_search(result)
