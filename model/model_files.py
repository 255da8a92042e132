"""Checks `config.json` and the header of the weights before any other library reads them.

Other libraries trust a config: they build a model of any size, and fail late and in many ways. Here every value must be
one that a token classifier of this project can have, and no size may be larger than the weights beside the config.
"""

from collections.abc import Iterator, Mapping
from math import isfinite, prod
from pathlib import Path
from sys import float_info
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from afteraction.data.errors import explain, first_line
from afteraction.model.errors import ModelError

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
INDEX_FILE = "model.safetensors.index.json"
"""The file that names the weight files of a model with several of them."""

Shapes = Mapping[str, tuple[int, ...]]
"""The shapes of weights by their names."""

_LARGEST_CONFIG = 2**20
_LARGEST_HEADER = 2**26
_DEEPEST = 20
_LARGEST_NUMBER = 2**20
"""The largest number that a config may have, unless a weight has a larger dimension."""

_Size = Annotated[int, Field(gt=0)]
_Rate = Annotated[float, Field(ge=0, le=1)]


class _ConfigFile(BaseModel):
    """The values that a config may have. Keys that are not listed are only limited in size.

    Architectures have different names for the same size.
    """

    model_config = ConfigDict(extra="allow", strict=True)

    model_type: str
    architectures: list[str] | None = None
    vocab_size: _Size | None = None
    hidden_size: _Size | None = None
    dim: _Size | None = None
    embedding_size: _Size | None = None
    intermediate_size: _Size | None = None
    hidden_dim: _Size | None = None
    num_hidden_layers: _Size | None = None
    n_layers: _Size | None = None
    kept_layers: list[Annotated[int, Field(ge=0)]] | None = None
    num_attention_heads: _Size | None = None
    n_heads: _Size | None = None
    num_key_value_heads: _Size | None = None
    type_vocab_size: Annotated[int, Field(ge=0)] | None = None
    max_position_embeddings: Annotated[int, Field(ge=-1)] | None = None
    pad_token_id: Annotated[int, Field(ge=0)] | None = None
    hidden_act: str | None = None
    activation: str | None = None
    layer_norm_eps: Annotated[float, Field(gt=0, le=1)] | None = None
    norm_eps: Annotated[float, Field(gt=0, le=1)] | None = None
    initializer_range: Annotated[float, Field(ge=0, le=1)] | None = None
    hidden_dropout_prob: _Rate | None = None
    attention_probs_dropout_prob: _Rate | None = None
    classifier_dropout: _Rate | None = None
    dropout: _Rate | None = None
    attention_dropout: _Rate | None = None
    id2label: dict[Annotated[str, Field(pattern=r"^\d{1,9}$")], str] | None = None
    label2id: dict[str, int] | None = None
    # The same for all token classifiers of this project, whatever the architecture.
    return_dict: Literal[True] | None = None
    output_attentions: Literal[False] | None = None
    output_hidden_states: Literal[False] | None = None
    torchscript: Literal[False] | None = None
    is_decoder: Literal[False] | None = None
    is_encoder_decoder: Literal[False] | None = None
    add_cross_attention: Literal[False] | None = None
    chunk_size_feed_forward: Literal[0] | None = None
    pruned_heads: Annotated[dict[str, Any], Field(max_length=0)] | None = None
    quantization_config: None = None
    auto_map: None = None


def check_model_files(folder: Path) -> int:
    """Checks a folder's config and weights header, and returns the number of values in the weights.

    Raises:
        ModelError: one of them cannot be read, has a value that no model of this project has, or they do not match.
    """
    shapes = read_shapes(folder)
    check_config(folder, shapes)
    return sum(prod(shape) for shape in shapes.values())


