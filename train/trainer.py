"""Adapts transformers' Trainer to our batches, loss, learning rates and scores."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import (
    EarlyStoppingCallback,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerState,
    TrainingArguments,
)
from transformers.trainer import TRAINER_STATE_NAME

from afteraction.data import Article
from afteraction.data.tokens import Examples
from afteraction.model import Tagger
from afteraction.model.kernels import plain_attention
from afteraction.train.batches import Collator, EpochLoader, TokenBatchSampler
from afteraction.train.config import OptimizerConfig, TrainConfig
from afteraction.train.losses import distillation_loss, presence_loss, token_loss
from afteraction.train.masking import mask_subwords
from afteraction.train.scores import ARTICLE_THRESHOLD, Score, choose_article_threshold, empty_uncertain


class WindowTrainer(Trainer):
    """Trains on batches of windows of similar length, and evaluates on whole articles, as in prediction.

    Args:
        tagger: the tagger with the model to train.
        args: the settings of transformers.
        config: our own settings.
        examples: the windows to train on.
        dev: the gold articles to evaluate on.
        score: scores the predictions for `dev`.
        callbacks: callbacks of transformers.
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
            eval_dataset=examples.dataset,  # transformers requires one, but our `evaluate` does not use it
            compute_loss_func=token_loss,
            callbacks=list(callbacks),
        )
        self.remove_callback(PrinterCallback)
        self._tagger = tagger
        self._config = config
        self._dev = dev
        self._score = score

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Returns a loader of this process's share of the batches."""
        dataset: Any = self.train_dataset
        sampler = TokenBatchSampler(
            dataset["length"],
            tokens_per_batch=self._config.fitting.tokens_per_batch,
            seed=self._config.fitting.seed,
            empty=dataset["empty"],
            empty_share=self._config.fitting.empty_windows,
            rank=self.args.process_index,
            processes=self.args.world_size,
        )
        collator = Collator(
            int(self._tagger.tokenizer.pad_token_id or 0),
            window_size=self._config.window.size,
            label_count=len(self._config.labels),
        )
        return EpochLoader(dataset, batch_sampler=sampler, collate_fn=collator)

    def compute_loss(self, model: Any, inputs: dict[str, torch.Tensor], *arguments: Any, **options: Any) -> Any:
        """Masks some input subwords, then computes the Trainer's loss.

        The collator cannot mask them, because a resumed run fetches its first batch before it restores the random
        state.
        """
        inputs = dict(inputs)
        # The Trainer passes only the labels to the loss function, so the rest is bound here.
        self.compute_loss_func = partial(self._loss, unknown=inputs.pop("unknown"), teacher=inputs.pop("teacher", None))
        rate = self._config.dropout.subwords
        if rate:
            mask_id = int(self._tagger.tokenizer.mask_token_id)
            inputs["input_ids"] = mask_subwords(inputs["input_ids"], inputs["labels"], rate=rate, mask_id=mask_id)
        faster = self.args.bf16 and self.args.device.type == "cpu"
        with plain_attention(self._tagger.model) if faster else nullcontext():
            return super().compute_loss(model, inputs, *arguments, **options)

    def _loss(
        self,
        outputs: Any,
        labels: torch.Tensor,
        *,
        unknown: torch.Tensor,
        teacher: torch.Tensor | None,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        loss = token_loss(outputs, labels, unknown=unknown, num_items_in_batch=num_items_in_batch)
        if teacher is not None:
            weight, temperature = self._config.distillation.weight, self._config.distillation.temperature
            imitation = distillation_loss(
                outputs, labels, teacher, temperature=temperature, num_items_in_batch=num_items_in_batch
            )
            loss = (1 - weight) * loss + weight * imitation
        if weight := self._config.fitting.presence_loss:
            presence = presence_loss(outputs, labels, unknown=unknown, num_items_in_batch=num_items_in_batch)
            loss = loss + weight * presence
        return loss

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Creates AdamW with the groups of `parameter_groups`."""
        if self.optimizer is None:
            chosen: Any = self.model if model is None else model
            groups = parameter_groups(
                chosen, config=self._config.optimizer, decayed=set(self.get_decay_parameter_names(chosen))
            )
            self.optimizer = torch.optim.AdamW(groups, lr=self._config.optimizer.learning_rate, fused=True)
        return self.optimizer

    def restore_stopped(self, checkpoint: Path) -> bool:
        """Loads the log and the best weights of a run that patience ended at a checkpoint. Returns whether it did.

        The Trainer itself would go on from such a checkpoint: it forgets at its start that training was to stop.
        """
        state = TrainerState.load_from_json(str(checkpoint / TRAINER_STATE_NAME))
        stopping: Any = state.stateful_callbacks.get(EarlyStoppingCallback.__name__)
        patience = self._config.fitting.patience
        if patience is None or stopping["attributes"]["early_stopping_patience_counter"] < patience:
            return False
        self.state = state
        self._load_best_model()
        return True

    def _load_callback_state(self) -> None:
        """Restores callbacks in their order. The Trainer would put early stopping last, behind `StopWhen`."""
        order = [type(callback) for callback in self.callback_handler.callbacks]
        super()._load_callback_state()
        self.callback_handler.callbacks.sort(key=lambda callback: order.index(type(callback)))

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Scores the model on the development articles. Every process does so, and all get the same scores.

        The article threshold with the best score is applied, and is logged with the scores.
        """
        predicted = list(self._tagger.predict(self._dev))
        threshold = choose_article_threshold(self._dev, predicted)
        scores = self._score(self._dev, empty_uncertain(predicted, threshold))
        metrics = {f"eval_{name}": value for name, value in scores.metrics().items()}
        metrics[f"eval_{ARTICLE_THRESHOLD}"] = threshold
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


def parameter_groups(model: torch.nn.Module, *, config: OptimizerConfig, decayed: set[str]) -> list[dict[str, Any]]:
    """Returns the groups of trainable parameters: encoder and head, each with and without weight decay.

    Their order is fixed. Empty groups are left out.
    """
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
