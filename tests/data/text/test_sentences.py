import pytest

from afteraction.data.text import sentence_starts


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Mr. Bora met Ms. Bora. He left.", ["Mr. Bora met Ms. Bora. ", "He left."]),
        ("Gov. Ada B. Bora spoke. Lt. Oram did not.", ["Gov. Ada B. Bora spoke. ", "Lt. Oram did not."]),
        ("Brig. Bora and Cpl. Oram died. It was Nov. 12.", ["Brig. Bora and Cpl. Oram died. ", "It was Nov. 12."]),
        ("He left in Nov. They died Sept. 3. 12 fled.", ["He left in Nov. ", "They died Sept. 3. ", "12 fled."]),
        ("On Jul. 7 he left Ft. Hood. 12 died.", ["On Jul. 7 he left Ft. Hood. ", "12 died."]),
        ("“Stop!” He fled.\nThey died.", ["“Stop!” ", "He fled.\n", "They died."]),
        ("It fell by 3.5 percent. 12 died.", ["It fell by 3.5 percent. ", "12 died."]),
    ],
)
def test_sentences_end_at_marks_and_lines_but_not_after_titles(text: str, sentences: list[str]) -> None:
    starts = sentence_starts(text)
    assert [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)] == sentences
