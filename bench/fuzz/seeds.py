"""Seeds for the inputs: the bundled articles in every format that we write, and literals in the tests."""

import ast
import json
import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

from afteraction.data import Article, read_named, write_articles
from afteraction.data.importers import export_articles

ROOT = Path(__file__).parents[2]
LONGEST = 20_000
"""Bytes of a seed. Longer files are cut."""


@cache
def articles() -> tuple[Article, ...]:
    """Returns some short annotated articles."""
    return tuple(islice((article for article in read_named(["bundled:dev"]) if len(article.text) < 1200), 12))


@cache
def texts() -> tuple[bytes, ...]:
    """Returns plain texts: articles, and strings in the tests that read texts."""
    found = from_tests("model/record", "model/test_rules.py", "data/text", "data/incidents", "quality")
    return (*(article.text.encode() for article in articles()), *found)


@cache
def exported(form: str) -> tuple[bytes, ...]:
    """Returns files in a format of annotation tools, each with an article and the next one."""
    files = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(len(articles())):
            path = Path(folder, f"{number}.conll")
            export_articles(articles()[number : number + 2], path, to=form)
            parts = sorted(part for part in path.glob("*.ann")) if path.is_dir() else [path]
            files += [part.read_bytes() for part in parts]
    return tuple(files)


@cache
def stored(suffix: str) -> tuple[bytes, ...]:
    """Returns article files with a suffix, each with an article and the next one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{suffix}")
        files = []
        for number in range(len(articles())):
            write_articles(articles()[number : number + 2], path)
            files.append(path.read_bytes())
        return tuple(files)


@cache
def from_tests(*names: str) -> tuple[bytes, ...]:
    """Returns the string literals in some test modules, and the other literals as JSON."""
    found: dict[bytes, None] = {}
    for name in names:
        path = ROOT / "tests" / name
        for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found |= dict.fromkeys(_values(ast.parse(module.read_text(encoding="utf-8"))))
    return tuple(found)


@cache
def files(*patterns: str) -> tuple[bytes, ...]:
    """Returns the content of the repository's files that match the patterns."""
    return tuple(path.read_bytes()[:LONGEST] for pattern in patterns for path in sorted(ROOT.glob(pattern)))


def _values(tree: ast.AST) -> Iterator[bytes]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
            yield "".join(map(str, parts)).encode("utf-8", "replace")
        elif isinstance(node, ast.Constant | ast.Dict | ast.List):
            try:
                value = ast.literal_eval(node)
            except ValueError:
                continue
            if isinstance(value, str) and len(value) > 8:
                yield value.encode("utf-8", "replace")
            elif isinstance(value, bytes) and len(value) > 8:
                yield value
            elif isinstance(value, dict | list) and value:
                try:
                    yield json.dumps(value).encode()
                except TypeError:
                    continue
