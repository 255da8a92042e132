"""The model card: what a model is, what it was trained on, and how it scored there."""

import json
from collections.abc import Mapping

from afteraction.train.config import TrainConfig
from afteraction.train.run_folder import RunFolder


def model_card(config: TrainConfig, *, run: RunFolder, scores: Mapping[str, float]) -> str:
    """Writes the card of a run's model, as Markdown with the hub's header; `scores` are of the development articles."""
    environment = json.loads(run.environment.read_text(encoding="utf-8"))
    files = json.loads(run.data.read_text(encoding="utf-8"))["files"]
    git = environment["git"]
    commit = "unknown" if git is None else git["commit"] + (" with changes" if git["modified"] else "")
    rows = [f"| {name} | {_figure(scores, name)} | {scores[f'{name}_support']:.0f} |" for name in _rows(config)]
    data = [f"- `{name}`: {', '.join(_parts(config, name))}, SHA-256 `{digest}`" for name, digest in files.items()]
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    lines = [
        "---",
        "pipeline_tag: token-classification",
        "library_name: transformers",
        "tags: [afteraction]",
        "---",
        "",
        f"# {config.name}",
        "",
        f"Labels {', '.join(config.labels)} in news articles. Fine-tuned from `{config.encoder}`.",
        "",
        "## Scores on the development articles",
        "",
        "Exact spans with the right label, and their 95 % bootstrap interval over articles. These articles chose the",
        "checkpoint, so expect a little less on others.",
        "",
        "| | precision / recall / F1 | spans |",
        "| --- | --- | --- |",
        *rows,
        "",
        "## Data",
        "",
        *data,
        "",
        "## Provenance",
        "",
        f"Commit {commit}; {packages}; {environment['processor']}, {environment['cores']} cores.",
        f"The whole config is in the run's folder; seed {config.fitting.seed}.",
        "",
        "## Use",
        "",
        "```python",
        "from afteraction.model import Tagger",
        "",
        'for article in Tagger.load("this/folder").predict(["..."]):',
        "    print(article.entities, article.death_toll)",
        "```",
        "",
        "`transformers.pipeline` loads it too, without windows, valid spans, entities and counts.",
        "",
        "## Limits",
        "",
        "It marks what an article says, not what happened. It misses and invents; check what matters against the text.",
        "",
    ]
    return "\n".join(lines)


def _rows(config: TrainConfig) -> list[str]:
    return ["micro", "macro", *config.labels]


def _figure(scores: Mapping[str, float], name: str) -> str:
    figure = " / ".join(f"{scores[f'{name}_{measure}']:.3f}" for measure in ("precision", "recall", "f1"))
    return f"{figure} ({scores[f'{name}_f1_low']:.3f} to {scores[f'{name}_f1_high']:.3f})"


def _parts(config: TrainConfig, name: str) -> list[str]:
    return [
        part for part, names in (("training", config.data.train), ("development", config.data.dev)) if name in names
    ]
