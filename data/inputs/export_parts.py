"""One article of a LexisNexis or Factiva export: its body with its headline above, and its metadata.

Lines that are not recognised stay in the text, so that nothing is lost.
"""

import re
from typing import NamedTuple

from afteraction.data.inputs.markup import with_title

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_DATE = re.compile(
    rf"(?:(?:{_MONTHS})\.? \d{{1,2}},? \d{{4}}\b.*|\d{{1,2}} (?:{_MONTHS})\.? \d{{4}}\b.*)", re.IGNORECASE
)
_COPYRIGHT = re.compile(r"(?:copyright\b|\(c\)|©).{0,40}\b\d{4}\b.{0,160}", re.IGNORECASE)
_RIGHTS = re.compile(r"all rights reserved\.?", re.IGNORECASE)
_WORDS = re.compile(r"\d[\d,.\s]* [^\W\d]+")
"""The length of an article, in any language of Factiva: "877 words"."""

_PAGE = re.compile(r"Page \d+ of \d+", re.IGNORECASE)

_ONE_LINE = "byline|dateline|headline|language|length|load-date|publication-type|section|url"
"""Fields with a value of one line, unless the line is wrapped. Some stand right above the body."""

_LIST = (
    "acc-no|city|company|correction-date|country|distribution|document-type|geographic|industry|journal-code|notes|"
    "organization|person|pub-subject|state|subject|ticker|type"
)
"""Fields below the body, whose value may continue on the next lines."""

