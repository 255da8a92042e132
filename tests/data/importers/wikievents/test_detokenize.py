import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data.importers.wikievents.detokenize import join_tokens, split_sentences


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("The U . S . army ' s base , they said .", "The U.S. army's base, they said."),
        ("Thailand ’ s man “ wouldn ’ t ” go", "Thailand’s man “wouldn’t” go"),
        ('He said " no " , and " go "', 'He said "no", and "go"'),
        ("a 17 - year - old ( boy )", "a 17-year-old (boy)"),
        ("1 , 200 men on May 11 , 2019 at 10 : 30", "1,200 men on May 11, 2019 at 10:30"),
        ("$ 3 . 5 million or 40 %", "$3.5 million or 40%"),
        ("one - - two", "one - - two"),
        ("and / or", "and/or"),
        ("the rebels ' base", "the rebels' base"),
    ],
)
def test_tokens_are_set_as_a_newspaper_would(tokens: str, text: str) -> None:
    assert join_tokens(tokens.split())[0] == text


@pytest.mark.parametrize(
    ("tokens", "sentences"),
    [
        ("Men fled . They ran .", ["Men fled .", "They ran ."]),
        ("Lt . Gen . Sol and the U . N . Council met .", ["Lt . Gen . Sol and the U . N . Council met ."]),
        ("“ Get out ! ” The men ran", ["“ Get out ! ”", "The men ran"]),
        ("He ran ? he asked", ["He ran ? he asked"]),
        ("", []),
    ],
)
def test_sentences_end_at_their_marks(tokens: str, sentences: list[str]) -> None:
    assert [" ".join(sentence) for sentence in split_sentences(tokens.split())] == sentences


@given(st.lists(st.sampled_from("a B s ’ ' \" “ ” . , - / ( ) 12 345 ! : $ é 🔥".split()), max_size=15))
def test_every_token_is_where_it_is_said_to_be_and_nothing_else_is(tokens: list[str]) -> None:
    assert [token for sentence in split_sentences(tokens) for token in sentence] == tokens
    text, offsets = join_tokens(tokens)
    assert [text[start:end] for start, end in offsets] == tokens
    assert text.replace(" ", "") == "".join(tokens)
    assert text == text.strip()
