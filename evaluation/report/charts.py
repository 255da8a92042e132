"""A report's charts as SVG pictures. Colours that differ in meaning also differ in shape or line style."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from afteraction.evaluation.figures.calibration import Calibration
from afteraction.evaluation.figures.scores import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Charts are drawn in the colours of a light page: blue and vermillion of Okabe and Ito's palette, darkened for white
# paper. The colours are then replaced by variables, so that a dark page can use its own.
_INK, _SYSTEM, _BASELINE = "#1d2228", "#0072b2", "#b34700"
_NAMES = {_INK: "var(--ink)", _SYSTEM: "var(--system)", _BASELINE: "var(--baseline)"}
_STYLE = (
    f"<style>:root{{--ink:{_INK};--system:{_SYSTEM};--baseline:{_BASELINE}}}"
    "@media screen and (prefers-color-scheme:dark){:root{--ink:#e3e6ea;--system:#5bb8f0;--baseline:#ff8f4a}}</style>"
)
_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "afteraction",  # the same picture from the same numbers
    "svg.fonttype": "path",
    "font.size": 11,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "grid.color": _INK,
    "grid.alpha": 0.15,
    "legend.frameon": False,
}
_ROW_INCHES = 0.3


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, and a description of it in words."""

    svg: str
    description: str

    @property
    def address(self) -> str:
        """The picture as a data URL."""
        return f"data:image/svg+xml;base64,{b64encode(self.svg.encode()).decode()}"


def score_chart(groups: Mapping[str, Sequence[Row]], *, baseline: Mapping[str, Row], description: str) -> Chart:
    """Draws one dot for the F1 and one line for its interval per row. A row without items on either side stays empty.

    Args:
        groups: rows under headings. A heading may be empty.
        baseline: the same rows of another system, by name.
        description: what the chart shows, in words.
    """
    lines = sum(len(rows) + bool(heading) for heading, rows in groups.items())
    with _figure(5.6, 0.75 + _ROW_INCHES * lines) as (figure, axes):
        ticks: list[tuple[float, str]] = []
        y = 0.0  # the axis points downwards
        for heading, rows in groups.items():
            if heading:
                axes.text(
                    -0.02, y, heading, ha="right", va="center", weight="bold", transform=axes.get_yaxis_transform()
                )
                y += 1
            for row in rows:
                if row.support + row.predicted:
                    interval = row.f1_interval
                    axes.plot([interval.low, interval.high], [y, y], color=_SYSTEM, linewidth=2.5)
                    axes.plot(row.f1, y, "o", color=_SYSTEM, markersize=7)
                plain = baseline.get(row.name)
                if plain is not None and plain.support + plain.predicted:
                    axes.plot(plain.f1, y, "D", color=_BASELINE, markersize=6, fillstyle="none")
                ticks.append((y, row.name))
                y += 1
        axes.set(xlim=(-0.02, 1.02), ylim=(y - 0.4, -0.6), xlabel="F1, strict", yticks=[tick for tick, _ in ticks])
        axes.set_yticklabels([_clip(name) for _, name in ticks])
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
    return Chart(_svg(figure), description)


def reliability_chart(calibration: Calibration) -> Chart:
    """Draws the share of right spans against their mean score, and the diagonal of perfectly calibrated scores."""
    bins = calibration.equal_mass.bins
    with _figure(4.2, 4.2) as (figure, axes):
        axes.plot([0, 1], [0, 1], "--", color=_INK, linewidth=1, label="score = share of right spans")
        axes.plot(
            [part.mean_score for part in bins],
            [part.right for part in bins],
            "o-",
            color=_SYSTEM,
            label=f"{calibration.spans:,} spans in {len(bins)} bins of similar size",
        )
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="mean score", ylabel="share of right spans", aspect="equal")
        axes.grid()
        axes.legend(loc="upper left", fontsize="small")
    error = calibration.equal_mass.error
    return Chart(_svg(figure), f"Reliability curve: expected calibration error {error:.3f}.")


def threshold_chart(calibration: Calibration, *, support: int) -> Chart:
    """Draws the precision and recall of the spans whose score is at or above each threshold.

    Args:
        calibration: the scores in bins. The lowest score of each bin is a threshold.
        support: the number of gold spans.
    """
    bins = calibration.equal_mass.bins[::-1]
    kept = [*accumulate(part.count for part in bins)]
    right = [*accumulate(part.count * part.right for part in bins)]
    thresholds = [part.low for part in bins]
    with _figure(4.2, 4.2) as (figure, axes):
        precision = [correct / count for correct, count in zip(right, kept, strict=True)]
        axes.plot(thresholds, precision, "o-", color=_SYSTEM, label="precision")
        axes.plot(thresholds, [correct / max(support, 1) for correct in right], "s--", color=_BASELINE, label="recall")
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="lowest score that is kept", aspect="equal")
        axes.grid()
        axes.legend(loc="lower left", fontsize="small")
    return Chart(_svg(figure), "Precision and recall over the lowest score that is kept.")


@contextmanager
def _figure(width: float, height: float) -> Iterator[tuple["Figure", "Axes"]]:
    """Yields a figure of this size in inches, and its axes. The charts' settings apply inside the block."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with rc_context(_SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.subplots()


def _svg(figure: "Figure") -> str:
    from matplotlib import rc_context

    target = StringIO()
    with rc_context(_SETTINGS):
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    # Drop everything before the root element: it refers to a document type on another site.
    svg = target.getvalue()[target.getvalue().index("<svg") :]
    for colour, name in _NAMES.items():
        svg = svg.replace(colour, name)
    opened = svg.index(">") + 1
    return svg[:opened] + _STYLE + svg[opened:]


def _clip(name: str, *, length: int = 26) -> str:
    return name if len(name) <= length else f"{name[: length - 1]}…"
