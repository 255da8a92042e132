"""The Tagger: labels articles with spans, entities and a death toll."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, get_args

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article, DataError, LabelScheme, SubwordTokenizer, nearest
from afteraction.data.tokens import Subwords, merge_windows, plan_windows
from afteraction.model.batching import fill_batches, pad_windows, round_width
from afteraction.model.decoding.spans import Emissions, find_spans
from afteraction.model.errors import ModelError
from afteraction.model.exported_folder import is_exported
from afteraction.model.memory import is_out_of_memory
from afteraction.model.model_names import locate_model
from afteraction.model.precision import AnyPrecision, fastest_precision
from afteraction.model.record.assemble import ArticleLike, assemble_record, wrap_texts
from afteraction.model.runtimes import GraphRuntime, Runtime
from afteraction.model.saving import ModelSettings, load_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from afteraction.model.exported_model import ExportedTokenizer, GraphModel

_log = logging.getLogger(__name__)

_HALVING = Lock()
"""Held by the thread whose batch does not fit in memory. Not an attribute of taggers, since they are pickled."""

ARTICLES_AT_ONCE = 128
"""The number of articles that are read ahead, so that windows of similar length share a batch."""

CPU_TOKENS = 1024
"""Subwords per batch on a CPU: two windows of the default size. They keep the CPU busy and need little memory."""

ACCELERATOR_TOKENS = 16384
"""Subwords per batch on an accelerator, which only large matrices keep busy."""


class Tagger:
    """A trained model that labels articles of any length.

    Args:
        model: a token classifier of transformers, or the graph of an exported one.
        tokenizer: the model's tokenizer.
        settings: the model's labels, window and decoding.
        tokens_per_batch: the number of subwords, padding included, that the model reads at once; None for
            `CPU_TOKENS` or `ACCELERATOR_TOKENS`, depending on the model's device. It is reduced if a batch does not fit
            in memory.
    """

    def __init__(
        self,
        *,
        model: "PreTrainedModel | GraphModel",
        tokenizer: "PreTrainedTokenizerBase | ExportedTokenizer",
        settings: ModelSettings,
        tokens_per_batch: int | None = None,
    ) -> None:
        self.model: Any = model  # training needs a PreTrainedModel and its tokenizer
        self.tokenizer: Any = tokenizer
        self.settings = settings
        self.scheme = LabelScheme(settings.labels)
        self._runtime = _runtime_of(model)
        self.tokens_per_batch = tokens_per_batch or (CPU_TOKENS if self._runtime.on_cpu else ACCELERATOR_TOKENS)
        self._subwords = SubwordTokenizer(tokenizer)
        self._halved = False

    @property
    def labels(self) -> tuple[str, ...]:
        """Returns the labels that the model looks for."""
        return self.settings.labels

    @classmethod
    def load(
        cls,
        name: str | Path,
        *,
        device: str = "cpu",
        precision: AnyPrecision = "auto",
        tokens_per_batch: int | None = None,
    ) -> Self:
        """Loads a model. Needs no network.

        Args:
            name: a model folder, written by training, `afteraction pack` or `afteraction export`, or the name of a
                shipped model. See `locate_model`.
            device: the device that the model runs on, by PyTorch's name. An exported model runs on the CPU only.
            precision: the precision of the weights; `auto` for the one that `fastest_precision` returns, which is
                logged. `bfloat16` is faster on processors that multiply it natively, and slower on others. It changes
                scores in the third digit. The precision of an exported model is fixed.
            tokens_per_batch: as for the class.

        Raises:
            ModelError: there is no such model, its folder is damaged, or the device or the precision does not exist.
        """
        if precision not in get_args(AnyPrecision):
            raise ModelError(f"precision {precision!r}: unknown; {nearest(precision, get_args(AnyPrecision))}")
        folder = locate_model(name)
        if is_exported(folder):
            if device.partition(":")[0] != "cpu" or precision == "bfloat16":
                raise ModelError(f"{folder}: an exported model has its own precision, and runs on the CPU only")
            from afteraction.model.exported_model import load_exported

            graph, backend, settings = load_exported(folder)
            return cls(model=graph, tokenizer=backend, settings=settings, tokens_per_batch=tokens_per_batch)
        from afteraction.model.torch_runtime import place_model

        model, tokenizer, settings = load_model(folder)
        if precision == "auto":
            precision = fastest_precision(settings.dev_f1, device=device)
            _log.info("%s: the precision is %s", folder, precision)
        place_model(model, device=device, precision=precision)
        return cls(model=model, tokenizer=tokenizer, settings=settings, tokens_per_batch=tokens_per_batch)

    def predict(self, articles: Iterable[ArticleLike]) -> Iterator[Article]:
        """Labels articles, in their order, like `stream` with `ARTICLES_AT_ONCE`."""
        return self.stream(articles)

    def stream(self, articles: Iterable[ArticleLike], *, at_once: int = ARTICLES_AT_ONCE) -> Iterator[Article]:
        """Labels articles, in their order.

        Holds `at_once` articles at a time, so the stream may be endless. The annotation of an article is replaced; its
        id, text and `meta` are kept.

        Args:
            articles: articles; plain strings, whose id is their number in the stream, from 1; or dicts with a text
                and optionally an id. All other values of a dict are put into `meta`.
            at_once: the number of articles that are read before they are labelled together. Use 1 to label each
                article as it arrives, such as from a queue; this is slower.

        Raises:
            DataError: a dict has no text, or a value is invalid.
            ModelError: not even a single window fits in memory.
        """
        if at_once < 1:
            raise DataError(f"at_once is {at_once}; at least one article must be read at a time")
        stream = wrap_texts(articles)
        while chunk := list(islice(stream, at_once)):
            emissions = self._chunk_emissions(chunk)
            for article, spans in zip(chunk, find_spans(emissions, self.settings), strict=True):
                yield assemble_record(article, spans)

    def emissions(self, articles: Iterable[Article]) -> Iterator[Emissions]:
        """Yields the model's output for each article, before decoding. `find_spans` decodes it with any settings."""
        stream = iter(articles)
        while chunk := list(islice(stream, ARTICLES_AT_ONCE)):
            yield from self._chunk_emissions(chunk)

    def log_probabilities(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Returns the log probabilities of each text, shape (subwords, tags), merged over its windows."""
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
        # The windows of all texts, longest first. A text without subwords has one empty window, which is left out.
        jobs = [(text, window) for text, plan in enumerate(plans) for window in plan if window.stop]
        jobs.sort(key=lambda job: job[1].start - job[1].stop)
        batches = [[jobs[index] for index in batch] for batch in self._batches([w.stop - w.start for _, w in jobs])]
        ids = [
            [self._subwords.window_ids(encoded[text].ids[w.start : w.stop]) for text, w in batch] for batch in batches
        ]
        read = {
            job: values
            for batch, scores in zip(batches, self._run_all(ids), strict=True)
            for job, values in zip(batch, scores, strict=True)
        }
        # Merge the windows into whole texts, in their order.
        empty = np.empty((0, len(self.scheme.tags)), dtype=np.float32)
        return [
            merge_windows(plan, [read[text, window] for window in plan], length=len(encoded[text].ids))
            if len(encoded[text].ids)
            else empty
            for text, plan in enumerate(plans)
        ]

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Yields the indices of windows, longest first, in batches.

        On a CPU, the log probabilities of a window are the same, bit for bit, whatever else is in its batch. For this,
        PyTorch and OpenVINO need all windows of a batch to be as wide as each would be alone. ONNX Runtime scales the
        integers of a batch by its largest value, so it must read windows one by one.
        """
        if self._runtime.one_by_one:
            yield from ([index] for index in range(len(lengths)))
            return
        on_cpu = self._runtime.on_cpu
        for _, same in groupby(range(len(lengths)), key=lambda i: self._width(lengths[i]) if on_cpu else 0):
            indices = [*same]
            for batch in fill_batches([lengths[index] for index in indices], budget=self.tokens_per_batch):
                yield [indices[index] for index in batch]

    def _width(self, length: int) -> int:
        """Returns the width of a batch whose longest window has `length` subwords, not counting special ones."""
        return round_width(length + self._subwords.special_count, window_size=self.settings.window.size)

    def _run_all(self, batches: Sequence[Sequence[NDArray[np.int32]]]) -> list[list[NDArray[np.float32]]]:
        """Returns the log probabilities of the windows of each batch.

        On a CPU, each core reads separate batches. Threads that share a batch wait for each other at every step, which
        halves the speed when other programs need a core.
        """
        if min(self._runtime.threads, len(batches)) < 2:
            return [self._run(batch) for batch in batches]
        with self._runtime.pool() as pool:
            return list(pool.map(self._run, batches))

    def _run(self, windows: Sequence[NDArray[np.int32]]) -> list[NDArray[np.float32]]:
        """Returns the log probabilities of each window, without its special subwords.

        A batch that does not fit in memory is halved until its parts fit, and later batches are made smaller.
        """
        try:
            return self._read(windows)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        # Outside the `except` block, since the error keeps the memory of the batch allocated.
        if len(windows) == 1:
            raise ModelError(
                f"a single window of {len(windows[0])} subwords does not fit in memory: end other programs, or label "
                "on another device"
            )
        half = len(windows) // 2
        with _HALVING:
            if not self._halved:
                _log.warning(
                    "a batch of %d windows does not fit in memory: it is halved, as others will be", len(windows)
                )
            self._halved = True
            self.tokens_per_batch = min(self.tokens_per_batch, half * max(len(window) for window in windows))
        return [*self._run(windows[:half]), *self._run(windows[half:])]

    def _read(self, windows: Sequence[NDArray[np.int32]]) -> list[NDArray[np.float32]]:
        width = self._width(max(len(window) for window in windows) - self._subwords.special_count)
        ids, mask = pad_windows(windows, self._subwords.pad_id, width=width)
        values = self._runtime.log_probabilities(ids, mask)
        first, last = len(self._subwords.prefix), len(self._subwords.suffix)
        return [values[row, first : len(window) - last] for row, window in enumerate(windows)]


def _runtime_of(model: "PreTrainedModel | GraphModel") -> Runtime:
    if isinstance(model, GraphRuntime):
        return model
    from afteraction.model.torch_runtime import TorchRuntime

    return TorchRuntime(model)
