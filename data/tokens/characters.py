"""Kinds of characters, looked up for a whole text at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_CODE_POINTS = 0x110000
_UNKNOWN = -1


class CharacterKind:
    """A kind of characters, such as white space, that a function recognizes.

    The function is called once for each character that occurs, so a process that reads few articles does not pay for
    all of Unicode.
    """

    def __init__(self, includes: Callable[[str], bool]) -> None:
        self._includes = includes
        self._known = np.full(_CODE_POINTS, _UNKNOWN, dtype=np.int8)

    def among(self, codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Returns which of the code points are of this kind, shape (characters,)."""
        found = self._known[codes]
        unknown = found == _UNKNOWN
        if unknown.any():  # safe in several threads: all write the same values
            for code in np.unique(codes[unknown]).tolist():
                self._known[code] = self._includes(chr(code))
            found = self._known[codes]
        return found.astype(np.bool_)


def code_points(text: str) -> NDArray[np.uint32]:
    """Returns the code points of a text, shape (characters,)."""
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
