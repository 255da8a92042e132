from pathlib import Path

import pytest

from afteraction.data import DataError, InputError
from afteraction.data.importers import (
    ConllColumns,
    ImportLog,
    RawArticle,
    TagScheme,
    detect_layout,
    parse_columns,
    read_conll,
)

NEWS_2003 = """\
-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
bombed VBD B-VP O
Peter NNP B-NP B-PER
Blackburn NNP I-NP I-PER

GAO NNP B-NP B-LOC

-DOCSTART- -X- -X- O

Quiet JJ O O
"""


def written(path: Path, content: str) -> Path:
    path.write_bytes(content.encode())
    return path


def found(path: Path, **layout: object) -> list[RawArticle]:
    errors: list[DataError] = []
    articles = list(read_conll(path, detect_layout(path, **layout), log=ImportLog(), on_error=errors.append))
    assert not errors, errors
    return articles


def surfaces(article: RawArticle) -> list[tuple[str, str]]:
    return [(span.label, article.text[span.start : span.end]) for span in article.spans]


def test_the_format_of_the_shared_task(tmp_path: Path) -> None:
    path = written(tmp_path / "eng.train.conll", NEWS_2003)
    first, second = found(path)
    assert first.text == "EU bombed Peter Blackburn\nGAO"
    assert surfaces(first) == [("ORG", "EU"), ("PER", "Peter Blackburn"), ("LOC", "GAO")]
    assert (first.id, second.id) == ("eng-1", "eng-10")
    assert (second.text, second.spans) == ("Quiet", ())


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_columns_comments_and_ids(tmp_path: Path, line_end: str) -> None:
    lines = [
        "# newdoc id = news 1",
        "# text = Rebels hit Gao 👍🏽 .",
        "B-P\tRebels\t_",
        "O\thit\t_",
        "B-L\tNew Gao\t_",
        "O\t👍🏽\t_",
        "O\t#\t_",
        "",
        "# id 7a1b\tdomain=en",
        "B-L\tCafe\u0301\t_",
        "I-L\t🏠\t_",
    ]
    path = written(tmp_path / "x.conll", "\ufeff" + line_end.join(lines) + line_end)
    first, second = found(path, columns=parse_columns("tag,token,_"))
    assert (first.id, second.id) == ("news 1", "7a1b")
    assert surfaces(first) == [("P", "Rebels"), ("L", "New Gao")]
    assert first.text == "Rebels hit New Gao 👍🏽 #"
    assert surfaces(second) == [("L", "Cafe\u0301 🏠")]


def test_a_hash_is_a_token_where_its_line_is_one(tmp_path: Path) -> None:
    path = written(
        tmp_path / "x.conll", "# O\n#Gao B-LOC\n# a comment of many words\n# blood group O\n# sent_id = 3\n# O\n"
    )
    [article] = found(path)
    assert article.text == "# #Gao #"


def test_without_marks_every_sentence_is_an_article(tmp_path: Path) -> None:
    path = written(tmp_path / "tweets.conll", "Gao B-LOC\n\n\nis O\nquiet O\n")
    assert [(article.id, article.text) for article in found(path)] == [("tweets-1", "Gao"), ("tweets-4", "is quiet")]


