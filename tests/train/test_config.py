from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from afteraction.data import LABELS, InputError, WindowConfig
from afteraction.train import ConfigError, TrainConfig, bundled_configs, dump_config, load_config
from afteraction.train.configuration_page import configuration_page

DATA = "data: {train: [a.jsonl], dev: [b.jsonl]}\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


MUC4_ROLES = ("PerpInd", "PerpOrg", "Target", "Victim", "Weapon")


@pytest.mark.parametrize("name", sorted(bundled_configs()))
def test_every_bundled_config_loads_by_its_bare_name(name: str) -> None:
    config = load_config(name)
    assert config.name == name
    assert config.labels == (MUC4_ROLES if name.startswith("muc4-roles") else LABELS)
    assert load_config(bundled_configs()[name]) == config


def test_the_configs_that_the_help_names_are_bundled() -> None:
    assert {"default", "quickstart"} <= set(bundled_configs())


def test_what_a_file_leaves_out_has_its_default_and_its_name_is_the_files(tmp_path: Path) -> None:
    config = load_config(write(tmp_path / "small.yaml", DATA + "fitting: {epochs: 3}\n"))
    assert (config.name, config.fitting.epochs, config.fitting.seed) == ("small", 3, 0)
    assert config.folder == Path("runs/small")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (DATA + "fiting: {epochs: 3}", r"unknown key 'fiting'; did you mean 'fitting'\?"),
        (DATA + "fitting: {epoch: 3}", r"unknown key 'fitting\.epoch'; did you mean 'epochs'\?"),
        (DATA + "window: {sise: 64}", r"unknown key 'window\.sise'; did you mean 'size'\?"),
        ("data: {trian: [a.jsonl], dev: [b.jsonl]}", r"unknown key 'data\.trian'; did you mean 'train'\?"),
        (DATA + "optimizer: {xyz: 1}", r"unknown key 'optimizer\.xyz'; known: frozen_layers, head_learning_rate"),
        ("fitting: {epochs: 3}", r"the key 'data' is missing"),
        ("", r"the key 'data' is missing"),
        (DATA + "fitting: {epochs: many}", r"fitting\.epochs: .*integer.*got 'many'"),
        (DATA + "fitting: {epochs: 0}", r"fitting\.epochs: .*greater than or equal to 1, got 0"),
        (
            "data: {train: a.jsonl, dev: [b.jsonl]}",
            r"data\.train: input should be a list, as in \[a, b\], got 'a\.jsonl'",
        ),
        (
            DATA + "fitting: {precision: float16}",
            r"fitting\.precision: .*'auto', 'float32' or 'bfloat16'.*got 'float16'",
        ),
        (DATA + "fitting: 3", r"fitting: .*got 3"),
        (DATA + "dropout: {head: 1.0}", r"dropout\.head: .*less than 1"),
        (DATA + "window: {size: 64, stride: 60}", r"window: the stride, 60, must be less than half the size, 64"),
        (DATA + "encoder_layers: [2, 0]", r"encoder_layers: \[2, 0\] must rise, as in \[0, 2, 4\]"),
        (DATA + "encoder_layers: [1, 1]", r"encoder_layers: \[1, 1\] must rise"),
        (DATA + "encoder_layers: []", r"encoder_layers: .*at least 1 item"),
        (DATA + "encoder_layers: [-1]", r"encoder_layers\.0: .*greater than or equal to 0, got -1"),
        (DATA + "labels: [A, A]", r"labels: .*all different"),
        (DATA + "labels: [a b]", r"labels: .*white space"),
        (DATA + "name: ../elsewhere", r"name: .*got '\.\./elsewhere'"),
        (DATA + "name: ..", r"name: .*got '\.\.'"),
        ("data: {train: [], dev: [b.jsonl]}", r"data\.train: .*at least 1 item"),
        ("- a\n- b\n", r"a config is keys and values, not a list"),
        ("data: [", r"not a config that can be read"),
        ("a: 1\n\tb: 2", r"not a config that can be read: .*line 2"),
        ("!!python/object/apply:os.getcwd []", r"not a config that can be read"),
        (DATA + "fitting: {epochs: 1}\nfitting: {seed: 1}", r"the key 'fitting' is given twice.*line 3"),
        (DATA + "fitting: {epochs: 1, epochs: 2}", r"the key 'epochs' is given twice"),
        (DATA + "extends: [default]", r"extends: names one config, got \['default'\]"),
        (DATA + f"extends: {'a' * 5000}", r"aaa: File name too long"),
        (DATA + f"labels: {'9' * 5000}", r"not a config that can be read: Exceeds the limit"),
        (DATA + f"labels: {'[' * 5000}", r"not a config that can be read: .*recursion"),
        (DATA + "extends: nowhere.yaml", r"nowhere\.yaml: no such config file; bundled configs: .*default"),
    ],
)
def test_a_wrong_config_is_refused_in_one_line_that_names_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path / "wrong.yaml", text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"name: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"latin\.yaml: not a config that can be read"):
        load_config(path)


