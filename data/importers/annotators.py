"""The choice of one annotator from a file in which several people annotated the same texts."""

from afteraction.data.errors import InputError, nearest


class Annotators:
    """Selects the annotation of the wanted annotator (anyone, if None), and keeps the names found in the file."""

    def __init__(self, wanted: str | None = None) -> None:
        self.wanted = wanted
        self._found: set[str] = set()

    def accepts(self, name: object) -> bool:
        """Returns whether to read the annotation of `name`: a name or number from the file, or None if not given."""
        if name is not None:
            self._found.add(str(name))
        return self.wanted is None or str(name) == self.wanted

    def check(self) -> None:
        """Checks, after the whole file was read, that the wanted annotator was in it.

        Raises:
            InputError: the annotator was not in the file.
        """
        if self.wanted is not None and self.wanted not in self._found:
            hint = nearest(self.wanted, self._found) if self._found else "it names none"
            raise InputError(f"--annotator {self.wanted}: the file has no such annotator; {hint}")
