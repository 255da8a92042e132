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
from afteraction.train.dropout import ByteDropout, mask_subwords, use_byte_dropout
from afteraction.train.fit import FitResult, fit
from afteraction.train.run_folder import RunFolder
from afteraction.train.trainer import Score, WindowTrainer

__all__ = [
    "ByteDropout",
    "Collator",
    "ConfigError",
    "DataConfig",
    "DropoutConfig",
    "EpochLoader",
    "FitResult",
    "FittingConfig",
    "OptimizerConfig",
    "RunFolder",
    "Score",
    "TokenBatchSampler",
    "TrainConfig",
    "WindowTrainer",
    "bundled_configs",
    "dump_config",
    "fit",
    "load_config",
    "mask_subwords",
    "use_byte_dropout",
]
