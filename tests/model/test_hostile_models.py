"""Model folders made to fill the memory, to run forever or to read other files are refused with one line."""

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import PreTrainedTokenizerFast

from afteraction.data import InputError, SubwordTokenizer
from afteraction.data.files import sha256
from afteraction.model import EXPORTED_FILE, GRAPH, ModelError, Tagger, export_model, pack_model

Json = dict[str, Any]


def replace(pattern: Json, content: str) -> Json:
    return {"type": "Replace", "pattern": pattern, "content": content}


def charsmap(texts: bytes) -> Json:
    table = (4).to_bytes(4, "little") + bytes(4) + texts
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()}


def nested(depth: int) -> Json:
    inner: Json = {"type": "Lowercase"}
    for _ in range(depth):
        inner = {"type": "Sequence", "normalizers": [inner]}
    return inner


def sequence(*steps: Json) -> Json:
    return {"type": "Sequence", "normalizers": list(steps)}


TOKENIZERS: dict[str, tuple[Json, str]] = {
    "doubling": ({"normalizer": sequence(*[replace({"String": "a"}, "aa")] * 30)}, "normalizer: a text may become"),
    "by a pattern": ({"normalizer": replace({"Regex": "[a-z]"}, "a" * 900)}, "normalizer: a text may become"),
    "long content": ({"normalizer": replace({"String": "a"}, "a" * 10**6)}, "longer than 1,000 characters"),
    "long prefix": ({"normalizer": {"type": "Prepend", "prepend": "a" * 100}}, "normalizer: a text may become"),
    "long pattern": ({"normalizer": replace({"Regex": "(a|b)" * 10**4}, "a")}, "longer than 1,000 characters"),
    "deep": ({"normalizer": nested(50)}, "nested too deeply"),
    "many steps": ({"normalizer": sequence(*[{"type": "Lowercase"}] * 1001)}, "more than 1,000 items"),
    "long table": ({"normalizer": charsmap(b"a" * 10**6 + b"\0")}, "a character becomes more than 128 bytes"),
    "no table": ({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "?"}}, "not in base64"),
    "words of any length": ({"model": {"max_input_chars_per_word": 10**9}}, "max_input_chars_per_word: more than"),
    "long affix": ({"model": {"continuing_subword_prefix": "#" * 500}}, "continuing_subword_prefix: longer than 16"),
    "by chance": ({"model": {"type": "BPE", "dropout": 0.5}}, "it would split a text differently each time"),
    "another thing": ({"model": 1}, "it describes no tokenizer"),
}


@pytest.fixture
def damaged(model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder, tmp_path / "model"))


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as refused:
        Tagger.load(folder)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(("change", "message"), TOKENIZERS.values(), ids=TOKENIZERS)
def test_a_tokenizer_that_would_fill_the_memory_is_refused(damaged: Path, change: Json, message: str) -> None:
    path = damaged / "tokenizer.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(change.get("model"), dict):
        change = {"model": content["model"] | change["model"]}
    path.write_text(json.dumps(content | change), encoding="utf-8")
    assert message in refusal(damaged)


def test_many_added_tokens_and_special_subwords_are_refused(damaged: Path) -> None:
    path = damaged / "tokenizer.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    added = content["added_tokens"][0]
    path.write_text(json.dumps(content | {"added_tokens": [added] * 10_001}), encoding="utf-8")
    assert "added_tokens: more than 10,000" in refusal(damaged)
    content["post_processor"]["single"] = (
        content["post_processor"]["single"][:1] * 40 + content["post_processor"]["single"]
    )
    path.write_text(json.dumps(content), encoding="utf-8")
    assert "special subwords fill a window of 32" in refusal(damaged)


def test_a_tokenizer_that_panics_over_a_text_is_one_line(tokenizer: PreTrainedTokenizerFast) -> None:
    class PanicException(BaseException):
        pass

    class Broken:
        def encode_batch(self, *_: Any, **__: Any) -> None:
            raise PanicException("index out of range\nin a library")

    subwords = SubwordTokenizer(tokenizer)
    subwords.__dict__["_backend"] = Broken()
    with pytest.raises(InputError, match=r"the tokenizer cannot split a text: index out of range$"):
        subwords.encode(["Gao"])


