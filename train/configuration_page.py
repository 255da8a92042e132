"""Generates docs/configuration.md from the fields of the config: `python -m afteraction.train.configuration_page`."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from afteraction.train.config import TrainConfig
from afteraction.train.config_files import DEFAULT, bundled_configs

_HEAD = """# Configuration

Every key of a training config. Your own config only needs the keys that differ from the defaults in
`configs/default.yaml`:

```yaml
data:
  train: [my/train.jsonl]
  dev: [my/dev.jsonl]
fitting:
  epochs: 10
```

To start from another config, add `extends: quickstart`, with its bundled name or its path relative to the file. To set
a key on the command line, write `afteraction train my.yaml fitting.epochs=3`. An unknown key is an error, and the
message suggests the most similar key. `afteraction train my.yaml --dry-run` prints the resolved config and trains
nothing.

This page is generated from `train/config.py`; run `make configuration` to update it.
"""


def configuration_page() -> str:
    """Returns the page as Markdown."""
    defaults = yaml.safe_load(bundled_configs()[DEFAULT].read_text(encoding="utf-8"))
    return "\n".join([_HEAD, *_section(TrainConfig, defaults, prefix="")])


def _section(model: type[BaseModel], defaults: Mapping[str, Any], *, prefix: str) -> Iterator[str]:
    yield f"## {prefix.rstrip('.') or 'The run'}"
    yield ""
    yield (model.__doc__ or "").split("\n")[0]
    yield ""
    yield "| key | default | meaning |"
    yield "| --- | --- | --- |"
    inner = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            inner[name] = field.annotation
            continue
        default = json.dumps(defaults[name]) if name in defaults else "the file's name"
        yield f"| `{prefix}{name}` | `{default}` | {field.description} |"
    yield ""
    for name, section in inner.items():
        yield from _section(section, defaults[name], prefix=f"{prefix}{name}.")


if __name__ == "__main__":
    sys.stdout.write(configuration_page())
