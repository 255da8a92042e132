import re
import shutil
from pathlib import Path

import pytest

import afteraction.model.shipped
from afteraction.data import Article
from afteraction.model import (
    ModelError,
    RuleTagger,
    Tagger,
    load_system,
    locate_model,
    pack_model,
    shipped_models,
    system_folder,
)


@pytest.fixture
def shipped(tuned_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ships two models, `news` and `old`, and returns the folder of both."""
    folder = tmp_path / "shipped"
    pack_model(tuned_folder, folder / "news", rank=4)
    shutil.copytree(folder / "news", folder / "old")
    (folder / "no-model").mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.setattr("afteraction.model.model_names.files", lambda _: folder)
    monkeypatch.chdir(tmp_path)
    return folder


def test_the_models_in_the_repository_are_those_that_are_shipped() -> None:
    folder = Path(str(afteraction.model.shipped.__file__)).parent
    expected = {path.name: path for path in folder.iterdir() if (path / "packed.json").is_file()}
    assert shipped_models() == expected


@pytest.mark.parametrize("name", shipped_models())
def test_every_shipped_model_loads(name: str) -> None:
    assert load_system(name).labels


def test_a_shipped_model_is_loaded_by_its_name(shipped: Path, articles: list[Article]) -> None:
    assert shipped_models() == {"news": shipped / "news", "old": shipped / "old"}
    expected = list(Tagger.load(shipped / "news").predict(articles))
    assert list(Tagger.load("news").predict(articles)) == expected
    assert list(load_system("news").predict(articles)) == expected


def test_a_model_folder_comes_before_a_shipped_model_and_another_folder_does_not(
    shipped: Path, tuned_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "news").mkdir()
    assert locate_model("news") == shipped / "news"
    shutil.copytree(tuned_folder, tmp_path / "news", dirs_exist_ok=True)
    assert locate_model("news") == Path("news")


def test_a_path_is_always_a_folder(shipped: Path) -> None:
    assert locate_model(Path("news")) == Path("news")
    with pytest.raises(ModelError, match="news: no such model folder"):
        Tagger.load(Path("news"))


def test_an_unknown_name_is_refused_with_those_that_there_are(shipped: Path) -> None:
    message = "nwes: no such model folder, nor a shipped model; the shipped models are: news, old"
    for load in (Tagger.load, load_system, locate_model, system_folder):
        with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
            load("nwes")
    shutil.rmtree(shipped)
    shipped.mkdir()
    with pytest.raises(ModelError, match=r"nor a shipped model; no models are shipped$"):
        locate_model("news")


def test_the_rules_have_no_folder(shipped: Path) -> None:
    assert system_folder("rules") is None
    assert isinstance(load_system("rules"), RuleTagger)
    assert system_folder("news") == shipped / "news"


def test_a_path_is_a_folder_even_if_it_is_called_rules(
    tuned_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tuned_folder, "rules")
    assert system_folder(Path("rules")) == Path("rules")
    assert isinstance(load_system(Path("rules")), Tagger)
    assert isinstance(load_system("./rules"), Tagger)
