"""Batches windows of similar length up to a token limit, identically on every machine and after every restart."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Sampler

from afteraction.data.tokens import IGNORED
from afteraction.model import WIDTH_STEP, fill_batches, pad_windows, round_width


class TokenBatchSampler(Sampler[list[int]]):
    """Yields batches of examples of similar length, at most `tokens_per_batch` tokens each, padding included.

    Lengths are rounded up to a multiple of `WIDTH_STEP`, and examples of equal rounded length are shuffled. Batches
    that are padded to a rounded length therefore have at most two shapes per width, the same in every epoch.

    The batches of an epoch depend only on the seed, the epoch and the lengths. Every epoch has the same number of
    batches; resuming relies on that. If `empty_share` is below 1, each epoch draws a new sample of the windows without
    a span. All epochs draw the same number of each rounded length. With several processes, each gets every
    `processes`-th batch. If the batches cannot be shared evenly, the first ones of the epoch are repeated at its end.

    Args:
        lengths: the lengths of the examples, in tokens.
        tokens_per_batch: the largest number of tokens in a batch; a longer example is a batch by itself.
        seed: the seed of the shuffling.
        empty: for each example, whether it has no span; by default, all have one.
        empty_share: the share of the examples without a span in each epoch, 0 to 1; rounded up per rounded length.
        rank: the number of this process, from 0.
        processes: the number of processes that share the work.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        *,
        tokens_per_batch: int,
        seed: int,
        empty: Sequence[bool] | None = None,
        empty_share: float = 1.0,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        self._steps = -(-np.asarray(lengths, dtype=np.int64) // WIDTH_STEP)
        self._empty = np.zeros(len(lengths), dtype=np.bool_) if empty is None else np.asarray(empty, dtype=np.bool_)
        self._empty_share = empty_share
        self._seed = seed
        self._rank = rank
        self._processes = processes
        self._epoch = 0
        # Sorted by rounded length, every epoch has the same lengths, and therefore the same cuts between batches.
        in_order = (np.sort(self._steps[self._drawn(np.arange(len(lengths)))]) * WIDTH_STEP).tolist()
        self._cuts = list(fill_batches(in_order, budget=tokens_per_batch))

    def __len__(self) -> int:
        return -(-len(self._cuts) // self._processes)

    def set_epoch(self, epoch: int) -> None:
        """Selects the shuffling of the next iteration."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng((self._seed, self._epoch))
        # Shuffle, then sort stably by length: examples of equal rounded length stay shuffled.
        shuffled = self._drawn(random.permutation(len(self._steps)))
        order = shuffled[np.argsort(self._steps[shuffled], kind="stable")]
        batches = [order[cut].tolist() for cut in self._cuts]
        random.shuffle(batches)
        for index in range(self._rank, len(self) * self._processes, self._processes):
            yield batches[index % len(batches)]

    def _drawn(self, shuffled: NDArray[np.int64]) -> NDArray[np.int64]:
        """Keeps the first examples without a span of each rounded length, up to `empty_share`, and drops the others."""
        kept = np.ones(len(shuffled), dtype=np.bool_)
        is_empty = self._empty[shuffled]
        for length in np.unique(self._steps[self._empty]):
            places = np.flatnonzero(is_empty & (self._steps[shuffled] == length))
            kept[places[math.ceil(self._empty_share * len(places)) :]] = False
        return shuffled[kept]


class EpochLoader(DataLoader[Any]):
    """A loader that passes the epoch number from the Trainer to its sampler."""

    def set_epoch(self, epoch: int) -> None:
        """Selects the shuffling of the next iteration."""
        sampler = self.batch_sampler
        if isinstance(sampler, TokenBatchSampler):
            sampler.set_epoch(epoch)


class Collator:
    """Pads examples to the width that `round_width` returns, and joins them into a batch.

    A batch has:

    - `input_ids` and `labels`, shape (windows, width);
    - `attention_mask`, with the same shape, only if a window is shorter than the width;
    - `unknown`, shape (windows, labels): True for the labels that were not annotated in the window's article;
    - `teacher`, shape (windows, width, tags): the teachers' probabilities, only if there are teachers.
    """

    def __init__(self, pad_id: int, *, window_size: int, label_count: int) -> None:
        self._pad_id = pad_id
        self._window_size = window_size
        self._label_count = label_count

    def __call__(self, examples: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        """Makes a batch."""
        windows = [np.asarray(example["input_ids"]) for example in examples]
        width = round_width(max(len(window) for window in windows), window_size=self._window_size)
        ids, mask = pad_windows(windows, self._pad_id, width=width)
        batch = {"input_ids": torch.from_numpy(ids)}
        if mask is not None:
            batch["attention_mask"] = torch.from_numpy(mask)
        labels = np.full(ids.shape, IGNORED, dtype=np.int64)
        unknown = np.zeros((len(examples), self._label_count), dtype=np.bool_)
        for row, example in enumerate(examples):
            labels[row, : len(example["labels"])] = example["labels"]
            unknown[row, np.asarray(example["unknown"], dtype=np.int64)] = True
        batch |= {"labels": torch.from_numpy(labels), "unknown": torch.from_numpy(unknown)}
        if "teacher" in examples[0]:
            teacher = np.zeros((*labels.shape, 1 + 2 * self._label_count), dtype=np.float32)
            for row, example in enumerate(examples):
                values = np.frombuffer(example["teacher"], dtype=np.float16)
                teacher[row, : len(example["labels"])] = values.reshape(len(example["labels"]), -1)
            batch["teacher"] = torch.from_numpy(teacher)
        return batch
