"""The spaCy component `afteraction`, which adds what a model finds to a `Doc`. Needs the extra `spacy`.

    nlp.add_pipe("afteraction", config={"model": "news"})

spaCy finds it by the entry point in pyproject.toml, so this module need not be imported.
"""

import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, SpanGroup

from afteraction.data import Article
from afteraction.data.articles.article_lines import record_of
from afteraction.model.saving import SETTINGS_FILE
from afteraction.model.systems import System, load_system, system_folder

_KEYS = ("spans", "death_toll", "death_toll_score", "entities")


class Component(Pipe):
    """A pipeline component that labels the texts of documents.

    Sets on each `Doc`, under the component's name, which is `afteraction` unless `add_pipe` is given another one:

    - `doc.spans["afteraction"]`: a span's `label_` is its label and its `id_` the id of its entity. A span that begins
      or ends inside one of spaCy's tokens is extended to the whole token. The scores are in `attrs["scores"]` of
      the group, in the order of the spans; each is None if the rules found the spans.
    - `doc._.afteraction`: the record, a dict with the keys `spans` and `death_toll`, and with `death_toll_score` and
      `entities` if they exist. Its offsets are those that the model gave, even inside tokens.

    The model is loaded when the first text is labelled, because `from_disk` replaces it by that of a saved pipeline.
    """

    def __init__(self, name: str, *, model: str | Path, device: str) -> None:
        self.name = name
        self._model = model
        self._device = device
        self._system: System | None = None
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)

    def __call__(self, doc: Doc) -> Doc:
        """Labels a document."""
        [labelled] = self.pipe([doc])
        return labelled

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Labels a stream of documents, `batch_size` at a time, and yields them in order."""
        documents = iter(stream)
        while batch := list(islice(documents, batch_size)):
            try:
                self._label(batch)
            except Exception as error:
                self.get_error_handler()(self.name, self, batch, error)
            yield from batch

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Copies the model into the folder of a saved pipeline, in place of an older one. The rules have no folder."""
        folder, target = system_folder(self._model), Path(path)
        if folder is not None and target.is_dir() and target.samefile(folder):
            return  # the pipeline was loaded from there
        # A file that another model left would count, such as its graph, or the whole model where rules are meant.
        if (target / SETTINGS_FILE).is_file():
            shutil.rmtree(target)
        if folder is not None:
            shutil.copytree(folder, target, dirs_exist_ok=True)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "Component":
        """Sets the model to the one in the folder of a saved pipeline."""
        if Path(path).is_dir():
            self._model, self._system = Path(path), None
        return self

    def _label(self, batch: list[Doc]) -> None:
        if self._system is None:
            self._system = load_system(self._model, device=self._device)
        for doc, article in zip(batch, self._system.predict([doc.text for doc in batch]), strict=True):
            self._annotate(doc, article)

    def _annotate(self, doc: Doc, article: Article) -> None:
        record: dict[str, Any] = record_of(article)
        doc._.set(self.name, {key: record[key] for key in _KEYS if key in record})
        spans: list[Any] = [  # `char_span` returns None only for offsets outside the text
            doc.char_span(span.start, span.end, label=span.label, span_id=span.entity or "", alignment_mode="expand")
            for span in article.spans
        ]
        scores = [span.score for span in article.spans]
        doc.spans[self.name] = SpanGroup(doc, name=self.name, spans=spans, attrs={"scores": scores})


@Language.factory("afteraction", default_config={"model": "news", "device": "cpu"})
def make_component(nlp: Language, name: str, model: str, device: str) -> Component:  # noqa: ARG001 - spaCy passes it
    """Makes the component of a pipeline.

    Args:
        nlp: the pipeline.
        name: the name of the component in the pipeline.
        model: a model folder, a shipped model, or `rules`, as `load_system` takes it.
        device: the device that a model runs on, by PyTorch's name.
    """
    return Component(name, model=model, device=device)
