"""Training: the config, batches, resumable fitting, and the run's folder.

Names are imported on first use, so that a config can be read without importing PyTorch.
"""

from typing import TYPE_CHECKING

from afteraction.data.lazy import lazy_names

if TYPE_CHECKING:
    from afteraction.train.batches import Collator, EpochLoader, TokenBatchSampler
    from afteraction.train.config import (
        ConfigError,
        DataConfig,
        DropoutConfig,
        FittingConfig,
        OptimizerConfig,
        TrainConfig,
    )
    from afteraction.train.config_files import bundled_configs, dump_config, load_config
    from afteraction.train.fitting import FitResult, build_trainer, fit, training_arguments
    from afteraction.train.preparation import Prepared, prepare
    from afteraction.train.run_folder import RunFolder
    from afteraction.train.scores import DevScores, Score, ScoreRow
    from afteraction.train.seeds import SeedRow, SeedsResult, fit_seeds
    from afteraction.train.trainer import WindowTrainer

__all__ = [
    "Collator",
    "ConfigError",
    "DataConfig",
    "DevScores",
    "DropoutConfig",
    "EpochLoader",
    "FitResult",
    "FittingConfig",
    "OptimizerConfig",
    "Prepared",
    "RunFolder",
    "Score",
    "ScoreRow",
    "SeedRow",
    "SeedsResult",
    "TokenBatchSampler",
    "TrainConfig",
    "WindowTrainer",
    "build_trainer",
    "bundled_configs",
    "dump_config",
    "fit",
    "fit_seeds",
    "load_config",
    "prepare",
    "training_arguments",
]

_MODULES = {
    "batches": (
        "Collator",
        "EpochLoader",
        "TokenBatchSampler",
    ),
    "config": (
        "ConfigError",
        "DataConfig",
        "DropoutConfig",
        "FittingConfig",
        "OptimizerConfig",
        "TrainConfig",
    ),
    "config_files": (
        "bundled_configs",
        "dump_config",
        "load_config",
    ),
    "fitting": (
        "FitResult",
        "build_trainer",
        "fit",
        "training_arguments",
    ),
    "preparation": ("Prepared", "prepare"),
    "run_folder": ("RunFolder",),
    "scores": (
        "DevScores",
        "Score",
        "ScoreRow",
    ),
    "seeds": ("SeedRow", "SeedsResult", "fit_seeds"),
    "trainer": ("WindowTrainer",),
}
__getattr__ = lazy_names(
    __name__, {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}
)
