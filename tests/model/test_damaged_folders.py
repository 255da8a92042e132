"""A damaged or hostile model folder gives a working model or one line, whatever is wrong with it."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import InputError
from afteraction.model import SETTINGS_FILE, ModelError, Tagger

TEXT = "Gunmen killed 12 people in Niamey, Niger, on Monday – “a raid” \U0001f600."
MUTATIONS = 25
"""The number of mutations per kind of damage."""

VALUES: list[Any] = [
    None,
    True,
    False,
    -1,
    0,
    1,
    3,
    7,
    10**6,
    2**31,
    2**63,
    10**30,
    0.5,
    -0.5,
    1e30,
    "",
    "x",
    "gelu",
    [],
    {},
]
VALUES += [[1], ["x"], {"a": 1}, {"0": "O"}, [[[]]], "a" * 10_000]
KEYS = """
    return_dict output_attentions torchscript is_decoder add_cross_attention chunk_size_feed_forward pruned_heads
    auto_map quantization_config attn_implementation _attn_implementation dtype torch_dtype num_labels problem_type
    hidden_act position_embedding_type tie_word_embeddings architectures transformers_version tokenizer_class pad_token
    unk_token model_max_length added_tokens_decoder chat_template truncation padding normalizer post_processor decoder
""".split()


def changed(value: Any, chance: random.Random) -> Any:
    """Returns a JSON value with one element changed, removed or added."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice([*value])
        if chance.random() < 0.1:
            return {name: inner for name, inner in value.items() if name != key}
        return value | {key: changed(value[key], chance)}
    if isinstance(value, dict):
        return value | {chance.choice(KEYS): chance.choice(VALUES)}
    if isinstance(value, list) and value and chance.random() < 0.7:
        index = chance.randrange(len(value))
        return [*value[:index], changed(value[index], chance), *value[index + 1 :]]
    return chance.choice(VALUES)


def change_json(name: str) -> Callable[[Path, random.Random], None]:
    def change(folder: Path, chance: random.Random) -> None:
        value = json.loads((folder / name).read_text(encoding="utf-8"))
        for _ in range(chance.choice((1, 1, 2))):
            value = changed(value, chance)
        (folder / name).write_text(json.dumps(value), encoding="utf-8")

    return change


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Returns bytes with some of them changed, removed or added."""
    start = chance.randrange(len(content))
    stop = min(start + chance.choice((1, 1, 4, 100)), len(content))
    middle = chance.choice((b"", b"\0", b"\xff", b'"', b"[[[[", chance.randbytes(8), content[start:stop][::-1]))
    return content[:start] + middle + content[stop:]


def change_bytes(name: str) -> Callable[[Path, random.Random], None]:
    def change(folder: Path, chance: random.Random) -> None:
        content = (folder / name).read_bytes()
        if chance.random() < 0.2:
            (folder / name).write_bytes(content[: chance.randrange(len(content))])
        else:
            (folder / name).write_bytes(damaged(content, chance))

    return change


def change_header(folder: Path, chance: random.Random) -> None:
    """Changes the JSON header of the weights."""
    path = folder / "model.safetensors"
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.dumps(changed(json.loads(content[8 : 8 + size]), chance)).encode()
    length = len(header) if chance.random() < 0.9 else chance.choice((0, 10**6, 2**62, 2**64 - 1))
    path.write_bytes(length.to_bytes(8, "little") + header + content[8 + size :])


KINDS: dict[str, Callable[[Path, random.Random], None]] = {
    "config": change_json("config.json"),
    "tokenizer": change_json("tokenizer.json"),
    "tokenizer config": change_json("tokenizer_config.json"),
    "settings": change_json(SETTINGS_FILE),
    "header of the weights": change_header,
    "bytes of the weights": change_bytes("model.safetensors"),
    "bytes of the config": change_bytes("config.json"),
    "bytes of the tokenizer": change_bytes("tokenizer.json"),
}


def outcome(folder: Path) -> str:
    """Loads a model and runs it. Returns the problem, or an empty string if it works or is refused."""
    try:
        (article,) = Tagger.load(folder).predict([TEXT])
    except InputError as error:
        return "" if "\n" not in str(error) else f"several lines: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if article.text == TEXT else "another text"


def copied(model_folder: Path, tmp_path: Path, number: int) -> Path:
    folder = tmp_path / str(number)
    shutil.copytree(model_folder, folder)
    return folder


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_damage_gives_a_working_model_or_one_line(model_folder: Path, tmp_path: Path, kind: str) -> None:
    for seed in range(MUTATIONS):
        folder = copied(model_folder, tmp_path, seed)
        KINDS[kind](folder, random.Random(f"{kind} {seed}"))  # noqa: S311
        assert outcome(folder) == "", (kind, seed)
        shutil.rmtree(folder)


def refusal(model_folder: Path, tmp_path: Path, name: str, change: Callable[[Any], Any]) -> str:
    folder = copied(model_folder, tmp_path, 0)
    value = json.loads((folder / name).read_text(encoding="utf-8"))
    (folder / name).write_text(json.dumps(change(value)), encoding="utf-8")
    with pytest.raises(ModelError) as refused:
        Tagger.load(folder)
    assert str(refused.value).startswith(str(folder))
    return str(refused.value).removeprefix(str(folder))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("num_hidden_layers", 10**6, "config.json: 1000000 layers"),
        ("num_hidden_layers", "2", "config.json: num_hidden_layers: "),
        ("vocab_size", 2**40, "config.json: vocab_size: 1099511627776 is larger than any of its weights"),
        ("num_attention_heads", 5, "cannot be divided among 5 attention heads"),
        ("hidden_size", -32, "config.json: hidden_size: "),
        ("layer_norm_eps", 0, "config.json: layer_norm_eps: "),
        ("return_dict", False, "config.json: return_dict: "),
        ("auto_map", {"AutoConfig": "x.Y"}, "config.json: auto_map: "),
        ("quantization_config", {"quant_method": "bitsandbytes"}, "config.json: quantization_config: "),
        ("of_nobody", 10**400, "of_nobody: not a number"),
        ("pad_token_id", 10**6, "config.json: pad_token_id: 1000000 is not below vocab_size"),
        ("hidden_act", "nonesuch", "config.json: "),
        ("id2label", {"x": "O"}, "config.json: id2label"),
    ],
)
def test_the_config_is_checked_before_anything_is_made_of_it(
    model_folder: Path, tmp_path: Path, key: str, value: Any, message: str
) -> None:
    assert message in refusal(model_folder, tmp_path, "config.json", lambda config: config | {key: value})


def test_no_size_in_the_config_makes_memory_be_taken(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForTokenClassification

    def allocate(*_: Any, **__: Any) -> None:
        raise AssertionError("the weights are read")

    monkeypatch.setattr(AutoModelForTokenClassification, "from_pretrained", allocate)
    # Each size could be that of a weight, but together they would make a far larger model.
    config = {"hidden_size": 8_192, "vocab_size": 2**20, "intermediate_size": 8_192}
    assert refusal(model_folder, tmp_path, "config.json", lambda given: given | config)


def test_a_tokenizer_for_another_vocabulary_is_refused(model_folder: Path, tmp_path: Path) -> None:
    def change(tokenizer: Any) -> Any:
        words = tokenizer["model"]["vocab"]
        words[max(words, key=lambda word: words[word])] = 10**6
        return tokenizer

    assert "tokenizer.json: it has a subword 1000000" in refusal(model_folder, tmp_path, "tokenizer.json", change)
