"""Handles Ctrl-C and SIGTERM, so that they end a command soon, whatever it is doing.

If a command works in steps, it finishes the current step after the first signal, and ends at once after the second.
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
"""The number of signals that became requests to stop and therefore do not end the process."""


class StoppedError(Exception):
    """A command stopped on request, with its work saved. The message is one line that says how to resume."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status
        """The exit status."""


class StopRequest:
    """A flag that shows whether the user asked the command to stop. Created by `stop_requests`."""

    def __init__(self) -> None:
        self.armed = False
        """Whether a step has begun. Before that, even the first signal ends the command."""
        self.signal: int | None = None

    def __call__(self) -> bool:
        """Returns whether to stop."""
        return self.signal is not None

    def arm(self) -> None:
        """Makes the next signal a request, since a step that is worth finishing has begun."""
        self.armed = True

    @property
    def status(self) -> int:
        """The exit status of a command that the signal stopped."""
        return 128 + (self.signal or 0)


def end_soon_on_signals(patience: float = PATIENCE) -> None:
    """Makes Ctrl-C and SIGTERM end the process, by an exception if possible, otherwise after `patience` seconds.

    Python runs a signal's handler only between bytecode instructions. A call to a library may take long, such as a
    tokenizer's on a text of millions of characters. Therefore a thread waits for signals too. It removes temporary
    files before it ends the process, and ignores signals that have another handler.
    """
    signal.signal(signal.SIGTERM, _exit)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))  # a child's signals are not ours
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
            if count > _requests:  # otherwise it became a request, whose handler restored the previous one
                remove_temporaries()
                os._exit(128 + number)


@contextmanager
def stop_requests(on_first: Callable[[], None]) -> Iterator[StopRequest]:
    """Turns the first Ctrl-C or SIGTERM in the block into a request, which the block checks between its steps.

    The next signal is handled as before the block.

    Args:
        on_first: called at the first signal, to inform the user.
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
