"""Merges the shards of a run into the folder that a run without shards would have written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from afteraction.data import DataError
from afteraction.model.archive.chunks import Shard
from afteraction.model.archive.folder import open_run, read_failures
from afteraction.model.archive.manifest import Manifest, PartRecord, difference, part_path, read_manifest


@dataclass(frozen=True, slots=True)
class _Source:
    """The folder of a finished shard."""

    path: Path
    manifest: Manifest
    shard: Shard
    parts: tuple[PartRecord, ...]


def merge_shards(folders: Sequence[Path], output: Path) -> Manifest:
    """Copies the parts of all shards of a run into one folder.

    Parts keep their numbers, so the folder is byte for byte what a run without shards writes. The checksum of every
    part is verified. A merge that was killed resumes with the same call.

    Args:
        folders: the folders of all shards, in any order.
        output: the folder to write.

    Returns:
        The manifest of `output`.

    Raises:
        DataError: a shard is missing, given twice, unfinished, damaged, or of another run; or `output` holds something
            else or cannot be written.
    """
    sources = [_source(folder) for folder in folders]
    _check_complete(sources)
    whole = _without_shard(sources[0].manifest)
    for source in sources[1:]:
        if found := difference(whole, _without_shard(source.manifest)):
            raise DataError(f"{source.path}: not of the same run as {sources[0].path}: {found}")
    with open_run(output, whole) as run:
        if run.manifest.result is not None:
            return run.manifest
        for source in sources:
            for part, failures in _parts(source):
                if part.number not in run.parts:
                    run.copy(part_path(source.path, source.manifest, part.number), part, failures)
        if sorted(run.parts) != list(range(len(run.parts))):
            raise DataError(f"{output}: the shards lack parts; were they made of the same inputs?")
        return run.finish()


def _source(folder: Path) -> _Source:
    manifest = read_manifest(folder)
    shard = manifest.settings["shard"]
    if not isinstance(shard, str):
        raise DataError(f"{folder}: no shard, but a whole run")
    if manifest.result is None:
        raise DataError(f"{folder}: not finished; run the command of shard {shard} again")
    return _Source(folder, manifest, Shard.parse(shard), manifest.result.parts)


def _check_complete(sources: Sequence[_Source]) -> None:
    count = sources[0].shard.count
    seen: dict[Shard, Path] = {}
    for source in sources:
        if source.shard.count != count:
            raise DataError(f"{source.path}: shard {source.shard}, where {sources[0].path} is {sources[0].shard}")
        if source.shard in seen:
            raise DataError(f"{source.path}: shard {source.shard}, as {seen[source.shard]} is too")
        seen[source.shard] = source.path
    if missing := [str(shard) for number in range(1, count + 1) if (shard := Shard(number, count)) not in seen]:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise DataError(f"shards are missing: {', '.join(missing[:5])}{more}; name the folders of all {count}")


def _without_shard(manifest: Manifest) -> Manifest:
    return manifest.model_copy(update={"settings": {**manifest.settings, "shard": None}, "result": None})


def _parts(source: _Source) -> Iterator[tuple[PartRecord, list[dict[str, str | None]]]]:
    """Yields the parts of a shard, each with its failures. `errors.jsonl` has them in the order of the parts."""
    failures = read_failures(source.path, source.manifest)
    for part in source.parts:
        yield part, list(islice(failures, part.errors))
