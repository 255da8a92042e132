import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModelForTokenClassification, BertConfig, DistilBertConfig, RobertaConfig, set_seed

from afteraction.data import LABELS, Article, LabelScheme, WindowConfig
from afteraction.data.files import sha256
from afteraction.evaluation.tuning import calibrate_model
from afteraction.model import (
    EXPORTED_FILE,
    GRAPH,
    SETTINGS_FILE,
    ExportFormat,
    ModelError,
    ModelSettings,
    Tagger,
    export_model,
    load_model,
    load_tokenizer,
    pack_model,
    save_model,
)
from afteraction.model.runtimes import Ids, Scores

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

TEXTS = (
    "Two gunmen killed at least 50 soldiers near Gao, Mali.",
    "the the\n\nthe bus",
    "",
    "police",
    " ".join(["Two gunmen killed at least 50 soldiers near Gao, Mali, and the army said more."] * 6),
)
"""Texts of several lengths, one of them longer than a window."""


@pytest.fixture(params=["integers", "openvino"])
def in_integers(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(request.param))


@pytest.fixture
def damaged(exported: Path, tmp_path: Path) -> Path:
    """Returns a copy of the exported model to damage."""
    return Path(shutil.copytree(exported, tmp_path / "damaged"))


def found_by(tagger: Tagger) -> list[Article]:
    return list(tagger.predict(TEXTS))


def test_an_exported_model_finds_what_the_model_finds(tagger: Tagger, exported: Path) -> None:
    ours, theirs = found_by(tagger), found_by(Tagger.load(exported))
    assert any(article.spans for article in ours)
    for one, other in zip(ours, theirs, strict=True):
        assert [(s.start, s.end, s.label, s.entity) for s in one.spans] == [
            (s.start, s.end, s.label, s.entity) for s in other.spans
        ]
        assert [s.score for s in one.spans] == pytest.approx([s.score for s in other.spans], abs=1e-5)
        assert one.death_toll == other.death_toll


@pytest.mark.parametrize("tokens_per_batch", [1, 70, 4096])
def test_batches_of_any_shape_give_the_same(tagger: Tagger, exported: Path, tokens_per_batch: int) -> None:
    graph = Tagger.load(exported, tokens_per_batch=tokens_per_batch)
    for ours, theirs in zip(tagger.log_probabilities(TEXTS), graph.log_probabilities(TEXTS), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_what_shares_a_batch_changes_no_bit_of_integers(in_integers: Path) -> None:
    graph = Tagger.load(in_integers, tokens_per_batch=4096)
    alone = [graph.log_probabilities([text])[0] for text in TEXTS]
    for one, other in zip(alone, graph.log_probabilities(TEXTS), strict=True):
        np.testing.assert_array_equal(one, other)


def test_as_many_threads_as_like_read_one_graph(openvino: Path) -> None:
    graph = Tagger.load(openvino)
    expected = [article.spans for article in found_by(graph)]
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: found_by(graph), range(16)):
            assert [article.spans for article in found] == expected


def test_integers_are_smaller(exported: Path, integers: Path) -> None:
    assert (integers / GRAPH).stat().st_size < (exported / GRAPH).stat().st_size


def test_integers_are_nearly_the_same(tagger: Tagger, in_integers: Path) -> None:
    gaps = [
        np.abs(np.exp(ours) - np.exp(theirs))
        for ours, theirs in zip(
            tagger.log_probabilities(TEXTS), Tagger.load(in_integers).log_probabilities(TEXTS), strict=True
        )
        if len(ours)
    ]
    assert max(gap.max() for gap in gaps) > 0
    assert np.concatenate(gaps).mean() < 0.02


def test_all_linear_layers_but_the_last_are_in_integers(integers: Path) -> None:
    import onnx

    nodes = onnx.load(integers / GRAPH).graph.node
    kinds = [node.op_type for node in nodes]
    assert kinds.count("QAttention") == 2  # fused, one per layer
    assert kinds.count("MatMulInteger") == 3 * 2  # the one after attention and both of the feed-forward layer
    assert kinds.count("MatMul") == 1
    assert next(node for node in nodes if node.op_type == "MatMul").output[0] in nodes[-1].input


