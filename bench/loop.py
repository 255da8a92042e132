"""Shows whether `suggest` works: two rounds of suggested articles against two rounds of random ones.

    python bench/loop.py OUT                             trains 15 models, and scores them on bundled:voa-dev
    python bench/loop.py OUT --gold bundled:voa-test     scores them on other articles

For each seed, both ways begin with the same random VOA articles of bundled:train. In each round, one way adds the
articles that `suggest` chooses with the latest model, and the other adds the next ones in a random order. A fifth of
bundled:voa-dev is used to choose checkpoints and is not scored. The settings are those of the quickstart, with more
epochs and smaller batches, since few articles need more steps. A finished training is not repeated, and an interrupted
one resumes.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from afteraction.data import LABELS, Article, read_articles, read_named, write_articles
from afteraction.evaluation.counting.pairs import pair_articles
from afteraction.evaluation.counting.spans import STRICT, count_mentions
from afteraction.evaluation.counting.tally import Tally
from afteraction.evaluation.figures.bootstrap import Floats, bootstrap_totals
from afteraction.evaluation.figures.scores import interval, rates
from afteraction.model import Tagger, suggest
from afteraction.output.progress import quiet_libraries
from afteraction.train import load_config
from afteraction.training import fit

SEEDS = (0, 1, 2)
NUMBER = 60
"""The number of articles at the start, and the number that each round adds."""

WAYS = ("suggested", "random")
EPOCHS = (20, 10, 7)
"""The epochs at the start and in each round: about 250 steps on random articles, however many there are."""

SETTINGS = (
    "fitting.tokens_per_batch=512",
    "fitting.evaluate_steps=60",
    "fitting.patience=null",
    "fitting.precision=bfloat16",
)
DEV = "bundled:voa-dev"
SAMPLES = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--gold", default=DEV)
    arguments = parser.parse_args()
    quiet_libraries()
    pool = [article for article in read_named(["bundled:train"]) if article.meta["source"] == "voa"]
    dev = list(read_named([DEV]))[::5]
    folders = {seed: arguments.output / f"seed-{seed}" for seed in SEEDS}
    for seed, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        write_articles(dev, folder / "dev.jsonl")
        for way in WAYS:
            run_loop(pool, way=way, folder=folder, seed=seed)
    known = {article.id for article in dev}
    gold = [article for article in read_named([arguments.gold]) if article.id not in known]
    Console(width=120).print(scored(gold, list(folders.values()), name=arguments.gold))


def run_loop(pool: Sequence[Article], *, way: str, folder: Path, seed: int) -> None:
    """Trains a model on the first articles, then one model per round of adding articles."""
    order = np.random.default_rng(seed).permutation(len(pool)).tolist()
    annotated: list[Article] = []
    name = ""
    for number, epochs in enumerate(EPOCHS):
        model, name = folder / name / "model", f"{way}-{number}" if number else "start"
        written = folder / f"{name}.jsonl"
        if written.exists():
            annotated = list(read_articles(written))
        elif number == 0 or way == "random":
            annotated = [pool[position] for position in order[: NUMBER * (number + 1)]]
        else:
            annotated = [*annotated, *chosen(pool, annotated, model=model, seed=seed)]
        write_articles(annotated, written)
        data = (f"data.train=[{written}]", f"data.dev=[{folder / 'dev.jsonl'}]")
        overrides = (f"runs={folder}", f"name={name}", *data, *SETTINGS, f"fitting.epochs={epochs}")
        fit(load_config("quickstart", overrides=[*overrides, f"fitting.seed={seed}"]), resume=True)


def chosen(pool: Iterable[Article], annotated: Sequence[Article], *, model: Path, seed: int) -> list[Article]:
    """Returns the articles that `suggest` chooses, with their annotation from the pool."""
    known = {article.id for article in annotated}
    rest = {article.id: article for article in pool if article.id not in known}
    suggestions = suggest(
        Tagger.load(model, precision="bfloat16"), rest.values(), number=NUMBER, annotated=annotated, seed=seed
    )
    return [rest[suggestion.article.id] for suggestion in suggestions.chosen]


def scored(gold: Sequence[Article], folders: Sequence[Path], *, name: str) -> Table:
    """Returns a table of the strict micro F1 after each round, with intervals over articles."""
    table = Table(title=f"Strict micro F1 on {name} ({len(gold)} articles)", box=box.SIMPLE, title_justify="left")
    for heading in ("round", "articles", "spans", "F1", "95 % interval", "of each seed"):
        table.add_column(heading, justify="right")
    rounds = {f"{way}-{number}": f"{number}, {way}" for number in range(1, len(EPOCHS)) for way in WAYS}
    drawn, observed = {}, {}
    for run, title in {"start": "start", **rounds}.items():
        trained = [list(read_articles(folder / f"{run}.jsonl")) for folder in folders]
        spans = [sum(len(article.spans) for article in articles) for articles in trained]
        counts = np.stack([counted(gold, folder / run / "model") for folder in folders], axis=1)
        # The same draws of articles for all seeds and rounds, so that differences are paired.
        drawn[run] = rates(bootstrap_totals(counts, samples=SAMPLES, seed=0))[2]
        observed[run] = rates(counts.sum(axis=0))[2]
        table.add_row(title, str(len(trained[0])), f"{np.mean(spans):.0f}", *figures(observed[run], drawn[run]))
    for number in range(1, len(EPOCHS)):
        ours, theirs = (f"{way}-{number}" for way in WAYS)
        differences = figures(observed[ours] - observed[theirs], drawn[ours] - drawn[theirs])
        table.add_row(f"{number}, difference", "", "", *differences)
    return table


def counted(gold: Sequence[Article], model: Path) -> Floats:
    """Returns the credit, predicted spans and gold spans of each article, with shape (articles, 3)."""
    tally = Tally(count_mentions)
    for pair in pair_articles(gold, Tagger.load(model, precision="bfloat16").predict(gold)):
        tally.add(*pair)
    return tally.counts(levels=[STRICT], labels=LABELS)[:, 0, -1]


def figures(observed: Floats, drawn: Floats) -> tuple[str, str, str]:
    """Returns a figure's mean over seeds, its interval over articles, and its value for each seed."""
    bounds = interval(drawn.mean(axis=1))
    seeds = ", ".join(f"{value:.3f}" for value in observed)
    return f"{observed.mean():.3f}", f"{bounds.low:.3f} to {bounds.high:.3f}", seeds


if __name__ == "__main__":
    main()
