import pytest

from afteraction.data.errors import first_line


@pytest.mark.parametrize(
    ("error", "line"), [(OSError("one\ntwo"), "one"), (EOFError(), "EOFError"), (ValueError("\n"), "")]
)
def test_the_first_line_of_an_error(error: Exception, line: str) -> None:
    assert first_line(error) == line
