"""Training: the config, batches, fitting with resuming, and the run's folder."""

from afteraction.train.batches import Collator, EpochLoader, TokenBatchSampler
from afteraction.train.config import (
    ConfigError,
    DataConfig,
    DropoutConfig,
    FittingConfig,
    OptimizerConfig,
    TrainConfig,
    bundled_configs,
    dump_config,
    load_config,
)
from afteraction.train.fit import FitResult, Prepared, build_trainer, fit, prepare, training_arguments
from afteraction.train.run_folder import RunFolder
from afteraction.train.scores import DevScores, Score, ScoreRow
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
    "TokenBatchSampler",
    "TrainConfig",
    "WindowTrainer",
    "build_trainer",
    "bundled_configs",
    "dump_config",
    "fit",
    "load_config",
    "prepare",
    "training_arguments",
]
