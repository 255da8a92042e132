"""The console script: runs a command, and reports any error as one line and an exit status."""

import os
import sys
import threading
from collections.abc import Sequence
from typing import Any

from typer.exceptions import Abort, TyperException

from afteraction.app import app
from afteraction.data import InputError
from afteraction.data.errors import first_line
from afteraction.data.files import is_disk_full
from afteraction.extras import missing_extra
from afteraction.output.lines import print_line
from afteraction.signals import StoppedError, end_soon_on_signals

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main() -> None:
    """Runs the command that the process was started with."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # The stream is closed. Its output is discarded; otherwise print could write to the other stream instead.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    end_soon_on_signals()
    threading.excepthook = _report_thread
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs a command and returns its exit status.

    The status is 0 if the command succeeded, 1 if it failed or found faults, 2 if the input is wrong, 130 if it was
    interrupted, 143 if it was terminated.
    """
    try:
        outcome: Any = app(list(arguments), standalone_mode=False, prog_name="afteraction")
        sys.stdout.flush()
    except InputError as error:
        return _report(str(error), WRONG_INPUT)
    except (KeyboardInterrupt, Abort):
        return _report("interrupted", INTERRUPTED)
    except StoppedError as stop:
        return _report(str(stop), stop.status)
    except BrokenPipeError:
        # The reader of our output has closed it. Without this, Python would report the error again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except TyperException as error:
        return _report(f"{error.format_message()} (see --help)", WRONG_INPUT)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and (message := missing_extra(error)):
            return _report(message, FAILED)
        if os.environ.get("AFTERACTION_DEBUG"):
            raise
        kind = type(error).__name__
        return _report(f"{kind}: {first_line(error)} (AFTERACTION_DEBUG=1 shows where)", FAILED)
    if outcome == INTERRUPTED:  # typer has caught the interrupt and returned its status
        return _report("interrupted", INTERRUPTED)
    return outcome if isinstance(outcome, int) else DONE


def _report_thread(fault: threading.ExceptHookArgs) -> None:
    """Reports an error in a thread, except a full disk, which the thread that it writes for reports as well."""
    if not is_disk_full(fault.exc_value):
        threading.__excepthook__(fault)


def _report(message: str, status: int) -> int:
    print_line(f"afteraction: {' '.join(message.split())}")
    return status


if __name__ == "__main__":
    main()
