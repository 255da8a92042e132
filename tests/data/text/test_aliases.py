from pathlib import Path

import pytest

from afteraction.data import InputError
from afteraction.data.text import load_aliases


def test_a_users_table_adds_to_the_built_in_one(tmp_path: Path) -> None:
    table = tmp_path / "mine.yaml"
    table.write_text("names:\n  - [Islamic State, The Black Banner]\n", encoding="utf-8")
    extended = load_aliases([table])
    assert "The Black Banner" in extended.alternatives("islamic state")
    assert "ISIL" in extended.alternatives("Islamic State")
    assert "The Black Banner" not in load_aliases().alternatives("Islamic State")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name: []", "unknown key 'name'; did you mean 'names'?"),
        ("names:\n  - [one]", "names.0: list should have at least 2 items"),
        ("demonyms: {Niger: [two words]}", "demonyms.Niger.0: string should match pattern"),
        ("names: [", "cannot be read as YAML"),
        ("[" * 5000, "cannot be read as YAML"),
        (f"names: {'9' * 5000}", "cannot be read as YAML"),
    ],
)
def test_a_faulty_table_is_refused_with_the_file_and_the_key(content: str, message: str, tmp_path: Path) -> None:
    table = tmp_path / "mine.yaml"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_aliases([table])
    assert str(caught.value).startswith(f"{table}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read"):
        load_aliases([tmp_path / "none.yaml"])
