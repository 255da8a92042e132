"""Records where a model comes from: `training.json` for programs, and the model card for people.

Code relies on `training.json`. The card, `README.md`, is rendered from it and from `calibration.json`. No code reads
the card, so people may edit it.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from afteraction.data.files import atomic_write
from afteraction.model.environment import commit_in_words
from afteraction.model.json_files import read_json

_log = logging.getLogger(__name__)

TRAINING = "training.json"
"""The file in a model folder that records how and on what data the model was trained."""

CALIBRATION = "calibration.json"
"""The file in a model folder that records how and on what data its temperature and thresholds were fitted."""

CARD = "README.md"
"""The model card in a model folder."""

M = TypeVar("M", bound=BaseModel)


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataFile(_Record):
    """An article file of a training run: its name in the config, what it was used for, and its checksum."""

    name: str
    roles: tuple[str, ...]
    """`training`, `development`, or `unlabelled` if only teachers labelled it."""
    sha256: str


class CardScore(_Record):
    """The scores of one label, or of one average, on the development articles."""

    name: str
    precision: float
    recall: float
    f1: float
    low: float | None = None
    """The lower end of the 95 % interval of `f1`; None if there is no interval."""
    high: float | None = None
    """The upper end of that interval."""
    support: int


class TrainingRecord(_Record):
    """The content of `training.json`: how a model was trained."""

    name: str
    encoder: str
    labels: tuple[str, ...]
    data: tuple[DataFile, ...]
    scores: tuple[CardScore, ...]
    config: Mapping[str, Any]
    """The run's resolved config."""
    environment: Mapping[str, Any]
    """The value of `describe_environment`."""


class _Interval(BaseModel):
    low: float
    high: float


class _Row(BaseModel):
    f1: float
    f1_interval: _Interval

    def __str__(self) -> str:
        return f"{self.f1:.3f} ({self.f1_interval.low:.3f} to {self.f1_interval.high:.3f})"


class _Scores(BaseModel):
    micro: _Row


class _Reliability(BaseModel):
    error: float


class _Calibration(BaseModel):
    equal_mass: _Reliability


class CalibrationRecord(BaseModel):
    """The part of `calibration.json` that the card shows."""

    gold: str
    sha256: str
    goal: str
    articles: int
    temperature: float
    thresholds: Mapping[str, float]
    scores_before: _Scores
    scores_after: _Scores
    calibration_before: _Calibration
    calibration_after: _Calibration


def write_training_record(folder: Path, record: TrainingRecord) -> None:
    """Writes `training.json` and the card of a model folder."""
    _write(folder / TRAINING, record.model_dump_json(indent=2) + "\n")
    _write(folder / CARD, model_card(record))


def write_calibration_record(folder: Path, content: str) -> None:
    """Writes `calibration.json`, and renders the card again unless somebody has edited it.

    Raises:
        ModelError: the content, or the folder's `training.json`, is not valid.
    """
    record = read_training_record(folder)
    card = folder / CARD
    untouched = record is not None and card.is_file() and card.read_text(encoding="utf-8") == _card_of(folder, record)
    _write(folder / CALIBRATION, content)
    if record is not None and untouched:
        _write(card, _card_of(folder, record))
    else:
        _log.info("%s is left as it is: it was edited, or is not from our training", card)


def read_training_record(folder: Path) -> TrainingRecord | None:
    """Reads the record of a model's training; None if the folder has none, as in models from other programs.

    Raises:
        ModelError: the file is not valid.
    """
    return _read(folder / TRAINING, TrainingRecord)


def read_calibration_record(folder: Path) -> CalibrationRecord | None:
    """Reads the record of a model's calibration; None if the model was never calibrated.

    Raises:
        ModelError: the file is not valid.
    """
    return _read(folder / CALIBRATION, CalibrationRecord)


def model_card(record: TrainingRecord, calibration: CalibrationRecord | None = None) -> str:
    """Returns the model card as Markdown, with the header that the Hugging Face hub reads."""
    environment = record.environment
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    rows = [f"| {row.name} | {_figures(row)} | {row.support} |" for row in record.scores]
    data = [f"- `{file.name}`: {', '.join(file.roles)}, SHA-256 `{file.sha256}`" for file in record.data]
    lines = [
        "---",
        "language: en",
        "pipeline_tag: token-classification",
        "library_name: transformers",
        "tags: [afteraction]",
        "---",
        "",
        f"# {record.name}",
        "",
        f"Labels {', '.join(record.labels)} in English news articles. Fine-tuned from `{record.encoder}`.",
        "",
        "## Intended use",
        "",
        "To turn news archives into data on political violence: who attacked, whom, where, and how many were killed. A",
        "person should check the result. Not for languages other than English, and not as evidence of what happened.",
        "",
        "## Scores on the development articles",
        "",
        "A span is correct if its edges and its label are exactly right. Beside F1 is its 95 % bootstrap interval over",
        "articles. These articles chose the checkpoint, so expect slightly lower scores on others.",
        "",
        "| | precision / recall / F1 | spans |",
        "| --- | --- | --- |",
        *rows,
        "",
        *(_calibration_section(calibration) if calibration else ()),
        "## Data",
        "",
        *data,
        "",
        "## Provenance",
        "",
        f"Commit {commit_in_words(environment['git'])}; {packages};",
        f"{environment['processor']}, {environment['cores']} cores.",
        f"The whole config is in `{TRAINING}`.",
        "",
        "## Use",
        "",
        "```python",
        "from afteraction import Tagger",
        "",
        'for article in Tagger.load("this/folder").predict(["..."]):',
        "    print(article.entities, article.death_toll)",
        "```",
        "",
        "Unless it is packed or exported, `transformers.pipeline` loads it too, but without windows for long articles,",
        "valid spans, entities and death tolls.",
        "",
        "## Limits",
        "",
        "It marks what an article says, not what happened. It misses spans and marks wrong ones; check what matters",
        "against the text.",
        "",
    ]
    return "\n".join(lines)


def _calibration_section(record: CalibrationRecord) -> list[str]:
    thresholds = ", ".join(f"{label} {value:.3f}" for label, value in record.thresholds.items())
    error, error_before = record.calibration_after.equal_mass.error, record.calibration_before.equal_mass.error
    after, before = record.scores_after.micro, record.scores_before.micro
    return [
        "## Calibration",
        "",
        f"After training, the temperature and the thresholds were fitted for {record.goal}. The scores above were",
        "measured before that.",
        "",
        f"- Fitted on {record.articles} articles of `{record.gold}`, SHA-256 `{record.sha256}`.",
        f"- Temperature {record.temperature:.3f}; thresholds {thresholds}.",
        f"- Micro F1 of exact spans on these articles {after}, cross-validated; before {before}.",
        f"- Expected calibration error {error:.3f}, cross-validated; before {error_before:.3f}.",
        "",
    ]


def _figures(row: CardScore) -> str:
    figures = f"{row.precision:.3f} / {row.recall:.3f} / {row.f1:.3f}"
    return figures if row.low is None or row.high is None else f"{figures} ({row.low:.3f} to {row.high:.3f})"


def _card_of(folder: Path, record: TrainingRecord) -> str:
    return model_card(record, read_calibration_record(folder))


def _read(path: Path, model: type[M]) -> M | None:
    return read_json(path, model) if path.is_file() else None


def _write(path: Path, content: str) -> None:
    with atomic_write(path) as temporary:
        temporary.write_text(content, encoding="utf-8")
