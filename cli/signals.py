"""Ctrl-C and SIGTERM: they end a command soon, whatever it is doing.

While a command works in steps, the first finishes the step in hand, and the second ends at once.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Never

from afteraction.data.files import remove_temporaries

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

TERMINATED = 143
PATIENCE = 1.5
"""Seconds that a command has to end by itself after a signal."""


_requests = 0
"""How many signals became a request to stop, and so end nothing."""


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


def end_soon_on_signals(patience: float = PATIENCE) -> None:
    """Makes Ctrl-C and SIGTERM end the process, by an exception if it can, and else after `patience` seconds.

    Python runs a signal's handler between two of its own steps. A library may work for long in one step, as a tokenizer
    does on a text of millions of characters. So a thread waits for signals too. It leaves no temporary files behind.
    A signal that something else handles is left to that.
    """
    signal.signal(signal.SIGTERM, _exit)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))  # a child's signals are no concern of ours
    threading.Thread(target=_watch, args=(reader, patience), daemon=True).start()


def _exit(_number: int, _frame: FrameType | None) -> Never:
    """Exits by an exception, so that half-written files are removed."""
    sys.exit(TERMINATED)


def _watch(reader: int, patience: float) -> None:
    count = 0
    while received := os.read(reader, 1):
        number = received[0]
        count += number in _SIGNALS
        if number in _SIGNALS and signal.getsignal(number) in (_exit, signal.default_int_handler):
            time.sleep(patience)
            if count > _requests:  # or else the handler that took this signal has already restored the one before it
                remove_temporaries()
                os._exit(128 + number)


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
        global _requests
        restore()
        if request.armed:
            _requests += 1
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
