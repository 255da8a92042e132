"""Describes what results depend on besides config and data: the machine, the package versions and the commit."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("afteraction", "accelerate", "datasets", "numpy", "tokenizers", "torch", "transformers")
"""The packages whose versions are recorded."""


def describe_environment() -> dict[str, Any]:
    """Returns the machine, its PyTorch settings, the package versions and the commit, ready for JSON."""
    import torch

    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "devices": [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())],
        "packages": {name: package_version(name) for name in PACKAGES},
        "torch_build": str(torch.__version__),  # with the build, such as 2.13.0+cu130
        "git": git_commit(),
    }


def package_version(package: str) -> str | None:
    """Returns the installed version of a package, without importing it; None if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def git_commit() -> dict[str, Any] | None:
    """Returns the commit of the checkout that this code runs from, and whether files have been modified since.

    Returns None if the code does not run from a checkout.
    """

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *arguments]
        return subprocess.run(command, capture_output=True, check=True, text=True, timeout=30).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "modified": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def commit_in_words(commit: dict[str, Any] | None) -> str:
    """Formats a value of `git_commit` for display."""
    if commit is None:
        return "unknown"
    return str(commit["commit"]) + (" with changes" if commit["modified"] else "")


def usable_cores() -> int:
    """Returns how many of the machine's processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS and Windows do not report it


def processor() -> str:
    """Returns the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