def test_a_token_of_white_space_leaves_no_trace_but_a_blank(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conll", "Gao _ B-LOC\n\u00a0 _ O\n  Mali _ B-LOC\n \n\t_\tI-LOC\n")
    first, second = found(path, scheme=TagScheme.IOB1)
    assert first.text == "Gao  Mali"
    assert surfaces(first) == [("LOC", "Gao"), ("LOC", "Mali")]
    assert surfaces(second) == [("LOC", "")]


def test_one_mark_for_many_texts_as_label_studio_writes_it(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conll", "-DOCSTART- -X- O\nGao -X- _ B-LOC\n\nquiet -X- _ O\nGao -X- _ B-LOC\n\n")
    assert detect_layout(path).documents == 1
    assert [article.text for article in found(path)] == ["Gao\nquiet Gao"]
    assert detect_layout(path, by_sentence=True).documents == 0
    assert [(article.id, article.text) for article in found(path, by_sentence=True)] == [
        ("x-2", "Gao"),
        ("x-4", "quiet Gao"),
    ]


def test_an_edited_tag_wins_over_the_record_of_the_text(tmp_path: Path) -> None:
    record = '{"id": "a", "text": "Rebels  hit\\nGao", "spans": [{"start": 0, "end": 6, "entity": "e1"}]}'
    path = written(tmp_path / "x.conll", f"# id = a\n# afteraction = {record}\nRebels B-P\nhit O\n\nGao B-LOC\n")
    [article] = found(path)
    assert article.text == "Rebels  hit\nGao"
    assert [(span.label, span.entity) for span in article.spans] == [("P", "e1"), ("LOC", None)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Gao\n", r"line 1: has 1 column\(s\)"),
        ("Gao B-LOC\nx 3\n", "line 2: the tag '3' is neither O nor like B-LABEL"),
        ("Gao B-\n", "line 1: the tag 'B-'"),
        ("# afteraction = {\nGao O\n", "line 1: afteraction is not JSON"),
        ("# id = a\n# afteraction = [1]\nGao O\n", "line 2: afteraction is not a JSON object"),
        (
            '# id = a\n# afteraction = {"id": "a", "text": "Mali"}\nGao O\n',
            "line 1: token 1, 'Gao', is not in the text",
        ),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = written(tmp_path / "x.conll", content)
    with pytest.raises((DataError, AssertionError), match=rf"^(?!.*x\.conll.*x\.conll).*x\.conll: {message}"):
        found(path)


def test_what_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_bytes("Caf\u00e9 O\n".encode("latin-1"))
    with pytest.raises(DataError, match="line 1: not UTF-8 at byte 3"):
        detect_layout(path)
    with pytest.raises(DataError, match="no such file"):
        detect_layout(tmp_path / "none.conll")


def test_a_scheme_that_is_given_is_kept_to(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conll", "# id = a\nGao I-LOC\n\n# id = b\nGao B-LOC\n")
    errors: list[DataError] = []
    layout = detect_layout(path, scheme=TagScheme.IOB2)
    assert [article.id for article in read_conll(path, layout, log=ImportLog(), on_error=errors.append)] == ["b"]
    assert [str(error) for error in errors] == [
        f"{path}: line 1: I-LOC in line 2 continues nothing, which iob2 cannot have"
    ]


def test_columns_are_named_once_each() -> None:
    assert parse_columns("token,_,tag") == ConllColumns(0, 2)
    for text in ("token", "token,tag,tag", "token,tga", ""):
        with pytest.raises(InputError, match="name each column token, tag or _"):
            parse_columns(text)


# CoNLL-U

RANGES = """\
# newdoc id = a
# sent_id = 1
# text = Didn't ten die du Kano's?
1-2\tDidn't\t_\t_
1\tDid\tO\t_
2\tn't\tO\t_
3\tten\tB-TOLL\t_
4\tdie\tO\t_
4.1\tdied\tB-TOLL\t_
5-6\tdu\t_\t_
5\tde\tO\t_
6\tle\tB-LOC\t_
7\tKano\tI-LOC\tSpaceAfter=No
8\t's\tO\tSpaceAfter=No
9\t?\tO\t_
"""


def test_ranges_are_words_of_the_text_and_empty_nodes_are_none(tmp_path: Path) -> None:
    log = ImportLog()
    for content in (RANGES, RANGES.replace("# text =", "# words =")):
        path = written(tmp_path / "x.conllu", content)
        [article] = read_conll(path, detect_layout(path), log=log, on_error=pytest.fail)
        assert article.text == "Didn't ten die du Kano's?"
        assert surfaces(article) == [("TOLL", "ten"), ("LOC", "du Kano")]
    assert log.count("tags left out that are not the first of their cell, or of an empty node") == 2


def test_a_range_that_is_tagged_itself_stands_for_its_words(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conllu", "1-2\tKano's\tB-LOC\n1\tKano\t_\n2\t's\t_\n3\tburned\tO\n")
    [article] = found(path)
    assert (article.text, surfaces(article)) == ("Kano's burned", [("LOC", "Kano's")])


def test_a_part_of_a_range_is_marked_alone_where_the_words_add_up_to_it(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conllu", "1-2\tKano's\t_\n1\tKano\tB-LOC\n2\t's\tO\n3\tburned\tO\n")
    assert surfaces(found(path)[0]) == [("LOC", "Kano")]


def test_a_text_that_is_not_the_tokens_is_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conllu", "# text = Gao burns\nGao\tB-LOC\nburned\tO\n")
    log = ImportLog()
    [article] = read_conll(path, detect_layout(path), log=log, on_error=pytest.fail)
    assert article.text == "Gao burned"
    assert log.count("sentences whose # text is not that of their tokens, which count") == 1


def test_tags_may_be_among_other_values(tmp_path: Path) -> None:
    path = written(
        tmp_path / "x.conllu",
        "1\tRed\tred\tADJ\tNER=B-PER\n2\tLance\tlance\tNOUN\tNER=I-PER|SpaceAfter=No\n3\t!\t!\tPUNCT\t_\n",
    )
    [article] = found(path)
    assert (article.text, surfaces(article)) == ("Red Lance!", [("PER", "Red Lance")])


# Tags found in practice


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        ("B-PER I-PER O B-LOC", None),
        ("B_PER I_PER O B_LOC", None),
        ("PER-B PER-I O LOC-B", None),
        ("B-PER M-PER O S-LOC", TagScheme.IOB1),
        ("B-PER|B-X I-PER|_ O|B-LOC B-LOC", None),
        ("b-PER i-PER _ b-LOC", None),
        ("PER PER O LOC", TagScheme.IO),
        ("I-PER I-PER - I-LOC", TagScheme.IO),
    ],
)
def test_tags_of_many_spellings(tmp_path: Path, tags: str, scheme: TagScheme | None) -> None:
    rows_of = zip(["Red", "Lance", "struck", "Kano"], tags.split(), strict=True)
    path = written(tmp_path / "x.conll", "".join(f"{token} {tag}\n" for token, tag in rows_of))
    assert surfaces(found(path, scheme=scheme)[0]) == [("PER", "Red Lance"), ("LOC", "Kano")]


def test_further_tags_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conll", "Red B-NP B-PER|B-ORG\nLance I-NP I-PER\nis O O\n")
    log = ImportLog()
    [article] = read_conll(path, detect_layout(path), log=log, on_error=pytest.fail)
    assert surfaces(article) == [("PER", "Red Lance")]
    assert log.count("tags left out that are not the first of their cell, or of an empty node") == 1
    assert log.count("columns of tags left out, one of which --columns can choose") == 1


def test_the_only_column_of_tags_is_found_and_one_of_several_must_be_named(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conll", "Red\tB-PER\tx\nran\tO\ty\n")
    assert surfaces(found(path)[0]) == [("PER", "Red")]
    several = written(tmp_path / "y.conll", "Red\tB-PER\tB-ORG\tx\nran\tO\tO\ty\n")
    with pytest.raises(DataError, match=r"the columns 2 \(B-PER\), 3 \(B-ORG\) have tags: name the one"):
        found(several)
    assert surfaces(found(several, columns=parse_columns("token,_,tag,_"))[0]) == [("ORG", "Red")]


def test_bare_labels_are_refused_with_the_remedy(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conll", "Red O\nLance PER\n")
    with pytest.raises(DataError, match=r"x\.conll: line 2: the tag 'PER' is neither .* give --scheme io"):
        found(path)


def test_a_line_of_another_width_is_named_and_the_other_sentences_read(tmp_path: Path) -> None:
    path = written(
        tmp_path / "x.conll",
        "Gao N B-LOC\n\nKano State N B-LOC\nran V O\n\nran O\n\nMali\t\tN\tB-LOC\n\n# a comment of ours\nJos N B-LOC\n",
    )
    errors: list[DataError] = []
    articles = list(read_conll(path, detect_layout(path), log=ImportLog(), on_error=errors.append))
    assert [article.text for article in articles] == ["Gao", "Mali", "Jos"]
    assert [str(error).removeprefix(f"{path}: ")[:48] for error in errors] == [
        "line 3: has 4 column(s), where most lines have 3",
        "line 6: has 2 column(s), where most lines have 3",
    ]


def test_escapes_of_the_penn_treebank_are_resolved(tmp_path: Path) -> None:
    path = written(tmp_path / "x.conll", "`` O\n-LRB- O\nGao B-LOC\n-RRB- O\n'' O\n1\\/2 O\n")
    assert found(path)[0].text == '" ( Gao ) " 1/2'


def test_a_few_faults_do_not_decide_the_scheme(tmp_path: Path) -> None:
    good = "Gao B-LOC\n\n" * 12
    path = written(tmp_path / "x.conll", f"Mali I-LOC\n\n{good}")
    errors: list[DataError] = []
    layout = detect_layout(path)
    assert layout.scheme is TagScheme.IOB2
    assert len(list(read_conll(path, layout, log=ImportLog(), on_error=errors.append))) == 12
    assert str(errors[0]) == f"{path}: line 1: I-LOC in line 1 continues nothing, which iob2 cannot have"


def test_a_first_line_of_names_is_no_token(tmp_path: Path) -> None:
    path = written(tmp_path / "x.tsv", "TOKEN\tNE-COARSE\tMISC\nRed\tB-PER\tNoSpaceAfter\nLance\tI-PER\t_\n")
    [article] = found(path)
    assert (article.text, surfaces(article)) == ("RedLance", [("PER", "RedLance")])
    assert found(written(path, "Word\tO\nis\tO\n"))[0].text == "Word is"
