from pathlib import Path

import pytest

from afteraction.train import ConfigError, load_config
from afteraction.train.search import check_space, load_search_space


def write(folder: Path, text: str) -> Path:
    path = folder / "space.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"the key 'settings' is missing"),
        ("settings: {}", r"settings: .*at least 1"),
        ("settings: {window.size: {choices: [512]}}\nseeds: 3", r"unknown key 'seeds'; did you mean 'seed'\?"),
        (
            "settings: {optimizer.learning_rate: {lo: 1, high: 2}}",
            r"unknown key 'settings\.optimizer\.learning_rate\.lo'; did you mean 'low'\?",
        ),
        ("settings: {optimizer.learning_rate: {low: 1}}", r"give choices, as in .* or both low and high"),
        ("settings: {optimizer.learning_rate: {low: 2, high: 1}}", r"low, 2, must be less than high, 1"),
        ("settings: {dropout.head: {low: 0, high: 1, log: true}}", r"low, 0, must be more than 0 on a logarithmic"),
        ("settings: {dropout.head: {low: 0, high: 1, choices: [1]}}", r"give choices, or low and high, not both"),
        ("settings: {dropout.head: {choices: []}}", r"settings\.dropout\.head\.choices: .*at least 1"),
        ("- a", r"a config is keys and values, not a list"),
        ("settings: {a.b: {choices: [1]}, a.b: {choices: [2]}}", r"the key 'a\.b' is given twice"),
        ("settings: {optimiser.learning_rate: {choices: [1]}}", r"unknown key 'optimiser'; did you mean 'optimizer'\?"),
        (
            "settings: {optimizer.learning_rat: {choices: [1]}}",
            r"setting 'optimizer\.learning_rat': unknown key 'learning_rat'; did you mean '(head_)?learning_rate'\?",
        ),
        ("settings: {optimizer: {choices: [1]}}", r"'optimizer' is a section; name one of its keys, as in optimizer\."),
        ("settings: {fitting.seed: {low: 0, high: 9}}", r"'fitting\.seed' cannot be searched: .*--seeds"),
        ("settings: {data.dev: {choices: [[a.jsonl]]}}", r"'data\.dev' cannot be searched"),
        ("settings: {name: {choices: [a]}}", r"'name' cannot be searched"),
        ("settings: {encoder: {low: 1, high: 2}}", r"'encoder' is not a number: give its choices"),
        ("settings: {whole_words: {low: 0, high: 1}}", r"'whole_words' is not a number: give its choices"),
        ("settings: {dropout.head: {low: 0, high: 1}}", r"'dropout\.head': input should be less than 1, got 1"),
        ("settings: {fitting.epochs: {low: 1.5, high: 20}}", r"'fitting\.epochs': .*integer.*got 1\.5"),
        ("settings: {fitting.precision: {choices: [float32, float16]}}", r"'fitting\.precision': .*got 'float16'"),
        (
            "settings: {encoder_layers: {choices: [null, [2, 0]]}}",
            r"'encoder_layers': \[2, 0\] must rise, as in \[0, 2",
        ),
        ("settings: {dropout.head: {choices: [0.1, 1.0e-1]}}", r"the choice 0\.1 is given twice"),
        ("settings: {dropout.head: {low: 0.2, high: 0.5}}", r"'dropout\.head' leaves out the config's own value, 0\.1"),
        ("settings: {fitting.patience: {choices: [1, 2]}}", r"'fitting\.patience' leaves out .* own value, 5"),
    ],
)
def test_a_wrong_space_is_refused_in_one_line_that_names_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as caught:
        check_space(load_search_space(path), load_config("default"), source=str(path))
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_space_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.yaml: no such file"):
        load_search_space(tmp_path / "no.yaml")


def test_values_have_the_types_of_their_fields_and_settings_the_order_of_their_keys(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        settings:
          optimizer.learning_rate: {low: 1e-5, high: 1e-3, log: true}
          fitting.epochs: {low: 2.0, high: 20}
          fitting.evaluate_steps: {choices: [null, 50]}
          data.train: {choices: [["bundled:train"], ["bundled:dev", "bundled:train"]]}
          whole_words: {choices: [true, false]}
        """,
    )
    dimensions = check_space(load_search_space(path), load_config("default"), source=str(path))
    assert [(item.key, item.kind, item.values) for item in dimensions] == [
        ("data.train", "choices", (["bundled:train"], ["bundled:dev", "bundled:train"])),
        ("fitting.epochs", "integers", (2, 20)),
        ("fitting.evaluate_steps", "choices", (None, 50)),
        ("optimizer.learning_rate", "numbers", (1e-5, 1e-3)),
        ("whole_words", "choices", (True, False)),
    ]
    for item in dimensions:
        for value in item.values:
            assert item.restored(item.stored(value)) == value
