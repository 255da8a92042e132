"""The engine that labels the chunks of an archive run on a cluster, with Ray Data.

Ray Data has no source that streams from the driver. Its sources are lists that are complete at the start, or tasks that
read in another process, which cannot be stopped between two records and report nothing. So the driver puts its chunks
into Ray's object store, a few for each worker, and an actor, the `_Desk`, holds the references. Only the numbers of the
chunks on the desk, from 0, are streamed through the dataset. They stay the same however often Ray restarts the source,
and a chunk stays on the desk until its part is written. So a worker that is killed costs only its time.
"""

import asyncio
import os
import socket
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from afteraction.data import InputError
from afteraction.data.errors import first_line
from afteraction.model.archive.chunks import Chunk
from afteraction.model.archive.engines import ATTEMPTS, Engine, label_chunk, lost_chunk
from afteraction.model.archive.ray_cluster import connected, count_processors, prepare
from afteraction.model.archive.sources import model_files
from afteraction.model.environment import package_version
from afteraction.model.errors import ModelError
from afteraction.model.precision import Precision
from afteraction.model.systems import System, load_system, system_folder, system_packages

_CHUNKS_PER_WORKER = 3
"""Chunks on the desk for each worker: one being labelled, one waiting, and one being written."""


def ray_engine(
    model: str | Path,
    *,
    device: str = "cpu",
    precision: Precision,
    gate: bool = False,
    address: str | None = None,
) -> Engine:
    """Returns the engine that labels chunks on all processors of a Ray cluster, or on all of its GPUs.

    The engine starts Ray, or connects to the cluster, when the first chunk is requested, and disconnects at the end. If
    the process is already connected to Ray, this connection is used and kept. Each worker loads the model by its path
    or name on its own machine.

    Args:
        model: the name of the system, as in `load_system`.
        device: `cpu`, for a worker on each processor, or `cuda`, for a worker on each GPU.
        precision: the precision of a model's weights.
        gate: whether to read only articles that pass the model's gate.
        address: the address of a cluster, such as `10.0.0.1:6379`; None to start Ray on this machine.

    Raises:
        ModuleNotFoundError: the extra `ray` is not installed.
        ModelError: there is no such model, or, while labelling, it cannot be loaded on a machine or differs there.
        InputError: while labelling, Ray cannot be started or fails, the cluster cannot be reached or has no such
            processors, or `ATTEMPTS` workers have died on the same chunk.
    """
    prepare()
    folder = system_folder(model)
    if folder == Path(model):
        model = folder.resolve()  # workers have another working directory
    settings = {"device": device.partition(":")[0], "precision": precision, "gate": gate}
    worker = (str(model), settings, _identity(str(model)))

    def label(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        with connected(address):
            yield from _label(chunks, worker, on_gpu=device.startswith("cuda"))

    return label


def _label(chunks: Iterator[Chunk], worker: tuple[Any, ...], *, on_gpu: bool) -> Iterator[Chunk]:
    import ray
    from ray.data import ActorPoolStrategy, DataContext, read_datasource

    count = count_processors("GPU" if on_gpu else "CPU")
    here = ray.get_runtime_context().get_node_id()  # this node lasts as long as the run
    desk = ray.remote(num_cpus=0, label_selector={"ray.io/node-id": here})(_Desk).remote(count * _CHUNKS_PER_WORKER)
    reader = _Reader(chunks, desk)
    context = DataContext.get_current().copy()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.target_max_block_size = 1  # each row is a block, so it is passed on at once
    context.raise_original_map_exception = True
    context.execution_no_progress_timeout_s = -1  # a chunk may take hours
    with DataContext.current(context):
        numbers = read_datasource(_numbers_of(desk), override_num_blocks=1, num_cpus=0)
        labelled = numbers.map_batches(
            _Worker,
            fn_constructor_args=(desk, *worker),
            batch_size=1,
            compute=ActorPoolStrategy(size=count, max_tasks_in_flight_per_actor=2),
            num_cpus=1,
            num_gpus=int(on_gpu),
        )
    try:
        # Ray warns if an archive has fewer chunks than there are workers.
        warnings.filterwarnings("ignore", "The minimum number of concurrent actors", UserWarning)
        for batch in labelled.iter_batches(batch_size=1, prefetch_batches=0, batch_format="numpy"):
            yield batch["chunk"][0]
            desk.remove.remote(int(batch["number"][0]))
    except ray.exceptions.RayError as error:
        raise _cause(error) from None
    finally:
        ray.kill(desk)  # this also ends the reader if it has not finished
    reader.join()
    if reader.error is not None:
        raise reader.error


class _Desk:
    """An actor that holds references to the chunks that are waiting, being labelled or being written.

    Args:
        size: the number of chunks that it can hold. When it is full, `put` waits until a chunk is removed.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._chunks: dict[int, Any] = {}
        self._attempts: dict[int, int] = {}
        self._count = 0
        self._complete = False
        self._changed = asyncio.Condition()

    async def put(self, chunk: list[Any]) -> None:
        """Adds a list with the reference to a chunk. Ray would replace a bare reference by the chunk itself."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._chunks) < self._size)
            self._chunks[self._count] = chunk
            self._attempts[self._count] = 0
            self._count += 1
            self._changed.notify_all()

    async def complete(self) -> None:
        """Records that there are no more chunks."""
        async with self._changed:
            self._complete = True
            self._changed.notify_all()

    async def has(self, number: int) -> bool:
        """Returns whether there is or was a chunk with a number. Waits until this is known."""
        async with self._changed:
            await self._changed.wait_for(lambda: number < self._count or self._complete)
            return number < self._count

    async def take(self, number: int) -> tuple[list[Any], int] | None:
        """Returns a list with the reference to a chunk, and how often it has been taken; None if it was removed."""
        if number not in self._chunks:
            return None
        self._attempts[number] += 1
        return self._chunks[number], self._attempts[number]

    async def remove(self, number: int) -> None:
        """Removes a chunk whose part is written."""
        async with self._changed:
            del self._chunks[number], self._attempts[number]
            self._changed.notify_all()


class _Reader(threading.Thread):
    """A thread that reads the chunks and puts them on the desk, while the main thread writes labelled chunks."""

    def __init__(self, chunks: Iterator[Chunk], desk: Any) -> None:
        super().__init__(daemon=True)
        self._chunks, self._desk = chunks, desk
        self.error: BaseException | None = None
        """The error that ended the reading early. Chunks that were read before it are still labelled and written."""
        self.start()

    def run(self) -> None:
        """Reads all chunks."""
        import ray

        try:
            for chunk in self._chunks:
                ray.get(self._desk.put.remote([ray.put(chunk)]))
        except BaseException as error:
            self.error = error
        self._desk.complete.remote()


def _numbers_of(desk: Any) -> Any:
    """Returns the source of a dataset: the numbers of the chunks on the desk, as they arrive."""
    import pyarrow as pa
    import ray
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask

    def numbers() -> Iterator[pa.Table]:
        number = 0
        while ray.get(desk.has.remote(number)):
            yield pa.table({"number": [number]})
            number += 1

    class Numbers(Datasource):  # type: ignore[misc]
        def estimate_inmemory_data_size(self) -> None:
            return None

        def get_read_tasks(self, *_arguments: Any, **_options: Any) -> list[Any]:
            unknown = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
            return [ReadTask(numbers, unknown)]

    return Numbers()


class _Worker:
    """A worker that labels chunks in a separate process, on one processor."""

    def __init__(self, desk: Any, model: str, settings: dict[str, Any], identity: dict[str, str]) -> None:
        self._desk, self._model, self._settings, self._identity = desk, model, settings, identity
        self._system: System | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        import ray

        [number] = batch["number"].tolist()
        taken = ray.get(self._desk.take.remote(number))
        if taken is None:  # the previous worker died between its last two steps
            return {"number": [], "chunk": []}
        [reference], attempt = taken
        chunk = ray.get(reference)
        if attempt > ATTEMPTS:
            raise lost_chunk(chunk)
        # Not in __init__, since Ray treats its errors as the death of the worker.
        self._system = self._system or self._load()
        return {"number": [number], "chunk": [label_chunk(chunk, self._system)]}

    def _load(self) -> System:
        # PyTorch and the tokenizer are not imported yet.
        os.environ.update({"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"})
        try:
            for name, value in _identity(self._model).items():
                if value != self._identity.get(name):
                    raise ModelError(f"{name} is not the same as where the run began")
            return load_system(self._model, **self._settings)
        except ModelError as error:
            raise ModelError(f"on {socket.gethostname()}: {error}") from None


def _identity(model: str) -> dict[str, str]:
    """Returns what the labels depend on: the checksums of the model's files and the versions of packages.

    All workers must have the same ones.
    """
    folder = system_folder(model)
    files = {} if folder is None else {f"{model}: {name}": value for name, value in model_files(folder).items()}
    return {name: package_version(name) or "unknown" for name in ("afteraction", *system_packages(model))} | files


def _cause(error: BaseException) -> BaseException:
    """Returns the worker's error that Ray's error reports, or a one-line error instead of Ray's own."""
    import ray

    while (cause := getattr(error, "cause", None) or error.__cause__) is not None:
        error = cause
    if isinstance(error, ray.exceptions.RayError):
        return InputError(f"Ray has failed: {first_line(error)}; run the same command again to resume")
    return error
