from pathlib import Path

import pytest
import torch
from transformers import set_seed

from afteraction.data import LABELS, LabelScheme, WindowConfig
from afteraction.model import ModelSettings, Tagger, build_classifier, export_model, load_tokenizer, save_model


@pytest.fixture(scope="session")
def model_folder(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saves a classifier with an untrained head, scaled up so that it finds spans of every label."""
    folder = tmp_path_factory.mktemp("saved") / "model"
    set_seed(4)
    model = build_classifier(
        str(tiny_encoder), scheme=LabelScheme(), hidden_dropout=0.1, attention_dropout=0.1, head_dropout=0.1
    )
    with torch.no_grad():
        model.classifier.weight.mul_(15.0)
    settings = ModelSettings(window=WindowConfig(size=32, stride=8), thresholds=dict.fromkeys(LABELS, 0.0))
    save_model(folder, model=model, tokenizer=load_tokenizer(str(tiny_encoder)), settings=settings)
    return folder


@pytest.fixture(scope="session")
def tagger(model_folder: Path) -> Tagger:
    return Tagger.load(model_folder)


@pytest.fixture(scope="session")
def exported(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saves the graph of the model in 32-bit floats."""
    output = tmp_path_factory.mktemp("exported") / "new" / "model"
    export_model(model_folder, output, form="onnx")
    return output


@pytest.fixture(scope="session")
def integers(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saves the graph in 8-bit integers, for ONNX Runtime."""
    output = tmp_path_factory.mktemp("integers") / "model"
    export_model(model_folder, output)
    return output


@pytest.fixture(scope="session")
def openvino(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saves the graph in 8-bit integers, for OpenVINO."""
    pytest.importorskip("nncf")
    pytest.importorskip("openvino")
    output = tmp_path_factory.mktemp("openvino") / "model"
    export_model(model_folder, output, form="openvino-int8")
    return output
