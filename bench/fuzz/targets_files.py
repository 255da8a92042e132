"""Targets that read a file: inputs, article files, formats of annotation tools, corpora and incident tables."""

import io
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from seeds import articles, exported, files, from_tests, stored, texts
from target import Target, check_articles, folder, refused, written

from afteraction.data import InputFields, read_articles, read_inputs, write_articles
from afteraction.data.bundled.markup import read_markup
from afteraction.data.importers import (
    Discontinuous,
    FakesLog,
    ImportLog,
    LabelMap,
    Muc4Log,
    RawArticle,
    View,
    detect_layout,
    import_articles,
    import_standoff,
    parse_columns,
    parse_label_map,
    read_argilla,
    read_brat,
    read_conll,
    read_doccano,
    read_events,
    read_label_studio,
    read_prodigy,
    read_tag_names,
    read_tokens,
    read_webanno,
)
from afteraction.data.importers.fakes import read_fakes
from afteraction.data.importers.muc4.archive import Message, parse_messages
from afteraction.data.importers.muc4.articles import muc_article, read_muc4
from afteraction.data.importers.muc4.keys import parse_keys
from afteraction.data.importers.wikievents.articles import read_wikievents
from afteraction.data.incidents import PRESETS, ImportCounts, TableColumns, import_table, preset_columns
from afteraction.data.text import load_aliases

TABLES = (
    b"""\
event_id_cnty,notes,actor1,actor2,location,fatalities
1,Gunmen killed two farmers in Gao.,Gunmen,Farmers,Gao,2
""",
    b"""\
eventid;summary;gname;target1;city;nkill;nkillter
1;01/01/2014: Rebels killed 3 men in Kano.;Rebels;Men;Kano;3;1
""",
    b"""\
{"data": [{"notes": "Gunmen killed two farmers in Gao.", "actor1": "Gunmen", "location": "Gao", "fatalities": 2}]}
""",
    b'[{"details": "<p>A bomb killed 12 in Kano.</p>", "perpetrator": "", "location": "Kano", "dead": "12 (+1)"}]',
)
FAKES = b"""\
unit_id,article_title,article_content,source,date,location,labels
1,A raid,Rebels killed two in Homs.,x,4/5/2017,homs,1
"""
TOOLS = "data/importers/tools"
Reader = Callable[[Path], Iterator[RawArticle]]


def inputs(name: str, *, fields: InputFields | None = None) -> Callable[[bytes], object]:
    options: dict[str, Any] = {"fields": fields} if fields else {}
    return lambda data: check_articles(
        read_inputs([str(written(name, data))], stream=None, on_error=refused, **options)
    )


def standard_input(data: bytes) -> object:
    return check_articles(read_inputs(["-"], stream=io.BytesIO(data), on_error=refused))


def article_file(name: str) -> Callable[[bytes], object]:
    return lambda data: check_articles(read_articles(written(name, data), on_error=refused))


def imported(name: str, read: Callable[..., Iterator[RawArticle]], **options: Any) -> Callable[[bytes], object]:
    def run(data: bytes) -> object:
        log = ImportLog()
        raw = read(written(name, data), log=log, on_error=refused, **options)
        count = check_articles(import_articles(raw, labels=LabelMap(), log=log, on_error=refused))
        list(log.lines())
        return count

    return run


def conll(path: Path, *, columns: str = "", **options: Any) -> Iterator[RawArticle]:
    layout = detect_layout(path, columns=parse_columns(columns) if columns else None)
    yield from read_conll(path, layout, **options)


def brat(data: bytes) -> object:
    """Reads a text and its annotation: the parts above and below a line of %%, or an article and all the bytes."""
    text, separator, annotation = data.partition(b"\n%%\n")
    if not separator:
        text, annotation = articles()[len(data) % len(articles())].text.encode(), data
    pair = folder() / "brat"
    pair.mkdir(exist_ok=True)
    (pair / "a.txt").write_bytes(text)
    (pair / "a.ann").write_bytes(annotation)
    log, modes = ImportLog(), [*Discontinuous]
    raw = read_brat(pair, log=log, on_error=refused, discontinuous=modes[len(data) % len(modes)])
    return check_articles(import_articles(raw, labels=LabelMap(), log=log, on_error=refused))


