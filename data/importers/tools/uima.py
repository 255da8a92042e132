"""UIMA CAS, as INCEpTION exports it: JSON (0.4) and XMI."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pydantic_core import from_json

from afteraction.data.errors import DataError, first_line
from afteraction.data.importers.tools.webanno_layers import Annotated, AnnotatedText

_OWN = {"begin", "end", "sofa", "id"}


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
    found = [
        Annotated(one["%TYPE"], "SP", one.get("begin", 0), one["end"], _features(one))
        for one in structures
        if isinstance(one.get("end"), int)
    ]
    return AnnotatedText(text, found)


def _from_xmi(content: bytes) -> AnnotatedText:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DataError("the XML declares a document type, which no CAS has")
    text, found = None, []
    for element in ElementTree.fromstring(content):  # noqa: S314  # entities cannot be declared, see above
        namespace, _, name = element.tag.rpartition("}")
        if "sofaString" in element.attrib:
            text = element.attrib["sofaString"]
        elif element.attrib.get("end", "").isdecimal():
            # "http:///webanno/custom.ecore" is the package "webanno.custom".
            package = namespace.rpartition("///")[2].removesuffix(".ecore").replace("/", ".")
            start, end = int(element.attrib.get("begin", 0)), int(element.attrib["end"])
            found.append(Annotated(f"{package}.{name}", "SP", start, end, _features(element.attrib)))
    if text is None:
        raise DataError("the CAS has no text")
    return AnnotatedText(text, found)


def _features(values: Mapping[str, Any]) -> dict[str, str]:
    """Returns the features that are strings; `@`, `%`, `^` and `{` begin keys of the format itself."""
    return {
        key: value
        for key, value in values.items()
        if key not in _OWN and key[:1] not in "@%{^" and isinstance(value, str) and value
    }
