"""Engines, which label the chunks of an archive run.

An engine takes a stream of chunks and yields each of them labelled, in any order. The result for a chunk must depend
only on the chunk. Every engine runs `label_chunk`, in this process or in others.
"""

from collections.abc import Callable, Iterator

from afteraction.data import Article, InputError, format_article
from afteraction.data.errors import first_line
from afteraction.model.archive.chunks import Chunk, Failure, Record, printable
from afteraction.model.systems import System

Engine = Callable[[Iterator[Chunk]], Iterator[Chunk]]
"""Labels chunks. Each yielded chunk has the same number and the same count of records as the input chunk."""

ATTEMPTS = 4
"""The number of processes that a chunk is given to, one after another, if they die. Without a limit, a chunk that kills
every process would be tried forever."""

_PROBE = Article(id="probe", text="Gunmen killed two people in Kano on Friday.")
"""An article that any working system can label."""


def local_engine(system: System, *, on_article: Callable[[], None] = lambda: None) -> Engine:
    """Returns the engine that labels one chunk after another in this process.

    Args:
        system: the system that labels the articles.
        on_article: called after each article, to show progress.
    """

    def label(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        return (label_chunk(chunk, system, on_article=on_article) for chunk in chunks)

    return label


def label_chunk(chunk: Chunk, system: System, *, on_article: Callable[[], None] = lambda: None) -> Chunk:
    """Returns a chunk with its articles labelled. An article that cannot be labelled becomes a failure.

    Raises:
        Exception: the system does not work: it cannot label an easy article either.
    """
    articles = [record for record in chunk.records if isinstance(record, Article)]
    labelled: Iterator[Record]
    try:
        together = []
        for article in system.predict(articles):
            format_article(article).encode()  # an article that cannot be written counts as a failure
            together.append(article)
            on_article()
        labelled = iter(together)
    except Exception:
        # One by one, to find the article at fault. The result is the same in every run, since the chunks are.
        labelled = (
            _label_alone(record, system, place=f"article {position:,} of the inputs")
            for position, record in enumerate(chunk.records, start=chunk.start + 1)
            if isinstance(record, Article)
        )
    records = tuple(next(labelled) if isinstance(record, Article) else record for record in chunk.records)
    return Chunk(chunk.number, chunk.start, records)


def lost_chunk(chunk: Chunk) -> InputError:
    """Returns the error for a chunk on which `ATTEMPTS` processes have died."""
    articles = f"articles {chunk.start + 1:,} to {chunk.start + len(chunk.records):,} of the inputs"
    return InputError(f"{ATTEMPTS} workers died while they labelled {articles}; do they have enough memory?")


def _label_alone(article: Article, system: System, *, place: str) -> Record:
    try:
        [labelled] = system.predict([article])
        format_article(labelled).encode()
    except Exception as error:
        list(system.predict([_PROBE]))  # raises an error if the fault is not in the article
        reason = printable(f"cannot be labelled: {type(error).__name__}: {first_line(error)}")
        return Failure(article.id, place, reason)
    return labelled
