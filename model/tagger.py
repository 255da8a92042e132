"""The Tagger: articles in, articles with spans, entities and a death toll out."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray

from afteraction.data import Article, LabelScheme, SubwordTokenizer
from afteraction.data.errors import first_line
from afteraction.data.tokens import Subwords, Window, merge_windows, plan_windows
from afteraction.model.batching import fill_batches, pad_windows
from afteraction.model.decoding.spans import Emissions, find_spans
from afteraction.model.errors import ModelError
from afteraction.model.record.assemble import as_articles, labelled
from afteraction.model.saving import ModelSettings, load_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Precision = Literal["float32", "bfloat16"]

GRAIN = 16
"""Batches are as wide as a multiple of this: oneDNN compiles a product for each shape it meets, and keeps it."""

ARTICLES_AT_ONCE = 128
"""How many articles are read ahead, so that windows of like length share a batch."""


class Tagger:
    """Labels articles of any length with a trained model.

    Args:
        model: a token classifier of transformers.
        tokenizer: its tokenizer.
        settings: its labels, window and decoding.
        tokens_per_batch: how many subwords, padding included, the model reads at once; None for what suits its
            device.
    """

    def __init__(
        self,
        *,
        model: "PreTrainedModel",
        tokenizer: "PreTrainedTokenizerBase",
        settings: ModelSettings,
        tokens_per_batch: int | None = None,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.settings = settings
        self.scheme = LabelScheme(settings.labels)
        self.tokens_per_batch = tokens_per_batch or (1024 if model.device.type == "cpu" else 16384)
        self._subwords = SubwordTokenizer(tokenizer)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model looks for."""
        return self.settings.labels

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        device: str = "cpu",
        precision: Precision = "float32",
        tokens_per_batch: int | None = None,
    ) -> Self:
        """Loads a model folder; needs no network.

        Args:
            folder: what training saved.
            device: where the model runs, as PyTorch names it.
            precision: of the weights. `bfloat16` is about a fifth faster on processors that multiply it natively, and
                slower on others; scores change in the third digit.
            tokens_per_batch: as for the class.

        Raises:
            ModelError: the folder is not a model's, or is damaged, or there is no such device.
        """
        model, tokenizer, settings = load_model(Path(folder))
        try:
            torch.nn.Module.to(model, device=torch.device(device), dtype=getattr(torch, precision))
        except (RuntimeError, AssertionError) as error:
            raise ModelError(f"device {device!r}: {first_line(error)}") from None
        return cls(model=model, tokenizer=tokenizer, settings=settings, tokens_per_batch=tokens_per_batch)

    def predict(self, articles: Iterable[Article | str]) -> Iterator[Article]:
        """Labels articles, in their order, a chunk at a time, so that a stream of them never piles up.

        A plain string is an article whose id is its number in the stream, from 1. What annotation an
        article has is replaced; its id, text and `meta` stay.
        """
        numbered = as_articles(articles)
        while chunk := list(islice(numbered, ARTICLES_AT_ONCE)):
            emissions = self._chunk_emissions(chunk)
            for article, spans in zip(chunk, find_spans(emissions, self.settings), strict=True):
                yield labelled(article, spans)

    def emissions(self, articles: Iterable[Article]) -> Iterator[Emissions]:
        """Reads articles, a chunk at a time, without deciding on spans: `find_spans` does, under any settings."""
        stream = iter(articles)
        while chunk := list(islice(stream, ARTICLES_AT_ONCE)):
            yield from self._chunk_emissions(chunk)

    def log_probabilities(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Each text's log probabilities, shape (subwords, tags), windows merged."""
        return self._log_probabilities(self._subwords.encode(texts))

    def _chunk_emissions(self, articles: list[Article]) -> list[Emissions]:
        encoded = self._subwords.encode([article.text for article in articles])
        return [
            Emissions(article.text, subwords.bounds, scores)
            for article, subwords, scores in zip(articles, encoded, self._log_probabilities(encoded), strict=True)
        ]

    def _log_probabilities(self, encoded: Sequence[Subwords]) -> list[NDArray[np.float32]]:
        size = self.settings.window.size - self._subwords.special_count
        plans = [plan_windows(len(e.ids), size=size, stride=self.settings.window.stride) for e in encoded]
        jobs = [(index, window) for index, plan in enumerate(plans) for window in plan if window.stop]
        jobs.sort(key=lambda job: job[1].start - job[1].stop)
        read: dict[tuple[int, Window], NDArray[np.float32]] = {}
        lengths = [window.stop - window.start for _, window in jobs]
        for batch in fill_batches(lengths, budget=self.tokens_per_batch):
            batch_jobs = [jobs[place] for place in batch]
            ids = [self._subwords.window_ids(encoded[i].ids[w.start : w.stop]) for i, w in batch_jobs]
            read.update(zip(batch_jobs, self._run(ids), strict=True))
        empty = np.empty((0, len(self.scheme.tags)), dtype=np.float32)
        return [
            merge_windows(plan, [read[index, window] for window in plan], length=len(encoded[index].ids))
            if len(encoded[index].ids)
            else empty
            for index, plan in enumerate(plans)
        ]

    def _run(self, windows: Sequence[NDArray[np.int32]]) -> list[NDArray[np.float32]]:
        """Log probabilities of some windows, without their special subwords."""
        longest = max(len(window) for window in windows)
        width = max(longest, min(-(-longest // GRAIN) * GRAIN, self.settings.window.size))
        padded = pad_windows(windows, self._subwords.pad_id, width=width)
        batch = {name: tensor.to(self.model.device) for name, tensor in padded.items()}
        self.model.eval()
        with torch.inference_mode():
            logits = self.model(**batch).logits
        values = torch.log_softmax(logits.float(), dim=-1).cpu().numpy()
        first, last = len(self._subwords.prefix), len(self._subwords.suffix)
        return [values[row, first : len(window) - last] for row, window in enumerate(windows)]
