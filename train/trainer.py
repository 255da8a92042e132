"""transformers' Trainer with our batches, loss, learning rates and score in the places that it leaves for them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import (
    EarlyStoppingCallback,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.integrations.integration_utils import TensorBoardCallback

from afteraction.data import Article
from afteraction.data.tokens import IGNORED, Examples
from afteraction.model import Tagger
from afteraction.train.batches import Collator, EpochLoader, TokenBatchSampler
from afteraction.train.config import OptimizerConfig, TrainConfig
from afteraction.train.dropout import mask_subwords

Score = Callable[[Sequence[Article], Sequence[Article]], Mapping[str, float]]
"""Scores predicted articles against the same articles annotated; `CHOSEN_BY` is among the names it gives."""

CHOSEN_BY = "micro_f1"
"""The score that chooses the best checkpoint."""


class WindowTrainer(Trainer):
    """Trains on windows of like length, and evaluates on whole articles as a user's prediction would.

    Args:
        tagger: holds the model that is trained.
        args: transformers' settings.
        config: ours.
        examples: the windows to train on.
        dev: annotated articles to evaluate on.
        score: what the evaluation measures.
        callbacks: as transformers has them.
    """

    def __init__(
        self,
        *,
        tagger: Tagger,
        args: TrainingArguments,
        config: TrainConfig,
        examples: Examples,
        dev: Sequence[Article],
        score: Score,
        callbacks: Sequence[TrainerCallback],
    ) -> None:
        super().__init__(
            model=tagger.model,
            args=args,
            train_dataset=examples.dataset,
            eval_dataset=examples.dataset,  # asked for, but `evaluate` reads the articles
            compute_loss_func=token_loss,
            callbacks=list(callbacks),
        )
        self.remove_callback(PrinterCallback)
        self._tagger = tagger
        self._config = config
        self._dev = dev
        self._score = score

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Batches by token budget, this process's share of them."""
        dataset: Any = self.train_dataset
        sampler = TokenBatchSampler(
            dataset["length"],
            tokens_per_batch=self._config.fitting.tokens_per_batch,
            seed=self._config.fitting.seed,
            rank=self.args.process_index,
            processes=self.args.world_size,
        )
        collator = Collator(int(self._tagger.tokenizer.pad_token_id or 0))
        return EpochLoader(dataset, batch_sampler=sampler, collate_fn=collator)

    def compute_loss(self, model: Any, inputs: dict[str, torch.Tensor], *arguments: Any, **options: Any) -> Any:
        """The Trainer's, on inputs some of whose subwords are masked.

        Not in the collator: a resumed run fetches its first batch before it restores the random state.
        """
        rate = self._config.dropout.subwords
        if rate:
            mask_id = int(self._tagger.tokenizer.mask_token_id)
            masked = mask_subwords(inputs["input_ids"], inputs["labels"], rate=rate, mask_id=mask_id)
            inputs = inputs | {"input_ids": masked}
        return super().compute_loss(model, inputs, *arguments, **options)

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """AdamW over `parameter_groups`."""
        if self.optimizer is None:
            chosen: Any = self.model if model is None else model
            groups = parameter_groups(
                chosen, config=self._config.optimizer, decayed=set(self.get_decay_parameter_names(chosen))
            )
            self.optimizer = torch.optim.AdamW(groups, lr=self._config.optimizer.learning_rate, fused=True)
        return self.optimizer

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Scores the model on the development articles; every process does, and all get the same."""
        predicted = list(self._tagger.predict(self._dev))
        metrics = {f"eval_{name}": value for name, value in self._score(self._dev, predicted).items()}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class LogBeforeSaving(TrainerCallback):
    """Logs at each checkpoint, since none holds the losses not logged yet: a resumed run's means would differ."""

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Asks for a log where a checkpoint is asked for."""
        control.should_log |= control.should_save

    on_epoch_end = on_step_end


class JsonLinesLog(TrainerCallback):
    """Writes what the Trainer logs as JSON lines; a resumed run takes back what came after its checkpoint.

    The summary that ends a run is left to TensorBoard: its times tell of the process, not of the run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Keeps the entries of the steps done."""
        if state.is_world_process_zero:
            kept = [entry for entry in read_log(self._path) if entry["step"] <= state.global_step]
            lines = [json.dumps(entry) + "\n" for entry in kept] if state.global_step else []
            self._path.write_text("".join(lines), encoding="utf-8")

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Adds an entry."""
        if state.is_world_process_zero and logs and "train_runtime" not in logs:
            entry = {"step": state.global_step, **logs}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


