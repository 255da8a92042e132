"""What an import does with a file's labels: rename, drop or keep them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from afteraction.data.errors import InputError, nearest


@dataclass(frozen=True, slots=True)
class LabelMap:
    """Renames and drops labels. Any other label is kept unchanged."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    """New labels by old ones."""
    dropped: frozenset[str] = frozenset()

    def label(self, name: str) -> str | None:
        """Returns the new label for a label of the file, or None if it is dropped.

        Raises:
            InputError: the new label cannot be part of a tag.
        """
        if name in self.dropped:
            return None
        label = self.renamed.get(name, name)
        if not label or label == "O" or any(character.isspace() for character in label):
            raise InputError(f"{label!r} cannot be a label: rename it with --map '{name}=NAME' or --drop '{name}'")
        return label

    def check_names(self, found: Iterable[str]) -> None:
        """Checks that every label the map names was found in the file.

        Raises:
            InputError: the map names another label, which is probably misspelt.
        """
        found = set(found)
        for option, names in (("--map", self.renamed), ("--drop", self.dropped)):
            for name in sorted(names):
                if name not in found:
                    raise InputError(f"{option} {name}: the file has no label {name!r}; {nearest(name, found)}")


def parse_label_map(renamed: Sequence[str] = (), dropped: Sequence[str] = ()) -> LabelMap:
    """Builds a label map from command-line values: `OLD=NEW` to rename a label, `OLD` to drop it.

    Raises:
        InputError: a value is not `OLD=NEW`, or a label is given twice.
    """
    pairs = []
    for text in renamed:
        old, equals, new = text.rpartition("=")
        if not (old and equals and new):
            raise InputError(f"--map {text}: write OLD=NEW, as in --map VICTIM=TARGET")
        pairs.append((old, new))
    for name, count in Counter([*(old for old, _ in pairs), *dropped]).items():
        if count > 1:
            raise InputError(f"--map, --drop: the label {name!r} is named twice")
    return LabelMap(dict(pairs), frozenset(dropped))