def test_a_missing_config_is_refused_with_the_bundled_ones_named() -> None:
    with pytest.raises(ConfigError, match=r"nowhere: no such config file; bundled configs: default, .*quickstart"):
        load_config("nowhere")


def test_a_config_error_is_an_input_error() -> None:
    assert issubclass(ConfigError, InputError)


def test_a_file_takes_precedence_over_what_it_extends_key_by_key(tmp_path: Path) -> None:
    write(tmp_path / "base.yaml", DATA + "name: base\nfitting: {epochs: 3, seed: 7}\nlabels: [A, B]\n")
    write(tmp_path / "middle.yaml", "extends: base.yaml\nfitting: {epochs: 4}\n")
    top = write(tmp_path / "deep" / "top.yaml", "extends: ../middle.yaml\nfitting: {patience: 2}\nlabels: [C]\n")
    config = load_config(top)
    assert config.name == "top"
    assert config.labels == ("C",)
    assert (config.fitting.epochs, config.fitting.seed, config.fitting.patience) == (4, 7, 2)
    assert config.data.train == ("a.jsonl",)


def test_a_mapping_takes_keys_of_another_by_the_merge_key_of_yaml(tmp_path: Path) -> None:
    plain = "optimizer: {warmup: 0.2, weight_decay: 0.5}\n"
    merged = "optimizer: {<<: {warmup: 0.2, weight_decay: 0.3}, weight_decay: 0.5}\n"
    expected = load_config(write(tmp_path / "mine.yaml", DATA + plain))
    assert load_config(write(tmp_path / "mine.yaml", DATA + merged)) == expected


@pytest.mark.parametrize(
    ("base", "top", "overrides", "message"),
    [
        ("fitting: {epoch: 3}", "fitting: {patience: 2}", (), r"^\S*base\.yaml: unknown key 'fitting\.epoch'"),
        ("fitting: {epochs: 3}", "fitting: {epoch: 2}", (), r"^\S*top\.yaml: unknown key 'fitting\.epoch'"),
        ("fitting: {epochs: 0}", "fitting: {patience: 2}", (), r"^\S*base\.yaml: fitting\.epochs: "),
        ("fitting: {epochs: 0}", "fitting: {epochs: -1}", (), r"^\S*top\.yaml: fitting\.epochs: .* got -1"),
        ("data: {train: [1], dev: [b]}", "", (), r"^\S*base\.yaml: data\.train\.0: "),
        ("data: {train: [a]}", "fitting: {epochs: 3}", (), r"^\S*top\.yaml: the key 'data\.dev' is missing"),
        ("fitting: {epochs: 0}", "", ("fitting.patience=2",), r"^\S*base\.yaml: fitting\.epochs: "),
        ("fitting: {epochs: 3}", "", ("fitting.epochs=0",), r"top\.yaml with fitting\.epochs=0: fitting\.epochs: "),
    ],
)
def test_a_fault_is_reported_with_the_file_that_has_it(
    base: str, top: str, overrides: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    write(tmp_path / "base.yaml", (base if "data" in base else DATA + base) + "\n")
    file = write(tmp_path / "top.yaml", "extends: base.yaml\n" + top + "\n")
    with pytest.raises(ConfigError, match=message):
        load_config(file, overrides=overrides)


def test_a_file_extends_a_bundled_config_by_its_bare_name(tmp_path: Path) -> None:
    default = load_config("default")
    config = load_config(write(tmp_path / "mine.yaml", "extends: default\nfitting: {seed: 9}\n"))
    assert config.fitting == default.fitting.model_copy(update={"seed": 9})
    assert config.data == default.data


@pytest.mark.parametrize("chain", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_configs_that_extend_each_other_in_a_circle_are_refused(tmp_path: Path, chain: list[str]) -> None:
    for name, following in zip(chain, chain[1:] + chain[:1], strict=True):
        write(tmp_path / f"{name}.yaml", f"extends: {following}.yaml\n" + DATA)
    with pytest.raises(ConfigError, match=r"a\.yaml: extends itself"):
        load_config(tmp_path / "a.yaml")


def test_overrides_take_precedence_over_the_file_and_later_ones_over_earlier(tmp_path: Path) -> None:
    path = write(tmp_path / "base.yaml", DATA + "fitting: {epochs: 3, seed: 7}\n")
    overrides = ["fitting.epochs=4", "fitting.epochs=5", "name=other", "data.dev=[c.jsonl, d.jsonl]", "whole_words=no"]
    config = load_config(path, overrides=[*overrides, "fitting.patience=null", "optimizer.learning_rate=1.0e-3"])
    assert (config.fitting.epochs, config.fitting.seed, config.name) == (5, 7, "other")
    assert (config.data.dev, config.whole_words) == (("c.jsonl", "d.jsonl"), False)
    assert config.optimizer.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("fitting.epoch=3", r"override 'fitting\.epoch': unknown key 'epoch'; did you mean 'epochs'\?"),
        ("fiting.epochs=3", r"override 'fiting\.epochs': unknown key 'fiting'; did you mean 'fitting'\?"),
        ("name.first=x", r"'first' lies below a plain value"),
        ("extends=default", r"unknown key 'extends'"),
        ("fitting.epochs", r"'fitting\.epochs' is not key=value"),
        ("=3", r"'=3' is not key=value"),
        ("fitting..epochs=3", r"is not key=value"),
        ("labels=[A", r"'labels=\[A': the value is not YAML"),
        ("labels=" + "[" * 5000, r"'labels=\[{52}…': the value is not YAML"),
        ("fitting.epochs=many", r"fitting\.epochs: .*got 'many'"),
        ("fitting=3", r"fitting: .*got 3"),
        ("fitting.seed=5000000000", r"fitting\.seed: .*less than 4294967296, got 5000000000"),
        ("optimizer.learning_rate=.inf", r"optimizer\.learning_rate: .*finite number, got inf"),
    ],
)
def test_a_wrong_override_is_refused_by_its_name(tmp_path: Path, override: str, message: str) -> None:
    path = write(tmp_path / "base.yaml", DATA)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(path, overrides=[override])
    assert override.partition("=")[0] in str(caught.value)


