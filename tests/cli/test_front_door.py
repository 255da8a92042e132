"""The names that `import afteraction` offers, and the message of a command whose extra is not installed."""

import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import afteraction
from afteraction.__main__ import run
from afteraction.data import Article, write_articles
from afteraction.extras import EXTRAS

PYPROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_name_of_the_front_door_is_there() -> None:
    assert {"Tagger", "Article", "read_articles", "write_articles", "evaluate", "fit", "load_config"} <= set(
        afteraction.__all__
    )
    for name in afteraction.__all__:
        assert getattr(afteraction, name) is not None
    assert afteraction.__version__ == version("afteraction") == PYPROJECT["project"]["version"]
    with pytest.raises(AttributeError, match="no attribute 'Taggar'"):
        afteraction.Taggar  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    script = "import afteraction, sys; print(*sorted({'torch', 'transformers', 'matplotlib'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout == "\n"


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("jinja2", ["view", "{file}", "--output", "{folder}/page.html"], "report"),
        ("matplotlib", ["evaluate", "{file}", "--predictions", "{file}", "--report", "{folder}/report"], "report"),
        ("datasketch", ["data", "split", "{file}", "--output", "{folder}/split"], "corpus"),
        ("datasets", ["train", "quickstart", "runs={folder}"], "train"),
        ("optuna", ["search", "quickstart", "{folder}/space.yaml", "runs={folder}"], "search"),
    ],
)
def test_a_command_without_its_extra_says_which_to_install(
    module: str,
    arguments: list[str],
    extra: str,
    articles: list[Article],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "articles.jsonl"
    write_articles(articles, file)
    for loaded in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    for ours in ("afteraction.evaluation.report", "afteraction.train"):
        parent, _, name = ours.rpartition(".")
        if ours in sys.modules:  # importing it again rebinds the parent's attribute, which must be restored too
            monkeypatch.setattr(sys.modules[parent], name, sys.modules[ours])
        for loaded in [name for name in sys.modules if name.startswith(ours)]:
            monkeypatch.delitem(sys.modules, loaded)
    assert run([argument.format(file=file, folder=tmp_path) for argument in arguments]) == 1
    assert capsys.readouterr().err == f"afteraction: this needs {module}: pip install 'afteraction[{extra}]'\n"


def test_every_extra_that_is_named_exists_and_brings_the_module() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    for module, extra in EXTRAS.items():
        assert any(module.replace("_", "-") in requirement for requirement in extras[extra])