def test_a_product_larger_than_the_weight_is_refused_before_it_is_made(tuned_folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    pack_model(tuned_folder, packed, rank=8)
    path = packed / "packed.safetensors"
    weights = load_file(path)
    name = next(name for name in weights if name.endswith(".left")).removesuffix(".left")
    for change in (
        {"left": torch.zeros(2**20, 1, dtype=torch.int8), "right": torch.zeros(1, 2**20, dtype=torch.int8)},
        {"scale": torch.zeros(2**20)},
    ):
        save_file(weights | {f"{name}.{part}": value for part, value in change.items()}, path)
        record = json.loads((packed / "packed.json").read_text())
        (packed / "packed.json").write_text(json.dumps(record | {"sha256": sha256(path)}))
        assert f"packed.safetensors: damaged: {name}: " in refusal(packed)


@pytest.fixture(scope="module", params=["onnx-int8", "openvino-int8"])
def exported(model_folder: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    for library in ("onnxruntime",) if request.param == "onnx-int8" else ("nncf", "openvino"):
        pytest.importorskip(library)
    output = tmp_path_factory.mktemp("exported") / "model"
    export_model(model_folder, output, form=request.param)
    return output


def shape_of_terabytes(model: Any) -> None:
    from onnx import helper, numpy_helper

    model.graph.initializer.append(numpy_helper.from_array(np.array([10**12]), "terabytes"))
    model.graph.node.extend(
        [
            helper.make_node("ConstantOfShape", ["terabytes"], ["zeros"]),
            helper.make_node("ReduceSum", ["zeros"], ["zero"], keepdims=0),
            helper.make_node("Add", ["before", "zero"], ["logits"]),
        ]
    )
    rename_output(model)


def endless_loop(model: Any) -> None:
    from onnx import TensorProto, helper, numpy_helper

    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("value", "next")]
    again = [helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in ("again", "still")]
    number = helper.make_tensor_value_info("number", TensorProto.INT64, [])
    same = [helper.make_node("Identity", ["again"], ["still"]), helper.make_node("Identity", ["value"], ["next"])]
    body = helper.make_graph(same, "body", [number, again[0], values[0]], [again[1], values[1]])
    model.graph.initializer.append(numpy_helper.from_array(np.array(2**62), "times"))
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
    model.graph.node.append(helper.make_node("Loop", ["times", "yes", "before"], ["logits"], body=body))
    rename_output(model)


def rename_output(model: Any) -> None:
    """Renames the logits of the model, so that a node added after them is the output."""
    for node in model.graph.node:
        if not set(node.output) & {"logits"} or "before" in node.input:
            continue
        node.output[:] = ["before" if name == "logits" else name for name in node.output]


def outside(place: str) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        from onnx import TensorProto

        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", place

    return change


def declared(model: Any) -> None:
    model.graph.initializer[0].dims[0] = 10**12


def foreign(model: Any) -> None:
    model.graph.node[0].domain = "com.example"


def cut(model: Any) -> None:
    del model.graph.node[5:]


GRAPHS: dict[str, tuple[Callable[[Any], None], str]] = {
    "terabytes": (shape_of_terabytes, " cannot "),
    "loop": (endless_loop, "Loop: exported models have no loops"),
    "another folder": (outside("../../secret"), "weights outside the graph"),
    "an absolute path": (outside("/etc/passwd"), "weights outside the graph"),
    "the same folder": (outside("weights.bin"), "weights outside the graph"),
    "declared": (declared, " cannot "),
    "foreign operator": (foreign, "of com.example: no operator of an exported model"),
    "cut": (cut, " cannot "),
}


@pytest.mark.parametrize(("change", "message"), GRAPHS.values(), ids=GRAPHS)
def test_a_hostile_graph_is_refused(
    exported: Path, tmp_path: Path, change: Callable[[Any], None], message: str
) -> None:
    import onnx

    folder = Path(shutil.copytree(exported, tmp_path / "model"))
    model = onnx.load(str(folder / GRAPH))
    change(model)
    (folder / GRAPH).write_bytes(model.SerializeToString())
    record = json.loads((folder / EXPORTED_FILE).read_text())
    (folder / EXPORTED_FILE).write_text(json.dumps(record | {"sha256": sha256(folder / GRAPH)}))
    assert f"{GRAPH}: " in refusal(folder)
    assert message in refusal(folder)
