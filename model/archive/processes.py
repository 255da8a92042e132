"""The engine that labels the chunks of an archive run in several processes of this machine.

On a GPU, the network is so fast that a process spends nearly all of its time on other steps: tokens, decoding, entities
and tolls. So several processes share a GPU.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any

from afteraction.model.archive.chunks import Chunk
from afteraction.model.archive.engines import ATTEMPTS, Engine, label_chunk, lost_chunk
from afteraction.model.environment import usable_cores
from afteraction.model.precision import Precision
from afteraction.model.systems import System, load_system, system_folder


def process_engine(
    model: str | Path, *, workers: int, device: str = "cpu", precision: Precision, gate: bool = False
) -> Engine:
    """Returns the engine that labels chunks in several processes, each of which loads the model.

    A process starts when there is a chunk for it, and all end with the run. The cores are divided among them.

    Args:
        model: the name of the system, as in `load_system`.
        workers: the number of processes.
        device: the device that the model runs on, by PyTorch's name. All processes use the same one.
        precision: the precision of the model's weights.
        gate: whether to read only articles that pass the model's gate.

    Raises:
        ModelError: there is no such model, or, while labelling, it cannot be loaded.
        InputError: while labelling, `ATTEMPTS` processes have died on the same chunk.
    """
    system_folder(model)
    settings = {"device": device, "precision": precision, "gate": gate}

    def label(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        pool = _Pool(workers, model, settings)
        try:
            for chunk in chunks:
                if pool.is_full:
                    yield from pool.take()
                pool.give(chunk)
            while pool.is_busy:
                yield from pool.take()
        finally:
            pool.close()

    return label


@dataclass(frozen=True, slots=True)
class _Job:
    """A chunk that a process is labelling, and the number of times that it was given to a process."""

    chunk: Chunk
    attempt: int = 1


class _Pool:
    """A pool of processes that each label one chunk at a time, with a pipe to each process.

    A process is sent a chunk only while it has none and is waiting for one. So the two ends of a pipe never wait for
    each other to read.
    """

    def __init__(self, size: int, model: str | Path, settings: dict[str, Any]) -> None:
        self._size, self._model, self._settings = size, model, settings
        # Not "fork": a process that has used a GPU or threads cannot be forked.
        self._context: SpawnContext = multiprocessing.get_context("spawn")
        self._processes: dict[Connection, SpawnProcess] = {}
        self._idle: list[Connection] = []
        self._jobs: dict[Connection, _Job] = {}

    @property
    def is_full(self) -> bool:
        """Returns whether every process has a chunk."""
        return len(self._jobs) == self._size

    @property
    def is_busy(self) -> bool:
        """Returns whether any process has a chunk."""
        return bool(self._jobs)

    def give(self, chunk: Chunk) -> None:
        """Gives a chunk to an idle process, or to a new one."""
        self._give(_Job(chunk))

    def take(self) -> list[Chunk]:
        """Waits until at least one chunk is labelled, and returns the labelled chunks."""
        labelled: list[Chunk] = []
        while not labelled:
            ready = wait([*self._jobs])
            for connection in [each for each in self._jobs if each in ready]:
                job = self._jobs.pop(connection)
                try:
                    result = connection.recv()
                except (EOFError, OSError):  # the process died
                    self._end(connection)
                    if job.attempt == ATTEMPTS:
                        raise lost_chunk(job.chunk) from None
                    self._give(_Job(job.chunk, job.attempt + 1))
                    continue
                self._idle.append(connection)
                if isinstance(result, BaseException):
                    raise result
                labelled.append(result)
        return labelled

    def close(self) -> None:
        """Ends all processes, even while they are labelling."""
        for connection in [*self._processes]:
            self._end(connection)

    def _give(self, job: _Job) -> None:
        while True:
            connection = self._idle.pop() if self._idle else self._start()
            try:
                connection.send(job.chunk)
            except OSError:  # the process died while it was idle
                self._end(connection)
                continue
            self._jobs[connection] = job
            return

    def _start(self) -> Connection:
        ours, theirs = self._context.Pipe()
        threads = max(1, usable_cores() // self._size)
        process = self._context.Process(target=_work, args=(theirs, self._model, self._settings, threads), daemon=True)
        process.start()
        theirs.close()  # so that our end is closed when the process dies
        self._processes[ours] = process
        return ours

    def _end(self, connection: Connection) -> None:
        process = self._processes.pop(connection)
        connection.close()
        process.kill()
        process.join()
        process.close()


def _work(connection: Connection, model: str | Path, settings: dict[str, Any], threads: int) -> None:
    """Labels the chunks that come through a pipe until its other end is closed. This is what each process runs."""
    # Ctrl-C reaches all processes of a terminal. The run ends this process when it ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # PyTorch and the tokenizer are not imported yet.
    os.environ.update({"OMP_NUM_THREADS": str(threads), "RAYON_NUM_THREADS": str(threads)})
    system: System | None = None
    try:
        while True:
            chunk = connection.recv()
            try:
                system = system or load_system(model, **settings)
                result: Chunk | Exception = label_chunk(chunk, system)
            except Exception as error:
                result = error
            connection.send(result)
    except (EOFError, OSError):
        return
