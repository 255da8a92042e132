import json
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, DataError, InputError
from afteraction.data.importers import ImportLog, LabelMap, import_articles, read_webanno

NER = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
CHAIN = "CoreferenceLink 1"
SIMPLE = f"""\
#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue|coarseValue
#T_SP={NER}|identifier|value
#T_CH=de.tudarmstadt.ukp.dkpro.core.api.coref.type.CoreferenceLink|referenceRelation|referenceType
#T_RL=webanno.custom.Near|kind|BT_{NER}


#Text=👍 Red Lance hit\\tGao.
1-1\t0-2\t👍\t_\t_\t_\t_\t_\t_\t_\t_\t
1-2\t3-6\tRed\tADJ\tADJ\t*[1]\tPER[1]\t*->1-1\tname[1]\t_\t_\t
1-3\t7-12\tLance\tNN\tNN\t*[1]|*[2]\tPER[1]|A\\|B[2]\t*->1-1\tname[1]\t_\t_\t
1-4\t13-16\thit\tV\tV\t_\t_\t_\t_\t_\t_\t
1-5\t17-20\tGao\tNN\tNN\t*\tLOC\t_\t_\tby\t1-2\t
1-5.1\t17-18\tG\t_\t_\t*\tSUB\t_\t_\t_\t_\t
1-6\t20-21\t.\t_\t_\t*\t*\t_\t_\t_\t_\t

#Text=It fled.
2-1\t23-25\tIt\t_\t_\t*\tPER\t*->1-2\tpronoun[1]\t_\t_\t
2-2\t26-30\tfled\t_\t_\t_\t_\t_\t_\t_\t_\t
2-3\t30-31\t.\t_\t_\t_\t_\t_\t_\t_\t_\t
"""


def refuse(error: Exception) -> None:
    raise error


def imported(path: Path, log: ImportLog, **options: Any) -> list[Article]:
    raw = read_webanno(path, log=log, on_error=refuse, **options)
    return list(import_articles(raw, labels=LabelMap(), log=log, on_error=refuse))


def surfaces(article: Article) -> list[tuple[str, str, str | None]]:
    return [(span.label, article.surface(span), span.entity) for span in article.spans]


