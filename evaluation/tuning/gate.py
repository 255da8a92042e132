"""Fits the gate of a model: a logistic regression on the words of articles, with a threshold that keeps the recall."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from afteraction.data import Article, DataError, read_named
from afteraction.data.files import atomic_write
from afteraction.model.gate import GATE_FILE, Gate, Share, is_skipped, words_of
from afteraction.model.saving import read_settings

FOLDS = 5
RECALL = 0.99
"""The share of the articles with spans that pass, by cross-validation."""

_FEWEST = 50
"""The smallest number of articles with spans, and of articles without, that a gate is fitted on."""

_RAREST = 2
"""The smallest number of articles that must contain a word for it to count."""

_COST = 10.0
"""The weight of the fit relative to the L2 penalty. Of 3, 10 and 30, it is the best on the bundled articles."""

_SEED = 1

Flags = NDArray[np.bool_]


def make_gate(folder: Path, names: Sequence[str], *, recall: float = RECALL) -> Gate:
    """Fits the gate of a model folder on articles and writes it into the folder.

    Args:
        folder: the model folder.
        names: files of articles with and without spans, annotated or labelled by the model itself; or bundled ones such
            as `bundled:train`. The more similar they are to the archive, the better.
        recall: the share of the articles with spans that must pass.

    Raises:
        ModelError: there is no such model folder.
        DataError: an article file is wrong, or there are too few articles with or without spans.
    """
    read_settings(folder)  # a gate in any other folder would never be used
    gate = fit_gate(list(read_named(names)), data=names, recall=recall)
    with atomic_write(folder / GATE_FILE) as temporary:  # without indentation, since it has thousands of numbers
        temporary.write_text(gate.model_dump_json() + "\n", encoding="utf-8")
    return gate


def fit_gate(articles: Sequence[Article], *, data: Sequence[str], recall: float = RECALL) -> Gate:
    """Fits a gate.

    The threshold, the recall and the share of other articles that pass are computed from cross-validated scores: each
    article is scored with weights that were fitted without it. The returned weights are fitted on all articles.

    Args:
        articles: articles with and without spans. One without spans that leaves every label of the others unknown, or
            that an earlier gate has kept from being read, is ignored: nobody has looked for its spans.
        data: the names of the files that they come from.
        recall: the share of the articles with spans that must pass.

    Raises:
        DataError: there are too few articles with or without spans.
    """
    labels = {span.label for article in articles for span in article.spans}
    articles = [
        article
        for article in articles
        if article.spans or not (is_skipped(article) or labels <= set(article.unknown_labels))
    ]
    texts = [article.text for article in articles]
    wanted = np.array([bool(article.spans) for article in articles], dtype=bool)
    for count, kind in ((int(wanted.sum()), "with"), (int((~wanted).sum()), "without")):
        if count < _FEWEST:
            raise DataError(f"{', '.join(data)}: {count} articles {kind} spans; a gate needs {_FEWEST}")
    vectors = TfidfVectorizer(analyzer=words_of, sublinear_tf=True, min_df=_RAREST)
    regression = LogisticRegression(C=_COST, tol=1e-8, max_iter=5000)
    pipeline = make_pipeline(vectors, regression)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=_SEED)
    scores = cross_val_predict(pipeline, texts, wanted, cv=folds, method="decision_function")
    missed = int(round((1 - recall) * wanted.sum(), 6))
    threshold = float(np.sort(scores[wanted])[missed])
    pipeline.fit(texts, wanted)
    passed = scores >= threshold
    words = zip(vectors.get_feature_names_out(), vectors.idf_, regression.coef_[0], strict=True)
    return Gate(
        data=tuple(data),
        with_spans=_share(passed[wanted]),
        without=_share(passed[~wanted]),
        threshold=round(threshold, 4),
        bias=round(float(regression.intercept_[0]), 4),
        words={str(word): (round(float(rarity), 3), round(float(weight), 3)) for word, rarity, weight in words},
    )


def _share(passed: Flags) -> Share:
    """Returns a share with its Wilson interval."""
    test = binomtest(int(passed.sum()), len(passed))
    interval = test.proportion_ci(method="wilson")
    return Share(
        passed=int(passed.sum()), articles=len(passed), low=round(interval.low, 4), high=round(interval.high, 4)
    )
