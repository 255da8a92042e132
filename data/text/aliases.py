"""Other names of the same group or place, and demonyms: a table that users can extend."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from afteraction.data.errors import InputError, explain
from afteraction.data.text.words import split_words, word_key

_BUILT_IN = Path(__file__).with_name("aliases.yaml")
_Name = Annotated[str, Field(pattern=r"\w")]
_SingleWord = Annotated[str, Field(pattern=r"^\w+$")]


class AliasTable(BaseModel):
    """The content of an alias file.

    Attributes:
        names: sets of names of the same group or place, in any order.
        demonyms: for each place, its adjectives and the names of its people, each a single word.
    """

    model_config = ConfigDict(extra="forbid")

    names: list[Annotated[list[_Name], Field(min_length=2)]] = Field(default_factory=list)
    demonyms: dict[_Name, list[_SingleWord]] = Field(default_factory=dict)


class Aliases:
    """Several alias tables combined. A name in two sets has the aliases of both."""

    def __init__(self, tables: Iterable[AliasTable]) -> None:
        self._sets: dict[tuple[str, ...], list[str]] = {}
        self._places: dict[str, str] = {}
        for table in tables:
            for names in table.names:
                for name in names:
                    self._sets.setdefault(_keys(name), []).extend(names)
            for place, demonyms in table.demonyms.items():
                self._places |= dict.fromkeys(map(word_key, demonyms), word_key(place))

    def alternatives(self, name: str) -> list[str]:
        """Returns all the names of a group or place: first the given name, then its aliases."""
        return list(dict.fromkeys([name, *self._sets.get(_keys(name), [])]))

    def place_of(self, key: str) -> str:
        """Returns the key of a demonym's place. Any other key is returned unchanged."""
        return self._places.get(key, key)

    def is_demonym(self, key: str) -> bool:
        """Returns whether a word's key is that of a demonym."""
        return key in self._places


def load_aliases(files: Sequence[Path] = ()) -> Aliases:
    """Returns the built-in alias table combined with the users' files.

    Raises:
        InputError: a file cannot be read, or is not an alias table; the message names the file and the key.
    """
    return Aliases([_built_in(), *map(_read, files)])


@cache
def _built_in() -> AliasTable:
    return _read(_BUILT_IN)


def _read(path: Path) -> AliasTable:
    try:
        return AliasTable.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except ValidationError as error:
        raise InputError(f"{path}: {explain(error, AliasTable)}") from None
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from None


def _keys(name: str) -> tuple[str, ...]:
    return tuple(word.key for word in split_words(name))
