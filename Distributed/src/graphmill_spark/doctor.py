"""Whether executors can do the work: the same program everywhere, columns there and back, errors that are told."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from .errors import MillError, WorkerError
from .worker import Program, WorkerStage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = 100_000


@dataclass(frozen=True)
class _Examination:
    """What one task finds out, as rows (host, finding)."""

    program: Program

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import socket

        for batch in batches:
            if batch.num_rows:
                finding = json.dumps(examine(self.program), sort_keys=True)
                yield pa.RecordBatch.from_pydict({"host": [socket.gethostname()], "finding": [finding]})


def examine(program: Program) -> dict[str, Any]:
    """The version of the program here, and what is wrong with it."""
    try:
        said = subprocess.run(
            [program.find(), "version", "--json"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"wrong": f"it does not start: {error}"}
    if said.returncode:
        return {"wrong": f"it does not start: {(said.stderr or said.stdout).strip()[:300]}"}
    version = json.loads(said.stdout)
    found: dict[str, Any] = {key: version[key] for key in ("version", "revision", "architecture", "configuration")}
    batch = pa.RecordBatch.from_pydict({"a": np.arange(ROWS), "b": np.sqrt(np.arange(ROWS, dtype=np.float64))})
    echoed = pa.Table.from_batches(WorkerStage(program, "echo", ("a", "b"))([batch]))
    if not echoed.equals(pa.Table.from_batches([batch])):
        found["wrong"] = "columns come back changed"
    unsorted = pa.RecordBatch.from_pydict({"w": np.array([2, 1]), "x": np.array([1, 2]), "d": np.array([1, 1])})
    try:
        list(WorkerStage(program, "teddy-nodes", ("w", "d", "s"))([unsorted]))
        found["wrong"] = "rows that are not sorted are taken"
    except WorkerError as error:
        if error.code != 65:
            found["wrong"] = f"rows that are not sorted end with {error.code}, not 65"
    return found


def doctor(spark: SparkSession, program: Program, *, partitions: int) -> dict[str, Any]:
    """Examines every executor that a stage of so many tasks reaches; raises MillError 69 where something is wrong."""
    tasks = spark.range(0, partitions, 1, partitions)
    rows = tasks.mapInArrow(_Examination(program), "host string, finding string").collect()
    findings = {(row.host, row.finding) for row in rows}
    for host, text in sorted(findings):
        finding = json.loads(text)
        if "wrong" in finding:
            raise MillError(69, f"{host}: the worker {program.path}: {finding['wrong']}")
    versions = {text for _, text in findings}
    if len(versions) != 1:
        raise MillError(69, "executors have different programs: " + "; ".join(f"{h}: {t}" for h, t in sorted(findings)))
    return {**json.loads(versions.pop()), "hosts": sorted({host for host, _ in findings}), "tasks": partitions}
