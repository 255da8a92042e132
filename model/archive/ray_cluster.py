"""Starts Ray on this machine, or connects to a cluster: quietly, and with one-line errors."""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from afteraction.data import InputError
from afteraction.data.errors import first_line
from afteraction.model.environment import usable_cores

_PATIENCE = 10
"""The number of seconds within which a cluster must answer."""

_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # Ray would report usage to its developers
    "RAY_ENABLE_AUTO_CONNECT": "0",  # a reader that outlives its run would restart Ray
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DATA_LOG_LEVEL": "CRITICAL",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # a future default, about which Ray warns
}


def prepare() -> None:
    """Imports Ray with settings that keep it quiet. Variables that the user has set in the environment are kept.

    Raises:
        ModuleNotFoundError: the extra `ray` is not installed.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import ray  # noqa: F401


def count_processors(kind: Literal["CPU", "GPU"]) -> int:
    """Returns how many processors of a kind the cluster has.

    Raises:
        InputError: the cluster has none.
    """
    import ray

    if count := int(ray.cluster_resources().get(kind, 0)):
        return count
    raise InputError(f"the Ray cluster has no {kind}")


@contextmanager
def connected(address: str | None) -> Iterator[None]:
    """Starts Ray, or connects to a cluster, and disconnects at the end of the block. An existing connection is kept.

    Raises:
        InputError: Ray cannot be started, or the cluster cannot be reached.
    """
    import ray

    if ray.is_initialized():
        yield
        return
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    options: dict[str, Any] = {"address": address}
    if address is None:
        what = "Ray cannot be started"
        options = {
            "address": "local",
            "include_dashboard": False,
            "_node_ip_address": "127.0.0.1",
            "num_cpus": usable_cores(),  # by default, Ray counts all cores of the machine
        }
    else:
        what = f"the Ray cluster {address} cannot be reached"
        _check_reachable(address)
    on_terminate = signal.getsignal(signal.SIGTERM)
    try:
        with _discarded_stderr():
            ray.init(**options, configure_logging=False, log_to_driver=False)
    except Exception as error:  # Ray's errors have no common class
        raise InputError(f"{what}: {first_line(error)}") from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_terminate)  # Ray replaces the handler
    try:
        yield
    finally:
        ray.shutdown()


def _check_reachable(address: str) -> None:
    """Tries to connect to an address `HOST:PORT` or `ray://HOST:PORT`, since Ray itself would try for minutes.

    Raises:
        InputError: nothing answers at the address.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return  # a word such as `auto`, which Ray looks up
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except (OSError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        raise InputError(f"the Ray cluster {address} cannot be reached: {reason}") from None


@contextmanager
def _discarded_stderr() -> Iterator[None]:
    """Discards what Ray's C++ code writes to stderr as it starts. Errors are raised anyway."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
