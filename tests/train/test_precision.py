"""The precision `auto`: which one it selects, and that a run keeps it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import yaml
from transformers import TrainerCallback

from afteraction.model.precision import native_precision
from afteraction.train import ConfigError, FitResult, TrainConfig
from afteraction.train.run_folder import settle_precision

MakeConfig = Callable[..., TrainConfig]
Run = Callable[..., FitResult]
SameOutcome = Callable[[FitResult, FitResult], None]


class KilledError(Exception):
    pass


class KillAtStep4(TrainerCallback):
    """A simulated crash in the second epoch."""

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == 4:
            raise KilledError


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Hides accelerators, and returns a function that sets whether the processor multiplies bfloat16 natively."""
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)

    def set_native(native: bool) -> None:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": native}, raising=False)

    return set_native


def recorded(result: FitResult) -> str:
    return str(yaml.safe_load(result.run.config.read_text(encoding="utf-8"))["fitting"]["precision"])


@pytest.mark.parametrize(("native", "expected"), [(True, "bfloat16"), (False, "float32")])
def test_auto_is_what_the_processor_multiplies_natively(
    processor: Callable[[bool], None], make_config: MakeConfig, native: bool, expected: str
) -> None:
    processor(native)
    assert settle_precision(make_config(fitting={"precision": "auto"})).fitting.precision == expected
    explicit = make_config(fitting={"precision": "float32"})
    assert settle_precision(explicit) is explicit


@pytest.mark.parametrize(
    ("cuda", "supported", "expected"), [(True, True, "bfloat16"), (True, False, "float32"), (False, True, "float32")]
)
def test_an_accelerator_counts_before_the_processor(
    monkeypatch: pytest.MonkeyPatch, processor: Callable[[bool], None], cuda: bool, supported: bool, expected: str
) -> None:
    processor(not supported)
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: supported)
    assert native_precision() == expected


@pytest.mark.slow
def test_a_run_that_is_resumed_on_another_processor_keeps_its_precision(
    run: Run, make_config: MakeConfig, processor: Callable[[bool], None], assert_same_outcome: SameOutcome
) -> None:
    fitting = {"epochs": 2, "precision": "auto"}
    processor(False)
    first = run(make_config(name="first", fitting=fitting))
    with pytest.raises(KilledError):
        run(make_config(name="again", fitting=fitting), callbacks=[KillAtStep4()])
    processor(True)
    again = run(make_config(name="again", fitting=fitting), resume=True)
    assert recorded(first) == recorded(again) == "float32"
    assert_same_outcome(first, again)
    with pytest.raises(ConfigError, match=r"fitting\.precision was float32, now bfloat16"):
        run(make_config(name="again", fitting=fitting | {"precision": "bfloat16"}), resume=True)


def test_bfloat16_on_a_processor_without_it_is_slow_and_said(
    run: Run, make_config: MakeConfig, processor: Callable[[bool], None], caplog: pytest.LogCaptureFixture
) -> None:
    message = "fitting.precision: bfloat16 is many times slower than float32 here; a new run with auto uses float32"
    processor(False)
    run(make_config(name="slow", fitting={"epochs": 1, "precision": "bfloat16"}))
    assert message in caplog.messages
    caplog.clear()
    processor(True)
    run(make_config(name="fast", fitting={"epochs": 1, "precision": "bfloat16"}))
    assert message not in caplog.messages
