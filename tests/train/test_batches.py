import math
from collections import Counter
from itertools import zip_longest

import numpy as np
import pytest
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data.tokens import IGNORED
from afteraction.train import Collator, EpochLoader, TokenBatchSampler

lengths_of_examples = st.lists(st.integers(1, 300), min_size=1, max_size=60)
budgets = st.integers(16, 1000)
seeds = st.integers(0, 2**32)
epochs = st.integers(0, 1000)


def batches_of(sampler: TokenBatchSampler, epoch: int = 0) -> list[list[int]]:
    sampler.set_epoch(epoch)
    return list(sampler)


@given(lengths_of_examples, budgets, seeds, epochs)
def test_an_epoch_has_every_example_once_within_the_budget(
    lengths: list[int], budget: int, seed: int, epoch: int
) -> None:
    sampler = TokenBatchSampler(lengths, tokens_per_batch=budget, seed=seed)
    batches = batches_of(sampler, epoch)
    assert sorted(example for batch in batches for example in batch) == list(range(len(lengths)))
    assert len(batches) == len(sampler)
    for batch in batches:
        assert len(batch) == 1 or max(lengths[example] for example in batch) * len(batch) <= budget


@given(lengths_of_examples, budgets, seeds, st.lists(epochs, max_size=3), epochs)
def test_an_epochs_batches_do_not_depend_on_the_epochs_before(
    lengths: list[int], budget: int, seed: int, before: list[int], epoch: int
) -> None:
    unbroken, resumed = (TokenBatchSampler(lengths, tokens_per_batch=budget, seed=seed) for _ in range(2))
    counts = {len(batches_of(unbroken, earlier)) for earlier in before}
    expected = batches_of(unbroken, epoch)
    assert batches_of(resumed, epoch) == expected
    assert counts <= {len(expected)}


@given(lengths_of_examples, budgets, seeds, epochs, st.integers(1, 9))
def test_processes_share_an_epochs_batches_evenly(
    lengths: list[int], budget: int, seed: int, epoch: int, processes: int
) -> None:
    whole = batches_of(TokenBatchSampler(lengths, tokens_per_batch=budget, seed=seed), epoch)
    shares = []
    for rank in range(processes):
        sampler = TokenBatchSampler(lengths, tokens_per_batch=budget, seed=seed, rank=rank, processes=processes)
        shares.append(batches_of(sampler, epoch))
        assert len(shares[-1]) == len(sampler)
    assert len({len(share) for share in shares}) == 1
    in_steps = [batch for step in zip_longest(*shares) for batch in step]
    assert in_steps[: len(whole)] == whole
    assert len(in_steps) - len(whole) < processes
    assert all(batch in whole for batch in in_steps)


@pytest.mark.parametrize("lengths", [[30] * 40, list(range(1, 200))])
def test_epochs_and_seeds_differ_in_which_examples_share_a_batch(lengths: list[int]) -> None:
    sampler = TokenBatchSampler(lengths, tokens_per_batch=256, seed=0)
    other = TokenBatchSampler(lengths, tokens_per_batch=256, seed=1)
    drawn = [batches_of(sampler, 0), batches_of(sampler, 1), batches_of(other, 0)]
    together = [{frozenset(batch) for batch in batches} for batches in drawn]
    assert together[0] != together[1]
    assert together[0] != together[2]


def test_examples_of_similar_length_share_batches() -> None:
    lengths = np.random.default_rng(0).integers(2, 512, size=2000).tolist()
    batches = batches_of(TokenBatchSampler(lengths, tokens_per_batch=4096, seed=0))
    padded = sum(max(lengths[example] for example in batch) * len(batch) for batch in batches)
    assert padded < 1.1 * sum(lengths)


def test_the_loader_passes_the_epoch_on_to_its_sampler() -> None:
    dataset = Dataset.from_dict({"input_ids": [[5] * 4] * 30, "labels": [[0] * 4] * 30, "length": [4] * 30})
    dataset = dataset.add_column("number", list(range(30)))
    sampler = TokenBatchSampler(dataset["length"], tokens_per_batch=64, seed=0)
    loader = EpochLoader(dataset, batch_sampler=sampler, collate_fn=lambda rows: [row["number"] for row in rows])
    for epoch in (0, 1):
        loader.set_epoch(epoch)
        reference = TokenBatchSampler([4] * 30, tokens_per_batch=64, seed=0)
        assert list(loader) == batches_of(reference, epoch)


