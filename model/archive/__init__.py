"""Archive runs, which cannot lose work: labelling into a folder of parts, shards of a run, and the flat table.

Names are imported on first use, since listing the options of a command does not need a model.
"""

from typing import TYPE_CHECKING

from afteraction.data.lazy import lazy_names

if TYPE_CHECKING:
    from afteraction.model.archive.chunks import PART_SIZE, Chunk, Failure, Format, Shard
    from afteraction.model.archive.engines import Engine, label_chunk, local_engine
    from afteraction.model.archive.manifest import Manifest
    from afteraction.model.archive.merge import merge_shards
    from afteraction.model.archive.processes import process_engine
    from afteraction.model.archive.ray_data import ray_engine
    from afteraction.model.archive.run import Progress, label_archive, run_precision
    from afteraction.model.archive.table import flat_table, write_table

__all__ = [
    "PART_SIZE",
    "Chunk",
    "Engine",
    "Failure",
    "Format",
    "Manifest",
    "Progress",
    "Shard",
    "flat_table",
    "label_archive",
    "label_chunk",
    "local_engine",
    "merge_shards",
    "process_engine",
    "ray_engine",
    "run_precision",
    "write_table",
]

_MODULES = {
    "chunks": ("PART_SIZE", "Chunk", "Failure", "Format", "Shard"),
    "engines": ("Engine", "label_chunk", "local_engine"),
    "manifest": ("Manifest",),
    "merge": ("merge_shards",),
    "processes": ("process_engine",),
    "ray_data": ("ray_engine",),
    "run": ("Progress", "label_archive", "run_precision"),
    "table": ("flat_table", "write_table"),
}
__getattr__ = lazy_names(
    __name__, {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}
)
