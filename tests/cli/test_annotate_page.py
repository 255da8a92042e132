"""The commands of docs/annotate.md, in order. A simulated annotator replaces Label Studio's server."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from afteraction.data import Article, read_articles, read_named, write_articles

PAGE = Path(__file__).parents[2] / "docs" / "annotate.md"
COMMANDS = re.findall(r"^afteraction (.*)", PAGE.read_text(encoding="utf-8").replace("\\\n", ""), flags=re.MULTILINE)
TEXTS, NUMBER = 60, 50
RANDOM = 40

Command = Callable[..., "tuple[int, str, str]"]


def marks(article: Article) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.label) for span in article.spans]


def annotate(gold: dict[str, Article], folder: Path) -> None:
    """Corrects the tasks as Label Studio exports them. The second annotator misses the last span of each text."""
    tasks = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    for number, task in enumerate(tasks, start=1):
        article = gold[task["data"]["text"]]
        assert [prediction["model_version"] for prediction in task["predictions"]] == ["afteraction"]
        regions = [
            {
                "id": f"r{span.start}",
                "type": "labels",
                "from_name": "label",
                "to_name": "text",
                "origin": "manual",
                "value": {
                    "start": span.start,
                    "end": span.end,
                    "text": article.surface(span),
                    "labels": [span.label],
                },
            }
            for span in article.spans
        ]
        results = {1: regions, 2: regions[:-1]}
        task["id"], task["predictions"] = number, [number]
        task["annotations"] = [{"completed_by": person, "result": result} for person, result in results.items()]
    (folder / "export.json").write_text(json.dumps(tasks), encoding="utf-8")


@pytest.mark.slow
def test_the_page_leads_from_texts_to_a_model(
    command: Command, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERACTION_CACHE", str(tmp_path / "cache"))
    chosen = list(read_named(["bundled:voa-dev"]))[: TEXTS + RANDOM]
    gold = {article.text: article for article in chosen}
    for folder, articles in (("texts", chosen[:TEXTS]), ("random", chosen[TEXTS:])):
        Path(folder).mkdir()
        for article in articles:
            Path(folder, f"{article.id}.txt").write_text(article.text, encoding="utf-8")
    # A tiny encoder and only the articles of the round, so that training takes seconds.
    small = [f"encoder={tiny_encoder}", "window.size=48", "window.stride=8", "fitting.epochs=1"]

    def run(line: str) -> str:
        arguments = shlex.split(line.replace(", bundled:train", ""))
        status, out, err = command(*arguments, *(small if arguments[0] == "train" else ()))
        # `check` has warnings about these few short articles, but no errors.
        assert status == 0, f"{line}\n{out}{err}"
        if arguments[:2] == ["data", "convert"]:
            annotate(gold, tmp_path)
        if "random/" in arguments:
            suggested = read_articles(Path("random.jsonl"))
            write_articles((gold[article.text] for article in suggested), Path("random-annotated.jsonl"))
        return out + err

    for line in COMMANDS[:-1]:
        printed = run(line)
        if "--drafts round-1.jsonl" in line:
            assert {"accepted", "changed", "removed", "added"} <= set(printed.split())
            assert "tasks with several annotations, of which one counts: 50" in printed
    first = list(read_articles(Path("annotated-1.jsonl")))
    assert len(first) == NUMBER
    assert all(marks(article) == marks(gold[article.text]) for article in first)
    assert {path.name for path in Path("report").iterdir()} >= {"report.html", "report.json"}
    assert Path("differences", "report.html").is_file()

    # "Continue with step 2": the commands of the first round, with the second round's files.
    [convert] = [line for line in COMMANDS if line.startswith("data convert")]
    [back] = [line for line in COMMANDS if "--drafts round-1.jsonl" in line and "import" in line]
    tested = {article.id for article in read_articles(Path("parts", "test.jsonl"))}
    for line in (convert, back):
        run(line.replace("-1.jsonl", "-2.jsonl"))
    run(COMMANDS[-1])
    second = list(read_articles(Path("annotated-2.jsonl")))
    assert 0 < len(second) <= TEXTS - NUMBER
    assert not {article.text for article in first} & {article.text for article in second}
    assert tested <= {article.id for article in read_articles(Path("parts", "test.jsonl"))}
