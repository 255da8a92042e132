"""An article from a dict, for callers in Python."""

from collections.abc import Mapping
from typing import Any

from afteraction.data.articles.article import Article, FaultySpansError
from afteraction.data.articles.article_lines import article_from_record, is_annotated
from afteraction.data.errors import DataError, clip
from afteraction.data.inputs.fields import ANY_FIELDS, UnknownKeysError, choose_keys, id_of, meta_of


def article_of(values: Mapping[str, Any], *, number: int) -> Article:
    """Makes an article from a dict, by the same keys as for a record in a file.

    The text stays exactly as it is, HTML included, so that offsets refer to the caller's text.

    Args:
        values: the text under `text` or the only key with a name such as `content`, optionally an id, and anything
            else, which goes to `meta`. Alternatively, an annotated article in our own format.
        number: its number among the dicts, from 1. It becomes the id if the dict has none.

    Raises:
        DataError: the text is missing or not a string, or another value is invalid.
    """
    values = {str(name): value for name, value in values.items()}  # the columns of a frame may be numbers
    names = tuple(values)
    try:
        if is_annotated(values):
            return article_from_record(values)
        keys = choose_keys(names, ANY_FIELDS)
        text = values[keys.text]
        if not isinstance(text, str):
            raise DataError(f"{keys.text!r} is not a text but {clip(repr(text))}")
        return Article(id_of(values, keys) or str(number), text, meta=meta_of(values, keys))
    except UnknownKeysError:
        found = clip(", ".join(map(repr, names))) or "none"
        raise DataError(f"article {number}: which key is the text? There is {found}; name it 'text'") from None
    except FaultySpansError:  # names the article itself
        raise
    except DataError as error:
        raise DataError(f"article {number}: {error}") from None
