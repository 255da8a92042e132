"""The runtimes of models: exported models do not need PyTorch, and give the same results."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from afteraction.data import SubwordTokenizer, read_articles
from afteraction.model import Tagger
from afteraction.model.environment import usable_cores
from afteraction.model.exported_model import load_exported
from afteraction.model.runtimes import GraphRuntime, Ids, Scores, thread_count

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

TEXT = "Two gunmen killed at least 50 soldiers near Gao, Mali."

WITHOUT_PYTORCH = """
import sys
from afteraction.__main__ import run
status = run(["predict", *sys.argv[1:]])
assert not {"torch", "transformers"} & sys.modules.keys()
sys.exit(status)
"""


@pytest.mark.parametrize("form", ["exported", "openvino"])
def test_an_exported_model_labels_without_pytorch_and_transformers(
    form: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder: Path = request.getfixturevalue(form)
    (tmp_path / "article.txt").write_text(TEXT)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYTORCH, folder, tmp_path / "article.txt", "--output", tmp_path / "found.jsonl"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    [found] = read_articles(tmp_path / "found.jsonl")
    [expected] = Tagger.load(folder).predict([TEXT])
    assert (found.spans, found.death_toll) == (expected.spans, expected.death_toll)


def test_a_tokenizer_is_the_same_without_transformers(tagger: Tagger, exported: Path) -> None:
    _, tokenizer, _ = load_exported(exported)
    ours, theirs = SubwordTokenizer(tagger.tokenizer), SubwordTokenizer(tokenizer)
    assert ours.fingerprint == theirs.fingerprint
    assert (ours.pad_id, ours.prefix.tolist(), ours.suffix.tolist()) == (
        theirs.pad_id,
        theirs.prefix.tolist(),
        theirs.suffix.tolist(),
    )


class Logits(GraphRuntime):
    """A graph whose logits are its ids."""

    def _logits(self, ids: Ids, mask: Ids) -> Scores:
        assert mask.all()
        return ids.astype(np.float32)


@given(arrays(np.int64, (2, 3, 5), elements=st.integers(-10_000, 10_000)))
def test_the_probabilities_of_a_graph_are_those_of_pytorch(ids: Ids) -> None:
    found = Logits().log_probabilities(ids, None)
    expected = torch.log_softmax(torch.from_numpy(ids.astype(np.float32)), dim=-1).numpy()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize(("value", "expected"), [("3", 3), ("5,2", 5), ("0", None), ("many", None), ("", None)])
def test_the_number_of_threads_is_that_of_openmp(
    value: str, expected: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert thread_count() == (expected or usable_cores())
