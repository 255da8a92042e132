from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from afteraction.data import WindowConfig
from afteraction.data.tokens import Window, merge_windows, plan_windows

FAR = 10**9


@st.composite
def lengths_and_limits(draw: st.DrawFn) -> tuple[int, int, int]:
    size = draw(st.integers(2, 40))
    return draw(st.integers(0, 6 * size)), size, draw(st.integers(0, size // 2))


def context(window: Window, token: int, length: int) -> int:
    """Returns how far a token is from the nearer edge of a window. The ends of the text are not edges."""
    left = token - window.start if window.start else FAR
    right = window.stop - 1 - token if window.stop < length else FAR
    return min(left, right)


@given(lengths_and_limits())
def test_each_token_is_read_once_and_in_the_window_with_the_most_context(case: tuple[int, int, int]) -> None:
    length, size, stride = case
    windows = plan_windows(length, size=size, stride=stride)
    read = [
        (token, context(window, token, length))
        for window in windows
        for token in range(window.read_start, window.read_stop)
    ]
    best = [
        max(context(window, token, length) for window in windows if window.start <= token < window.stop)
        for token in range(length)
    ]
    assert read == list(enumerate(best))


@given(lengths_and_limits())
def test_windows_are_equally_long_share_the_stride_and_are_as_few_as_possible(case: tuple[int, int, int]) -> None:
    length, size, stride = case
    windows = plan_windows(length, size=size, stride=stride)
    assert (windows[0].start, windows[-1].stop) == (0, length)
    assert len({window.stop - window.start for window in windows}) == 1
    assert windows[0].stop <= size
    assert all(before.stop - after.start >= stride for before, after in pairwise(windows))
    assert all(window.start <= window.read_start <= window.read_stop <= window.stop for window in windows)
    fewest = next(n for n in range(1, length + 2) if n * size - (n - 1) * stride >= length)
    assert len(windows) == fewest


def test_a_worked_example() -> None:
    assert plan_windows(20, size=10, stride=4) == [Window(0, 10, 0, 8), Window(5, 15, 8, 13), Window(10, 20, 13, 20)]
    assert plan_windows(10, size=10, stride=4) == [Window(0, 10, 0, 10)]
    assert plan_windows(0, size=10, stride=4) == [Window(0, 0, 0, 0)]


@given(lengths_and_limits())
def test_merging_takes_each_token_from_the_window_that_is_read_for_it(case: tuple[int, int, int]) -> None:
    length, size, stride = case
    windows = plan_windows(length, size=size, stride=stride)
    values = [
        np.stack([np.arange(window.start, window.stop), np.full(window.stop - window.start, index)], axis=1)
        for index, window in enumerate(windows)
    ]
    merged = merge_windows(windows, [value.astype(np.float32) for value in values], length=length)
    expected = [
        next(index for index, window in enumerate(windows) if window.read_start <= token < window.read_stop)
        for token in range(length)
    ]
    assert merged.dtype == np.float32
    assert merged.shape == (length, 2)
    assert merged[:, 0].tolist() == list(range(length))
    assert merged[:, 1].tolist() == expected


def test_merging_needs_the_values_of_every_window() -> None:
    windows = plan_windows(20, size=10, stride=4)
    with pytest.raises(ValueError, match="shorter"):
        merge_windows(windows, [np.zeros((10, 1), dtype=np.float32)] * 2, length=20)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 64, "stride": 25}, "stride, 25, must be less than half the size, 64"),
        ({"size": 15}, "greater than or equal to 16"),
        ({"stride": -1}, "greater than or equal to 0"),
        ({"length": 64}, "Extra inputs"),
    ],
)
def test_invalid_settings_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        WindowConfig(**settings)


def test_the_largest_stride_is_accepted() -> None:
    assert WindowConfig(size=64, stride=24).stride == 24
