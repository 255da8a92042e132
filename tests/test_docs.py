"""The pages for users: their links lead somewhere, and their commands are ones that the command line takes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from afteraction.app import app

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "data" / "bundled" / "README.md"])
LINK = re.compile(r"\]\((?!https?://)(?P<path>[^)#]*)(?:#(?P<anchor>[^)]*))?\)")


def fenced(page: Path) -> Iterator[str]:
    """The lines of a page's fenced blocks, those that a backslash goes on joined."""
    content = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```", content, flags=re.DOTALL | re.MULTILINE):
        yield from block.replace("\\\n", " ").splitlines()


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each command on a page, by its page and its arguments; comments and what a pipe leads from or to are not ours."""
    for page in PAGES:
        for line in fenced(page):
            for part in re.split(r" [|>] ", line):
                if re.match(r"(torchrun .*)?afteraction ", part.strip()):
                    words = shlex.split(part, comments=True)
                    yield page.name, words[words.index("afteraction") + 1 :]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for match in LINK.finditer(page.read_text(encoding="utf-8")):
        target = page.parent / match["path"] if match["path"] else page
        assert target.exists(), match[0]
        if match["anchor"]:
            assert match["anchor"] in anchors(target), match[0]


@pytest.mark.parametrize(
    ("page", "arguments"), [pytest.param(*found, id=f"{found[0]}: {' '.join(found[1])}") for found in commands()]
)
def test_commands_are_taken_as_they_are_printed(page: str, arguments: list[str]) -> None:
    command, parent = get_command(app), None
    while hasattr(command, "commands"):
        parent = command.make_context("afteraction", [], parent=parent, resilient_parsing=True)
        assert arguments[0] in command.commands, page
        command, arguments = command.commands[arguments[0]], arguments[1:]
    command.make_context("afteraction", arguments, parent=parent)  # raises where an option or argument is wrong
