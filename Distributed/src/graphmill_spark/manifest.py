"""Tables as folders of Parquet parts in order, with a record of the run."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from .errors import MillError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

NAME = "_manifest.json"


def refuse_existing(path: str, *, force: bool) -> None:
    """Refuses to replace what is there."""
    if Path(path).exists() and not force:
        raise MillError(73, f"{path}: exists; --force replaces it")


def write_parts(table: DataFrame, path: str, order: list[str], *, partitions: int) -> None:
    """Writes a folder of Parquet parts, each sorted, all in ascending order of their names."""
    ranged = table.repartitionByRange(partitions, *order).sortWithinPartitions(*order)
    ranged.write.mode("overwrite").parquet(path)


def write_text(table: DataFrame, path: str, order: list[str], *, partitions: int) -> None:
    """Writes one file of lines with tabs, which appears whole."""
    from pyspark.sql import functions as F

    parts, whole = Path(path + ".parts"), Path(path + f".tmp.{os.getpid()}")
    ranged = table.repartitionByRange(partitions, *order).sortWithinPartitions(*order)
    try:
        ranged.select(F.concat_ws("\t", *table.columns).alias("value")).write.mode("overwrite").text(str(parts))
        with whole.open("wb") as file:
            for part in sorted(parts.glob("part-*")):
                with part.open("rb") as lines:
                    shutil.copyfileobj(lines, file, 1 << 20)
        whole.replace(path)
    finally:
        shutil.rmtree(parts, ignore_errors=True)
        whole.unlink(missing_ok=True)


def write_manifest(folder: str, record: dict[str, Any]) -> None:
    """Writes the record of a run into its folder; for one file, beside it."""
    place = Path(folder)
    target = place / NAME if place.is_dir() else Path(folder + ".manifest.json")
    parts = sorted(place.glob("part-*")) if place.is_dir() else [place]
    record = {**record, "parts": [{"name": part.name, "bytes": part.stat().st_size} for part in parts]}
    temporary = target.with_name(target.name + f".tmp.{os.getpid()}")
    temporary.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
    temporary.replace(target)


_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def mix(values: np.ndarray) -> np.ndarray:
    """The program's bijective mixer of 64 bits."""
    z = (values ^ (values >> np.uint64(30))) * _MIX[0]
    z = (z ^ (z >> np.uint64(27))) * _MIX[1]
    mixed: np.ndarray = z ^ (z >> np.uint64(31))
    return mixed


def stream_key(seed: int, stage: str) -> np.uint64:
    """The key of the program's stream of random numbers for a step of an algorithm."""
    name = 0xCBF29CE484222325
    for byte in stage.encode():
        name = (name ^ byte) * 0x100000001B3 % 2**64
    key = mix(np.array([(seed + 0x9E3779B97F4A7C15) % 2**64], np.uint64)) ^ np.uint64(name)
    return np.uint64(mix(key)[0])


def first_draws(key: np.uint64, items: np.ndarray) -> np.ndarray:
    """The first 64 random bits of every item of a stream."""
    with np.errstate(over="ignore"):
        additive = mix(key ^ (items * np.uint64(0xD1B54A32D192ED03)))
        toggle = mix(additive + items + np.uint64(0x8CB92BA72F3D8DD7))
        return mix(mix(additive + np.uint64(0x9E3779B97F4A7C15)) ^ toggle)


def _sums(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    total, rows = np.uint64(0), 0
    with np.errstate(over="ignore"):
        for batch in batches:
            u, v = (column.to_numpy(zero_copy_only=True).view(np.uint64) for column in batch.columns)
            total += mix(mix(u) + v).sum(dtype=np.uint64)
            rows += batch.num_rows
    yield pa.RecordBatch.from_arrays(
        [pa.array(np.array([total]).view(np.int64)), pa.array([rows], pa.int64())], ["total", "rows"])


def edge_sum(pairs: DataFrame) -> tuple[int, str]:
    """The number of edges, and the sum of their hashes modulo 2^64: equal for equal sets of edges, in any order."""
    sums = pairs.select("u", "v").mapInArrow(_sums, "total bigint, rows bigint").collect()
    total = sum(row.total for row in sums) % 2**64
    return sum(row.rows for row in sums), f"{total:016x}"
