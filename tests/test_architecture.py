import ast
import importlib
import inspect
import shutil
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "data": {"data"},
    "configs": set(),
    "model": {"data", "model"},
    "train": {"configs", "data", "model", "train"},
    "evaluation": {"data", "model", "evaluation"},
    "cli": {"cli", "configs", "data", "evaluation", "model", "train"},
}
# What each sub-room may import from its room, besides itself. Other modules in a room may import all of it.
BELOW: dict[str, set[str]] = {
    "data.errors": set(),
    "data.lazy": set(),
    "data.files": {"errors"},
    "data.locks": {"errors", "files"},
    "data.articles": {"errors", "files"},
    "data.inputs": {"errors", "files", "articles"},
    "data.text": {"errors", "files", "articles"},
    "data.tokens": {"errors", "files", "locks", "articles", "text"},
    "data.bundled": {"errors", "files", "articles", "text", "tokens", "checks"},
    "data.checks": {"errors", "files", "articles", "text", "tokens"},
    "data.importers": {"errors", "files", "articles", "text", "tokens"},
    "data.incidents": {"errors", "files", "articles", "text", "tokens", "importers"},
    "model.archive": {
        "card",
        "environment",
        "errors",
        "gate",
        "json_files",
        "precision",
        "record",
        "systems",
        "tagger",
    },
    "model.decoding": {"batching", "saving"},
    "model.record": set(),
    "model.shipped": set(),
    "train.search": {"callbacks", "config", "config_files", "fitting", "run_folder", "scores", "series"},
    "evaluation.counting": set(),
    "evaluation.figures": {"counting"},
    "evaluation.tuning": {"counting", "figures"},
    "evaluation.report": {"agreement", "counting", "figures", "scoring"},
    "cli.output": set(),
    "cli.commands": {"exporting", "output", "packing", "precisions", "signals", "training"},
}
LIBRARIES = ("data", "model", "train", "evaluation")
MODULES = sorted(path.relative_to(ROOT) for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py"))
PACKAGES = sorted({path.parent.as_posix() for path in MODULES})
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def package_of(folder: str) -> str:
    """Returns the package of a folder: `cli/` is `afteraction` itself, and folders in `cli/` are directly below it."""
    room, _, rest = folder.partition("/")
    parts = [part for part in ("afteraction", "" if room == "cli" else room, rest.replace("/", ".")) if part]
    return ".".join(parts)


def room_of(module: str) -> str | None:
    """Returns the room of an imported module, None if not ours. Modules directly in `afteraction` are the cli's."""
    package, _, rest = module.partition(".")
    if package != "afteraction":
        return package if package in MAY_IMPORT else None
    name = rest.partition(".")[0]
    return name if name in set(MAY_IMPORT) - {"cli"} else "cli"


def sub_room_of(path: Path) -> str | None:
    """Returns the sub-room of a module's file, None if it is directly in its room."""
    name = ".".join(path.with_suffix("").parts[:2])
    return name if name in BELOW else None


def imported(source: str, *, package: str) -> set[str]:
    """Returns all modules that a source imports, even under TYPE_CHECKING and in functions, by absolute names."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            modules |= {f"{module}.{alias.name}" for alias in node.names} if module == "afteraction" else {module}
    return modules


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_point_one_way(path: Path) -> None:
    room = path.parts[0]
    source = (ROOT / path).read_text(encoding="utf-8")
    rooms = {room_of(module) for module in imported(source, package=package_of(path.parent.as_posix()))} - {None}
    assert rooms <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", [path for path in MODULES if sub_room_of(path)], ids=str)
def test_imports_inside_a_room_point_one_way(path: Path) -> None:
    room, name = str(sub_room_of(path)).split(".")
    prefix = f"{package_of(room)}."
    for module in imported((ROOT / path).read_text(encoding="utf-8"), package=package_of(path.parent.as_posix())):
        if room_of(module) == room:
            below = module.removeprefix(prefix).partition(".")[0]
            assert below == name or below in BELOW[f"{room}.{name}"], f"{path} imports {module}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {path: package_of(path.with_suffix("").as_posix()).removesuffix(".__init__") for path in MODULES}
    known = {name: path for path, name in names.items() if path.name != "__init__.py"}
    graph = {
        name: imported((ROOT / path).read_text(encoding="utf-8"), package=package_of(path.parent.as_posix()))
        & set(known)
        for name, path in known.items()
    }
    TopologicalSorter(graph).prepare()  # raises an error on a cycle


def test_every_folder_of_a_room_is_a_sub_room() -> None:
    assert {".".join(path.parts[:2]) for path in MODULES if len(path.parts) > 2} <= set(BELOW)


@pytest.mark.parametrize(
    ("source", "room"),
    [
        ("from afteraction.train import fit", "train"),
        ("import afteraction.model.tagger", "model"),
        ("from afteraction import evaluation", "evaluation"),
        ("from afteraction.app import app", "cli"),
        ("from ..train import fit", "train"),
        ("from .articles import read_named", "data"),
        ("import data", "data"),
        ("if TYPE_CHECKING:\n    from afteraction.train import fit", "train"),
        ("def f():\n    from afteraction.train import fit", "train"),
        ("import torch.nn", None),
    ],
)
def test_the_reader_of_imports_sees_them_all(source: str, room: str | None) -> None:
    assert {room_of(module) for module in imported(source, package="afteraction.data")} == {room}


def test_the_packages_of_pyproject_are_the_folders_with_modules() -> None:
    tooling = {"tests", "bench", "docs", "build"}
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - tooling
    assert folders == set(MAY_IMPORT)
    assert all((ROOT / folder / "__init__.py").is_file() for folder in PACKAGES)
    setuptools = PYPROJECT["tool"]["setuptools"]
    assert setuptools["package-dir"] == {package_of(folder): folder for folder in PACKAGES}
    assert set(setuptools["packages"]) == set(setuptools["package-dir"])


def test_no_module_of_the_cli_has_a_rooms_name() -> None:
    assert not {path.stem for path in (ROOT / "cli").iterdir()} & set(MAY_IMPORT)


@pytest.mark.parametrize("folder", PACKAGES)
def test_a_package_names_what_it_offers_and_documents_it(folder: str) -> None:
    module = importlib.import_module(package_of(folder))
    names = module.__all__
    assert len(names) == len(set(names))
    assert inspect.getdoc(module)
    for name in names:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, f"{name} has no docstring"
            assert not value.__doc__.startswith(f"{name}("), f"{name} has but the docstring that dataclass gives"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 450
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[0] in LIBRARIES], ids=str)
def test_libraries_do_not_print(path: Path) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    calls = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert "print" not in calls


def test_the_wheel_has_every_module_config_and_article(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for path in [ROOT / room for room in MAY_IMPORT]:
        shutil.copytree(path, source / path.name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        entry_points = archive.read(
            f"afteraction-{PYPROJECT['project']['version']}.dist-info/entry_points.txt"
        ).decode()
    data = [Path("cli/py.typed"), *(path.relative_to(ROOT) for path in (ROOT / "configs").glob("*.yaml"))]
    data += [
        path.relative_to(ROOT)
        for path in (ROOT / "data" / "bundled").iterdir()
        if path.is_file() and path.suffix != ".py"
    ]
    data += [path.relative_to(ROOT) for path in (ROOT / "data" / "bundled" / "standoff").iterdir()]
    data += [path.relative_to(ROOT) for room in ("data", "model") for path in (ROOT / room).rglob("*.yaml")]
    shipped = (ROOT / "model" / "shipped").glob("*/*")
    data += [path.relative_to(ROOT) for path in shipped if (path.parent / "packed.json").is_file()]
    data += [path.relative_to(ROOT) for path in (ROOT / "evaluation" / "report" / "templates").iterdir()]
    expected = {
        Path("afteraction", *(path.parts[1:] if path.parts[0] == "cli" else path.parts)).as_posix()
        for path in [*MODULES, *data]
    }
    assert packed == expected
    assert {"afteraction/data/bundled/train.jsonl", "afteraction/configs/default.yaml"} <= packed
    assert "afteraction = afteraction.__main__:main" in entry_points
