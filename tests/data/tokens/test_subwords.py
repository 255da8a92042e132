import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from afteraction.data import InputError, SubwordTokenizer


def test_a_text_is_split_whole_whatever_length_the_tokenizers_files_ask_for(
    subwords: SubwordTokenizer, tokenizer: PreTrainedTokenizerFast
) -> None:
    text = "killed " * 500
    (encoded,) = subwords.encode([text])
    assert encoded.ids.tolist() == tokenizer.convert_tokens_to_ids(["killed"]) * 500
    assert encoded.bounds.tolist() == [[start, start + 6] for start in range(0, len(text), 7)]


def test_texts_of_several_lengths_are_not_padded(subwords: SubwordTokenizer) -> None:
    encoded = subwords.encode(["gao", "", "gao mali gao"])
    assert [len(subwords.ids) for subwords in encoded] == [1, 0, 3]
    assert [subwords.bounds.shape for subwords in encoded] == [(1, 2), (0, 2), (3, 2)]


def test_the_name_of_a_special_token_is_read_as_text(
    subwords: SubwordTokenizer, tokenizer: PreTrainedTokenizerFast
) -> None:
    (encoded,) = subwords.encode(["[SEP] gao"])
    assert tokenizer.sep_token_id not in encoded.ids
    assert encoded.bounds[-1].tolist() == [6, 9]


def test_a_windows_ids_are_between_the_special_ones(
    subwords: SubwordTokenizer, tokenizer: PreTrainedTokenizerFast
) -> None:
    (encoded,) = subwords.encode(["gao, mali"])
    assert subwords.window_ids(encoded.ids).tolist() == tokenizer("gao, mali")["input_ids"]
    assert subwords.special_count == 2
    assert subwords.pad_id == tokenizer.pad_token_id


def test_a_tokenizer_without_special_tokens_adds_none() -> None:
    backend = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    subwords = SubwordTokenizer(PreTrainedTokenizerFast(tokenizer_object=backend))
    (encoded,) = subwords.encode(["a b a"])
    assert subwords.special_count == 0
    assert subwords.window_ids(encoded.ids).tolist() == [1, 0, 1]


def test_a_tokenizer_without_offsets_is_refused() -> None:
    class Slow:
        is_fast = False
        name_or_path = "some/model"

    with pytest.raises(InputError, match=r"some/model: the tokenizer has no tokenizer\.json"):
        SubwordTokenizer(Slow())


def test_subwords_are_those_of_the_rendered_text_and_their_bounds_those_of_the_text_as_given(
    subwords: SubwordTokenizer,
) -> None:
    text = "\ufeffga\xado&rsquo;s b&amp;c vil\u200blage"
    given, shown = subwords.encode([text, "gao’s b&c village"])
    assert given.ids.tolist() == shown.ids.tolist()
    words = [text[start:end] for start, end in given.bounds.tolist()]
    assert words == ["ga\xado", "&rsquo;", "s", "b", "&amp;", "c", "vil\u200blage"]
