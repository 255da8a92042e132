"""The console script: runs a command and turns what went wrong into one line and an exit status."""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any, Never

from typer.exceptions import Abort, TyperException

from afteraction.app import app
from afteraction.extras import missing_extra
from afteraction.data import InputError
from afteraction.data.errors import first_line

DONE, FAILED, WRONG_INPUT, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143


def main() -> None:
    """Runs the command that the process was started with."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed: what is printed is not wanted, and print takes one for the other
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs a command; returns its exit status: 0 done, 1 failed or faults found, 2 wrong input."""
    try:
        outcome: Any = app(list(arguments), standalone_mode=False, prog_name="afteraction")
        sys.stdout.flush()
    except InputError as error:
        return _say(str(error), WRONG_INPUT)
    except (KeyboardInterrupt, Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except TyperException as error:
        return _say(f"{error.format_message()} (see --help)", WRONG_INPUT)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and (message := missing_extra(error)):
            return _say(message, FAILED)
        if os.environ.get("AFTERACTION_DEBUG"):
            raise
        kind = type(error).__name__
        return _say(f"{kind}: {first_line(error)} (AFTERACTION_DEBUG=1 shows where)", FAILED)
    if outcome == INTERRUPTED:  # typer has caught it
        return _say("interrupted", INTERRUPTED)
    return outcome if isinstance(outcome, int) else DONE


def _leave(_number: int, _frame: FrameType | None) -> Never:
    """Ends the process as an error would, so that files half written are taken away."""
    sys.exit(TERMINATED)


def _say(message: str, status: int) -> int:
    print(f"afteraction: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201
    return status


if __name__ == "__main__":
    main()
