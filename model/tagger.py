"""The Tagger: articles in, articles with spans, entities and a death toll out."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray

from afteraction.data import (
    Article,
    LabelScheme,
    Span,
    Subwords,
    SubwordTokenizer,
    Window,
    first_line,
    merge_windows,
    plan_windows,
    token_links,
    tokens_to_characters,
)
from afteraction.model.decoding import decode_spans, trim_punctuation
from afteraction.model.encoder import ModelError
from afteraction.model.entities import link_entities
from afteraction.model.saving import ModelSettings, load_model
from afteraction.model.toll import choose_toll

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Precision = Literal["float32", "bfloat16"]

ARTICLES_AT_ONCE = 128
"""How many articles are read ahead, so that windows of like length share a batch."""

DECODED_AT_ONCE = 1 << 17
"""How many subwords, padding included, are decoded together."""


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
            precision: of the weights. `bfloat16` is about twice as fast on processors that multiply it natively,
                and slower on others; scores change in the third digit.
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
        numbered = (
            article if isinstance(article, Article) else Article(id=str(number), text=article)
            for number, article in enumerate(articles, start=1)
        )
        while chunk := list(islice(numbered, ARTICLES_AT_ONCE)):
            yield from self._predict_chunk(chunk)

    def log_probabilities(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Each text's log probabilities, shape (subwords, tags), windows merged."""
        return self._log_probabilities(self._subwords.encode(texts))

    def _predict_chunk(self, articles: list[Article]) -> Iterator[Article]:
        encoded = self._subwords.encode([article.text for article in articles])
        scores = self._log_probabilities(encoded)
        # Decoding pads to the longest of a batch, so batches are of like length.
        order = sorted(range(len(articles)), key=lambda index: len(scores[index]))
        predicted: dict[int, Article] = {}
        for batch in fill_batches([len(scores[index]) for index in order], budget=DECODED_AT_ONCE):
            indices = [order[place] for place in batch]
            links = [
                token_links(articles[index].text, encoded[index].bounds, whole_words=self.settings.whole_words)
                for index in indices
            ]
            decoded = decode_spans([scores[index] for index in indices], links, scheme=self.scheme)
            for index, token_spans in zip(indices, decoded, strict=True):
                spans = []
                for found in token_spans:
                    start, end = tokens_to_characters(found.first, found.stop, encoded[index].bounds)
                    start, end = trim_punctuation(articles[index].text, start, end)
                    if start < end and found.score >= self.settings.threshold:
                        spans.append(Span(start, end, found.label, score=round(found.score, 6)))
                predicted[index] = _finish(articles[index], spans)
        for index in range(len(articles)):
            yield predicted[index]

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
        device = self.model.device
        batch = {name: tensor.to(device) for name, tensor in pad_windows(windows, self._subwords.pad_id).items()}
        self.model.eval()
        with torch.inference_mode():
            logits = self.model(**batch).logits
        values = torch.log_softmax(logits.float(), dim=-1).cpu().numpy()
        first, last = len(self._subwords.prefix), len(self._subwords.suffix)
        return [values[row, first : len(window) - last] for row, window in enumerate(windows)]


def pad_windows(windows: Sequence[NDArray[np.int32]], pad_id: int) -> dict[str, torch.Tensor]:
    """Stacks windows to `input_ids`, shape (windows, longest); an `attention_mask` only where lengths differ."""
    longest = max(len(window) for window in windows)
    ids = np.full((len(windows), longest), pad_id, dtype=np.int64)
    mask = np.zeros((len(windows), longest), dtype=np.int64)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
        mask[row, : len(window)] = 1
    batch = {"input_ids": torch.from_numpy(ids)}
    if not mask.all():
        batch["attention_mask"] = torch.from_numpy(mask)
    return batch


def fill_batches(lengths: Sequence[int], *, budget: int) -> Iterator[list[int]]:
    """Divides positions of a list sorted by length into batches of at most `budget`, padding included.

    An item longer than the budget is a batch of its own.
    """
    batch: list[int] = []
    longest = 0
    for position, length in enumerate(lengths):
        longest = max(longest, length)
        if batch and longest * (len(batch) + 1) > budget:
            yield batch
            batch, longest = [], length
        batch.append(position)
    if batch:
        yield batch


def _finish(article: Article, spans: list[Span]) -> Article:
    linked, entities = link_entities(article.text, spans)
    return Article(
        id=article.id,
        text=article.text,
        spans=linked,
        death_toll=choose_toll(article.text, linked),
        entities=entities,
        meta=article.meta,
    )
