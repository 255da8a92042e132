"""The oldest versions that are admitted, which CI tests, are no newer than those that are tested here."""

import runpy
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]


def test_each_dependency_has_an_oldest_version_and_a_tested_one() -> None:
    oldest = runpy.run_path(str(ROOT / ".ci" / "oldest.py"))["oldest"]()
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = (line.split("==") for line in lines if line and not line.startswith("#"))
    tested = {canonicalize_name(name): Version(version) for name, version in pins}
    assert {"numpy", "torch", "transformers", "accelerate", "spacy"} <= oldest.keys()
    for name, version in oldest.items():
        assert Version(version) <= tested[canonicalize_name(name)], name
