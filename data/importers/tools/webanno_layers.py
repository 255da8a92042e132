"""Texts with annotations in layers, as WebAnno and INCEpTION have them, and the choice of one layer for an article."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from afteraction.data.errors import InputError, nearest
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.raw import RawArticle, RawSpan, Units

_NAMED_ENTITY = "NamedEntity"
_LINGUISTIC = {
    "POS", "Lemma", "Stem", "MorphologicalFeatures", "Token", "Sentence", "Chunk", "SurfaceForm", "Dependency", "Sofa",
    "DocumentMetaData", "DocumentAnnotation", "TagsetDescription", "TagDescription", "CASMetadata", "LayerDefinition",
    "FeatureDefinition", "Paragraph", "Heading", "Div",
}  # fmt: skip
"""Layers of linguistic structure, which every text has. They are not annotation of content."""


@dataclass(slots=True)
class Annotated:
    """An annotation: its layer's full name, the layer's kind (SP span, CH chain, RL relation), and `[start, end)`."""

    layer: str
    kind: str
    start: int
    end: int
    features: Mapping[str, str] = field(default_factory=dict)
    chain: str | None = None
    """The number of the chain that it belongs to."""


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text with the annotations of all its layers. Offsets count UTF-16 units."""

    text: str
    annotations: list[Annotated]


def choose_layer(texts: Iterable[AnnotatedText], wanted: str | None, where: str) -> str | None:
    """Returns the full name of the layer to read from all texts of an import, or None if none has annotations.

    Args:
        texts: the texts and their annotations. A text may lack the layer, since files name only layers that they use.
        wanted: the layer's name, in full or its last part; by default that of named entities, or the only one that is
            not of chains.
        where: the file or folder, for messages.

    Raises:
        InputError: there is no such layer, or it is not clear which one is meant.
    """
    layers = {
        one.layer
        for text in texts
        for one in text.annotations
        if one.kind == "SP" or (one.kind == "CH" and wanted in (one.layer, _last(one.layer)))
    }
    if wanted is not None:
        found = sorted(layer for layer in layers if wanted in (layer, _last(layer)))
        if not found and layers:
            raise InputError(f"--layer {wanted}: {where} has no such layer; {nearest(wanted, map(_last, layers))}")
        return found[0] if found else None
    likely = sorted(layer for layer in layers if _last(layer) not in _LINGUISTIC)
    named = [layer for layer in likely if _last(layer) == _NAMED_ENTITY]
    if not named and len(likely) > 1:
        names = ", ".join(map(repr, sorted(map(_last, likely))))
        raise InputError(f"{where} has annotations in the layers {names}: name the one to read with --layer")
    return next(iter([*named, *likely]), None)


def spans_of_layer(
    content: AnnotatedText,
    name: str,
    where: str,
    *,
    layer: str | None,
    feature: str | None,
    log: ImportLog,
) -> RawArticle:
    """Returns the article of a text, with the spans of one layer. Spans of the same chain are one entity.

    Args:
        content: the text and its annotations.
        name: the article's id.
        where: the file, for messages.
        layer: the layer's full name.
        feature: the feature that has the labels; by default `value`, or the first that has a value.
        log: counts the annotations of other layers, and those without a label.
    """
    # The numbers of chains may begin anew in each layer.
    chains = {
        (one.start, one.end): f"{_last(one.layer)} {one.chain}"
        for one in content.annotations
        if one.kind == "CH" and one.chain
    }
    ranges = {(one.start, one.end) for one in content.annotations if one.layer == layer}
    raw = []
    for one in content.annotations:
        if one.layer == layer:
            label = one.features.get(feature or "value", "")
            if not label and not feature:
                label = next(iter(one.features.values()), "")
            if not label:
                position = f"{_last(one.layer)} [{one.start}, {one.end})"
                log.add("annotations left out that have no label", f"{where}: {position}")
                continue
            raw.append(RawSpan(one.start, one.end, label, entity=chains.get((one.start, one.end))))
        elif not (one.kind == "CH" and (one.start, one.end) in ranges) and _last(one.layer) not in _LINGUISTIC:
            log.add("annotations left out of other layers (--layer chooses one)", f"{where}: {_last(one.layer)}")
    return RawArticle(name, content.text, tuple(raw), units=Units.UTF16, source=where)


def _last(layer: str) -> str:
    return layer.rpartition(".")[2]
