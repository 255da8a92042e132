"""Finds articles in a language that a model was not trained on.

It uses the package py3langid from the extra `language`: 97 languages, read from bundled files, without network access.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import InputNotice
from afteraction.data.text.rendering import render

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

OtherLanguages = Literal["label", "leave-out", "off"]
"""What to do with articles in other languages: label and report them, leave out and report them, or not check."""

# In scripts without spaces, each character counts as a word.
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]+")
_DONE = {"label": "labelled all the same", "leave-out": "left out"}
_LEAST_WORDS = 20
"""A shorter text is not judged: a headline of names may look like any language."""

_READ = 2000
"""The number of characters at an article's beginning that are judged."""

_UNLIKELY = 0.05
"""A text is in another language if the known ones together have a lower probability."""


def check_languages(
    articles: Iterable[Article], *, languages: Collection[str], others: OtherLanguages, on_notice: OnError
) -> Iterator[Article]:
    """Passes articles through and reports each one in another language. Reports their number at the end.

    Args:
        articles: articles in any languages.
        languages: codes of ISO 639-1 that a model was trained on.
        others: what to do with an article in another language.
        on_notice: called with an `InputNotice` for each article in another language, and one with their number.

    Raises:
        ModuleNotFoundError: articles are to be left out, and the extra is not installed.
    """
    count = 0
    for article in articles:
        remark = remark_on_language(article.text, languages=languages, others=others)
        if remark is not None:
            count += 1
            on_notice(InputNotice(f"{article.id}: {remark}"))
        if remark is None or others == "label":
            yield article
    if count:
        on_notice(count_notice(count, others=others))


def remark_on_language(text: str, *, languages: Collection[str], others: OtherLanguages) -> str | None:
    """Returns a remark that a text is in another language and how it is handled, or None for any other text.

    Also returns None if `languages` is empty, or if the extra is not installed and nothing is left out.

    Raises:
        ModuleNotFoundError: texts are to be left out, and the extra is not installed.
    """
    if others == "off" or not languages or (others == "label" and not _is_installed()):
        return None
    language = other_language(text, languages)
    known = ", ".join(languages)
    return language and f"its language seems to be {language}, the model's is {known}; {_DONE[others]}"


def count_notice(count: int, *, others: OtherLanguages, resumed: bool = False) -> InputNotice:
    """Returns the notice of how many articles are in other languages.

    Args:
        count: their number. Of a resumed run, only the articles that are left out are known since its beginning.
        others: what is done with them.
        resumed: whether the run is resumed.
    """
    since = " since the run was resumed" if resumed and others == "label" else ""
    return InputNotice(f"articles in other languages, {_DONE[others]}: {count}{since}; see --other-languages")


def other_language(text: str, languages: Collection[str]) -> str | None:
    """Returns the code of a text's language if it is almost surely not one of `languages`, otherwise None.

    Also returns None for a text of fewer than 20 words. A text that mixes languages counts as being in a known one.
    """
    beginning = render(text).text[:_READ]
    if len(_WORD.findall(beginning)) < _LEAST_WORDS:
        return None
    ranked = _identifier().rank(beginning)
    known = sum(probability for language, probability in ranked if language in languages)
    return str(ranked[0][0]) if known < _UNLIKELY else None


@cache
def _is_installed() -> bool:
    return find_spec("py3langid") is not None


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
