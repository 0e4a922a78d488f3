"""One step of a partition in the Graphmill program, which runs beside the task for as long as it has rows."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from . import frames
from .errors import FrameError, WorkerError


@dataclass(frozen=True)
class Program:
    """The Graphmill program as executors find it: shipped with the job, or installed at a path."""

    path: str
    is_shipped: bool = False
    timeout: float = 600
    memory: str | None = None

    def find(self) -> str:
        """The path on this executor."""
        if not self.is_shipped:
            return self.path
        from pyspark import SparkFiles

        return str(SparkFiles.get(os.path.basename(self.path)))


@dataclass(frozen=True)
class WorkerStage:
    """A function for `mapInArrow`: rows go through `graphmill worker OPERATION`.

    The output is a function of settings and rows alone, so that Spark may run a task again. A task without rows starts
    no process.
    """

    program: Program
    operation: str
    names: Sequence[str]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        batches = (batch for batch in batches if batch.num_rows)
        first = next(iter(batches), None)
        if first is None:
            return
        with _Process(self.program, self.operation, self.settings, first, batches) as process:
            for columns in process.columns():
                yield pa.RecordBatch.from_arrays([_arrow(column) for column in columns], list(self.names))


class _Process:
    """A running worker: one thread feeds it, one keeps the last lines that it says, one watches that it goes on."""

    def __init__(
        self, program: Program, operation: str, settings: Mapping[str, Any], first: pa.RecordBatch,
        rest: Iterator[pa.RecordBatch],
    ) -> None:
        self._operation, self._timeout = operation, program.timeout
        self._first, self._rest = first, rest
        self._upstream: BaseException | None = None
        self._said: deque[str] = deque(maxlen=20)
        self._moved = time.monotonic()
        # Time that others take, the stages before and behind this one, is not the worker's.
        self._others: set[str] = set()
        self._is_stuck = self._is_over = False
        self._settings = tempfile.NamedTemporaryFile("w", suffix=".json", prefix="graphmill-")
        json.dump(dict(settings), self._settings)
        self._settings.flush()
        command = [program.find(), "worker", operation, "--config", self._settings.name]
        if program.memory:
            command += ["--memory", program.memory]
        environment = {**os.environ, "GRAPHMILL_MANIFEST": "none"}
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                start_new_session=True)
        except OSError as error:
            self._settings.close()
            raise WorkerError(operation, 66, f"cannot start {command[0]}: {error.strerror}") from None
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._feed, self._listen, self._watch)]

    def __enter__(self) -> _Process:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        for thread in self._threads[:2]:
            thread.join(timeout=10)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
        self._settings.close()

    def columns(self) -> Iterator[list[np.ndarray]]:
        """The columns of all frames; raises unless the worker came to a right end."""
        assert self._process.stdout
        damage = ""
        try:
            for columns in frames.read_frames(self._process.stdout):
                with self._waiting("behind"):
                    yield columns
        except FrameError as error:
            damage = str(error)
            # What it still says is of no use, but it must not wait for a reader.
            while self._process.stdout.read(1 << 20):
                pass
        code = self._process.wait()
        self._threads[0].join()
        self._threads[1].join()
        if self._upstream:
            raise self._upstream
        if self._is_stuck:
            raise WorkerError(self._operation, 124, f"no progress for {self._timeout} s")
        if code or damage:
            said = " | ".join(line for line in self._said if not line.startswith("{")) or damage
            raise WorkerError(self._operation, code, said or "it ended without a word")

    def _feed(self) -> None:
        assert self._process.stdin
        count = rows = 0
        try:
            with self._process.stdin as pipe:
                batch: pa.RecordBatch | None = self._first
                while batch is not None:
                    frames.write_frame(pipe, count, [_numpy(column) for column in batch.columns])
                    count, rows = count + 1, rows + batch.num_rows
                    with self._waiting("before"):
                        batch = next(self._rest, None)
                frames.write_end(pipe, count, rows)
        except BrokenPipeError:
            pass  # It has ended; its exit code says why.
        except BaseException as error:
            self._upstream = error
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    @contextlib.contextmanager
    def _waiting(self, place: str) -> Iterator[None]:
        self._others.add(place)
        try:
            yield
        finally:
            self._moved = time.monotonic()
            self._others.discard(place)

    def _listen(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self._said.append(line.decode(errors="replace").strip()[:500])

    def _watch(self) -> None:
        while not self._is_over and self._process.poll() is None:
            if not self._others and time.monotonic() - self._moved > self._timeout:
                self._is_stuck = True
                self._process.kill()
                return
            time.sleep(min(0.2, self._timeout / 10))


def _numpy(column: pa.Array) -> np.ndarray:
    """The numbers of a column, or its vectors as rows; a null is refused, since there must be none."""
    if column.null_count:
        raise ValueError("a column for a worker has nulls")
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        values = column.flatten().to_numpy(zero_copy_only=True)
        return np.ascontiguousarray(values.reshape(len(column), -1))
    return np.ascontiguousarray(column.to_numpy(zero_copy_only=True))


def _arrow(column: np.ndarray) -> pa.Array:
    # Spark has no unsigned numbers: their bits travel as signed ones.
    signed = column.view(column.dtype.str.replace("u", "i")) if column.dtype.kind == "u" else column
    return pa.array(signed)
