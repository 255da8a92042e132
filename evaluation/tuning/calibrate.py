"""Calibrates a model folder: fits its temperature and thresholds, and records the result."""

import json
from dataclasses import dataclass
from pathlib import Path

from afteraction.data import InputError, read_articles, resolve
from afteraction.data.files import sha256
from afteraction.evaluation.tuning.thresholds import (
    Choose,
    best_f1,
    same_number,
    wanted_precision,
    wanted_recall,
)
from afteraction.evaluation.tuning.tuning import Tuning, tune
from afteraction.model import Tagger, save_settings
from afteraction.model.card import write_calibration_record


@dataclass(frozen=True, slots=True)
class Goal:
    """The rule by which thresholds are chosen, and the same rule in words."""

    choose: Choose
    words: str


def goal_of(*, min_precision: float | None = None, min_recall: float | None = None, same_spans: bool = False) -> Goal:
    """Returns the goal of a minimum precision or recall, of the same spans as before, or by default of the best F1.

    Raises:
        InputError: more than one goal is given.
    """
    if (min_precision is not None) + (min_recall is not None) + same_spans > 1:
        raise InputError("give only one of --min-precision, --min-recall and --same-spans")
    if same_spans:
        return Goal(same_number, "the same number of spans as before")
    if min_precision is not None:
        return Goal(wanted_precision(min_precision), f"a precision of at least {min_precision}")
    if min_recall is not None:
        return Goal(wanted_recall(min_recall), f"a recall of at least {min_recall}")
    return Goal(best_f1, "the best F1")


def calibrate_model(folder: Path, gold: str, *, goal: Goal | None = None, device: str = "cpu") -> Tuning:
    """Fits the temperature and thresholds of a model folder on gold articles and writes them into the folder.

    `afteraction.json` receives the settings. `calibration.json` receives what they were fitted on and what they
    change. The model card receives a section about it, unless somebody has edited the card.

    Args:
        folder: the model folder.
        gold: the name of gold articles that the model was not trained on.
        goal: the rule for choosing thresholds; None for the best F1.
        device: where the model runs.

    Raises:
        InputError: the folder or the articles are invalid.
    """
    goal = goal or goal_of()
    path = resolve(gold)
    tagger = Tagger.load(folder, device=device, precision="float32")
    tuning = tune(tagger, list(read_articles(path)), choose=goal.choose)
    record = {"gold": gold, "sha256": sha256(path), "goal": goal.words, **tuning.record()}
    write_calibration_record(folder, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    fitted = {"temperature": tuning.temperature, "thresholds": tuning.thresholds}
    save_settings(folder, tagger.settings.model_copy(update=fitted))
    return tuning
