"""The dependencies: licences, and that the oldest versions, which CI tests, are no newer than those tested here."""

import runpy
from email.message import Message
from pathlib import Path

import pytest
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


LICENCES = runpy.run_path(str(ROOT / ".ci" / "licences.py"))


@pytest.mark.parametrize(
    ("fields", "named", "fine"),
    [
        ({"License-Expression": "MIT AND (0BSD)"}, "MIT AND (0BSD)", True),
        ({"License-Expression": "MIT AND GPL-2.0-only"}, "MIT AND GPL-2.0-only", False),
        ({"License-Expression": "MPL-1.1 OR GPL-2.0-only"}, "MPL-1.1 OR GPL-2.0-only", True),
        ({"License": "Apache 2.0"}, "Apache 2.0", True),
        ({"License": "AGPLv3"}, "AGPLv3", False),
        ({"License": "UNKNOWN", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT License", True),
        (
            {"License": "Copyright\nall of it", "Classifier": "License :: OSI Approved :: BSD License"},
            "BSD License",
            True,
        ),
        ({"Classifier": "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"}, None, False),
        ({"License": "Proprietary"}, "Proprietary", False),
        ({}, "unknown", False),
    ],
)
def test_a_licence_that_is_unknown_or_asks_for_more_than_ours_is_a_fault(
    fields: dict[str, str], named: str | None, fine: bool
) -> None:
    package = Message()
    for name, value in fields.items():
        package[name] = value
    found = LICENCES["licence"](package)
    assert named in (None, found)
    assert LICENCES["is_fine"](found) == fine
