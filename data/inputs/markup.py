"""HTML: the article text of a page, and the text of a cell that contains tags."""

import html
import re
from html.parser import HTMLParser
from typing import Any, NamedTuple

from afteraction.data.errors import DataError, first_line

_ELEMENTS = (
    "a|abbr|article|aside|b|blockquote|body|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|footer|form|"
    "h[1-6]|head|header|html|i|iframe|ins|label|li|main|mark|nav|ol|p|pre|q|s|script|section|small|span|strike|strong|"
    "style|su[bp]|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul"
)
_TAG = re.compile(rf"</(?:{_ELEMENTS})\s*>|<(?:br|hr|img|p)(?:\s[^<>]*)?/?>|<!doctype html|<!\[CDATA\[", re.IGNORECASE)
"""HTML that prose does not contain: a closing tag, a tag that is often not closed, a doctype, or a section of XML."""

_SECTION = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
"""In feeds, HTML that stands in XML. Parsers of HTML pass over it."""

_NOTE = re.compile(r"(?<=\d)(?=<sup\b[^<>]*>\s*(?:<a\b[^<>]*>\s*)?\d)", re.IGNORECASE)
"""Where a raised number, such as that of a footnote, follows another number: "killed 12<sup>3</sup>" is not 123."""

_PAGE = re.compile(
    r"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)

_BLOCK_NAMES = (
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|"
    "footer|form|h[1-6]|head|header|hgroup|hr|html|legend|li|main|menu|nav|ol|optgroup|option|p|pre|search|section|"
    "summary|table|title|tr|ul"
)
_IS_BLOCK = re.compile(_BLOCK_NAMES)
_HAS_BLOCK = re.compile(rf"<(?:br|{_BLOCK_NAMES})\b", re.IGNORECASE)
_HAS_PARAGRAPH = re.compile(r"<p\b", re.IGNORECASE)
_HIDDEN = {"script", "style", "template", "noscript", "head"}
_CELLS = {"td", "th"}

_GOES_ON = re.compile(r"[^\w\s]?\w")
"""The rest of a word or a number, or of what a mark joins: "men" in "Gunmen", ",000" in "5,000"."""


class Page(NamedTuple):
    """The content of a web page: the article's text with its title above, and metadata of the article."""

    text: str
    meta: dict[str, Any]


def find_tag(text: str) -> re.Match[str] | None:
    """Returns the first HTML tag in a text, or None. Other angle brackets are not tags, as in "<5 killed"."""
    return _TAG.search(text) if "<" in text else None


def without_escape(text: str) -> str:
    """Returns the HTML of a text that was escaped as a whole, as in "&lt;p&gt;Gao", or any other text as it is."""
    if "&lt;" not in text or is_page(text) or find_tag(text):
        return text
    unescaped = html.unescape(text)
    return unescaped if find_tag(unescaped) else text


def is_page(text: str) -> bool:
    """Returns whether a text is a whole HTML page, which contains more than the article."""
    return _PAGE.match(text) is not None


def read_page(content: str) -> Page:
    """Finds the article of a page, without menus, scripts and comments. A blank line stands between paragraphs.

    `meta` has the `title`, the `date` and the `url` that the page gives.

    Raises:
        DataError: the page has no text.
        ModuleNotFoundError: the extra `html` is not installed.
    """
    # Imported here, since only pages need it and it is slow to import.
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    # Without a fixed limit, whether a page's date is accepted would depend on the day on which the page is read.
    dates = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
    try:
        content = _NOTE.sub(" ", content)
        found = bare_extraction(content, include_comments=False, with_metadata=True, date_extraction_params=dates)
    except Exception as error:  # whatever the parser raises, only one page is affected
        raise DataError(f"trafilatura cannot read this page: {first_line(error)}") from None
    page = found.as_dict() if isinstance(found, Document) else found or {}
    text = "\n\n".join(line for line in (page.get("text") or "").splitlines() if line.strip())
    if not text:
        raise DataError("no article found in this page of HTML")
    meta = {key: value for key in ("title", "date", "url") if (value := page.get(key))}
    return Page(with_title(text, meta.get("title")), meta)


def with_title(text: str, title: str | None) -> str:
    """Returns a text with its title above it and a blank line between, unless it begins with its title.

    "Gunmen kill 50 in Kano" does not begin with the title "Gunmen kill 5".
    """
    if title is None:
        return text
    stripped = text.lstrip()
    begins = stripped.startswith(title) and not _GOES_ON.match(stripped, len(title))
    return text if begins else f"{title}\n\n{text}"


def without_tags(text: str) -> str:
    """Returns a text without HTML tags, scripts and comments, with character references resolved.

    If the text has blocks or `<br>`, white space is handled as in HTML: it becomes a blank line between blocks, a line
    end for `<br>`, and a single space elsewhere. A text without `<p>` keeps its blank lines, since WordPress stores
    paragraphs so. If there are neither blocks nor `<br>`, all white space is kept. `<q>` becomes quotation marks.

    Raises:
        DataError: the tags cannot be parsed.
    """
    text = _NOTE.sub(" ", _SECTION.sub(r"\1", text))
    parser = _Text(keep_lines=not _HAS_BLOCK.search(text), keep_blank_lines=not _HAS_PARAGRAPH.search(text))
    try:
        parser.feed(text)
        parser.close()
    except AssertionError as error:  # older Pythons reject a declaration such as <![unknown[
        raise DataError(f"HTML that cannot be read: {first_line(error)}") from None
    return parser.text()


class _Text(HTMLParser):
    """Collects the text of an HTML fragment."""

    def __init__(self, *, keep_lines: bool, keep_blank_lines: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._hidden = 0
        self._keep_lines, self._keep_blank_lines = keep_lines, keep_blank_lines
        self._preformatted = 0
        self._quotes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        self._preformatted += tag == "pre"
        if tag == "q" and not self._hidden:
            self._parts.append("“‘"[self._quotes % 2])
            self._quotes += 1
        self._divide(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        self._preformatted -= tag == "pre" and self._preformatted > 0
        if tag == "q" and not self._hidden and self._quotes > 0:
            self._quotes -= 1
            self._parts.append("”’"[self._quotes % 2])
        if tag not in _CELLS:
            self._divide(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._divide(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            as_is = self._keep_lines or self._preformatted
            self._parts.append(data if as_is else re.sub(r"[ \t\r\n\f]+", self._space, data))

    def text(self) -> str:
        """Returns the collected text."""
        if self._keep_lines:
            return "".join(self._parts).strip()
        lines = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(self._parts))
        return re.sub(r"\n{3,}", "\n\n", re.sub(r" {2,}", " ", lines)).strip()

    def _space(self, white: re.Match[str]) -> str:
        return "\n\n" if self._keep_blank_lines and white[0].count("\n") > 1 else " "

    def _divide(self, tag: str) -> None:
        if _IS_BLOCK.fullmatch(tag):
            self._parts.append("\n\n")
        elif tag == "br":
            self._parts.append("\n")
        elif tag in _CELLS:
            self._parts.append("\t")
