"""Commands without a model do not import the libraries that only models, training or pictures need."""

import subprocess
import sys
from pathlib import Path

import pytest

from afteraction.data import Article, write_articles

HEAVY = ("torch", "transformers", "datasets", "matplotlib", "jinja2")


def imported_by(*arguments: object) -> set[str]:
    """Runs a command in its own process, and returns the heavy libraries that it imports."""
    script = (
        "import sys\n"
        "from afteraction.__main__ import run\n"
        "status = run(sys.argv[1:])\n"
        f"print(status, *(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", script, *map(str, arguments)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    status, *libraries = finished.stderr.splitlines()[-1].split()
    assert status == "0", finished.stderr
    return set(libraries)


@pytest.fixture
def file(tmp_path: Path, articles: list[Article]) -> Path:
    path = tmp_path / "articles.jsonl"
    write_articles(articles, path)
    return path


def test_help_imports_nothing_heavy() -> None:
    assert imported_by("--help") == set()


@pytest.mark.slow
def test_scoring_and_drawing_files_import_nothing_heavy(file: Path, tmp_path: Path) -> None:
    assert imported_by("evaluate", file, "--predictions", file) == set()
    assert imported_by("compare", file, file, file) == set()
    assert imported_by("spread", file, file, file) == set()
    assert imported_by("view", file, "--output", tmp_path / "page.html") == {"jinja2"}
    assert imported_by("data", "agreement", file, file) == set()


@pytest.mark.slow
def test_the_rules_import_nothing_heavy(file: Path) -> None:
    assert imported_by("predict", "rules", file, "--json") == set()
    assert imported_by("evaluate", file, "--model", "rules") == set()


@pytest.mark.slow
def test_checks_and_a_dry_run_import_no_torch(file: Path) -> None:
    assert "torch" not in imported_by("data", "stats", file)
    assert "torch" not in imported_by("train", "quickstart", "--dry-run")
