import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import LabelScheme
from afteraction.data.tokens import IGNORED
from afteraction.model import build_classifier
from afteraction.train import Collator, load_config
from afteraction.train.losses import distillation_loss, presence_loss, token_loss
from afteraction.train.trainer import parameter_groups


def naive_loss(logits: list[list[list[float]]], labels: list[list[int]], count: int) -> float:
    total = 0.0
    for row, row_labels in zip(logits, labels, strict=True):
        for scores, label in zip(row, row_labels, strict=True):
            if label != IGNORED:
                total += math.log(sum(math.exp(score) for score in scores)) - scores[label]
    return total / count


@given(st.integers(1, 3), st.integers(1, 5), st.integers(2, 9), st.integers(0, 2**31), st.none() | st.integers(1, 99))
def test_the_loss_is_the_mean_cross_entropy_over_the_labelled_tokens_of_all_processes(
    windows: int, length: int, tags: int, seed: int, items: int | None
) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(windows, length, tags, generator=random)
    labels = torch.randint(0, tags, (windows, length), generator=random)
    labels[torch.rand(windows, length, generator=random) < 0.3] = IGNORED
    labels[0, 0] = 0
    given_count = None if items is None else torch.tensor(items)
    count = int((labels != IGNORED).sum()) if items is None else items
    loss = token_loss({"logits": logits}, labels, num_items_in_batch=given_count)
    assert loss.item() == pytest.approx(naive_loss(logits.tolist(), labels.tolist(), count), rel=1e-4)


def naive_partial_loss(scores: list[float], scheme: LabelScheme, unknown: set[str]) -> float:
    exponentials = [math.exp(score) for score in scores]
    possible = sum(
        exponential
        for tag, exponential in zip(scheme.tags, exponentials, strict=True)
        if tag == "O" or tag.partition("-")[2] in unknown
    )
    return -math.log(possible / sum(exponentials))


@given(
    st.lists(st.sets(st.sampled_from(LabelScheme().labels), min_size=1, max_size=3), min_size=1, max_size=6),
    st.integers(0, 2**31),
)
def test_a_token_outside_all_spans_may_have_an_unknown_label(unknown: list[set[str]], seed: int) -> None:
    scheme = LabelScheme()
    random = torch.Generator().manual_seed(seed)
    windows = len(unknown)
    logits = torch.randn(windows, 3, len(scheme.tags), generator=random, requires_grad=True)
    labels = torch.tensor([[3, IGNORED, 0]] * windows)
    masks = torch.tensor([scheme.mask(labels_of_window).tolist() for labels_of_window in unknown])
    loss = token_loss({"logits": logits}, labels, unknown=masks)
    rows = logits.tolist()
    expected = sum(
        naive_loss([[labelled]], [[3]], 1) + naive_partial_loss(open_scores, scheme, labels_of_window)
        for (labelled, _, open_scores), labels_of_window in zip(rows, unknown, strict=True)
    )
    assert loss.item() == pytest.approx(expected / (2 * windows), rel=1e-4)
    loss.backward()
    assert logits.grad is not None
    for gradient, labels_of_window in zip(logits.grad[:, 2].tolist(), unknown, strict=True):
        for tag, slope in zip(scheme.tags, gradient, strict=True):
            possible = tag == "O" or tag.partition("-")[2] in labels_of_window
            assert slope <= 0 if possible else slope > 0


