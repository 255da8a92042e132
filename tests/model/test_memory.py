"""Batches that do not fit in memory."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from afteraction.model import ModelError, Tagger

SHORT = ("Two gunmen killed at least 50 soldiers near Gao, Mali.", "police", "the the\n\nthe bus", "", "Kano")
LONG = f"{SHORT[0]} " * 8
"""Longer than a window."""


def fail_above(monkeypatch: pytest.MonkeyPatch, tagger: Tagger, rows: int, error: Exception) -> list[int]:
    """Makes the model raise an error for batches of more windows than `rows`, and returns the sizes that it gets."""
    sizes: list[int] = []
    forward = tagger.model.forward

    def limited(*arguments: Any, **options: Any) -> Any:
        sizes.append(len(options["input_ids"]))
        if sizes[-1] > rows:
            raise error
        return forward(*arguments, **options)

    monkeypatch.setattr(tagger.model, "forward", limited)
    return sizes


OUT_OF_MEMORY = (
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000 bytes. Error code 12"),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    MemoryError(),
)


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_batch_that_does_not_fit_in_memory_is_halved_which_is_said_once_and_changes_nothing(
    tagger: Tagger, error: Exception, threads: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    texts = [*SHORT, LONG] * 3
    expected = list(tagger.predict(texts))
    limited = Tagger(model=tagger.model, tokenizer=tagger.tokenizer, settings=tagger.settings, tokens_per_batch=512)
    sizes = fail_above(monkeypatch, tagger, 3, error)
    torch.set_num_threads(threads)
    try:
        assert list(limited.predict(texts)) == expected
        assert max(sizes) > 6
        [record] = caplog.records
        assert re.fullmatch(r"a batch of [0-9]+ windows does not fit in memory: it is halved.*", record.message)
        sizes.clear()
        assert list(limited.predict(texts)) == expected
    finally:
        torch.set_num_threads(1)
    assert max(sizes) <= 6


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_a_window_that_does_not_fit_in_memory_is_one_line(
    tagger: Tagger, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_above(monkeypatch, tagger, 0, error)
    with pytest.raises(ModelError, match=r"a single window of [0-9]+ subwords does not fit in memory: end other"):
        list(tagger.predict([LONG]))


def test_no_other_error_of_a_model_is_taken_for_a_lack_of_memory(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = fail_above(monkeypatch, tagger, 0, RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        list(tagger.predict([LONG]))
    assert len(sizes) == 1


@pytest.mark.slow
def test_where_the_memory_of_the_machine_is_full_a_batch_is_halved(model_folder: Path) -> None:
    """The operating system sets the limit, so that PyTorch raises its own error."""
    script = """
import resource, sys
import numpy, torch
from afteraction.model import Tagger

torch.set_num_threads(1)
texts = ["Two gunmen killed at least 50 soldiers near Gao, Mali, and the army said more."] * 4096
expected = Tagger.load(sys.argv[1]).log_probabilities(texts)
tagger = Tagger.load(sys.argv[1], tokens_per_batch=10**6)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 24 * 2**20, resource.RLIM_INFINITY))
found = tagger.log_probabilities(texts)
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert all(map(numpy.array_equal, found, expected))
print(tagger.tokens_per_batch)
"""
    command = [sys.executable, "-c", script, str(model_folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "does not fit in memory" in done.stderr
    assert int(done.stdout) < 10**6
