import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import hashlib, signal, sys
from pathlib import Path
from afteraction.data.files import atomic_write
from afteraction.signals import end_soon_on_signals
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell in the background may have switched off
end_soon_on_signals(0.1)
with atomic_write(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    print("ready", flush=True)
    {work}
print("done", flush=True)
"""
BUSY = "hashlib.pbkdf2_hmac('sha256', b'x', b'y', 2**31 - 1)"
"""Takes a quarter of an hour in one step of Python, as a library call may."""


def started(path: Path, work: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PROGRAM.replace("{work}", work), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_process_in_the_midst_of_a_library_and_leaves_no_file(tmp_path: Path, number: int) -> None:
    with started(tmp_path / "a.txt", BUSY) as process:
        process.send_signal(number)
        # The second is the status of Ctrl-C before the library's step began.
        assert process.wait(timeout=60) in (128 + number, -number)
    assert not list(tmp_path.iterdir())


def test_a_signal_that_is_handled_elsewhere_ends_nothing(tmp_path: Path) -> None:
    work = "signal.signal(signal.SIGTERM, lambda *_: None); signal.raise_signal(signal.SIGTERM); input()"
    command = [sys.executable, "-c", PROGRAM.replace("{work}", work), str(tmp_path / "a.txt")]
    done = subprocess.run(command, input="\n", capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "ready\ndone\n")
    assert (tmp_path / "a.txt").read_text() == "half"


def test_the_signals_of_a_child_do_not_end_its_parent(tmp_path: Path) -> None:
    work = (
        "import os, time; child = os.fork()\n"
        "    if not child: signal.signal(signal.SIGTERM, lambda *_: os._exit(7)); time.sleep(600)\n"
        "    time.sleep(0.2); os.kill(child, signal.SIGTERM)\n"
        "    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7\n"
        "    time.sleep(0.3)"
    )
    with started(tmp_path / "a.txt", work) as process:
        assert process.wait(timeout=60) == 0


def test_a_request_to_stop_ends_nothing_and_the_next_signal_does(tmp_path: Path) -> None:
    work = (
        "import time; from afteraction.signals import stop_requests\n"
        "    with stop_requests(on_first=lambda: None) as stop:\n"
        "        stop.arm()\n"
        "        signal.raise_signal(signal.SIGTERM)  # handled before the thread that waits for signals can see it\n"
        "        assert stop()\n"
        f"        time.sleep(0.5); print('still there', flush=True); {BUSY}"
    )
    with started(tmp_path / "a.txt", work) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "still there\n"
        process.terminate()
        assert process.wait(timeout=60) == 128 + signal.SIGTERM
    assert not list(tmp_path.iterdir())


def test_an_error_of_a_thread_is_reported_unless_its_user_meets_it_too() -> None:
    """TensorBoard writes in a thread, and the training that waits for it raises the same error."""
    program = (
        "import threading, sys; from afteraction import __main__ as program\n"
        "sys.argv = ['afteraction', '--help']\n"
        "try: program.main()\n"
        "except SystemExit: pass\n"
        "def fail(error): raise error\n"
        "for error in (OSError(28, 'No space left on device'), ValueError('of another kind')):\n"
        "    thread = threading.Thread(target=fail, args=(error,)); thread.start(); thread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "No space left" not in done.stderr
    assert done.stderr.splitlines()[-1] == "ValueError: of another kind"
    assert done.stderr.count("Traceback") == 1