def written(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_named_entities_are_read_with_their_chains(tmp_path: Path) -> None:
    log = ImportLog()
    [article] = imported(written(tmp_path / "story.tsv", SIMPLE), log)
    assert (article.id, article.text) == ("story", "👍 Red Lance hit\tGao.\n It fled.")
    assert surfaces(article) == [("PER", "Red Lance", CHAIN), ("LOC", "Gao", None), ("PER", "It", CHAIN)]
    assert dict(log.labels) == {"PER": 2, "A|B": 1, "LOC": 1, "SUB": 1}
    assert log.count("annotations left out that have no label") == 1
    assert log.count("annotations left out of other layers (--layer chooses one)") == 1  # the relation
    assert log.count("spans dropped that overlap another") == 2


def test_a_layer_and_a_feature_are_chosen(tmp_path: Path) -> None:
    path = written(tmp_path / "story.tsv", SIMPLE)
    [article] = imported(path, ImportLog(), layer="POS", feature="coarseValue")
    assert [label for label, _, _ in surfaces(article)] == ["ADJ", "NN", "V", "NN"]
    with pytest.raises(InputError, match=r"--layer PoS: .* has no such layer; did you mean 'POS'"):
        imported(path, ImportLog(), layer="PoS")
    two = SIMPLE.replace(NER, "webanno.custom.Actor").replace("lexmorph.type.pos.POS", "x.Weapon")
    with pytest.raises(InputError, match="in the layers 'Actor', 'Weapon': name the one"):
        imported(written(path, two), ImportLog())


CHAINS = """\
#FORMAT=WebAnno TSV 3.2
#T_SP=webanno.custom.Actor|value
#T_CH=webanno.custom.SameLink|referenceType|referenceRelation
#T_CH=webanno.custom.PartLink|referenceType|referenceRelation


#Text=He shot himself, his foot.
1-1\t0-2\tHe\tA\tpr[1]\tcoref->1-1\t_\t_\t
1-2\t3-7\tshot\t_\t_\t_\t_\t_\t
1-3\t8-15\thimself\tA\tpr[1]\t*->1-2\t_\t_\t
1-4\t15-16\t,\t_\t_\t_\t_\t_\t
1-5\t17-20\this\tB[1]\t_\t_\t*[1]|*[2]\t*->1-1|*->2-1\t
1-6\t21-25\tfoot\tB[1]\t_\t_\t*[1]\t*->1-1\t
1-7\t25-26\t.\t_\t_\t_\t_\t_\t
"""


def test_every_mention_of_a_chain_counts_and_the_chains_of_two_layers_differ(tmp_path: Path) -> None:
    log = ImportLog()
    [article] = imported(written(tmp_path / "a.tsv", CHAINS), log)
    assert surfaces(article) == [
        ("A", "He", "SameLink 1"),
        ("A", "himself", "SameLink 1"),
        ("B", "his foot", "PartLink 1"),
    ]
    assert log.count("annotations left out of other layers (--layer chooses one)") == 1  # the link on "his" alone


def test_a_folder_has_one_layer_which_a_document_may_lack(tmp_path: Path) -> None:
    weapon = "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Weapon|kind\n\n\n#Text=guns\n1-1\t0-4\tguns\tgun\t\n"
    written(tmp_path / "a.tsv", weapon)
    written(tmp_path / "b.tsv", SIMPLE)
    log = ImportLog()
    for layer in (None, "NamedEntity"):
        first, second = imported(tmp_path, log, layer=layer)
        assert (first.spans, len(second.spans)) == ((), 3)
    first, second = imported(tmp_path, log, layer="Weapon")
    assert (surfaces(first), second.spans) == ([("gun", "guns", None)], ())


LINKED = """\
#FORMAT=WebAnno TSV 3.3
#T_SP=webanno.custom.Attack|ROLE_webanno.custom.Attack:who_webanno.custom.Link|uima.tcas.Annotation|kind


#Text=hit
#Text=Gao
1-1\t0-3\thit\tby;in\t1-2;1-2\traid\t
1-2\t4-7\tGao\t_\t_\t_\t
"""


def test_links_are_told_and_a_sentence_of_two_lines_is_one(tmp_path: Path) -> None:
    log = ImportLog()
    [article] = imported(written(tmp_path / "a.tsv", LINKED), log)
    assert (article.text, surfaces(article)) == ("hit\nGao", [("raid", "hit", None)])
    assert log.count("annotations left out of other layers (--layer chooses one)") == 1


SLOTS = """\
#FORMAT=WebAnno TSV 3.3
#T_SP=webanno.custom.Attack|ROLE_webanno.custom.Attack:who_webanno.custom.AttackWhoLink|webanno.custom.Actor|kind
#T_SP=webanno.custom.Actor|name


#Text=Red Lance hit and bombed it.
1-1\t0-3\tRed\t_\t_\t_\tA[4]\t
1-2\t4-9\tLance\t_\t_\t_\tA[4]\t
1-3\t10-13\thit\tby\t1-1[4]\traid\t_\t
1-4\t14-17\tand\t_\t_\t_\t_\t
1-5\t18-24\tbombed\tby;by\t1-1[4];1-6\tbomb\t_\t
1-6\t25-27\tit\t_[5]|_[6]\t*|*\tfire[5]|raid[6]\tB\t
1-7\t27-28\t.\t_\t*\t*\t_\t
"""


def test_what_a_slot_links_is_no_part_of_the_annotation(tmp_path: Path) -> None:
    log = ImportLog()
    [article] = imported(written(tmp_path / "a.tsv", SLOTS), log, layer="Attack")
    assert surfaces(article) == [("raid", "hit", None), ("bomb", "bombed", None), ("fire", "it", None)]
    assert dict(log.labels) == {"raid": 2, "bomb": 1, "fire": 1}
    assert log.count("annotations left out that have no label") == 1
    assert log.count("annotations left out of other layers (--layer chooses one)") == 4  # two actors, two links


def test_what_is_escaped_is_what_it_stands_for(tmp_path: Path) -> None:
    content = "#FORMAT=WebAnno TSV 3.1\n#T_SP=x.Actor|name\n\n\n#Text=a\\f\\uD83D\\uDC4D b\\b\\u00e9\\\\u00e9\n"
    content += "1-1\t0-1\ta\ta\\->1-2\t\n1-2\t2-4\t👍\t_\t\n1-3\t5-14\tb\b\u00e9\\u00e9\tb\\_\\\\[1]\t\n"
    [article] = imported(written(tmp_path / "a.tsv", content), ImportLog())
    assert article.text == "a\f👍 b\bé\\u00e9"
    assert [(span.label, article.surface(span)) for span in article.spans] == [
        ("a->1-2", "a"),
        ("b_\\", "b\bé\\u00e9"),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("TSV 3.3", "TSV 2"), "does not begin with #FORMAT=WebAnno TSV 3"),
        (("1-4\t13-16\thit\tV\tV\t_\t_\t_\t_\t_\t_\t", "1-4\t13-16\thit\tV"), "line 12: has 4 cells, but the layers"),
        (("1-4\t13-16\thit", "1-4\t13\thit"), "line 12: is not a token's number"),
        (("#Text=It fled", "#Text=He fled"), "line 18: the token 'It' is not in the text of its sentence"),
        (("2-1\t23-25", "2-1\t3-5"), "line 18: its sentence begins before the end"),
        (("2-1\t23-25", f"2-1\t{2**64}-5"), "line 18: its sentence begins 18,446,744,073,709,551,595 characters after"),
    ],
)
def test_a_faulty_file_is_named_and_the_others_are_read(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    written(tmp_path / "a.tsv", SIMPLE.replace(*change))
    written(tmp_path / "b.tsv", SIMPLE)
    errors: list[DataError] = []
    raw = read_webanno(tmp_path, log=ImportLog(), on_error=errors.append)
    assert [article.id for article in raw] == ["b"]
    assert f"{tmp_path / 'a.tsv'}: {message}" in str(errors[0])


def test_of_a_projects_export_the_curated_file_counts(tmp_path: Path) -> None:
    other = SIMPLE.replace("LOC", "PLACE")
    for part in ("annotation/story.txt/anna.tsv", "annotation/story.txt/ben.tsv", "annotation/two.txt/anna.tsv"):
        written(tmp_path / part, other if "ben" in part else SIMPLE)
    written(tmp_path / "curation/story.txt/CURATION_USER.tsv", other)
    written(tmp_path / "exportedproject.json", "{}")
    log = ImportLog()
    first, second = imported(tmp_path, log)
    assert (first.id, second.id) == ("story", "two")
    assert first.spans[1].label == "PLACE"
    assert log.count("documents annotated by several, of which one counts") == 1
    [ben] = imported(tmp_path, log, annotator="ben")
    assert ben.id == "story"
    with pytest.raises(InputError, match="--annotator eva: the file has no such annotator"):
        imported(tmp_path, log, annotator="eva")
    with pytest.raises(DataError, match=r"no \.tsv, \.xmi or \.json file"):
        imported(written(tmp_path / "empty" / "x.txt", "").parent, log)


def test_the_document_before_annotation_is_not_an_annotators(tmp_path: Path) -> None:
    blank = "#FORMAT=WebAnno TSV 3.3\n\n\n#Text=Gao.\n1-1\t0-3\tGao\t\n1-2\t3-4\t.\t\n"
    for document in ("story.txt", "two.txt"):
        written(tmp_path / "annotation" / document / "INITIAL_CAS.tsv", blank)
    written(tmp_path / "annotation/story.txt/anna.tsv", SIMPLE)
    log = ImportLog()
    [article] = imported(tmp_path, log)
    assert (article.id, len(article.spans)) == ("story", 3)
    assert log.count("documents passed over that nobody has annotated") == 1
    assert log.count("documents annotated by several, of which one counts") == 0
    with pytest.raises(InputError, match="--annotator INITIAL_CAS: the file has no such annotator"):
        imported(tmp_path, log, annotator="INITIAL_CAS")
    [initial] = imported(tmp_path / "annotation/story.txt/INITIAL_CAS.tsv", log)
    assert initial.spans == ()


def test_the_documents_of_an_export_are_its_folders_whatever_their_names(tmp_path: Path) -> None:
    names = ("plain/anna", "plain/ben", "2023.05.01/anna", "2023.05.02/anna", "story.txt/anna", "zip.txt/anna/anna")
    for name in names:
        written(tmp_path / "annotation" / f"{name}.tsv", SIMPLE)
    written(tmp_path / "curation/2023.05.01/CURATION_USER.tsv", SIMPLE)
    log = ImportLog()
    assert [article.id for article in imported(tmp_path, log)] == ["2023.05.01", "2023.05.02", "plain", "story", "zip"]
    assert log.count("documents annotated by several, of which one counts") == 2


TEXT = "👍 Red Lance hit Gao."
CAS = [
    {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaID": "_InitialView", "sofaString": TEXT},
    {"%ID": 2, "%TYPE": NER, "@sofa": 1, "begin": 3, "end": 12, "value": "PER"},
    {"%ID": 3, "%TYPE": NER, "@sofa": 1, "begin": 17, "end": 20, "value": "LOC"},
    {"%ID": 4, "%TYPE": "x.type.Token", "@sofa": 1, "begin": 0, "end": 2},
    {"%ID": 5, "%TYPE": "webanno.custom.Weapon", "@sofa": 1, "begin": 0, "end": 2, "kind": "gun"},
]
XMI = f"""<?xml version="1.0" encoding="UTF-8"?>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:c="http:///webanno/custom.ecore"
 xmlns:ner="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore" xmi:version="2.0"><cas:NULL xmi:id="0"/>
<ner:NamedEntity xmi:id="2" sofa="1" begin="3" end="12" value="PER"/>
<ner:NamedEntity xmi:id="3" sofa="1" begin="17" end="20" value="LOC"/><c:Weapon xmi:id="5" sofa="1" begin="0" end="2"/>
<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString="{TEXT}"/></xmi:XMI>"""


@pytest.mark.parametrize(("name", "content"), [("a.json", json.dumps({"%FEATURE_STRUCTURES": CAS})), ("a.xmi", XMI)])
def test_a_cas_has_the_same_annotation(tmp_path: Path, name: str, content: str) -> None:
    log = ImportLog()
    [article] = imported(written(tmp_path / name, content), log)
    assert article.text == TEXT
    assert surfaces(article) == [("PER", "Red Lance", None), ("LOC", "Gao", None)]
    assert log.count("annotations left out of other layers (--layer chooses one)") == 1


COREF = "de.tudarmstadt.ukp.dkpro.core.api.coref.type.Coreference"
LINKS = [
    {"%ID": 6, "%TYPE": f"{COREF}Chain", "@sofa": 1, "@first": 7},
    {"%ID": 7, "%TYPE": f"{COREF}Link", "@sofa": 1, "begin": 3, "end": 12, "@next": 8, "referenceType": "name"},
    {"%ID": 8, "%TYPE": f"{COREF}Link", "@sofa": 1, "begin": 17, "end": 20, "@next": 7},
]
XMI_LINKS = """<co:CoreferenceChain xmi:id="6" sofa="1" first="7"/>
<co:CoreferenceLink xmi:id="7" sofa="1" begin="3" end="12" next="8" referenceType="name"/>
<co:CoreferenceLink xmi:id="8" sofa="1" begin="17" end="20"/><cas:Sofa"""
COREF_PACKAGE = "http:///de/tudarmstadt/ukp/dkpro/core/api/coref/type.ecore"
CHAINED = XMI.replace("<cas:Sofa", XMI_LINKS).replace("xmi:version", f'xmlns:co="{COREF_PACKAGE}" xmi:version')


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", json.dumps({"%FEATURE_STRUCTURES": [*CAS, *LINKS]})), ("a.xmi", CHAINED)]
)
def test_the_chains_of_a_cas_are_entities(tmp_path: Path, name: str, content: str) -> None:
    log = ImportLog()
    [article] = imported(written(tmp_path / name, content), log)
    assert surfaces(article) == [("PER", "Red Lance", CHAIN), ("LOC", "Gao", CHAIN)]
    assert log.count("annotations left out of other layers (--layer chooses one)") == 1  # the weapon
    [article] = imported(tmp_path / name, log, layer="CoreferenceLink")
    assert surfaces(article) == [("name", "Red Lance", CHAIN)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "{}", "not a UIMA CAS"),
        ("a.json", "[" * 5000, "not a UIMA CAS: recursion limit"),
        ("a.json", '{"%FEATURE_STRUCTURES": []}', "the CAS has no text"),
        ("a.xmi", "<x", "not a UIMA CAS"),
        ("a.xmi", '<?xml version="1.0" encoding="UTF-7m"?><x/>', "not a UIMA CAS: unknown encoding"),
        ("a.xmi", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "declares a document type"),
    ],
)
def test_what_is_no_cas_is_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(DataError, match=f"{name}: .*{message}"):
        imported(written(tmp_path / name, content), ImportLog())
