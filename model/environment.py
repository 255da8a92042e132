"""What a number depends on besides config and data: machine, package versions and commit."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("afteraction", "accelerate", "datasets", "numpy", "tokenizers", "torch", "transformers")
"""The packages whose versions are recorded."""


def describe_environment() -> dict[str, Any]:
    """The machine, its PyTorch settings, package versions, and the commit, as JSON has it."""
    import torch

    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "devices": [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())],
        "packages": {name: package_version(name) for name in PACKAGES},
        "git": git_commit(),
    }


def package_version(package: str) -> str | None:
    """The installed version of a package, None if it is not installed. Does not import it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def git_commit() -> dict[str, Any] | None:
    """The commit of the checkout that this code runs from, and whether files differ from it; None elsewhere."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *arguments]
        return subprocess.run(command, capture_output=True, check=True, text=True, timeout=30).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "modified": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def commit_in_words(commit: dict[str, Any] | None) -> str:
    """A commit as `git_commit` gives it, for people."""
    if commit is None:
        return "unknown"
    return str(commit["commit"]) + (" with changes" if commit["modified"] else "")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
