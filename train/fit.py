"""Training: a config to a run's folder with a model in it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainerCallback, TrainingArguments, set_seed

from afteraction.data import (
    Article,
    DataError,
    InputError,
    LabelScheme,
    SubwordTokenizer,
    build_examples,
    read_named,
    resolve,
)
from afteraction.data.files import atomic_write
from afteraction.data.tokens import Examples, default_cache
from afteraction.model import (
    ModelSettings,
    Tagger,
    build_classifier,
    load_tokenizer,
    locate_encoder,
    positions,
    save_model,
)
from afteraction.train.card import model_card
from afteraction.train.config import ConfigError, TrainConfig
from afteraction.train.curves import draw_curves
from afteraction.train.dropout import use_byte_dropout
from afteraction.train.run_folder import RunFolder, open_run
from afteraction.train.trainer import CHOSEN_BY, Score, WindowTrainer, read_log, standard_callbacks


@dataclass(frozen=True, slots=True)
class FitResult:
    """A finished run: its folder, its development scores by name, and the examples that it trained on."""

    run: RunFolder
    scores: dict[str, float]
    examples: Examples
    main: bool
    """Whether this process is the one that speaks for all."""


def fit(
    config: TrainConfig,
    *,
    score: Score,
    resume: bool = False,
    cache: Path | None = None,
    callbacks: Sequence[TrainerCallback] = (),
) -> FitResult:
    """Trains, keeps the best checkpoint by `score` on the development articles, and saves its model.

    Started by `torchrun` or `accelerate launch`, each process trains on its share of every step's batches.

    Args:
        config: all settings.
        score: what the development articles are scored by; its `micro_f1` chooses the checkpoint.
        resume: go on from the run's last checkpoint, if it has one; the outcome is that of an unbroken run.
        cache: where windowed examples are kept, `default_cache()` if None.
        callbacks: more of transformers' callbacks, such as a progress bar.

    Raises:
        InputError: the config, an article file or the encoder is wrong, or learning rates are so high that no weights
            come out.
    """
    location = locate_encoder(config.encoder)
    tokenizer = load_tokenizer(location)
    scheme = LabelScheme(config.labels)
    dev = _read_dev(config, scheme)
    set_seed(config.fitting.seed)
    model = build_classifier(
        location,
        scheme=scheme,
        hidden_dropout=config.dropout.hidden,
        attention_dropout=config.dropout.attention,
        head_dropout=config.dropout.head,
    )
    _check_encoder(config, model=model, tokenizer=tokenizer)
    examples = build_examples(
        [resolve(name) for name in config.data.train],
        tokenizer=SubwordTokenizer(tokenizer),
        window=config.window,
        scheme=scheme,
        cache=cache or default_cache(),
    )
    if not examples.spans:
        raise DataError(f"data.train: no article of {', '.join(config.data.train)} has a span to learn from")
    # Only now, so that what is refused above leaves no run behind.
    arguments = _arguments(config)
    main = arguments.process_index == 0
    with arguments.main_process_first(desc="open the run"):
        run = open_run(config, resume=resume) if main else RunFolder(config.folder)
    if run.finished:
        _leave_group()
        return FitResult(run=run, scores=_best_scores(read_log(run.log)), examples=examples, main=main)
    model.get_input_embeddings().weight.requires_grad_(config.optimizer.train_embeddings)
    if arguments.device.type == "cpu":
        use_byte_dropout(model)
    settings = ModelSettings(labels=config.labels, window=config.window, whole_words=config.whole_words)
    tagger = Tagger(model=model, tokenizer=tokenizer, settings=settings)
    trainer = WindowTrainer(
        tagger=tagger,
        args=arguments,
        config=config,
        examples=examples,
        dev=dev,
        score=score,
        callbacks=[*standard_callbacks(config, log=run.log, tensorboard=run.tensorboard, main=main), *callbacks],
    )
    checkpoint = run.last_checkpoint() if resume else None
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    scores = _best_scores(trainer.state.log_history)
    if not all(bool(parameter.isfinite().all()) for parameter in model.parameters()):
        raise InputError("training overflowed and left weights that are no numbers: set lower learning rates")
    if main:
        _record_misaligned(run, examples)
        save_model(run.model, model=model, tokenizer=tokenizer, settings=settings)
        (run.model / "README.md").write_text(model_card(config, run=run, scores=scores), encoding="utf-8")
        draw_curves(run.log, run.curves)
    _leave_group()
    return FitResult(run=run, scores=scores, examples=examples, main=main)


def _check_encoder(config: TrainConfig, *, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Refuses settings that the encoder does not go with."""
    limit = positions(model, tokenizer)
    if limit is not None and config.window.size > limit:
        raise ConfigError(f"window.size: {config.window.size} is more than the {limit} positions of {config.encoder}")
    if config.dropout.subwords and tokenizer.mask_token_id is None:
        raise ConfigError(f"dropout.subwords: the tokenizer of {config.encoder} has no mask token; set it to 0")


def _leave_group() -> None:
    """Leaves the processes that train together, if there are any, once all have come this far.

    Gloo's threads that outlive Python's own end can abort a process whose work is done.
    """
    if torch.distributed.is_initialized():
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def _arguments(config: TrainConfig) -> TrainingArguments:
    fitting = config.fitting
    when = "epoch" if fitting.evaluate_steps is None else "steps"
    steps = fitting.evaluate_steps or 1
    return TrainingArguments(
        output_dir=str(RunFolder(config.folder).checkpoints),
        # Without it, several processes on a machine that has no accelerator would each train alone.
        use_cpu=not torch.accelerator.is_available(),
        num_train_epochs=fitting.epochs,
        learning_rate=config.optimizer.learning_rate,
        warmup_steps=config.optimizer.warmup,
        max_grad_norm=config.optimizer.max_gradient_norm,
        lr_scheduler_type="linear",
        bf16=fitting.precision == "bfloat16",
        seed=fitting.seed,
        logging_steps=5,
        logging_first_step=True,
        eval_strategy=when,
        eval_steps=steps,
        save_strategy=when,
        save_steps=steps,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=CHOSEN_BY,
        greater_is_better=True,
        restore_callback_states_from_checkpoint=True,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
        dataloader_pin_memory=False,
        remove_unused_columns=False,
    )


def _read_dev(config: TrainConfig, scheme: LabelScheme) -> list[Article]:
    articles = []
    for name in config.data.dev:
        for article in read_named([name]):
            try:
                for label in (*(span.label for span in article.spans), *article.unknown_labels):
                    scheme.index(label)
            except DataError as error:
                raise DataError(f"{name}: article {article.id!r}: {error}") from None
            articles.append(article)
    if not any(article.spans for article in articles):
        raise DataError(f"data.dev: no article of {', '.join(config.data.dev)} has a span, so no score tells the best")
    return articles


def _best_scores(log: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The scores of the checkpoint that was kept, from the training log."""
    prefix = "eval_"
    evaluations = [entry for entry in log if f"{prefix}{CHOSEN_BY}" in entry]
    if not evaluations:
        raise InputError("the run was never evaluated: fitting.evaluate_steps is more than the steps it has")
    best = max(evaluations, key=lambda entry: entry[f"{prefix}{CHOSEN_BY}"])
    return {name.removeprefix(prefix): value for name, value in best.items() if name.startswith(prefix)}


def _record_misaligned(run: RunFolder, examples: Examples) -> None:
    record = json.loads(run.data.read_text(encoding="utf-8"))
    record["misaligned"] = [asdict(item) for item in examples.misaligned]
    with atomic_write(run.data) as path:
        path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