def read_log(path: Path) -> list[dict[str, float]]:
    """The entries of a training log; a last line cut off by a crash is left out."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def parameter_groups(model: torch.nn.Module, *, config: OptimizerConfig, decayed: set[str]) -> list[dict[str, Any]]:
    """The encoder's and the head's parameters, each with and without weight decay, in a fixed order."""
    encoder_prefix = f"{model.base_model_prefix}."
    groups = []
    for in_encoder, rate in ((True, config.learning_rate), (False, config.head_learning_rate)):
        for decays in (True, False):
            parameters = [
                parameter
                for name, parameter in model.named_parameters()
                if parameter.requires_grad
                and name.startswith(encoder_prefix) == in_encoder
                and (name in decayed) == decays
            ]
            weight_decay = config.weight_decay if decays else 0.0
            groups.append({"params": parameters, "lr": rate, "weight_decay": weight_decay})
    return [group for group in groups if group["params"]]


def token_loss(outputs: Any, labels: torch.Tensor, *, num_items_in_batch: torch.Tensor | None = None) -> torch.Tensor:
    """The labelled tokens' loss, summed and divided by how many of them all processes have in this step.

    Cross entropy, or the marginal loss of a token whose tag is open (`LabelScheme.open_tag`).
    """
    logits, tags = outputs["logits"], labels.view(-1)
    logits = logits.view(-1, logits.shape[-1]).float()
    open_tokens = tags < IGNORED
    total = torch.nn.functional.cross_entropy(logits, tags.clamp(min=IGNORED), ignore_index=IGNORED, reduction="sum")
    if open_tokens.any():
        total = total + marginal_loss(logits[open_tokens], IGNORED - tags[open_tokens])
    return total / (num_items_in_batch if num_items_in_batch is not None else (labels != IGNORED).sum())


def marginal_loss(logits: torch.Tensor, unknown: torch.Tensor) -> torch.Tensor:
    """Minus the log of the summed probability of `O` and of all tags of a token's unknown labels, over all tokens.

    The likelihood of a partial annotation for a classifier of single tokens (Tsuboi, Kashima, Mori, Oda and
    Matsumoto, "Training Conditional Random Fields Using Incomplete Annotations", Coling 2008): the annotation rules
    out the other labels, and leaves open which of these tags is right. So no unknown label's logit is pushed down.

    Args:
        logits: shape (tokens, tags), the tags as `LabelScheme` numbers them.
        unknown: shape (tokens,), whose bit k says that label k is unknown.
    """
    bits = torch.arange((logits.shape[-1] - 1) // 2, device=logits.device)
    possible = ((unknown[:, None] >> bits) & 1).bool().repeat_interleave(2, dim=1)
    possible = torch.nn.functional.pad(possible, (1, 0), value=True)
    return (logits.logsumexp(-1) - logits.masked_fill(~possible, -torch.inf).logsumexp(-1)).sum()


def standard_callbacks(config: TrainConfig, *, log: Path, tensorboard: Path, main: bool) -> list[TrainerCallback]:
    """What every run has: its two logs, which the `main` process writes, and early stopping if asked for."""
    from torch.utils.tensorboard import SummaryWriter

    callbacks: list[TrainerCallback] = [LogBeforeSaving(), JsonLinesLog(log)]
    if main:
        callbacks.append(TensorBoardCallback(SummaryWriter(str(tensorboard))))
    if config.fitting.patience is not None:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=config.fitting.patience))
    return callbacks
