"""Prints the oldest versions of the dependencies that pyproject.toml allows, as constraints for pip.

    python .ci/oldest.py > build/oldest.txt && make test CONSTRAINTS=build/oldest.txt

Dependencies that only development needs, in the extras `dev` and `docs`, are not constrained.
"""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]


def oldest() -> dict[str, str]:
    """Returns the lower bound of each dependency by its name."""
    extras = (needs for extra, needs in PROJECT["optional-dependencies"].items() if extra not in ("dev", "docs"))
    found = {}
    for need in (*PROJECT["dependencies"], *(need for needs in extras for need in needs)):
        if match := re.fullmatch(r"([\w-]+)(?:\[\w+\])?[>=]=([\d.]+)", need):
            found[match[1]] = match[2]
        elif not need.startswith("afteraction["):
            raise ValueError(f"pyproject.toml: {need!r} has no lower bound, as in NAME>=1.2")
    return found


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}=={version}\n" for name, version in sorted(oldest().items()))
