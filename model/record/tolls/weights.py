"""Reads and formats the weights of the features, a YAML file with one line per feature."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from afteraction.data import DataError
from afteraction.model.record.tolls.features import FEATURES

WEIGHTS_FILE = Path(__file__).with_name("weights.yaml")
"""The weights that are installed with the package."""

_HEAD = """\
# The weights of the features by which the death toll of an article is chosen. `make tolls` writes this file; what each
# feature says is in features.py.
"""


def read_weights(path: Path) -> dict[str, float]:
    """Reads the weights.

    Raises:
        DataError: the file does not give a number for each feature.
    """
    try:
        weights = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise DataError(f"{path}: cannot be read as YAML: {error}") from None
    if not isinstance(weights, dict) or set(weights) != set(FEATURES):
        names = set(FEATURES) ^ set(weights if isinstance(weights, dict) else ())
        raise DataError(f"{path}: not the weights of the features ({', '.join(sorted(names))}); run `make tolls`")
    if not all(isinstance(weight, int | float) for weight in weights.values()):
        raise DataError(f"{path}: a weight is not a number; run `make tolls`")
    return {name: float(weight) for name, weight in weights.items()}


def format_weights(weights: Mapping[str, float]) -> str:
    """Returns the content of a weights file, with the features in the order of `FEATURES`."""
    return _HEAD + "".join(f"{name}: {weights[name]:.3f}\n" for name in FEATURES)


@cache
def learned_weights() -> Mapping[str, float]:
    """Returns the weights that are installed with the package."""
    return read_weights(WEIGHTS_FILE)
