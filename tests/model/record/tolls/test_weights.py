from pathlib import Path

import pytest

from afteraction.data import DataError
from afteraction.model.record.tolls import FEATURES, read_weights
from afteraction.model.record.tolls.weights import WEIGHTS_FILE, format_weights


def test_weights_are_read_as_they_are_written(tmp_path: Path) -> None:
    weights = {name: index / 8 for index, name in enumerate(FEATURES)}
    path = tmp_path / "weights.yaml"
    path.write_text(format_weights(weights), encoding="utf-8")
    assert read_weights(path) == weights


def test_the_installed_weights_are_of_the_features() -> None:
    assert list(read_weights(WEIGHTS_FILE)) == list(FEATURES)
    content = WEIGHTS_FILE.read_text(encoding="utf-8")
    assert format_weights(read_weights(WEIGHTS_FILE)) == content


@pytest.mark.parametrize(
    "content", ["early: 1\n", "- early\n", "early: [", "".join(f"{name}: a\n" for name in FEATURES)]
)
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "weights.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"weights\.yaml"):
        read_weights(path)
    with pytest.raises(DataError, match=r"none\.yaml"):
        read_weights(tmp_path / "none.yaml")