_FIELD = re.compile(rf"[ \t]*(?:({_ONE_LINE})|({_LIST}))[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_CAPITALS = re.compile(rf"[ \t]*(?:({_ONE_LINE.upper()})|({_LIST.upper()}))[ \t]*:[ \t]*(.*)")
"""A field as LexisNexis Academic writes it, so that "State: Kano" in a body stays there."""
_WIDTH = 80
"""Where LexisNexis Academic wraps its lines."""

_BLANKS = re.compile(r"\n(?:[ \t]*\n){2,}")
_CENTRED = re.compile(r"[ \t]{8,}\S")

_CODE = re.compile(
    r"(HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|LA|CY|LP|TD|CT|RF|CO|IN|NS|RE|IPC|IPD|PUB|SE|CLM|VOL|ART|DE)"
    r"(?:(?:[ \t]{2,}|\t)(.*))?$"
)
_CODE_NAMES = {
    "BY": "byline",
    "WC": "length",
    "PD": "date",
    "SN": "source",
    "SE": "section",
    "LA": "language",
    "CY": "copyright",
}


class Part(NamedTuple):
    """One article of an export: its text, which may be empty, and its metadata."""

    text: str
    meta: dict[str, str]


def read_academic(chunk: str) -> Part:
    """Reads an article of LexisNexis Academic: source and date centred, headline, fields, body, fields, copyright."""
    meta: dict[str, str] = {}
    kept: list[str] = []
    lines = _lines(chunk)
    field = _CAPITALS if any(map(_CAPITALS.fullmatch, lines)) else _FIELD
    for line in _without_fields(lines, meta, field):
        stripped = line.strip()
        if not any(map(str.strip, kept)):  # above the headline
            if _DATE.fullmatch(stripped):
                meta.setdefault("date", stripped)
                continue
            if _CENTRED.match(line):
                _add(meta, "edition" if "source" in meta else "source", stripped)
                continue
        if stripped != "BODY:":
            kept.append(line.removeprefix("BODY:").lstrip() if line.startswith("BODY:") else line)
    text = _joined(kept)
    return Part(with_title(text, meta.get("headline")) if text else "", meta)


def read_uni(chunk: str) -> Part:
    """Reads an article of Nexis Uni: headline, source, date, copyright, fields, `Body`, the body, `Classification`."""
    lines = _lines(chunk)
    names = [line.strip().lower() for line in lines]
    meta: dict[str, str] = {}
    if "body" not in names:
        text = _joined(_without_fields(lines, meta))
        return Part(text, meta)
    start = names.index("body")
    end = names.index("classification", start) if "classification" in names[start:] else len(lines)
    head = [line.strip() for line in _without_fields(lines[:start], meta) if line.strip()]
    inside = lines[start + 1 : end]
    # If nothing ends the body, fields may stand below it. Otherwise what looks like one is text, such as "City: Kano".
    body = _joined(_without_pages(inside) if end < len(lines) else _without_fields(inside, meta))
    rest = _without_fields(lines[end + 1 :], meta)
    title, *more = head or [""]
    for line in more:
        _add(meta, "date" if _DATE.fullmatch(line) else "edition" if "source" in meta else "source", line)
    if other := _joined(rest):
        meta["classification"] = other
    return Part(with_title(body, title or None) if body else "", meta)


def read_factiva(chunk: str, number: str = "") -> Part:
    """Reads an article of Factiva, with or without the codes of its fields (`HD`, `LP`, `TD`).

    Without codes, the headline comes first, then byline, length, date, source and others, and finally the copyright.
    The section may stand above the headline. If that is not clear, all lines above the length are kept.
    """
    meta = {"document": number} if number else {}
    lines = _lines(chunk)
    codes = {match[1] for match in map(_CODE.match, lines) if match}
    if "HD" in codes and codes & {"LP", "TD"}:
        return _read_codes(lines, meta)
    filled = [index for index, line in enumerate(lines) if line.strip()]
    end = next((index for index in filled[1:20] if _COPYRIGHT.fullmatch(lines[index].strip())), None)
    head = [lines[index].strip() for index in filled if end is not None and index < end]
    length = next((index for index, line in enumerate(head) if index and _WORDS.fullmatch(line)), None)
    if end is None or length is None:  # a copyright without the length above it may stand below the body
        return Part(_joined(lines), meta)
    above, head = head[:length], head[length:]
    byline = next((index for index, line in enumerate(above) if index and line.lower().startswith("by ")), None)
    if byline:
        head = above[byline + 1 :] + head
        meta["byline"] = above[byline]
        for line in above[: byline - 1]:
            _add(meta, "section", line)
        above = above[byline - 1 : byline]
    for line in head:
        if _WORDS.fullmatch(line) and "length" not in meta:
            meta["length"] = line
        elif _DATE.fullmatch(line):
            meta["date"] = line
        elif "date" in meta and "source" not in meta and not re.fullmatch(r"\d{1,2}:\d{2}.*", line):
            meta["source"] = line
        else:
            _add(meta, "other", line)
    meta["copyright"] = lines[end].strip()
    body = _joined(lines[end + 1 :])
    return Part(with_title(body, "\n".join(above) or None) if body else "", meta)


def _read_codes(lines: list[str], meta: dict[str, str]) -> Part:
    found: dict[str, list[str]] = {}
    code = "HD"
    for line in lines:
        if match := _CODE.match(line):
            code = match[1]
        found.setdefault(code, []).append((match[2] or "") if match else line)
    values = {code: _joined(content) for code, content in found.items()}
    body = "\n\n".join(values[code] for code in ("LP", "TD") if values.get(code))
    meta |= {
        _CODE_NAMES.get(code, code): values[code] for code in values if code not in ("HD", "LP", "TD") and values[code]
    }
    return Part(with_title(body, values.get("HD") or None) if body else "", meta)


def _without_fields(lines: list[str], meta: dict[str, str], field: re.Pattern[str] = _FIELD) -> list[str]:
    """Moves fields and copyright notices to `meta`, and returns the other lines."""
    kept: list[str] = []
    open_field = None  # the field that may continue on the next line
    in_list, above = False, ""
    for line in lines:
        stripped = line.strip()
        if match := field.fullmatch(line):
            in_list = match[2] is not None
            open_field = (match[1] or match[2]).lower()
            _add(meta, open_field, match[3].strip())
        elif open_field and stripped and (in_list or _is_wrapped(above, stripped)):
            meta[open_field] = f"{meta[open_field]} {stripped}"
        elif _COPYRIGHT.fullmatch(stripped) and "copyright" not in meta:
            in_list, open_field = False, "copyright"
            meta["copyright"] = stripped
        elif _RIGHTS.fullmatch(stripped) and "copyright" in meta:
            _add(meta, "copyright", stripped)
        elif not _PAGE.fullmatch(stripped):
            open_field = None
            kept.append(line)
        above = line
    return kept


def _is_wrapped(line: str, below: str) -> bool:
    """Returns whether a line ends where the next word did not fit, so that its field goes on below it."""
    return max(len(line), len(below)) <= _WIDTH < len(line) + 1 + len(below.split()[0])


def _without_pages(lines: list[str]) -> list[str]:
    return [line for line in lines if not _PAGE.fullmatch(line.strip())]


def _add(meta: dict[str, str], name: str, value: str) -> None:
    meta[name] = f"{meta[name]}; {value}" if name in meta else value


def _lines(chunk: str) -> list[str]:
    return [line.rstrip("\r") for line in chunk.split("\n")]


def _joined(lines: list[str]) -> str:
    """Joins lines, with one blank line where there were several."""
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()
