"""What a table's cell says, where it was written for a web page."""

import html
import re

_BLOCK = re.compile(r"</?(?:br|p|div|li|ul|ol|h[1-6]|tr|table|blockquote)\b[^<>]*>", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|abbr|b|cite|em|font|i|small|span|strong|su[bp]|t[dh]|u)\b[^<>]*>", re.IGNORECASE)
# With its semicolon: without one, "&para" in an address would be a sign too.
_REFERENCE = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+\d*);", re.IGNORECASE)


def without_html(cell: str) -> str:
    """A cell without the tags of HTML, its character references resolved; a paragraph, item or break is a line's end.

    Other angle brackets stay: "<5" is a number.
    """
    text = _INLINE.sub("", _BLOCK.sub("\n", cell))
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), text)
