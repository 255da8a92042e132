import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.model import ModelError
from afteraction.model.differences import EXACT_RANK, choose_ranks, components_of, pack_weights, unpack_weights


def matrix(rows: int, columns: int, *, seed: int = 0) -> torch.Tensor:
    """Returns a matrix whose singular values decrease quickly, like those of fine-tuning."""
    random = np.random.default_rng(seed)
    rank = min(rows, columns)
    left, right = random.normal(size=(rows, rank)), random.normal(size=(rank, columns))
    return torch.tensor(left * 0.8 ** np.arange(rank) @ right, dtype=torch.float32)


@pytest.mark.parametrize("shape", [(24, 16), (16, 24), (16, 16), (2, 16), (5, 1)])
def test_leaving_components_out_costs_their_singular_values(shape: tuple[int, int]) -> None:
    values = matrix(*shape)
    expected = np.linalg.svd(values.double().numpy(), compute_uv=False)
    found = components_of(values)
    np.testing.assert_allclose(found.sizes.numpy(), expected, rtol=1e-6)
    for rank in range(len(expected) + 1):
        nearest = found.left[:, :rank] @ found.right[:rank]
        error = np.linalg.norm((values.double() - nearest).numpy())
        assert error == pytest.approx(np.linalg.norm(expected[rank:]), abs=1e-5)


def test_a_component_of_rounding_errors_is_none() -> None:
    values = matrix(20, 2) @ matrix(2, 20)
    assert len(components_of(values).sizes) == 2
    assert len(components_of(torch.zeros(4, 3)).sizes) == 0


@pytest.mark.parametrize("rank", [1, 3, 8, 15])
def test_a_packed_matrix_is_as_near_as_its_rank_allows(rank: int) -> None:
    encoder, change = matrix(24, 16), 0.01 * matrix(24, 16, seed=1)
    packed = pack_weights({"w": encoder + change}, {"w": encoder}, rank=rank)
    assert {name: (value.dtype, tuple(value.shape)) for name, value in packed.items()} == {
        "w.left": (torch.int8, (24, rank)),
        "w.right": (torch.int8, (rank, 16)),
        "w.scale": (torch.float32, ()),
    }
    unpacked = unpack_weights(packed, {"w": encoder})["w"]
    sizes = np.linalg.svd(change.double().numpy(), compute_uv=False)
    error = float((encoder + change - unpacked).norm())
    # Rounding to 8 bits adds a little, orthogonal to the components that are left out.
    rounding = 0.03 * np.linalg.norm(sizes)
    assert np.linalg.norm(sizes[rank:]) * 0.999 <= error <= np.linalg.norm([*sizes[rank:], rounding])


@given(st.integers(1, 40), st.integers(1, EXACT_RANK), st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_the_product_of_factors_is_that_of_whole_numbers(columns: int, rank: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    left = random.choice([-127, 127, *range(-127, 128)], size=(7, rank))
    right = random.choice([-127, 127, *range(-127, 128)], size=(rank, columns))
    left[0], right[:, 0] = 127, 127  # the largest possible sum
    packed = {
        "w.left": torch.tensor(left, dtype=torch.int8),
        "w.right": torch.tensor(right, dtype=torch.int8),
        "w.scale": torch.tensor(1.0),
    }
    found = unpack_weights(packed, {"w": torch.zeros(7, columns)})["w"]
    np.testing.assert_array_equal(found.numpy(), (left.astype(np.int64) @ right.astype(np.int64)).astype(np.float32))


def test_at_full_rank_only_16_bits_are_lost() -> None:
    encoder = {"square": matrix(16, 16), "wide": matrix(8, 16), "vector": torch.ones(16)}
    weights = {
        "square": encoder["square"] + 0.01 * matrix(16, 16, seed=1),
        "wide": encoder["wide"] + 0.01 * matrix(8, 16, seed=1),
        "vector": encoder["vector"] + 0.01 * matrix(1, 16)[0],
        "head": matrix(3, 16),
    }
    unpacked = unpack_weights(pack_weights(weights, encoder, rank=16), encoder)
    expected = {
        name: encoder[name] + (weight - encoder[name]).half().float() if name in encoder else weight.half().float()
        for name, weight in weights.items()
    }
    assert unpacked.keys() == weights.keys()
    assert all(torch.equal(unpacked[name], weight) for name, weight in expected.items())


def test_a_small_matrix_is_kept_whole_however_little_it_changes() -> None:
    encoder = {"large": matrix(64, 48), "small": matrix(2, 48)}
    weights = {"large": encoder["large"] + matrix(64, 48, seed=1), "small": encoder["small"] + 1e-3 * matrix(2, 48)}
    packed = pack_weights(weights, encoder, rank=4)
    assert set(packed) == {"large.left", "large.right", "large.scale", "small.difference"}


def test_what_is_equal_needs_no_space() -> None:
    encoder = {"same": matrix(8, 8), "vector": torch.ones(8)}
    assert pack_weights(encoder, encoder, rank=4) == {}
    assert all(torch.equal(value, encoder[name]) for name, value in unpack_weights({}, encoder).items())


@given(st.integers(1, 20), st.integers(0, 10))
@settings(max_examples=30)
def test_ranks_keep_the_space_of_the_mean_rank_and_leave_out_the_least(rank: int, seed: int) -> None:
    matrices = {
        "large": components_of(matrix(30, 20, seed=seed)),
        "small": components_of(0.1 * matrix(12, 9, seed=seed + 1)),
        "flat": components_of(0.3 * torch.eye(10)),
    }
    ranks = choose_ranks(matrices, rank=rank)
    space = sum(ranks[name] * each.cost for name, each in matrices.items())
    assert space <= sum(min(rank, each.full_rank) * each.cost for each in matrices.values())
    kept, left_out = [], []
    for name, each in matrices.items():
        gains = each.sizes.numpy() ** 2 / each.cost
        kept += [*gains[: ranks[name]]]
        left_out += [*gains[ranks[name] :]]
    assert min(kept, default=1) >= max(left_out, default=0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6])
def test_a_weight_that_16_bits_do_not_hold_is_refused_by_name(value: float) -> None:
    for encoder in ({}, {"w": torch.zeros(3)}):
        with pytest.raises(ModelError, match="w: a weight is not a number, or too large for 16 bits"):
            pack_weights({"w": torch.tensor([0.0, value, 0.0])}, encoder, rank=1)