def muc_keys(data: bytes) -> object:
    """Reads an answer key, and finds its strings in a text: the part above a line of %%, or half of the key."""
    text, _, keys = data.decode("latin-1").rpartition("\n%%\n")
    message = Message("DEV-MUC3-0001", text or keys[: len(keys) // 2])
    templates = list(parse_keys(keys, source="key"))
    return [muc_article(message, templates, view=view, log=Muc4Log()) for view in View]


def muc_messages(data: bytes) -> object:
    return list(parse_messages(data.decode("latin-1")))


def muc_archive(data: bytes) -> object:
    log = Muc4Log()
    return check_articles(read_muc4(written("muc34.tar.gz", data), view=View.LABELS, log=log))


@cache
def archives() -> tuple[bytes, ...]:
    """Returns archives of texts and a key in every header format, with links, a device and paths outside it."""
    text = b"DEV-MUC3-0001 (NOSC)\n\n   LIMA, 1 JAN 90 -- [TEXT] REBELS KILLED A MAYOR.\n"
    key = b'0. MESSAGE: ID   DEV-MUC3-0001\n1. MESSAGE: TEMPLATE   1\n9. PERP: INDIVIDUAL ID   "REBELS"\n'
    made = []
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        for mode in ("w", "w:gz"):
            content = io.BytesIO()
            with tarfile.open(fileobj=content, mode=mode, format=form) as tar:  # type: ignore[call-overload]
                for name, part in (
                    ("x/dev-muc3-0001-0100", text),
                    ("/etc/dev-muc3-0101-0200", text),
                    ("../" * 60 + "key-dev-0001.v2", key),
                ):
                    member = tarfile.TarInfo(name)
                    member.size = len(part)
                    tar.addfile(member, io.BytesIO(part))
                for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
                    member = tarfile.TarInfo("dev-muc3-0201-0300")
                    member.type, member.linkname = kind, "/etc/passwd"
                    tar.addfile(member)
            made.append(content.getvalue())
    return tuple(made)


def fakes(data: bytes) -> object:
    return check_articles(read_fakes(written("fa-kes.csv", data), log=FakesLog(), on_error=refused))


def standoff(data: bytes) -> object:
    output = folder() / "joined.jsonl"
    with tempfile.TemporaryDirectory(dir=folder()) as texts_folder:
        path = Path(texts_folder, "texts.jsonl")
        write_articles(articles()[:3], path)
        import_standoff(written("standoff.jsonl", data), [path], output=output, log=ImportLog(), on_error=refused)
    return check_articles(read_articles(output))


def markup(data: bytes) -> object:
    return check_articles([read_markup(written("a.txt", data))])


def table(name: str) -> Callable[[bytes], object]:
    """Reads an incident table with the preset whose text column it names."""

    def run(data: bytes) -> object:
        path = written(name, data)
        preset = next((preset for preset, columns in PRESETS.items() if columns.text[0].encode() in data), "acled")
        columns = preset_columns(path, preset, TableColumns(text=""))
        counts = ImportCounts()
        rows = import_table(
            path, columns=columns, aliases=load_aliases(), threshold=0.1, counts=counts, on_error=refused
        )
        return check_articles(rows)

    return run


def aliases(data: bytes) -> object:
    return load_aliases([written("aliases.yaml", data)])


def options(data: bytes) -> object:
    """Reads values given on the command line: label maps, columns and tag names."""
    parts = data.decode("utf-8", "surrogateescape").split("\n")
    read: tuple[Callable[[], object], ...] = (
        lambda: read_tag_names(parts[0]),
        lambda: parse_columns(parts[0]),
        lambda: parse_label_map(parts[:2], parts[2:]),
    )
    return read[len(data) % len(read)]()


def _parquet(*tables: dict[str, Any]) -> tuple[bytes, ...]:
    made = []
    for columns in tables:
        content = io.BytesIO()
        pq.write_table(pa.table(columns), content)
        made.append(content.getvalue())
    return tuple(made)


@cache
def parquets() -> tuple[bytes, ...]:
    """Returns Parquet files with our schema and with others."""
    return stored(".parquet") + _parquet(
        {"text": ["Gunmen killed two in Gao.", None], "n": [1, 2]},
        {"text": ["Gao"], "tokens": [["Gao"]], "ner_tags": [["B-LOCATION"]], "date": pa.array([1], pa.timestamp("ns"))},
        {"text": pa.array(["a", "b"]).dictionary_encode(), "b": [b"\xff", None]},
        {"id": [1], "text": [["a"]], "spans": [[{"start": "x"}]]},
        {
            "notes": ["Gunmen killed two farmers in Gao."],
            "actor1": ["Gunmen"],
            "location": ["Gao"],
            "fatalities": [2.0],
        },
        {"summary": ["Gunmen killed two farmers in Gao."], "gname": ["Gunmen"], "city": ["Gao"], "nkill": [2]},
        {"text": ["Gunmen fled Gao"], "tokens": [["Gunmen", "fled", "Gao"]], "ner_tags": [["B-PER", "O", "B-LOC"]]},
    )


def _records() -> tuple[bytes, ...]:
    return from_tests("data/inputs", "data/articles") + stored(".jsonl") + exported("label-studio")


def _tables() -> tuple[bytes, ...]:
    return (*TABLES, *from_tests("data/incidents", "data/inputs"))


def _pages() -> tuple[bytes, ...]:
    return from_tests("data/inputs/test_markup.py") + tuple(
        b"<html><head><title>x</title></head><body><p>" + text + b"</p></body></html>" for text in texts()[:10]
    )


def _tests(*names: str) -> tuple[bytes, ...]:
    return from_tests(*(f"{TOOLS}/{name}.py" for name in names))


FILE_TARGETS: dict[str, Target] = {
    "inputs: JSON Lines": Target(inputs("a.jsonl"), _records),
    "inputs: JSON": Target(inputs("a.json"), _records),
    "inputs: CSV": Target(inputs("a.csv"), lambda: _tables() + exported("label-studio")),
    "inputs: CSV, named columns": Target(inputs("a.tsv", fields=InputFields(text="notes")), _tables),
    "inputs: Parquet": Target(inputs("a.parquet"), parquets, weight=0.5),
    "inputs: text": Target(inputs("a.txt"), lambda: from_tests("data/inputs/test_exports.py") + texts()),
    "inputs: HTML": Target(inputs("a.html"), _pages, weight=0.1),
    "inputs: any form": Target(standard_input, lambda: _records() + _tables() + texts()),
    "inputs: gzip": Target(inputs("a.jsonl.gz"), lambda: stored(".jsonl.gz") + stored(".jsonl.zst")),
    "article files: JSON Lines": Target(article_file("a.jsonl"), _records),
    "article files: Parquet": Target(article_file("a.parquet"), parquets, weight=0.5),
    "article files: zstd": Target(article_file("a.jsonl.zst"), lambda: stored(".jsonl.zst")),
    "argilla": Target(
        imported("a.json", read_argilla), lambda: exported("argilla") + _tests("test_argilla_forms", "test_tools")
    ),
    "brat": Target(brat, lambda: exported("brat") + _tests("test_brat")),
    "CoNLL": Target(imported("a.conll", conll), lambda: exported("conll") + _tests("test_conll")),
    "CoNLL, columns": Target(imported("a.conll", partial(conll, columns="token,_,tag")), lambda: _tests("test_conll")),
    "doccano": Target(
        imported("a.jsonl", read_doccano),
        lambda: (
            exported("doccano")
            + _tests("test_tools", "test_any_json")
            + files("tests/data/importers/tools/exports/doccano*")
        ),
    ),
    "events": Target(imported("a.jsonl", read_events), lambda: exported("events") + _tests("test_event_forms")),
    "Label Studio": Target(
        imported("a.json", read_label_studio),
        lambda: (
            exported("label-studio")
            + _tests("test_tools", "test_exports")
            + files("tests/data/importers/tools/exports/*JSON*.json")
        ),
    ),
    "Label Studio, CSV": Target(
        imported("a.csv", read_label_studio), lambda: files("tests/data/importers/tools/exports/*.csv")
    ),
    "Prodigy": Target(
        imported("a.jsonl", read_prodigy), lambda: exported("prodigy") + _tests("test_tools", "test_exports")
    ),
    "tokens": Target(imported("a.jsonl", read_tokens), lambda: _tests("test_tagged_tokens", "test_any_json")),
    "tokens, Parquet": Target(imported("a.parquet", read_tokens), parquets, weight=0.5),
    "WebAnno": Target(imported("a.tsv", read_webanno), lambda: _tests("test_webanno")),
    "UIMA, JSON": Target(imported("a.json", read_webanno), lambda: _tests("test_webanno")),
    "UIMA, XMI": Target(imported("a.xmi", read_webanno), lambda: _tests("test_webanno")),
    "MUC-4, keys": Target(muc_keys, lambda: from_tests("data/importers/muc4")),
    "MUC-4, texts": Target(muc_messages, lambda: from_tests("data/importers/muc4")),
    "MUC-4, archive": Target(muc_archive, archives),
    "WikiEvents": Target(imported("a.jsonl", read_wikievents), lambda: from_tests("data/importers/wikievents")),
    "FA-KES": Target(fakes, lambda: (FAKES, *from_tests("data/importers/test_fakes.py"))),
    "stand-off": Target(
        standoff, lambda: files("data/bundled/standoff/*-dev.jsonl") + from_tests("data/importers/test_standoff.py")
    ),
    "mark-up": Target(markup, lambda: files("data/bundled/articles/*1.txt") + from_tests("data/bundled")),
    "incident tables: CSV": Target(table("a.csv"), _tables),
    "incident tables: JSON": Target(table("a.json"), _tables),
    "incident tables: Parquet": Target(table("a.parquet"), parquets, weight=0.5),
    "aliases": Target(
        aliases, lambda: files("data/text/aliases.yaml") + from_tests("data/text/test_aliases.py"), weight=0.3
    ),
    "options": Target(options, lambda: (b"A=B\nC=D\nE", b"O,B-PER,I-PER", b"token,_,tag")),
}