def check_config(folder: Path, shapes: Shapes) -> None:
    """Checks the config of a folder.

    Args:
        folder: the folder with the `config.json`.
        shapes: the shapes of the weights, whether they are in this folder or elsewhere.

    Raises:
        ModelError: there is no config, or it has a value that no model with these weights has.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise _unreadable(folder, f"no {CONFIG_FILE}")
    content = _read(path, folder, limit=_LARGEST_CONFIG)
    try:
        values = from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise ModelError(f"{folder}: '{CONFIG_FILE}' is not a valid JSON file: {first_line(error)}") from None
    try:
        config = _ConfigFile.model_validate(values)
    except ValidationError as error:
        raise _unreadable(folder, f"{CONFIG_FILE}: {explain(error, _ConfigFile)}") from None
    largest = max((size for shape in shapes.values() for size in shape), default=0)
    for name, value in _numbers(values, CONFIG_FILE, folder):
        if abs(value) > max(largest, _LARGEST_NUMBER):
            raise _unreadable(folder, f"{name}: {value} is larger than any of its weights")
    layers = config.num_hidden_layers or config.n_layers or 0
    if layers > len(shapes):
        raise _unreadable(folder, f"{CONFIG_FILE}: {layers} layers, and {len(shapes)} weights")
    if config.kept_layers is not None and len(config.kept_layers) != layers:
        raise _unreadable(folder, f"{CONFIG_FILE}: kept_layers: {len(config.kept_layers)} for {layers} layers")
    width, heads = config.hidden_size or config.dim, config.num_attention_heads or config.n_heads
    if width and heads and width % heads:
        raise _unreadable(folder, f"{CONFIG_FILE}: a width of {width} cannot be divided among {heads} attention heads")
    for name in ("vocab_size", "hidden_size", "dim", "intermediate_size", "hidden_dim"):
        value = getattr(config, name)
        if value is not None and value > largest:
            raise _unreadable(folder, f"{CONFIG_FILE}: {name}: {value} is larger than any of its weights")
    if config.vocab_size is not None and (config.pad_token_id or 0) >= config.vocab_size:
        raise _unreadable(folder, f"{CONFIG_FILE}: pad_token_id: {config.pad_token_id} is not below vocab_size")


def read_shapes(folder: Path) -> Shapes:
    """Returns the shapes of the weights of a folder.

    Raises:
        ModelError: a file of weights is missing or damaged.
    """
    path = folder / WEIGHTS_FILE
    if path.is_file() or not (folder / INDEX_FILE).is_file():
        return _shapes_of(path, folder)
    content = _read(folder / INDEX_FILE, folder, limit=_LARGEST_HEADER)
    try:
        files = set(from_json(content)["weight_map"].values())
        inside = all(Path(name).name == name for name in files)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unreadable(folder, f"{INDEX_FILE}: {first_line(error)}") from None
    if not inside:
        raise _unreadable(folder, f"{INDEX_FILE}: it names files in other folders")
    return {name: shape for file in sorted(files) for name, shape in _shapes_of(folder / file, folder).items()}


def _shapes_of(path: Path, folder: Path) -> Shapes:
    """Returns the shapes in a file's header, which is its length in 8 bytes followed by JSON."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > min(_LARGEST_HEADER, path.stat().st_size):
                raise _unreadable(folder, f"{path.name}: a header of {length:,} bytes is longer than the file may have")
            header = from_json(file.read(length), allow_inf_nan=False)
        header.pop("__metadata__", None)
        shapes = {name: tuple(map(int, entry["shape"])) for name, entry in header.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unreadable(folder, f"{path.name}: {first_line(error)}") from None
    # A weight takes at least one byte per value, so the shapes cannot claim more values than the file has bytes.
    if (
        any(size < 0 for shape in shapes.values() for size in shape)
        or sum(map(prod, shapes.values())) > path.stat().st_size
    ):
        raise _unreadable(folder, f"{path.name}: its header names more weights than the file holds")
    return shapes


def _numbers(value: Any, name: str, folder: Path, depth: int = 0) -> Iterator[tuple[str, float]]:
    """Yields the numbers in a JSON value, each with its location."""
    if depth > _DEEPEST:
        raise _unreadable(folder, f"{CONFIG_FILE}: nested too deeply")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) > float_info.max or not isfinite(value):  # an int may be larger than any float
            raise _unreadable(folder, f"{name}: not a number")
        yield name, value
    elif isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _numbers(item, f"{name}: {key}" if depth == 0 else f"{name}.{key}", folder, depth + 1)


def _read(path: Path, folder: Path, *, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise _unreadable(folder, f"{path.name}: {error.strerror}") from None
    if len(content) > limit:
        raise _unreadable(folder, f"{path.name}: larger than {limit:,} bytes")
    return content


def _unreadable(folder: Path, problem: str) -> ModelError:
    return ModelError(f"{folder}: not a model folder that can be read: {problem}")
