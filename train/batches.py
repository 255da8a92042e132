"""Batches of like length filled by a budget of tokens, the same on every machine and after every restart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Sampler

from afteraction.data.tokens import IGNORED
from afteraction.model import fill_batches, pad_windows

_GRAIN = 16
"""Lengths within this many subwords count as alike, and are shuffled."""


class TokenBatchSampler(Sampler[list[int]]):
    """Batches of examples of like length, at most `tokens_per_batch` tokens each, padding included.

    An epoch's batches depend on the seed, the epoch and the lengths alone, and each epoch has as many as the
    others, which resuming counts on. With several processes each gets every `processes`-th batch; where
    their number does not divide, the epoch's first batches are given again.

    Args:
        lengths: the examples' lengths in tokens.
        tokens_per_batch: the budget; a longer example is a batch of its own.
        seed: of the shuffling.
        rank: this process's number, from 0.
        processes: how many share the work.
    """

    def __init__(
        self, lengths: Sequence[int], *, tokens_per_batch: int, seed: int, rank: int = 0, processes: int = 1
    ) -> None:
        self._grains = -(-np.asarray(lengths, dtype=np.int64) // _GRAIN)
        self._seed = seed
        self._rank = rank
        self._processes = processes
        self._epoch = 0
        # Sorted by grain, the lengths are the same whatever the shuffle, so the cuts between batches are too.
        in_order = (np.sort(self._grains) * _GRAIN).tolist()
        self._cuts = list(fill_batches(in_order, budget=tokens_per_batch))

    def __len__(self) -> int:
        return -(-len(self._cuts) // self._processes)

    def set_epoch(self, epoch: int) -> None:
        """Chooses the shuffle of the next iteration."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng((self._seed, self._epoch))
        shuffled = random.permutation(len(self._grains))
        order = shuffled[np.argsort(self._grains[shuffled], kind="stable")]
        batches = [order[cut].tolist() for cut in self._cuts]
        random.shuffle(batches)
        for index in range(self._rank, len(self) * self._processes, self._processes):
            yield batches[index % len(batches)]


class EpochLoader(DataLoader[Any]):
    """A loader whose sampler learns which epoch begins; the Trainer tells the loader."""

    def set_epoch(self, epoch: int) -> None:
        """Chooses the shuffle of the next iteration."""
        sampler = self.batch_sampler
        if isinstance(sampler, TokenBatchSampler):
            sampler.set_epoch(epoch)


class Collator:
    """Pads examples to a batch.

    A batch has `input_ids` and `labels`, shape (windows, longest); where lengths differ, `attention_mask` of the same
    shape; and `unknown`, shape (windows, labels): which labels nobody looked for in the window's article.
    """

    def __init__(self, pad_id: int, *, label_count: int) -> None:
        self._pad_id = pad_id
        self._label_count = label_count

    def __call__(self, examples: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        """Makes one batch."""
        batch = pad_windows([np.asarray(example["input_ids"]) for example in examples], self._pad_id)
        labels = np.full(tuple(batch["input_ids"].shape), IGNORED, dtype=np.int64)
        unknown = np.zeros((len(examples), self._label_count), dtype=np.bool_)
        for row, example in enumerate(examples):
            labels[row, : len(example["labels"])] = example["labels"]
            unknown[row, np.asarray(example["unknown"], dtype=np.int64)] = True
        return batch | {"labels": torch.from_numpy(labels), "unknown": torch.from_numpy(unknown)}
