"""Draws the statistics of article files."""

from pathlib import Path
from typing import TYPE_CHECKING

from afteraction.data.checks.statistics import CorpusStats
from afteraction.data.errors import InputError
from afteraction.data.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMATS = {".png": "png", ".svg": "svg"}
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
_HATCHES = ("", "///", "...", "xxx", "\\\\\\", "ooo", "+++", "***")


def draw_stats(stats: CorpusStats, picture: Path) -> None:
    """Draws the labels, lengths and overlaps of some files to a PNG or SVG file, chosen by its suffix.

    Raises:
        InputError: the file has another suffix, or it cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if picture.suffix.lower() not in _FORMATS:
        raise InputError(f"{picture}: cannot tell the format; let its name end in {' or '.join(_FORMATS)}")
    figure = Figure(figsize=(9, 4 + 0.5 * len(stats.files)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplot_mosaic([["labels", "lengths"], ["overlaps", "overlaps"]])
    _draw_labels(axes["labels"], stats)
    _draw_lengths(axes["lengths"], stats)
    _draw_overlaps(axes["overlaps"], stats)
    with mpl.rc_context({"svg.hashsalt": "afteraction"}), atomic_write(picture) as path:
        kind = _FORMATS[picture.suffix.lower()]
        figure.savefig(path, format=kind, dpi=120, metadata={"Date": None} if kind == "svg" else None)


def _draw_labels(axes: "Axes", stats: CorpusStats) -> None:
    _draw_bars(
        axes,
        names=sorted({row.label for file in stats.files for row in file.labels}),
        series={
            Path(file.file).name: {row.label: row.spans / max(file.articles, 1) for row in file.labels}
            for file in stats.files
        },
    )
    axes.set(title="Spans per article")


def _draw_lengths(axes: "Axes", stats: CorpusStats) -> None:
    boxes = [
        {"whislo": low, "q1": lower, "med": median, "q3": upper, "whishi": high, "fliers": []}
        for low, lower, median, upper, high in (file.lengths for file in stats.files)
    ]
    axes.bxp(boxes, orientation="horizontal", showfliers=False, label=None)
    axes.set_yticks(range(1, len(boxes) + 1), [Path(file.file).name for file in stats.files])
    axes.invert_yaxis()
    axes.set(title="Words per article: shortest, quartiles, longest", xlim=(0, None))
    axes.grid(axis="x", alpha=0.3)


def _draw_overlaps(axes: "Axes", stats: CorpusStats) -> None:
    series: dict[str, dict[str, float]] = {}
    for overlap in stats.overlaps:
        pair = f"{Path(overlap.file).name}, seen in {Path(overlap.other).name}"
        series.setdefault(pair, {})[overlap.label] = overlap.spans_seen / overlap.spans
    _draw_bars(axes, names=sorted({overlap.label for overlap in stats.overlaps}), series=series)
    axes.set(title="Share of spans whose text has the same label in the other file", ylim=(0, 1))


def _draw_bars(axes: "Axes", *, names: list[str], series: dict[str, dict[str, float]]) -> None:
    width = 0.8 / max(len(series), 1)
    for position, (title, values) in enumerate(series.items()):
        axes.bar(
            [index + (position - (len(series) - 1) / 2) * width for index in range(len(names))],
            [values.get(name, 0.0) for name in names],
            width,
            label=title,
            color=_COLOURS[position % len(_COLOURS)],
            hatch=_HATCHES[position % len(_HATCHES)],
            edgecolor="white",
        )
    axes.set_xticks(range(len(names)), names, fontsize="small")
    axes.grid(axis="y", alpha=0.3)
    if series:
        axes.legend(fontsize="small")
