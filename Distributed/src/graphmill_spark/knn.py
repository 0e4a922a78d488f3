"""Nearest neighbors over shards: an index a shard, every query to all of them, one exact merge."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from .errors import MillError
from .manifest import NAME, mix, write_manifest
from .worker import Program, WorkerStage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

METRICS = ("l2", "ip", "cos", "l1")


@dataclass(frozen=True)
class _Sharding:
    """Rows (id, x) with the shard of each."""

    shards: int

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with np.errstate(over="ignore"):
            for batch in batches:
                ids = batch.column(0).to_numpy(zero_copy_only=True)
                shard = (mix(ids.view(np.uint64)) % np.uint64(self.shards)).astype(np.int32)
                yield pa.RecordBatch.from_arrays([pa.array(shard), *batch.columns], ["shard", "id", "x"])


@dataclass(frozen=True)
class _ByShard:
    """Rows (shard, id, x) that are sorted by shard: one worker after the other, with the settings of its shard."""

    stage: WorkerStage
    folder: str
    place: str

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        pieces = _pieces(batches)
        piece = next(pieces, None)
        while piece is not None:
            shard, rest = piece[0], piece
            following: list[tuple[int, pa.RecordBatch]] = []

            def own(shard: int = shard, first: tuple[int, pa.RecordBatch] = rest) -> Iterator[pa.RecordBatch]:
                yield first[1]
                for other in pieces:
                    if other[0] != shard:
                        following.append(other)
                        return
                    yield other[1]

            settings: Mapping[str, Any] = {
                **self.stage.settings, "shard": shard, self.place: str(Path(self.folder) / file_name(shard))}
            yield from WorkerStage(self.stage.program, self.stage.operation, self.stage.names, settings)(own())
            piece = following[0] if following else None


def _pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Batches cut where the shard changes."""
    for batch in batches:
        shards = batch.column(0).to_numpy(zero_copy_only=True)
        cuts = [0, *(np.flatnonzero(np.diff(shards)) + 1).tolist(), len(shards)]
        for begin, end in zip(cuts, cuts[1:], strict=False):
            if end > begin:
                rows = batch.slice(begin, end - begin)
                yield int(shards[begin]), pa.RecordBatch.from_arrays(rows.columns[1:], ["id", "x"])


def file_name(shard: int) -> str:
    """The file of a shard's index in its store."""
    return f"shard-{shard:05}.gmx"


def read_vectors(spark: SparkSession, path: str) -> DataFrame:
    """id, x from Parquet: whole numbers from 0 on, each once, and vectors of floats, all of one length."""
    from pyspark.sql import functions as F

    if "://" not in path and not Path(path).exists():
        raise MillError(66, f"{path}: there is no such file")
    table = spark.read.parquet(path)
    types = dict(table.dtypes)
    if types.get("id") not in ("int", "bigint") or types.get("x") not in ("array<float>", "array<double>"):
        raise MillError(65, f"{path}: the columns id (whole numbers) and x (arrays of floats) are missing; {types}")
    return table.select(F.col("id").cast("bigint"), F.col("x").cast("array<float>"))


def _dimension(vectors: DataFrame, what: str) -> int:
    """The length of all vectors; refuses others, and ids that are null, negative or there twice."""
    from pyspark.sql import functions as F

    found = vectors.agg(
        F.min(F.size("x")).alias("low"), F.max(F.size("x")).alias("high"), F.count("*").alias("rows"),
        F.countDistinct("id").alias("ids"), F.min("id").alias("first"),
        F.max(F.exists("x", lambda value: value.isNull() | F.isnan(value))).alias("holes")).collect()[0]
    if not found.rows:
        raise MillError(65, f"{what}: no vectors")
    if found.low != found.high or found.low < 1 or found.ids != found.rows or found.first < 0 or found.holes:
        raise MillError(65, f"{what}: ids must be different numbers from 0 on, and vectors full and of one length")
    return int(found.high)


def build(
    spark: SparkSession, vectors: DataFrame, store: str, program: Program, *, shards: int, metric: str = "l2",
    m: int = 16, ef: int = 200, seed: int = 42,
) -> dict[str, Any]:
    """Builds an index a shard in the folder `store`, which all executors reach; returns what the manifest says.

    The shard of an id is a hash of it: the same vectors give the same files for (shards, seed), in any order of rows.
    """
    if metric not in METRICS or not 1 <= shards <= 100_000:
        raise MillError(64, f"the metric is one of {', '.join(METRICS)}, shards are 1 to 100000")
    dimension = _dimension(vectors, "vectors")
    Path(store).mkdir(parents=True, exist_ok=True)
    stage = WorkerStage(
        program, "knn-build", ("shard", "count", "bytes", "xxh3", "distances"),
        {"metric": metric, "m": m, "ef": ef, "seed": seed, "dimension": dimension})
    sharded = vectors.mapInArrow(_Sharding(shards), "shard int, id bigint, x array<float>")
    rows = sharded.repartition(shards, "shard").sortWithinPartitions("shard", "id").mapInArrow(
        _ByShard(stage, str(Path(store).resolve()), "target"),
        "shard int, count bigint, bytes bigint, xxh3 bigint, distances bigint").collect()
    record = {
        "command": "knn build", "options": {"metric": metric, "m": m, "ef": ef, "seed": seed, "shards": shards},
        "dimension": dimension, "counts": {"vectors": sum(r["count"] for r in rows), "distances": sum(
            r.distances for r in rows)},
        "shards": [{"shard": r.shard, "count": r["count"], "bytes": r.bytes, "xxh3": f"{r.xxh3 % 2**64:016x}"}
                   for r in sorted(rows)]}
    write_manifest(store, record)
    return record


def search(
    spark: SparkSession, store: str, queries: DataFrame, program: Program, *, k: int = 10, ef: int = 64
) -> DataFrame:
    """query, rank, key, distance: the k nearest that the shards find, by (distance, key); `l2` is squared in `square`.

    The distance of two vectors does not depend on the shard, so merging answers is exact.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    try:
        record = json.loads((Path(store) / NAME).read_text())
    except (OSError, ValueError) as error:
        raise MillError(66, f"{store}: not a store of shards: {error}") from None
    if _dimension(queries, "queries") != record["dimension"]:
        raise MillError(65, f"queries are not of dimension {record['dimension']}")
    shards = [entry["shard"] for entry in record["shards"]]
    numbers = spark.createDataFrame([(shard,) for shard in shards], "shard int")
    asked = queries.crossJoin(F.broadcast(numbers)).select("shard", "id", "x")
    stage = WorkerStage(program, "knn-search", ("query", "key", "square", "cost"), {"k": k, "ef": max(k, ef)})
    found = asked.repartition(len(shards), "shard").sortWithinPartitions("shard", "id").mapInArrow(
        _ByShard(stage, str(Path(store).resolve()), "index"), "query bigint, key bigint, square float, cost bigint")
    order = Window.partitionBy("query").orderBy("square", "key")
    best = found.withColumn("rank", F.row_number().over(order) - 1).where(F.col("rank") < k)
    plain = F.sqrt("square").cast("float") if record["options"]["metric"] == "l2" else F.col("square")
    return best.select("query", "rank", "key", plain.alias("distance"), "square", "cost")