@given(st.integers(0, 2**31))
def test_without_unknown_labels_the_loss_is_plain_cross_entropy_to_the_bit(seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(3, 7, 9, generator=random)
    labels = torch.randint(0, 9, (3, 7), generator=random)
    labels[:, 0] = IGNORED
    plain = torch.nn.functional.cross_entropy(logits.view(-1, 9), labels.view(-1), reduction="sum") / 18
    for unknown in (None, torch.zeros(3, 4, dtype=torch.bool)):
        assert torch.equal(token_loss({"logits": logits}, labels, unknown=unknown), plain)


@pytest.mark.parametrize("count", [None, torch.tensor(0)])
def test_a_batch_without_a_labelled_token_teaches_nothing(count: torch.Tensor | None) -> None:
    logits = torch.randn(1, 2, 3, requires_grad=True)
    for loss in (token_loss, presence_loss):
        loss({"logits": logits}, torch.full((1, 2), IGNORED), num_items_in_batch=count).backward()
        assert logits.grad is not None
        assert not logits.grad.any()


@pytest.fixture
def classifier(tiny_encoder: Path) -> Any:
    return build_classifier(
        str(tiny_encoder), scheme=LabelScheme(), hidden_dropout=0.1, attention_dropout=0, head_dropout=0.1
    )


@given(st.integers(1, 4), st.integers(2, 5), st.integers(0, 2**31), st.none() | st.integers(1, 99))
def test_the_first_subword_learns_whether_a_window_has_a_span(
    windows: int, length: int, seed: int, items: int | None
) -> None:
    scheme = LabelScheme()
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(windows, length, len(scheme.tags), generator=random)
    labels = torch.randint(0, 3, (windows, length), generator=random)
    labels[torch.rand(windows, length, generator=random) < 0.6] = 0
    labels[:, 0] = IGNORED
    unknown = torch.rand(windows, len(scheme.labels), generator=random) < 0.2
    expected = 0.0
    for row, row_labels, row_unknown in zip(logits.tolist(), labels.tolist(), unknown.tolist(), strict=True):
        exponentials = [math.exp(score) for score in row[0]]
        absent = exponentials[0] / sum(exponentials)
        if any(label > 0 for label in row_labels):
            expected -= math.log(1 - absent)
        elif not any(row_unknown):
            expected -= math.log(absent)
    loss = presence_loss(
        {"logits": logits}, labels, unknown=unknown, num_items_in_batch=None if items is None else torch.tensor(items)
    )
    count = int((labels != IGNORED).sum()) if items is None else items
    assert loss.item() == pytest.approx(expected / count, rel=1e-4, abs=1e-6)


def test_every_parameter_is_in_one_group_with_its_own_rate_and_decay(classifier: Any) -> None:
    decayed = {name for name, _ in classifier.named_parameters() if name.endswith("weight") and "LayerNorm" not in name}
    overrides = [
        f"optimizer.{rate}" for rate in ("learning_rate=1.0e-5", "head_learning_rate=1.0e-2", "weight_decay=0.25")
    ]
    config = load_config("default", overrides=overrides).optimizer
    groups = parameter_groups(classifier, config=config, decayed=decayed)
    found: dict[int, tuple[float, float]] = {}
    for group in groups:
        for parameter in group["params"]:
            assert id(parameter) not in found
            found[id(parameter)] = (group["lr"], group["weight_decay"])
    expected = {
        id(parameter): (1e-2 if name.startswith("classifier.") else 1e-5, 0.25 if name in decayed else 0.0)
        for name, parameter in classifier.named_parameters()
    }
    assert found == expected
    assert set(found.values()) == {(1e-2, 0.25), (1e-2, 0.0), (1e-5, 0.25), (1e-5, 0.0)}


def test_frozen_parameters_are_in_no_group(classifier: Any) -> None:
    for parameter in classifier.base_model.parameters():
        parameter.requires_grad = False
    groups = parameter_groups(classifier, config=load_config("default").optimizer, decayed=set())
    assert [len(group["params"]) for group in groups] == [2]
    assert groups[0]["lr"] == load_config("default").optimizer.head_learning_rate


def test_padding_to_a_rounded_width_changes_no_loss_and_no_gradient(classifier: Any) -> None:
    random = np.random.default_rng(0)
    tags, lengths = len(LabelScheme().tags), (20, 17, 5)
    examples = [
        {
            "input_ids": random.integers(5, 20, length),
            "labels": np.concatenate([[IGNORED], random.integers(0, tags, length - 1)]),
            "unknown": [1] if length == 5 else [],
            "teacher": random.dirichlet(np.ones(tags), length).astype(np.float16).tobytes(),
        }
        for length in lengths
    ]
    classifier.eval()
    found = []
    for window_size, width in ((20, 20), (512, 32)):
        batch = Collator(0, window_size=window_size, label_count=len(LabelScheme().labels))(examples)
        assert batch["input_ids"].shape == (3, width)
        labels, unknown, teacher = (batch.pop(name) for name in ("labels", "unknown", "teacher"))
        classifier.zero_grad()
        outputs = classifier(**batch)
        losses = [
            token_loss(outputs, labels, unknown=unknown),
            presence_loss(outputs, labels, unknown=unknown),
            distillation_loss(outputs, labels, teacher, temperature=2.0),
        ]
        torch.stack(losses).sum().backward()
        found.append([*losses, *(p.grad.clone() for p in classifier.parameters() if p.grad is not None)])
    assert len(found[0]) == len(found[1]) > 10
    for exact, rounded in zip(*found, strict=True):
        torch.testing.assert_close(rounded, exact, rtol=1e-4, atol=1e-6)
