"""Batches of windows: how they are filled, and that the scores of an article do not depend on them."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.model import Precision, Tagger, fill_batches, pad_windows

lengths = st.lists(st.integers(0, 50), max_size=40)


@given(lengths=lengths.map(sorted) | lengths.map(lambda drawn: sorted(drawn, reverse=True)), budget=st.integers(1, 200))
@settings(deadline=None)
def test_batches_hold_every_item_once_within_the_budget_and_none_could_be_longer(
    lengths: list[int], budget: int
) -> None:
    batches = list(fill_batches(lengths, budget=budget))
    assert [position for batch in batches for position in batch] == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[position] for position in batch) <= budget
    for batch, following in pairwise(batches):
        extended = [*batch, following[0]]
        assert len(extended) * max(lengths[position] for position in extended) > budget


def test_padding_is_masked_and_needs_no_mask_where_there_is_none() -> None:
    windows = [np.array(ids, dtype=np.int32) for ids in ([5, 6, 7], [8])]
    ids, mask = pad_windows(windows, 9)
    assert mask is not None
    assert ids.tolist() == [[5, 6, 7], [8, 9, 9]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    ids, mask = pad_windows(windows[:1], 9)
    assert (ids.tolist(), mask) == ([[5, 6, 7]], None)
    ids, mask = pad_windows(windows[:1], 9, width=7)
    assert mask is not None
    assert ids.shape == mask.shape == (1, 7)
    assert mask.sum() == len(windows[0])


def test_batches_come_in_few_shapes_and_none_is_wider_than_the_window(tagger: Tagger) -> None:
    widths = set()
    hook = tagger.model.register_forward_pre_hook(
        lambda _, __, inputs: widths.add(inputs["input_ids"].shape[1]), with_kwargs=True
    )
    try:
        list(tagger.predict(["Gunmen attacked a bus. " * count for count in range(1, 12)]))
    finally:
        hook.remove()
    assert widths <= {16, 32}
    assert tagger.settings.window.size == 32


LONG = " ".join(["Two gunmen killed at least 50 soldiers near Gao, Mali, and the army said more."] * 6)
MANY = [" ".join(["The army said 12 people were killed near Gao ."] * 4)[:length] for length in range(3, 150, 7)]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("tokens_per_batch", [1, 100, 1 << 20])
def test_what_shares_a_batch_changes_no_bit(model_folder: Path, tokens_per_batch: int, precision: Precision) -> None:
    tagger = Tagger.load(model_folder, precision=precision, tokens_per_batch=tokens_per_batch)
    alone = [tagger.log_probabilities([text])[0] for text in [*MANY, LONG]]
    for order in (slice(None), slice(None, None, -1), slice(0, None, 3)):
        together = tagger.log_probabilities([*MANY, LONG][order])
        for one, other in zip(alone[order], together, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_threads_that_share_a_batch_change_no_bit(model_folder: Path, precision: Precision) -> None:
    tagger = Tagger.load(model_folder, precision=precision)
    [alone] = tagger.log_probabilities([MANY[-1]])
    torch.set_num_threads(3)
    try:
        [shared] = tagger.log_probabilities([MANY[-1]])
    finally:
        torch.set_num_threads(1)
    np.testing.assert_array_equal(alone, shared)


def test_batches_are_as_wide_as_each_of_their_windows_needs(tagger: Tagger) -> None:
    shapes: list[tuple[int, int]] = []
    hook = tagger.model.register_forward_pre_hook(
        lambda _module, _given, named: shapes.append(tuple(named["input_ids"].shape)), with_kwargs=True
    )
    try:
        batched = Tagger(
            model=tagger.model, tokenizer=tagger.tokenizer, settings=tagger.settings, tokens_per_batch=1 << 20
        )
        batched.log_probabilities(["bus " * length for length in (3, 20, 4, 21, 5)])
    finally:
        hook.remove()
    assert shapes == [(2, 32), (3, 16)]
