"""Draws the curves of a training run."""

from pathlib import Path

from afteraction.data.files import atomic_write
from afteraction.train.callbacks import read_log
from afteraction.train.scores import CHOSEN_BY


def draw_curves(log: Path, picture: Path) -> None:
    """Draws the loss and the development score of a training log by step, as a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    entries = read_log(log)
    losses = [(entry["step"], entry["loss"]) for entry in entries if "loss" in entry]
    name = f"eval_{CHOSEN_BY}"
    scored = [entry for entry in entries if name in entry]

    figure = Figure(figsize=(7, 6), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True)
    above.plot(*zip(*losses, strict=True) if losses else ([], []), color="tab:blue")
    above.set(ylabel="training loss", title=log.parent.name)
    steps = [entry["step"] for entry in scored]
    below.plot(steps, [entry[name] for entry in scored], color="tab:orange", marker="o", label="micro, strict")
    if scored and f"{name}_low" in scored[0]:
        below.fill_between(
            steps,
            [entry[f"{name}_low"] for entry in scored],
            [entry[f"{name}_high"] for entry in scored],
            color="tab:orange",
            alpha=0.2,
            label="95 % interval over articles",
        )
    below.set(xlabel="step", ylabel="development F1", ylim=(0, 1))
    below.legend(loc="lower right")
    for axes in (above, below):
        axes.grid(alpha=0.3)
    with atomic_write(picture) as path:
        figure.savefig(path, format="png", dpi=120)