@given(lengths_of_examples, budgets, seeds, st.lists(epochs, min_size=1, max_size=3))
def test_all_epochs_have_at_most_two_shapes_of_each_width(
    lengths: list[int], budget: int, seed: int, numbers: list[int]
) -> None:
    sampler = TokenBatchSampler(lengths, tokens_per_batch=budget, seed=seed)
    collator = Collator(pad_id=0, window_size=512, label_count=4)
    shapes = []
    for number in numbers:
        batches = [
            collator([{"input_ids": [5] * lengths[i], "labels": [0] * lengths[i], "unknown": []} for i in batch])
            for batch in batches_of(sampler, number)
        ]
        shapes.append({tuple(batch["input_ids"].shape) for batch in batches})
    assert all(found == shapes[0] for found in shapes)
    assert max(Counter(width for _, width in shapes[0]).values()) <= 2
    assert all(width % 16 == 0 and (rows == 1 or rows * width <= budget) for rows, width in shapes[0])


@pytest.mark.parametrize(("window_size", "width"), [(512, 16), (3, 3), (2, 3)])
def test_a_batch_is_padded_to_a_rounded_width_and_padding_is_neither_seen_nor_learnt(
    window_size: int, width: int
) -> None:
    examples = [
        {"input_ids": [2, 7, 3], "labels": [IGNORED, 1, IGNORED], "unknown": [1, 3]},
        {"input_ids": [2, 3], "labels": [4, 5], "unknown": []},
    ]
    batch = Collator(pad_id=9, window_size=window_size, label_count=4)(examples)
    more = width - 3
    assert {name: tensor.tolist() for name, tensor in batch.items()} == {
        "input_ids": [[2, 7, 3, *[9] * more], [2, 3, 9, *[9] * more]],
        "attention_mask": [[1, 1, 1, *[0] * more], [1, 1, 0, *[0] * more]],
        "labels": [[IGNORED, 1, IGNORED, *[IGNORED] * more], [4, 5, IGNORED, *[IGNORED] * more]],
        "unknown": [[False, True, False, True], [False] * 4],
    }


def test_a_batch_as_wide_as_all_its_windows_has_no_mask() -> None:
    example = {"input_ids": [2] * 16, "labels": [0] * 16, "unknown": [1]}
    batch = Collator(pad_id=0, window_size=512, label_count=4)([example] * 2)
    assert set(batch) == {"input_ids", "labels", "unknown"}


@given(
    st.lists(st.tuples(st.integers(1, 300), st.booleans()), min_size=1, max_size=60),
    st.floats(0.0, 1.0),
    seeds,
    st.lists(epochs, min_size=2, max_size=4),
)
def test_each_epoch_draws_the_share_of_windows_without_a_span_and_keeps_the_others(
    examples: list[tuple[int, bool]], share: float, seed: int, numbers: list[int]
) -> None:
    lengths, empty = map(list, zip(*examples, strict=True))
    sampler = TokenBatchSampler(lengths, tokens_per_batch=256, seed=seed, empty=empty, empty_share=share)
    per_length = Counter(-(-length // 16) for length, is_empty in examples if is_empty)
    drawn = [[example for batch in batches_of(sampler, number) for example in batch] for number in numbers]
    for epoch in drawn:
        assert len(epoch) == len(set(epoch))
        assert {example for example in range(len(lengths)) if not empty[example]} <= set(epoch)
        kept = Counter(-(-lengths[example] // 16) for example in epoch if empty[example])
        assert kept == Counter({length: math.ceil(share * count) for length, count in per_length.items() if share})
    assert len({len(batches_of(sampler, number)) for number in numbers} | {len(sampler)}) == 1


def test_epochs_draw_different_windows_without_a_span() -> None:
    sampler = TokenBatchSampler([30] * 100, tokens_per_batch=64, seed=0, empty=[True] * 100, empty_share=0.25)
    first, second = ({example for batch in batches_of(sampler, epoch) for example in batch} for epoch in (0, 1))
    assert len(first) == len(second) == 25
    assert first != second
