"""Reads and checks everything that training needs, before the run's folder is created."""

import logging
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase, set_seed

from afteraction.data import Article, DataError, LabelScheme, SubwordTokenizer, build_examples, read_named, resolve
from afteraction.data.tokens import Examples, default_cache
from afteraction.model import ModelSettings, Tagger, build_classifier, load_tokenizer, locate_encoder, positions
from afteraction.model.precision import native_precision
from afteraction.train.config import ConfigError, TrainConfig
from afteraction.train.distillation import add_teachers
from afteraction.train.freezing import freeze
from afteraction.train.run_folder import settle_precision

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Everything that training needs, read and checked. Nothing has been written except the cache of examples.

    The precision of the config is resolved: it is never `auto`.
    """

    config: TrainConfig
    tagger: Tagger
    examples: Examples
    dev: list[Article]


def prepare(config: TrainConfig, *, cache: Path | None = None) -> Prepared:
    """Loads the encoder, the development articles and the training examples of a config.

    Raises:
        InputError: one of them is wrong, or does not fit the others.
    """
    config = settle_precision(config)
    if config.fitting.precision == "bfloat16" and native_precision() != "bfloat16":
        _log.warning(
            "fitting.precision: bfloat16 is many times slower than float32 here; a new run with auto uses float32"
        )

    # Load the encoder, with a new head.
    location = locate_encoder(config.encoder)
    tokenizer = load_tokenizer(location)
    scheme = LabelScheme(config.labels)
    dev = _read_dev(config, scheme)
    set_seed(config.fitting.seed)
    model = build_classifier(
        location,
        scheme=scheme,
        hidden_dropout=config.dropout.hidden,
        attention_dropout=config.dropout.attention,
        head_dropout=config.dropout.head,
        layers=config.encoder_layers,
    )
    _check_encoder(config, model=model, tokenizer=tokenizer)

    # Build the examples.
    examples = build_examples(
        [resolve(name) for name in config.data.train],
        tokenizer=SubwordTokenizer(tokenizer),
        window=config.window,
        scheme=scheme,
        cache=cache or default_cache(),
    )
    if not examples.spans:
        raise DataError(f"data.train: no article of {', '.join(config.data.train)} has a span to learn from")
    if config.distillation.teachers:
        examples = add_teachers(examples, config, tokenizer=SubwordTokenizer(tokenizer))

    # Make the tagger that training evaluates and saves.
    freeze(model, config.optimizer)
    settings = ModelSettings(labels=config.labels, window=config.window, whole_words=config.whole_words)
    return Prepared(config, Tagger(model=model, tokenizer=tokenizer, settings=settings), examples, dev)


def _read_dev(config: TrainConfig, scheme: LabelScheme) -> list[Article]:
    """Reads the development articles, and refuses labels that the config does not have, and an id of two articles."""
    articles = []
    file_of_id: dict[str, str] = {}
    for name in config.data.dev:
        if name in config.data.train:
            _log.warning("data.dev: %s is in data.train too, so the score says nothing about other articles", name)
        for article in read_named([name]):
            try:
                for label in (*(span.label for span in article.spans), *article.unknown_labels):
                    scheme.index(label)
                if article.id in file_of_id:
                    raise DataError(f"data.dev has another article with this id, in {file_of_id[article.id]}")
            except DataError as error:
                raise DataError(f"{name}: article {article.id!r}: {error}") from None
            articles.append(article)
            file_of_id[article.id] = name
    if not any(span.label not in article.unknown_labels for article in articles for span in article.spans):
        raise DataError(
            f"data.dev: no article of {', '.join(config.data.dev)} has a span to choose a checkpoint by; those of "
            "unknown_labels do not count"
        )
    return articles


def _check_encoder(config: TrainConfig, *, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Refuses settings that the encoder does not support."""
    limit = positions(model, tokenizer)
    if limit is not None and config.window.size > limit:
        raise ConfigError(f"window.size: {config.window.size} is more than the {limit} positions of {config.encoder}")
    if config.dropout.subwords and tokenizer.mask_token_id is None:
        raise ConfigError(f"dropout.subwords: the tokenizer of {config.encoder} has no mask token; set it to 0")
    if config.fitting.presence_loss and not len(SubwordTokenizer(tokenizer).prefix):
        raise ConfigError(
            f"fitting.presence_loss: windows of {config.encoder} begin with no special token; set it to 0"
        )
