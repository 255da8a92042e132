"""What searches and training with several seeds share: both train one run after another, and resume after a kill."""

import os
import shutil
from collections.abc import Callable
from typing import TypeVar

from afteraction.data import InputError
from afteraction.train.config import TrainConfig
from afteraction.train.run_folder import DamagedRunError

Announce = Callable[[str], None]
"""Shows a line about the progress of a series."""

T = TypeVar("T")


def no_announcement(_line: str) -> None:
    """Shows nothing."""


def one_process(what: str) -> None:
    """Refuses to run a series in several processes: they would train the same runs in the same folders.

    Raises:
        InputError: `torchrun` or `accelerate launch` started more than one process.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise InputError(f"{what} trains in one process; start it without torchrun and accelerate launch")


def train_or_restart(config: TrainConfig, train: Callable[[TrainConfig], T], *, announce: Announce) -> T:
    """Calls `train` with a config. If the run's folder is damaged, it is removed, and `train` is called once more.

    The result of a run does not depend on interruptions, so only time is lost.
    """
    try:
        return train(config)
    except DamagedRunError as error:
        announce(f"{str(error).partition(';')[0]}; the run starts again")
        shutil.rmtree(config.folder)
        return train(config)
