"""Scores the choice of death tolls by cross-validation over articles, next to the first mention and a plain rule.

    python bench/tolls.py FILES... [--predicted FILES...] [--examples FILE] [--folds 5]

Every article is scored by weights that were fitted without it. An article's fold is a hash of its id.
`--predicted` takes the same articles labelled by a model, and tolls are chosen from the model's spans too. The model
must not have been trained on them. Articles without an attack are left out.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from afteraction.data import DEATH_TOLL, Article, Span, Toll, parse_count, read_named
from afteraction.evaluation import evaluate
from afteraction.model.record.tolls import choose, describe, read_candidates
from afteraction.train.toll_ranker import EXAMPLE_WEIGHT, fit_weights, make_examples, read_examples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--predicted", nargs="*", default=[])
    parser.add_argument("--examples", type=Path, default=Path("train/toll_examples.txt"))
    parser.add_argument("--folds", type=int, default=5)
    arguments = parser.parse_args()
    gold = [article for article in read_named(arguments.files) if article.spans]
    predicted = {article.id: article for article in read_named(arguments.predicted)}
    examples = read_examples(arguments.examples)
    chosen: dict[str, dict[str, Toll | None]] = {"gold spans": {}, "first mention": {}, "predicted spans": {}}
    for fold in range(arguments.folds):
        inside = [article for article in gold if fold_of(article.id, arguments.folds) == fold]
        outside = [article for article in gold if fold_of(article.id, arguments.folds) != fold]
        lessons = [*make_examples(outside, predicted=predicted), *make_examples(examples, weight=EXAMPLE_WEIGHT)]
        weights = fit_weights(lessons)
        for article in inside:
            chosen["gold spans"][article.id] = toll_of(article.text, article.spans, weights)
            chosen["first mention"][article.id] = first_mention(article)
            if article.id in predicted:
                spans = predicted[article.id].spans
                chosen["predicted spans"][article.id] = toll_of(article.text, spans, weights)
    show(gold, chosen)


def fold_of(article_id: str, folds: int) -> int:
    """Returns the fold of an article, which does not depend on the others."""
    return int(sha256(article_id.encode()).hexdigest(), 16) % folds


def toll_of(text: str, spans: Sequence[Span], weights: Mapping[str, float]) -> Toll | None:
    """Returns the toll that these weights choose."""
    if not spans:
        return None
    reading = read_candidates(text, spans)
    return choose([candidate.toll for candidate in reading.candidates], describe(reading), weights).toll


def first_mention(article: Article) -> Toll | None:
    """Returns the toll of the first DEATH_TOLL span that can be read."""
    read = (parse_count(article.surface(span)) for span in article.spans if span.label == DEATH_TOLL)
    return next((toll for toll in read if toll is not None), None)


def show(gold: Iterable[Article], chosen: Mapping[str, Mapping[str, Toll | None]]) -> None:
    """Prints the scores of each way to choose, by source."""
    sources: dict[str, list[Article]] = {}
    for article in gold:
        sources.setdefault(str(article.meta.get("source", "?")), []).append(article)
    table = Table(box=box.SIMPLE)
    for heading in ("source", "articles", "tolls", "exact", "overlap", "log error"):
        table.add_column(heading, justify="left" if heading in ("source", "tolls") else "right")
    for source, articles in sources.items():
        for way, tolls in chosen.items():
            known = [article for article in articles if article.id in tolls]
            if not known:
                continue
            pairs = [article.with_fields(death_toll=tolls[article.id]) for article in known]
            scores = evaluate(known, pairs, samples=100).tolls
            error = "" if scores.log_error is None else f"{scores.log_error:.3f}"
            row = (source, str(len(known)), way, f"{scores.exact.f1:.3f}", f"{scores.overlap.f1:.3f}", error)
            table.add_row(*row)
            if way == "gold spans" and scores.rule is not None:
                rule, plain = scores.rule, "" if scores.rule.log_error is None else f"{scores.rule.log_error:.3f}"
                table.add_row(
                    source, str(len(known)), "plain rule", f"{rule.exact.f1:.3f}", f"{rule.overlap.f1:.3f}", plain
                )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
