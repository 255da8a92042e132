"""Ctrl-C and SIGTERM while a command works in steps: the first finishes the step in hand, the second ends at once."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppedError(Exception):
    """A command stopped on request, with its work saved. The message is one line that says how to go on."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status
        """The exit status."""


class StopRequest:
    """Whether somebody asked the command to stop. Made by `stop_requests`."""

    def __init__(self) -> None:
        self.armed = False
        """Whether there is a step in hand. Before that, the first signal ends the command too."""
        self.signal: int | None = None

    def __call__(self) -> bool:
        """Returns whether to stop."""
        return self.signal is not None

    def arm(self) -> None:
        """Work has begun that is worth finishing."""
        self.armed = True

    @property
    def status(self) -> int:
        """The exit status of a command that the signal stopped."""
        return 128 + (self.signal or 0)


@contextmanager
def stop_requests(on_first: Callable[[], None]) -> Iterator[StopRequest]:
    """Turns the first Ctrl-C or SIGTERM of the block into a request, which the block asks for between its steps.

    The next one does what it did before the block.

    Args:
        on_first: called at the first signal, to tell the user.
    """
    request = StopRequest()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(number: int, _frame: FrameType | None) -> None:
        restore()
        if request.armed:
            request.signal = number
            on_first()
        else:
            signal.raise_signal(number)

    for number in _SIGNALS:
        signal.signal(number, handle)
    try:
        yield request
    finally:
        restore()
