"""Labels an archive into a folder, in parts, so that a run that was killed resumes where it stopped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from afteraction.data import Article, DataError, InputFields, InputNotice, read_inputs
from afteraction.data.inputs.fields import ANY_FIELDS
from afteraction.data.languages import OtherLanguages, count_notice, remark_on_language
from afteraction.model.archive.chunks import PART_SIZE, Chunk, Format, LeftOut, Record, Shard, read_chunks
from afteraction.model.archive.engines import Engine, local_engine
from afteraction.model.archive.folder import open_run
from afteraction.model.archive.manifest import MANIFEST, Manifest, ModelRecord, PartRecord, read_manifest
from afteraction.model.archive.sources import Sources, model_files
from afteraction.model.environment import package_version
from afteraction.model.precision import AnyPrecision, Precision
from afteraction.model.systems import load_system, system_folder, system_languages, system_packages, system_precision


class Progress:
    """Receives the events of a run. This class ignores them; subclasses may show them."""

    def notice(self, notice: InputNotice) -> None:
        """Called with a notice that is not an error. A resumed run also reads what is done, and repeats its notices."""

    def begin(self, *, done: int, total: int | None) -> None:
        """Called when labelling begins.

        Args:
            done: the number of records in the parts that an earlier run wrote.
            total: the number of records in the whole run, including `done`; None if it is not known.
        """

    def article(self) -> None:
        """Called when an article has been labelled."""

    def part(self, *, done: int, errors: int) -> None:
        """Called when a part has been written, with totals of all parts so far. Articles left out are not errors."""


def label_archive(
    model: str | Path,
    inputs: Sequence[str],
    output: Path,
    *,
    device: str = "cpu",
    precision: AnyPrecision = "auto",
    file_format: Format = "jsonl",
    part_size: int = PART_SIZE,
    shard: Shard | None = None,
    fields: InputFields = ANY_FIELDS,
    other_languages: OtherLanguages = "off",
    gate: bool = False,
    engine: Engine | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Manifest:
    """Labels the articles of some inputs into a folder, or resumes an earlier run in it.

    The output does not depend on where or how often earlier runs were interrupted. If the run in the folder is already
    finished, nothing is labelled.

    Args:
        model: the name of the system, as in `load_system`.
        inputs: files and folders, as in `read_inputs`, but not standard input.
        output: the folder to write.
        device: the device that a model runs on, by PyTorch's name.
        precision: the precision of a model's weights; `auto` for the one that `run_precision` returns.
        file_format: the suffix of the parts.
        part_size: the number of records in a part: articles, including those that could not be read.
        shard: the share of the work to do; None for all of it.
        fields: the keys of the text, the id and the title in the inputs.
        other_languages: what to do with articles in a language that the model was not trained on. Those that are left
            out are listed with the errors, and counted in `left_out`.
        gate: whether to read only articles that pass the model's gate. Others have no spans, and are marked in `meta`.
        engine: labels the chunks, with this model, precision and gate; None to label them in this process.
        progress: receives the events of the run.
        should_stop: called after each record that is read. Once it returns True, reading stops, and the parts that are
            being labelled are still written.

    Returns:
        The folder's manifest. Its `result` is None if the run was stopped before it was finished.

    Raises:
        ModelError: there is no such model, or it is damaged.
        ModuleNotFoundError: articles are to be left out by their language, and the extra `language` is not installed.
        DataError: an input is invalid or has changed, or the folder holds another run, is in use or cannot be written.
    """
    progress = progress or Progress()
    precision = run_precision(model, output, device=device, precision=precision)
    sources = Sources(inputs, output=output)
    folder = system_folder(model)
    packages = system_packages(model)
    if other_languages == "leave-out":
        import py3langid  # noqa: F401 (before anything is written)

        packages += ("py3langid",)
    if engine is None:
        engine = local_engine(
            load_system(model, device=device, precision=precision, gate=gate), on_article=progress.article
        )
    manifest = Manifest(
        versions=_versions(packages),
        model=ModelRecord(name=str(model), files={} if folder is None else model_files(folder)),
        settings={
            "device": device.partition(":")[0],
            "precision": precision,
            "format": file_format,
            "part_size": part_size,
            "shard": None if shard is None else str(shard),
            "other_languages": other_languages if other_languages == "leave-out" else None,
            "gate": "on" if gate else None,
            **{f"{name}_key": key for name, key in asdict(fields).items()},
        },
        inputs=sources.read(),
    )
    with open_run(output, manifest) as run:
        if run.manifest.result is not None:
            return run.manifest

        def wanted(number: int) -> bool:
            return (shard is None or shard.has(number)) and number not in run.parts

        done = sum(part.articles + part.errors for part in run.parts.values())
        errors = sum(part.errors - part.left_out for part in run.parts.values())
        total = _own(sources.total, part_size=part_size, shard=shard)

        def announced(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
            """Reports when labelling begins, since a resumed run first reads past what is done."""
            for index, chunk in enumerate(chunks):
                if index == 0:
                    progress.begin(done=done, total=total)
                yield chunk

        def read(on_error: Callable[[DataError], None]) -> Iterator[Article]:
            return read_inputs(inputs, stream=None, on_error=on_error, fields=fields)

        chunks = read_chunks(
            read,
            size=part_size,
            wanted=wanted,
            check=sources.check,
            on_notice=progress.notice,
            should_stop=should_stop,
        )
        languages = system_languages(model)
        before = tuple(run.parts.values())
        told = _tell_languages(
            announced(chunks), languages=languages, others=other_languages, before=before, progress=progress
        )
        for chunk in engine(told):
            run.write(chunk)
            part = run.parts[chunk.number]
            done, errors = done + part.articles + part.errors, errors + part.errors - part.left_out
            progress.part(done=done, errors=errors)
        return run.manifest if should_stop() else run.finish()


def run_precision(
    model: str | Path, output: Path, *, device: str = "cpu", precision: AnyPrecision = "auto"
) -> Precision:
    """Returns the precision of a run. `auto` is that of an earlier run in the folder, or else `system_precision`.

    So a resumed run keeps its precision, even on another processor.

    Raises:
        ModelError: there is no such model, or its settings are damaged.
        DataError: the folder's manifest is damaged.
    """
    if precision == "auto" and (output / MANIFEST).is_file():
        before = read_manifest(output).settings.get("precision")
        precision = "bfloat16" if before == "bfloat16" else "float32"
    return system_precision(model, device=device, precision=precision)


def _tell_languages(
    chunks: Iterator[Chunk],
    *,
    languages: Sequence[str],
    others: OtherLanguages,
    before: Sequence[PartRecord],
    progress: Progress,
) -> Iterator[Chunk]:
    """Passes chunks on, and reports the articles in other languages or marks them as left out.

    The number at the end includes those that an earlier run left out. Those that it labelled are not checked again.
    """
    count = sum(part.left_out for part in before)
    for chunk in chunks:
        records: list[Record] = []
        for position, record in enumerate(chunk.records, start=chunk.start + 1):
            remark = None
            if isinstance(record, Article):
                remark = remark_on_language(record.text, languages=languages, others=others)
            if remark is None:
                records.append(record)
                continue
            count += 1
            if others == "leave-out":
                records.append(LeftOut(record.id, f"article {position:,} of the inputs", remark))
            else:
                progress.notice(InputNotice(f"{record.id}: {remark}"))
                records.append(record)
        yield replace(chunk, records=tuple(records))
    if count:
        progress.notice(count_notice(count, others=others, resumed=bool(before)))


def _versions(packages: Sequence[str]) -> dict[str, str]:
    return {name: package_version(name) or "unknown" for name in ("afteraction", *packages)}


def _own(total: int | None, *, part_size: int, shard: Shard | None) -> int | None:
    """Returns the number of the inputs' records that belong to a shard."""
    if total is None or shard is None:
        return total
    starts = range((shard.number - 1) * part_size, total, shard.count * part_size)
    return sum(min(part_size, total - start) for start in starts)
