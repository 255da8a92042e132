"""Whose annotation is read, of a file in which several people annotated the same texts."""

from afteraction.data.errors import InputError, nearest


class Annotators:
    """Those that a file names, and the one who is wanted: anyone, if None."""

    def __init__(self, wanted: str | None = None) -> None:
        self.wanted = wanted
        self._found: set[str] = set()

    def want(self, name: object) -> bool:
        """Whether to read the annotation of someone, by the name or number that the file has, None if it has none."""
        if name is not None:
            self._found.add(str(name))
        return self.wanted is None or str(name) == self.wanted

    def check(self) -> None:
        """Makes sure, once the file is read, that the one who is wanted was in it.

        Raises:
            InputError: they were not.
        """
        if self.wanted is not None and self.wanted not in self._found:
            hint = nearest(self.wanted, self._found) if self._found else "it names none"
            raise InputError(f"--annotator {self.wanted}: the file has no such annotator; {hint}")