def test_what_goes_into_linear_layers_is_in_integers_for_openvino(openvino: Path) -> None:
    import onnx

    nodes = onnx.load(openvino / GRAPH).graph.node
    makers = {name: node for node in nodes for name in node.output}
    products = [node for node in nodes if node.op_type == "MatMul" and node.input[1] in makers]
    integers = [node for node in products if all(makers[name].op_type == "DequantizeLinear" for name in node.input)]
    assert len(integers) >= 2 * 6  # four of attention and two of the feed-forward layer, in each layer


REPORTING = """
import sys
from pathlib import Path
from afteraction.model import export_model
export_model(Path(sys.argv[1]), Path(sys.argv[2]), form="openvino-int8")
from nncf.telemetry.wrapper import NNCFTelemetry, telemetry
print(isinstance(telemetry, NNCFTelemetry))
"""


def test_nothing_is_printed_and_nothing_reported_to_the_makers_of_nncf(model_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("nncf")
    pytest.importorskip("openvino")
    # In its own process, since NNCF reports nothing under pytest.
    done = subprocess.run(
        [sys.executable, "-c", REPORTING, model_folder, tmp_path / "exported"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_the_folder_needs_no_weights_and_keeps_the_models_other_files(
    tuned_folder: Path, tmp_path: Path, articles: list[Article]
) -> None:
    output = tmp_path / "exported"
    export_model(tuned_folder, output)
    names = {path.name for path in output.iterdir()}
    kept = {"config.json", SETTINGS_FILE, "training.json", "README.md"}
    assert names == {EXPORTED_FILE, GRAPH, "tokenizer.json", "tokenizer_config.json", *kept}
    assert all((output / name).read_bytes() == (tuned_folder / name).read_bytes() for name in kept)
    pad = load_tokenizer(str(tuned_folder)).pad_token_id
    record = {"version": 1, "format": "onnx-int8", "positions": 64, "pad_id": pad, "sha256": sha256(output / GRAPH)}
    assert json.loads((output / EXPORTED_FILE).read_bytes()) == record


def test_a_packed_model_can_be_exported(tuned_folder: Path, tmp_path: Path) -> None:
    pack_model(tuned_folder, tmp_path / "packed", rank=8)
    export_model(tmp_path / "packed", tmp_path / "exported", form="onnx")
    packed, exported = Tagger.load(tmp_path / "packed"), Tagger.load(tmp_path / "exported")
    assert [article.spans for article in found_by(packed)] != [()] * len(TEXTS)
    for ours, theirs in zip(packed.log_probabilities(TEXTS), exported.log_probabilities(TEXTS), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_an_exported_model_can_be_calibrated(damaged: Path, tmp_path: Path, articles: list[Article]) -> None:
    from afteraction.data import write_articles

    write_articles(articles, tmp_path / "gold.jsonl")
    tuning = calibrate_model(damaged, str(tmp_path / "gold.jsonl"))
    assert Tagger.load(damaged).settings.temperature == tuning.temperature


SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
ARCHITECTURES = {
    "roberta": RobertaConfig(**SMALL, max_position_embeddings=66, pad_token_id=0, vocab_size=200),
    "distilbert": DistilBertConfig(dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=64),
    "without a fused attention": BertConfig(**SMALL, max_position_embeddings=64, hidden_act="relu"),
}


@pytest.mark.parametrize("form", ["onnx", "onnx-int8", "openvino-int8"])
@pytest.mark.parametrize("config", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_encoders_of_other_types_are_exported_too(
    config: BertConfig, form: ExportFormat, tiny_encoder: Path, tmp_path: Path
) -> None:
    if form == "openvino-int8":
        pytest.importorskip("nncf")
        pytest.importorskip("openvino")
    tokenizer = load_tokenizer(str(tiny_encoder))
    scheme = LabelScheme(LABELS)
    config.vocab_size = len(tokenizer)
    config.id2label = dict(enumerate(scheme.tags))
    set_seed(3)
    model = AutoModelForTokenClassification.from_config(config)
    settings = ModelSettings(window=WindowConfig(size=32, stride=8))
    save_model(tmp_path / "model", model=model, tokenizer=tokenizer, settings=settings)
    export_model(tmp_path / "model", tmp_path / "exported", form=form)
    ours, theirs = (Tagger.load(tmp_path / name).log_probabilities(TEXTS) for name in ("model", "exported"))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4 if form == "onnx" else 0.1)


def test_a_graph_that_gives_other_values_is_refused(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from afteraction.model.onnx_model import OnnxModel

    exact = OnnxModel.log_probabilities

    def wrong(self: OnnxModel, ids: Ids, mask: Ids | None) -> Scores:
        scores = exact(self, ids, mask)
        scores[..., 0] += 0.1
        return scores

    monkeypatch.setattr(OnnxModel, "log_probabilities", wrong)
    with pytest.raises(ModelError, match=r"a model of type bert, whose graph is wrong by 0\.\d+: not exported"):
        export_model(model_folder, tmp_path / "exported")
    assert not (tmp_path / "exported").exists()


def setting(name: str, key: str, value: object) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(content | {key: value}))

    return change


def cut_graph(folder: Path) -> None:
    (folder / GRAPH).write_bytes((folder / GRAPH).read_bytes()[:-1])


def nonsense_with_its_checksum(folder: Path) -> None:
    (folder / GRAPH).write_bytes(b"nonsense")
    setting(EXPORTED_FILE, "sha256", sha256(folder / GRAPH))(folder)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "graph cut": (cut_graph, "model.onnx: damaged: its SHA-256 is not that in exported.json; export the model again"),
    "graph missing": (lambda folder: (folder / GRAPH).unlink(), "model.onnx: no such file; export the model again"),
    "no graph": (nonsense_with_its_checksum, "model.onnx: not a graph of ONNX: "),
    "record not JSON": (lambda folder: (folder / EXPORTED_FILE).write_text("{"), "exported.json: invalid JSON"),
    "unknown format": (
        setting(EXPORTED_FILE, "format", "int4"),
        "exported.json: format: input should be 'onnx', 'onnx-int8' or",
    ),
    "another version": (setting(EXPORTED_FILE, "version", 2), "version: input should be 1, got 2"),
    "labels": (setting(SETTINGS_FILE, "labels", [*LABELS, "WEAPON"]), "its labels give 11 tags; model.onnx has 9"),
    "window too long": (
        setting(SETTINGS_FILE, "window", {"size": 65, "stride": 8}),
        "window.size: 65 is more than the model's 64 positions",
    ),
    "tokenizer missing": (lambda folder: (folder / "tokenizer.json").unlink(), "damaged: no tokenizer.json"),
    "tokenizer cut": (lambda folder: (folder / "tokenizer.json").write_text("{"), "tokenizer.json: EOF while parsing"),
    "tokenizer of another kind": (
        lambda folder: (folder / "tokenizer.json").write_text('{"model": {"type": "Other"}}'),
        "tokenizer.json: not a tokenizer that can be read: ",
    ),
    "settings missing": (lambda folder: (folder / SETTINGS_FILE).unlink(), "not a model folder: it has no afteraction"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_exported_model_is_refused_in_one_line(
    damaged: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(damaged)
    with pytest.raises(ModelError) as refused:
        Tagger.load(damaged)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("options", [{"precision": "bfloat16"}, {"device": "cuda"}])
def test_an_exported_model_takes_no_precision_and_no_device(exported: Path, options: dict[str, str]) -> None:
    with pytest.raises(ModelError, match="has its own precision, and runs on the CPU only"):
        Tagger.load(exported, **options)


def test_an_exported_model_is_neither_packed_nor_exported_again(exported: Path, tmp_path: Path) -> None:
    for make in (load_model, lambda folder: export_model(folder, tmp_path / "again")):
        with pytest.raises(ModelError, match="an exported model, which only predicts"):
            make(exported)
    assert not (tmp_path / "again").exists()


def test_a_folder_with_files_is_not_written_to(model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ModelError, match="not empty; name a new folder"):
        export_model(model_folder, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
