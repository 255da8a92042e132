"""Draws a search: the score of each trial, and how much each setting matters."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

from afteraction.data.files import atomic_write
from afteraction.train.search.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEWEST = 8
"""The fewest finished trials for which importances are computed. With fewer, they would be noise."""


def draw_search(study: Study, picture: Path) -> None:
    """Draws the trials of a study in their order, and the importances of its settings, as a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1)
    _draw_trials(above, study)
    _draw_importances(below, study)
    with atomic_write(picture) as path:
        figure.savefig(path, format="png", dpi=120)


def importances(study: Study) -> dict[str, float]:
    """Returns the importance of each setting, highest first, with a sum of 1; empty if too few trials are finished.

    The measure is PED-ANOVA (Watanabe et al. 2023): how much the values in the best quarter of the finished trials
    differ from those in all of them.
    """
    trials = study.trials()
    if sum(trial.state == "finished" for trial in trials) < _FEWEST:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about few trials, and settings with only one value
        found = get_param_importances(
            study.optuna_study,
            evaluator=PedAnovaImportanceEvaluator(target_quantile=0.25),
            params=sorted(trials[0].settings),
        )
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _draw_trials(axes: "Axes", study: Study) -> None:
    from matplotlib.ticker import MaxNLocator

    trials = study.trials()
    finished = [(trial.number, trial.score) for trial in trials if trial.score is not None]
    numbers = [number for number, _ in finished]
    scores = [score.f1 for _, score in finished]
    for number, score in finished:
        if score.low is not None and score.high is not None:
            axes.plot([number, number], [score.low, score.high], color="tab:blue", alpha=0.3)
    axes.plot(numbers, scores, "o", color="tab:blue", label="finished, with its 95 % interval")
    best = [max(scores[: index + 1]) for index in range(len(scores))]
    axes.step(numbers, best, where="post", color="tab:orange", label="best so far")
    pruned = [(trial.number, trial.evaluations[-1][1]) for trial in trials if trial.state == "pruned"]
    if pruned:
        axes.plot(*zip(*pruned, strict=True), "x", color="tab:gray", label="stopped early, at its last score")
    failed = [trial.number for trial in trials if trial.state == "failed"]
    if failed:
        axes.plot(failed, [0.0] * len(failed), "v", color="tab:red", label="failed")
    axes.set(xlabel="trial", ylabel="development F1", title="Trials")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(loc="best", fontsize="small")


def _draw_importances(axes: "Axes", study: Study) -> None:
    found = importances(study)
    axes.set(title="Importance of each setting for being among the best quarter", xlim=(0, 1))
    if not found:
        axes.text(0.5, 0.5, f"needs {_FEWEST} finished trials", ha="center", va="center", transform=axes.transAxes)
        axes.set_yticks([])
        return
    axes.barh(list(found), list(found.values()), color="tab:blue")
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
