from pathlib import Path

import pytest

from afteraction.__main__ import run
from afteraction.data import Article, read_articles


def test_view_draws_a_file(articles_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "new" / "page.html"
    assert run(["view", str(articles_file), "--output", str(page)]) == 0
    assert capsys.readouterr().out == f"wrote {page}\n"
    written = page.read_text(encoding="utf-8")
    assert written.count("<article") == sum(1 for _ in read_articles(articles_file))
    assert "at least 50 killed" in written


def test_view_draws_no_more_than_asked(articles_file: Path, articles: list[Article], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run(["view", str(articles_file), "--output", str(page), "--limit", "1"]) == 0
    assert f"{len(articles) - 1} more left out" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.jsonl", "--output", "page.html"], "nowhere.jsonl: no such file"),
        (
            ["bundled:test", "--output", "page.html", "--limit", "0"],
            "'--limit': Input should be greater than or equal to 1",
        ),
        (["bundled:test"], "Missing option '--output'"),
    ],
)
def test_view_says_what_is_wrong(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["view", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]
