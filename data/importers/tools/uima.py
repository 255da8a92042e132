"""UIMA CAS, as INCEpTION exports it: JSON (0.4) and XMI.

A chain, such as a `CoreferenceChain`, has a reference to its `first` mention, which has one to the `next`, and so on.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pydantic_core import from_json

from afteraction.data.errors import DataError, first_line
from afteraction.data.importers.tools.webanno_layers import Annotated, AnnotatedText

_OWN = {"begin", "end", "sofa", "id", "next"}
_CHAIN = "Chain"
"""How the names of the types of chains end."""
_XMI_ID = "{http://www.omg.org/XMI}id"


def read_cas(path: Path) -> AnnotatedText:
    """Reads a CAS: its text, and its annotations that have a begin and an end.

    Raises:
        DataError: the file cannot be read, or is not a CAS with a text.
    """
    try:
        content = path.read_bytes()
        return _from_json(from_json(content)) if path.suffix.lower() == ".json" else _from_xmi(content)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}") from None
    except DataError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, ElementTree.ParseError) as error:
        raise DataError(f"not a UIMA CAS: {first_line(error)}") from None


def _from_json(cas: Any) -> AnnotatedText:
    structures = cas["%FEATURE_STRUCTURES"]
    if isinstance(structures, dict):  # an early version of the format
        structures = list(structures.values())
    text = next((one["sofaString"] for one in structures if isinstance(one.get("sofaString"), str)), None)
    if text is None:
        raise DataError("the CAS has no text")
    annotations = [one for one in structures if isinstance(one.get("end"), int)]
    found = [Annotated(one["%TYPE"], "SP", one.get("begin", 0), one["end"], _features(one)) for one in annotations]
    mentions = {one.get("%ID"): (value, one.get("@next")) for one, value in zip(annotations, found, strict=True)}
    chains = (one for one in structures if str(one.get("%TYPE")).endswith(_CHAIN))
    _mark_chains(mentions, (one["@first"] for one in chains if "@first" in one))
    return AnnotatedText(text, found)


def _from_xmi(content: bytes) -> AnnotatedText:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DataError("the XML declares a document type, which no CAS has")
    text, found, first = None, [], []
    mentions = {}
    for element in ElementTree.fromstring(content):  # noqa: S314  # entities cannot be declared, see above
        namespace, _, name = element.tag.rpartition("}")
        if "sofaString" in element.attrib:
            text = element.attrib["sofaString"]
        elif element.attrib.get("end", "").isdecimal():
            # "http:///webanno/custom.ecore" is the package "webanno.custom".
            package = namespace.rpartition("///")[2].removesuffix(".ecore").replace("/", ".")
            start, end = int(element.attrib.get("begin", 0)), int(element.attrib["end"])
            found.append(Annotated(f"{package}.{name}", "SP", start, end, _features(element.attrib)))
            mentions[element.attrib.get(_XMI_ID)] = found[-1], element.attrib.get("next")
        elif name.endswith(_CHAIN) and "first" in element.attrib:
            first.append(element.attrib["first"])
    if text is None:
        raise DataError("the CAS has no text")
    _mark_chains(mentions, first)
    return AnnotatedText(text, found)


def _mark_chains(mentions: Mapping[Any, tuple[Annotated, Any]], first: Iterable[Any]) -> None:
    """Marks the mentions of each chain, from its first one on.

    Args:
        mentions: the annotations by their ids, each with the id of the next mention of its chain, if it has one.
        first: the id of the first mention of each chain.
    """
    for number, name in enumerate(first, start=1):
        while name in mentions and mentions[name][0].chain is None:
            mention, name = mentions[name]
            mention.kind, mention.chain = "CH", str(number)


def _features(values: Mapping[str, Any]) -> dict[str, str]:
    """Returns the features that are strings; `@`, `%`, `^` and `{` begin keys of the format itself."""
    return {
        key: value
        for key, value in values.items()
        if key not in _OWN and key[:1] not in "@%{^" and isinstance(value, str) and value
    }
