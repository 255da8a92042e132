"""The model: encoder and head, logits to spans, mentions to entities, the Tagger."""

from afteraction.model.batching import fill_batches, pad_windows
from afteraction.model.decoding import Emissions, TokenSpan, decode_spans, find_spans, trim_punctuation
from afteraction.model.encoder import (
    PACKAGES,
    ModelError,
    build_classifier,
    load_classifier,
    load_tokenizer,
    locate_encoder,
    positions,
)
from afteraction.model.kernels import OneDnnLinear, use_onednn
from afteraction.model.record.linking import link_entities
from afteraction.model.record.toll import choose_toll
from afteraction.model.rules import RuleTagger
from afteraction.model.saving import SETTINGS_FILE, ModelSettings, load_model, save_model, save_settings
from afteraction.model.systems import RULES, System, load_system
from afteraction.model.tagger import Precision, Tagger

__all__ = [
    "PACKAGES",
    "RULES",
    "SETTINGS_FILE",
    "Emissions",
    "ModelError",
    "ModelSettings",
    "OneDnnLinear",
    "Precision",
    "RuleTagger",
    "System",
    "Tagger",
    "TokenSpan",
    "build_classifier",
    "choose_toll",
    "decode_spans",
    "fill_batches",
    "find_spans",
    "link_entities",
    "load_classifier",
    "load_model",
    "load_system",
    "load_tokenizer",
    "locate_encoder",
    "pad_windows",
    "positions",
    "save_model",
    "save_settings",
    "trim_punctuation",
    "use_onednn",
]