@pytest.mark.parametrize("name", sorted(bundled_configs()))
def test_a_dumped_config_loads_back_equal(tmp_path: Path, name: str) -> None:
    config = load_config(name, overrides=["runs=/tmp/läufe", "labels=[Tä, B]", "fitting.evaluate_steps=5"])
    dumped = write(tmp_path / "other-name.yaml", dump_config(config))
    assert load_config(dumped) == config


def keys_of(model: type[BaseModel], *, prefix: str = "") -> set[str]:
    keys = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            keys |= keys_of(inner, prefix=f"{prefix}{name}.")
        else:
            keys.add(f"{prefix}{name}")
    return keys


def flattened(mapping: Mapping[str, Any], *, prefix: str = "") -> dict[str, Any]:
    flat = {}
    for key, value in mapping.items():
        flat |= flattened(value, prefix=f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def test_the_default_config_has_every_key_and_the_code_has_no_defaults_of_its_own() -> None:
    written = yaml.safe_load(bundled_configs()["default"].read_text(encoding="utf-8"))
    assert set(flattened(written)) == keys_of(TrainConfig) - {"name"}
    assert written["window"] == WindowConfig().model_dump()
    sections = [TrainConfig, *(field.annotation for field in TrainConfig.model_fields.values())]
    models = [model for model in sections if isinstance(model, type) and issubclass(model, BaseModel)]
    optional = {name for model in models for name, field in model.model_fields.items() if not field.is_required()}
    assert optional == {"size", "stride"}  # of the window, which prediction uses without a config


def test_a_config_that_extends_nothing_has_the_defaults_but_not_the_data(tmp_path: Path) -> None:
    config = load_config(write(tmp_path / "mine.yaml", DATA))
    default = load_config("default")
    assert config.data.train == ("a.jsonl",)
    assert config.model_copy(update={"name": "default", "data": default.data}) == default


def test_the_page_of_the_keys_is_the_one_made_from_them() -> None:
    page = Path(__file__).parents[2] / "docs" / "configuration.md"
    assert page.read_text(encoding="utf-8") == configuration_page(), "run: make configuration"
    assert all(f"`{key}`" in configuration_page() for key in keys_of(TrainConfig))


def test_a_dumped_config_spells_out_every_default() -> None:
    dumped = yaml.safe_load(dump_config(load_config("default")))
    assert set(dumped) == set(TrainConfig.model_fields)
    for section in ("data", "window", "dropout", "optimizer", "fitting", "distillation"):
        annotation = TrainConfig.model_fields[section].annotation
        assert set(dumped[section]) == set(annotation.model_fields)
