"""The model: encoder and head, decoding, the record (entities and death toll), and the Tagger.

Names are imported on first use, since the rules and the record do not need PyTorch.
"""

from typing import TYPE_CHECKING

from afteraction.data.lazy import lazy_names

if TYPE_CHECKING:
    from afteraction.model.batching import WIDTH_STEP, fill_batches, pad_windows, round_width
    from afteraction.model.decoding import Emissions, TokenSpan, decode_spans, find_spans, trim_punctuation
    from afteraction.model.encoder import (
        build_classifier,
        load_classifier,
        load_tokenizer,
        locate_encoder,
        positions,
    )
    from afteraction.model.encoder_packages import PACKAGES
    from afteraction.model.errors import ModelError
    from afteraction.model.exported_folder import EXPORTED_FILE, GRAPH, ExportFormat
    from afteraction.model.exporting import export_model
    from afteraction.model.folders import require_free
    from afteraction.model.kernels import OneDnnLinear, use_onednn
    from afteraction.model.layers import find_layers
    from afteraction.model.model_names import locate_model, shipped_models
    from afteraction.model.packed_folder import DEFAULT_RANK, PACKED_FILE
    from afteraction.model.packing import Packing, pack_model, unpack_model
    from afteraction.model.precision import AnyPrecision, Precision, fastest_precision
    from afteraction.model.record import choose_toll, link_entities
    from afteraction.model.rules import RuleTagger
    from afteraction.model.saving import SETTINGS_FILE, ModelSettings, load_model, save_model, save_settings
    from afteraction.model.suggestion import Suggestion, Suggestions, suggest
    from afteraction.model.systems import RULES, System, load_system, system_folder, system_languages, system_precision
    from afteraction.model.tagger import Tagger

__all__ = [
    "DEFAULT_RANK",
    "EXPORTED_FILE",
    "GRAPH",
    "PACKAGES",
    "PACKED_FILE",
    "RULES",
    "SETTINGS_FILE",
    "WIDTH_STEP",
    "AnyPrecision",
    "Emissions",
    "ExportFormat",
    "ModelError",
    "ModelSettings",
    "OneDnnLinear",
    "Packing",
    "Precision",
    "RuleTagger",
    "Suggestion",
    "Suggestions",
    "System",
    "Tagger",
    "TokenSpan",
    "build_classifier",
    "choose_toll",
    "decode_spans",
    "export_model",
    "fastest_precision",
    "fill_batches",
    "find_layers",
    "find_spans",
    "link_entities",
    "load_classifier",
    "load_model",
    "load_system",
    "load_tokenizer",
    "locate_encoder",
    "locate_model",
    "pack_model",
    "pad_windows",
    "positions",
    "require_free",
    "round_width",
    "save_model",
    "save_settings",
    "shipped_models",
    "suggest",
    "system_folder",
    "system_languages",
    "system_precision",
    "trim_punctuation",
    "unpack_model",
    "use_onednn",
]

_MODULES = {
    "batching": (
        "WIDTH_STEP",
        "fill_batches",
        "pad_windows",
        "round_width",
    ),
    "decoding": (
        "Emissions",
        "TokenSpan",
        "decode_spans",
        "find_spans",
        "trim_punctuation",
    ),
    "encoder": (
        "build_classifier",
        "load_classifier",
        "load_tokenizer",
        "locate_encoder",
        "positions",
    ),
    "encoder_packages": ("PACKAGES",),
    "errors": ("ModelError",),
    "exported_folder": (
        "EXPORTED_FILE",
        "GRAPH",
        "ExportFormat",
    ),
    "exporting": ("export_model",),
    "folders": ("require_free",),
    "kernels": (
        "OneDnnLinear",
        "use_onednn",
    ),
    "layers": ("find_layers",),
    "model_names": (
        "locate_model",
        "shipped_models",
    ),
    "packed_folder": (
        "DEFAULT_RANK",
        "PACKED_FILE",
    ),
    "packing": (
        "Packing",
        "pack_model",
        "unpack_model",
    ),
    "precision": (
        "AnyPrecision",
        "Precision",
        "fastest_precision",
    ),
    "record": (
        "choose_toll",
        "link_entities",
    ),
    "rules": ("RuleTagger",),
    "saving": (
        "SETTINGS_FILE",
        "ModelSettings",
        "load_model",
        "save_model",
        "save_settings",
    ),
    "suggestion": (
        "Suggestion",
        "Suggestions",
        "suggest",
    ),
    "systems": (
        "RULES",
        "System",
        "load_system",
        "system_folder",
        "system_languages",
        "system_precision",
    ),
    "tagger": ("Tagger",),
}
__getattr__ = lazy_names(
    __name__, {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}
)
