"""The pages for users: links have targets, the command line accepts the commands, and the Python runs."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from transformers import set_seed
from typer.main import get_command

from afteraction.app import app
from afteraction.data import LABELS, Article, LabelScheme, WindowConfig, write_articles
from afteraction.model import ModelSettings, Tagger, build_classifier, load_tokenizer, save_model

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "data" / "bundled" / "README.md"])
PYTHON = re.compile(r"^```python\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)
FENCES = {"", "json", "python", "yaml"}
"""What may follow the opening fence of a block. Python blocks have no other mark, so the test finds all of them."""

LINK = re.compile(r"\]\((?!https?://)(?P<path>[^)#]*)(?:#(?P<anchor>[^)]*))?\)")


def fenced(page: Path) -> Iterator[str]:
    """Yields the lines of a page's fenced blocks. A line that ends with a backslash is joined with the next."""
    content = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```", content, flags=re.DOTALL | re.MULTILINE):
        yield from block.replace("\\\n", " ").splitlines()


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yields each of our commands on the pages, as the page's name and the arguments."""
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
    command.make_context("afteraction", arguments, parent=parent)  # raises an error if an option or argument is wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_blocks_are_marked_so_that_none_is_overlooked(page: Path) -> None:
    fences = re.findall(r"^[ >]*```(.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(fences[::2]) <= FENCES
    assert set(fences[1::2]) <= {""}


@pytest.fixture
def page_folder(tiny_encoder: Path, articles: list[Article], tmp_path: Path) -> Path:
    """Makes a folder with the files that pages name: models, article files, and a config over a tiny encoder."""
    folder = tmp_path / "page"
    set_seed(4)
    model = build_classifier(
        str(tiny_encoder), scheme=LabelScheme(), hidden_dropout=0.1, attention_dropout=0.1, head_dropout=0.1
    )
    with torch.no_grad():
        model.classifier.weight.mul_(15.0)  # so that an untrained head finds spans
    settings = ModelSettings(window=WindowConfig(size=32, stride=8), thresholds=dict.fromkeys(LABELS, 0.0))
    for name in ("quickstart", "mine"):
        save_model(
            folder / "runs" / name / "model",
            model=model,
            tokenizer=load_tokenizer(str(tiny_encoder)),
            settings=settings,
        )
    config = {
        "extends": "quickstart",
        "name": "trained",
        "encoder": str(tiny_encoder),
        "data": {"train": ["parts/train.jsonl"], "dev": ["parts/dev.jsonl"]},
        "window": {"size": 48, "stride": 8},
        "fitting": {"epochs": 1},
    }
    (folder / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    # Cross-validation in calibration needs more articles than the fixture has.
    more = [replace(article, id=f"{article.id}-{number}") for number in range(3) for article in articles]
    (folder / "parts").mkdir()
    for name in ("articles", "test", "dev", "parts/train", "parts/dev", "parts/test"):
        write_articles(more, folder / f"{name}.jsonl")
    write_articles(Tagger.load(folder / "runs/mine/model").predict(more), folder / "predicted.jsonl")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if PYTHON.search(page.read_text(encoding="utf-8"))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_python_blocks_run(page: Path, page_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a page's Python blocks in order, in one namespace, in a folder with the files that pages name."""
    monkeypatch.chdir(page_folder)
    monkeypatch.setenv("AFTERACTION_CACHE", str(page_folder / "cache"))
    namespace: dict[str, object] = {"__name__": "page"}
    for number, block in enumerate(PYTHON.findall(page.read_text(encoding="utf-8")), start=1):
        exec(compile(block, f"{page.name}, Python block {number}", "exec"), namespace)  # noqa: S102


def test_the_map_names_what_is_there() -> None:
    """Every file, folder and name that docs/architecture.md puts in backticks exists in the code."""
    rooms = ("cli", "configs", "data", "evaluation", "model", "train")
    sources = {path: path.read_text(encoding="utf-8") for room in rooms for path in (ROOT / room).rglob("*.py")}
    code = "\n".join(sources.values())
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert "```" not in page  # a fence would break the pairing of backticks
    for quoted in re.findall(r"`([^`\n]+)`", page):
        if re.fullmatch(r"[a-z_/0-9]+(/|\.py)", quoted):
            assert (ROOT / quoted).exists() or quoted in {path.name for path in sources}, quoted
        elif re.fullmatch(r"[A-Za-z]\w*[_A-Z]\w*(\.\w+)?", quoted):
            name = quoted.rpartition(".")[2]
            assert re.search(rf"^\s*(def|class) {name}\b|^{name}\b.*=", code, flags=re.MULTILINE), quoted
