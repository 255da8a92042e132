"""Exports of WebAnno and INCEpTION: a file, or the folder of a project with a folder for each document."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError
from afteraction.data.importers.annotators import Annotators
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.raw import RawArticle
from afteraction.data.importers.tools.uima import read_cas
from afteraction.data.importers.tools.webanno_layers import AnnotatedText, choose_layer, spans_of_layer
from afteraction.data.importers.tools.webanno_tsv import read_tsv

_READ = {".tsv", ".xmi", ".json"}
_CURATED = ("CURATION_USER", "curation")
_FOLDERS = ("annotation", "curation")
"""The folders of an export that have annotation; others have settings and sources."""
_INITIAL = "INITIAL_CAS"
"""The name of the file in every document's folder that has the document as it was before anyone annotated it."""


def read_webanno(
    path: Path,
    *,
    log: ImportLog,
    on_error: OnError,
    layer: str | None = None,
    feature: str | None = None,
    annotator: str | None = None,
) -> Iterator[RawArticle]:
    """Streams the raw articles of a file, or of a folder and its subfolders.

    In the export of a project, `annotation/story.txt/anna.tsv` is Anna's annotation of `story.txt`, and
    `curation/story.txt/CURATION_USER.tsv` is the curated one. Of several files for a document, the curated one is used,
    or the first by name. `INITIAL_CAS.tsv` is the document before anyone annotated it; a document with this file alone
    is passed over. An article's id is the name of its document.

    Args:
        path: the file or folder.
        log: counts annotations of other layers, and documents with several annotators.
        on_error: called for each file that cannot be read.
        layer: the layer to read from all files; by default that of named entities, or the only one.
        feature: the feature that has the labels.
        annotator: whose files to read.

    Raises:
        DataError: there is nothing to read.
        InputError: there is no such layer or annotator, or it is not clear which layer is meant.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    documents = _documents(path) if path.is_dir() else {path.name.removesuffix(path.suffix): [path]}
    if not documents:
        raise DataError(f"{path}: no .tsv, .xmi or .json file in this folder or below (unpack what is packed)")
    annotators = Annotators(annotator)
    chosen: dict[str, Path] = {}
    for name, files in documents.items():
        annotated = [file for file in files if file.stem != _INITIAL or path.is_file()]
        if not annotated:
            log.add("documents passed over that nobody has annotated", name)
            continue
        wanted = [file for file in annotated if annotators.accepts(None if path.is_file() else file.stem)]
        if not wanted:
            log.add("documents of other annotators passed over", name)
            continue
        if len(wanted) > 1:
            log.add("documents annotated by several, of which one counts", name)
        chosen[name] = next((file for file in wanted if file.stem in _CURATED), wanted[0])
    annotators.check()
    chosen_layer = choose_layer(_readable(chosen.values()), layer, str(path))
    for name, file in chosen.items():
        try:
            content = _read(file)
        except DataError as error:
            on_error(DataError(f"{file}: {error}"))
        else:
            yield spans_of_layer(content, name, str(file), layer=chosen_layer, feature=feature, log=log)


def _read(file: Path) -> AnnotatedText:
    return read_tsv(file) if file.suffix.lower() == ".tsv" else read_cas(file)


def _readable(files: Iterable[Path]) -> Iterator[AnnotatedText]:
    """Streams what is in the files. Those that cannot be read are left out, and reported when they are read again."""
    for file in files:
        with suppress(DataError):
            yield _read(file)


def _documents(folder: Path) -> dict[str, list[Path]]:
    """Returns the files of each document, by its name: that of its annotators' folder, or its own.

    Names have no endings, unless they would be the same without.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in _READ and file.is_file())
    exported = [file for file in files if set(file.relative_to(folder).parts[:-2]) & set(_FOLDERS)]
    documents: dict[str, list[Path]] = {}
    short: dict[str, str] = {}
    for file in exported or files:
        *folders, last = file.relative_to(folder).parts
        if exported:
            name = next(name for part, name in pairwise(folders) if part in _FOLDERS)
            short[name] = Path(name).stem
        elif folders and Path(folders[-1]).suffix:
            name = folders[-1]
            short[name] = Path(name).stem
        else:
            name = "/".join([*(part for part in folders if part not in _FOLDERS), Path(last).stem])
            short[name] = name
        documents.setdefault(name, []).append(file)
    counts = Counter(short.values())
    return {
        short[name] if counts[short[name]] == 1 and short[name] not in documents else name: its_files
        for name, its_files in documents.items()
    }
