"""Trains a model from a config, and saves it in the run's folder.

`fit` does everything. Its steps can also be called one by one: `prepare` (`preparation.py`) reads and checks everything
that a config names, `build_trainer` sets up the Trainer, and `finish` saves the model and its record.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from transformers import PreTrainedModel, TrainerCallback, TrainingArguments

from afteraction.data import InputError
from afteraction.data.files import atomic_write, full_disk_reported
from afteraction.data.locks import lock_folder
from afteraction.data.tokens import Examples
from afteraction.model import save_model
from afteraction.model.card import CardScore, DataFile, TrainingRecord, write_training_record
from afteraction.model.kernels import use_byte_dropout
from afteraction.model.memory import is_out_of_memory
from afteraction.train.callbacks import read_log, standard_callbacks
from afteraction.train.config import ConfigError, TrainConfig
from afteraction.train.config_files import dump_config
from afteraction.train.curves import draw_curves
from afteraction.train.preparation import Prepared, prepare
from afteraction.train.run_folder import RunFolder, check_processes, check_run, open_run
from afteraction.train.scores import ARTICLE_THRESHOLD, CHOSEN_BY, DevScores, Score, best_evaluation, best_scores
from afteraction.train.trainer import WindowTrainer

_log = logging.getLogger(__name__)

LOG_STEPS = 5
"""The number of steps between the losses in the training log."""


class DivergedError(InputError):
    """Training overflowed: the learning rates are too high."""


@dataclass(frozen=True, slots=True)
class FitResult:
    """A finished run: its folder, its development scores, and the examples that it was trained on."""

    run: RunFolder
    scores: DevScores
    examples: Examples
    main: bool
    """Whether this process reports the result, if several processes train together."""


def fit(
    config: TrainConfig,
    *,
    score: Score,
    resume: bool = False,
    cache: Path | None = None,
    callbacks: Sequence[TrainerCallback] = (),
) -> FitResult:
    """Trains a model, and saves the checkpoint with the best score on the development articles.

    If started by `torchrun` or `accelerate launch`, each process trains on its share of the batches of every step.

    Args:
        config: all settings.
        score: scores predictions for the development articles; its `micro.f1` chooses the checkpoint.
        resume: continue from the run's last checkpoint, if it has one. The result is that of an uninterrupted run.
        cache: the folder in which examples are cached; `default_cache()` if None.
        callbacks: further callbacks of transformers, such as a progress bar.

    Raises:
        InputError: the config, an article file or the encoder is wrong, or the learning rates are so high that
            training overflows; a batch does not fit in memory; another process trains in the run's folder; or the
            disk is full.
    """
    prepared = prepare(config, cache=cache)
    config = prepared.config
    # Not earlier, so that no run is left behind if `prepare` raises an error.
    arguments = training_arguments(config)
    main = arguments.process_index == 0
    if main:
        check_run(config, resume=resume)  # before there is a lock in the folder
    with lock_folder(config.folder) if main else nullcontext(), full_disk_reported(config.folder):
        with arguments.main_process_first(desc="open the run"):
            run = open_run(config, resume=resume) if main else RunFolder(config.folder)
        if run.finished:
            _log.info("%s is finished already; its scores are read from its log", run.path)
            scores = best_scores(read_log(run.log), labels=config.labels)
        else:
            trainer = build_trainer(prepared, arguments=arguments, run=run, score=score, callbacks=callbacks)
            scores = _train(prepared, trainer, run=run, resume=resume, main=main)
    _leave_group()
    return FitResult(run=run, scores=scores, examples=prepared.examples, main=main)


def _train(prepared: Prepared, trainer: WindowTrainer, *, run: RunFolder, resume: bool, main: bool) -> DevScores:
    """Trains to the end, saves the model, and returns its scores."""
    checkpoint = run.last_checkpoint() if resume else None
    if checkpoint:
        check_processes(run, checkpoint, processes=trainer.args.world_size)
        _log.info("resuming from %s", checkpoint)
    elif resume:
        _log.info("%s has no checkpoint to resume from; training starts at the beginning", run.path)
    try:
        if checkpoint is None or not trainer.restore_stopped(checkpoint):
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        # The batch is not halved as in prediction: sums would be rounded differently, and the weights would differ.
        tokens = prepared.config.fitting.tokens_per_batch
        raise ConfigError(
            f"fitting.tokens_per_batch: training with {tokens} does not fit in memory; set it lower and choose another "
            "name=, or end other programs and give --resume"
        ) from None
    scores = best_scores(trainer.state.log_history, labels=prepared.config.labels)
    _check_weights(prepared.tagger.model)
    if main:
        threshold = best_evaluation(trainer.state.log_history)[f"eval_{ARTICLE_THRESHOLD}"]
        finish(prepared, run=run, scores=scores, article_threshold=threshold)
    return scores


def build_trainer(
    prepared: Prepared,
    *,
    arguments: TrainingArguments,
    run: RunFolder,
    score: Score,
    callbacks: Sequence[TrainerCallback] = (),
) -> WindowTrainer:
    """Returns the Trainer of a run, with the standard callbacks and the given ones."""
    config = prepared.config
    if arguments.device.type == "cpu":
        use_byte_dropout(prepared.tagger.model)
    main = arguments.process_index == 0
    standard = standard_callbacks(config, log=run.log, tensorboard=run.tensorboard, main=main)
    return WindowTrainer(
        tagger=prepared.tagger,
        args=arguments,
        config=config,
        examples=prepared.examples,
        dev=prepared.dev,
        score=score,
        callbacks=[*standard, *callbacks],
    )


def finish(prepared: Prepared, *, run: RunFolder, scores: DevScores, article_threshold: float) -> None:
    """Saves a trained model, its record and card, the curves, and finally the result, which marks the run as finished.

    The article threshold becomes part of the model's settings.
    """
    files = json.loads(run.data.read_text(encoding="utf-8"))["files"]
    misaligned = [asdict(item) for item in prepared.examples.misaligned]
    _write_json(run.data, {"files": files, "misaligned": misaligned})
    tagger = prepared.tagger
    settings = tagger.settings.model_copy(update={"article_threshold": article_threshold})
    save_model(run.model, model=tagger.model, tokenizer=tagger.tokenizer, settings=settings)
    write_training_record(run.model, _training_record(prepared.config, run=run, files=files, scores=scores))
    draw_curves(run.log, run.curves)
    _write_json(run.result, {"scores": {name: asdict(row) for name, row in scores.rows().items()}})


def training_arguments(config: TrainConfig) -> TrainingArguments:
    """Returns transformers' settings for a run. Creating them starts the process group if there are several processes.

    Args:
        config: the settings of the run, as `prepare` returns them.
    """
    fitting = config.fitting
    when = "epoch" if fitting.evaluate_steps is None else "steps"
    steps = fitting.evaluate_steps or 1
    return TrainingArguments(
        output_dir=str(RunFolder(config.folder).checkpoints),
        # Otherwise, several processes on a machine without an accelerator would each train alone.
        use_cpu=not torch.accelerator.is_available(),
        num_train_epochs=fitting.epochs,
        learning_rate=config.optimizer.learning_rate,
        warmup_steps=config.optimizer.warmup,
        max_grad_norm=config.optimizer.max_gradient_norm,
        lr_scheduler_type="linear",
        bf16=fitting.precision == "bfloat16",
        seed=fitting.seed,
        logging_steps=LOG_STEPS,
        logging_first_step=True,
        eval_strategy=when,
        eval_steps=steps,
        save_strategy=when,
        save_steps=steps,
        save_total_limit=2,  # the best checkpoint and the last one
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


def _check_weights(model: PreTrainedModel) -> None:
    if not all(bool(parameter.isfinite().all()) for parameter in model.parameters()):
        raise DivergedError("training overflowed and left weights that are not finite: set lower learning rates")


def _leave_group() -> None:
    """Leaves the process group, if there is one, after all processes have reached this point.

    Otherwise, Gloo's threads may still run when Python exits, and can abort a process that has finished.
    """
    if torch.distributed.is_initialized():
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def _training_record(
    config: TrainConfig, *, run: RunFolder, files: Mapping[str, str], scores: DevScores
) -> TrainingRecord:
    names_of_role = {
        "training": config.data.train,
        "development": config.data.dev,
        "unlabelled": config.distillation.texts,
    }
    return TrainingRecord(
        name=config.name,
        encoder=config.encoder,
        labels=config.labels,
        data=tuple(
            DataFile(name=name, roles=roles, sha256=checksum)
            for name, checksum in files.items()
            if (roles := tuple(role for role, names in names_of_role.items() if name in names))
        ),
        scores=tuple(CardScore(name=name, **asdict(row)) for name, row in scores.rows().items()),
        config=yaml.safe_load(dump_config(config)),
        environment=json.loads(run.environment.read_text(encoding="utf-8")),
    )


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
