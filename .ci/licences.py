"""Prints the name, version and licence of each installed dependency, and fails if one is not known to be fine.

    python .ci/licences.py > build/licences.txt

The dependencies are those of constraints.txt. A licence is fine if it does not affect this project's own; the GPL and
the AGPL do. If there are several licences to choose from, one that is fine is enough. The metadata are trusted.
"""

import re
import sys
from collections import Counter
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"

FINE = re.compile(
    r"\b(0BSD|Apache|BSD|BSL|CC0|CNRI-Python|ISC|MIT|MPL|Mozilla Public License|PSF|Python Software Foundation|Zlib)\b"
)
STRONG = re.compile(r"\bA?GPL|General Public License", re.IGNORECASE)


def licence(package: PackageMetadata) -> str:
    """Returns the licence that a package's metadata name, or "unknown"."""
    classifiers = [
        each.split(" :: ")[-1] for each in package.get_all("Classifier", []) if each.startswith("License ::")
    ]
    # The oldest field may hold the whole text of a licence, or nothing.
    old = (package.get("License") or "").strip()
    named = "" if "\n" in old or old == "UNKNOWN" else old
    return package.get("License-Expression") or named or " OR ".join(classifiers) or "unknown"


def is_fine(text: str) -> bool:
    """Returns whether a licence, or one of those to choose from, is fine."""
    choices = (choice.split(" AND ") for choice in text.split(" OR "))
    return any(all(FINE.search(part) and not STRONG.search(part) for part in parts) for parts in choices)


def main() -> int:
    """Prints the list and a summary line, and returns the exit status."""
    faults, lines = [], []
    counts: Counter[str] = Counter()
    for name in re.findall(r"^([\w.-]+)==", CONSTRAINTS.read_text(encoding="utf-8"), flags=re.MULTILINE):
        try:
            package = metadata(name)
        except PackageNotFoundError:
            continue  # of an extra that is not installed
        found = licence(package)
        lines.append(f"{package['Name']}\t{package['Version']}\t{found}\n")
        family = FINE.search(found)
        counts[family[1] if family else found] += 1
        if not is_fine(found):
            faults.append(f"{name}: its licence is {found}: find out whether it is fine, or do without it\n")
    total = ", ".join(f"{family} {count}" for family, count in counts.most_common())
    sys.stdout.writelines([*lines, f"{len(lines)} packages: {total}\n"])
    sys.stderr.writelines(faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
