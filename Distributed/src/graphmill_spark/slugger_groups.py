"""Groups of roots that may merge: those with the same smallest hashes in their leaves' neighborhoods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from .manifest import mix
from .rank import offsets_of
from .slugger_state import Merging, Settings, State
from .worker import Program, WorkerStage

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True)
class Draws:
    """What is drawn for a round: whether nodes are their own neighbors, a hash a split, and the order of the rest."""

    is_closed: bool
    hashes: Sequence[tuple[int, int]]
    cut: int


def draws_of(program: Program, settings: Settings) -> list[Draws]:
    """The draws of all rounds, from a worker."""
    names = ("round", "depth", "closed", "salt", "factor", "cut")
    rounds = pa.RecordBatch.from_pydict({"round": np.arange(1, settings.iterations + 1)})
    stage = WorkerStage(program, "slugger-round", names, settings.of_worker())
    found: dict[int, list[dict[str, int]]] = {}
    for batch in stage([rounds]):
        for row in batch.to_pylist():
            found.setdefault(row["round"], []).append(row)
    return [
        Draws(bool(rows[0]["closed"]), [(row["salt"], row["factor"]) for row in rows], rows[0]["cut"] % 2**64)
        for _, rows in sorted(found.items())]


def node_hash(nodes: np.ndarray, salt: int, factor: int) -> np.ndarray:
    """The program's hash of 32-bit node numbers."""
    z = (nodes.astype(np.uint32) + np.uint32(salt)) * np.uint32(factor)
    z = (z ^ (z >> np.uint32(16))) * np.uint32(0x7FEB352D)
    z = (z ^ (z >> np.uint32(15))) * np.uint32(0x846CA68B)
    hashed: np.ndarray = z ^ (z >> np.uint32(16))
    return hashed


@dataclass(frozen=True)
class _Shingles:
    """Rows (root, leaf, other) become rows (root, smallest hashes of a run of rows with one leaf)."""

    hashes: Sequence[tuple[int, int]]
    names: Sequence[str]
    is_closed: bool

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if not batch.num_rows:
                continue
            root, leaf, other = (column.to_numpy(zero_copy_only=True) for column in batch.columns)
            runs = np.concatenate([[0], np.flatnonzero(leaf[1:] != leaf[:-1]) + 1])
            found = [root[runs]]
            for salt, factor in self.hashes:
                least = np.minimum.reduceat(node_hash(other, salt, factor), runs)
                if self.is_closed:
                    least = np.minimum(least, node_hash(leaf[runs], salt, factor))
                found.append(least.astype(np.int64))
            yield pa.RecordBatch.from_arrays([pa.array(column) for column in found], ["root", *self.names])


@dataclass(frozen=True)
class _Mixed:
    """Rows (root, …) with a last column more: the root's place in a drawn order, as a signed number."""

    cut: int

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            roots = batch.column(0).to_numpy(zero_copy_only=True).view(np.uint64)
            place = (mix(roots ^ np.uint64(self.cut)) ^ np.uint64(1 << 63)).view(np.int64)
            yield pa.RecordBatch.from_arrays([*batch.columns, pa.array(place)], [*batch.schema.names, "place"])


def _slots(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows (part, keys …, root) whose groups follow one another become rows (part, group in the part, slot, root)."""
    last: np.ndarray | None = None
    group, slot = -1, 0
    for batch in batches:
        rows = batch.num_rows
        if not rows:
            continue
        part, *columns, root = (column.to_numpy(zero_copy_only=True) for column in batch.columns)
        keys = np.stack(columns)
        begins = np.ones(rows, bool)
        begins[1:] = (keys[:, 1:] != keys[:, :-1]).any(0)
        begins[0] = last is None or bool((keys[:, 0] != last).any())
        groups = group + np.cumsum(begins)
        # The row at which the group of a row begins; before this batch for the first group, where it goes on.
        starts = np.maximum.accumulate(np.where(begins, np.arange(rows), -slot if not begins[0] else 0))
        slots = np.arange(rows) - starts
        last, group, slot = keys[:, -1], int(groups[-1]), int(slots[-1]) + 1
        yield pa.RecordBatch.from_arrays(
            [pa.array(part), pa.array(groups), pa.array(slots), pa.array(root)], ["part", "number", "slot", "root"])


def groups_of(merging: Merging, state: State, draws: Draws) -> tuple[DataFrame, int]:
    """The members of groups (group, slot, root), and how many groups there are.

    Roots are split by the smallest hash in their leaves' neighborhoods; parts of more than `cap` by the next hash, and
    what no hash splits at random. Groups are numbered by (splits, hashes, run).
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    cap, depths = merging.settings.cap, len(draws.hashes)
    names = [f"s{depth}" for depth in range(depths)]
    zero = F.lit(0).cast("bigint")

    def shingles(leaves: DataFrame, low: int, high: int) -> DataFrame:
        stage = _Shingles(draws.hashes[low:high], names[low:high], draws.is_closed)
        columns = ", ".join(f"{name} bigint" for name in names[low:high])
        rows = merging.arcs.join(leaves, "leaf").select("root", "leaf", "other")
        return rows.mapInArrow(stage, f"root bigint, {columns}").groupBy("root").agg(
            *(F.min(name).alias(name) for name in names[low:high]))

    def grouped(rows: DataFrame, depth: int | Column, run: Column, place: Column, known: int) -> DataFrame:
        """The key of a group, with 0 for hashes that it does not have, and the place of a member."""
        depth = F.lit(depth) if isinstance(depth, int) else depth
        path = [
            F.when(depth >= i, F.col(name)).otherwise(zero).alias(name) if i < known else zero.alias(name)
            for i, name in enumerate(names)]
        return rows.select(depth.cast("bigint").alias("depth"), *path, run.alias("run"), place.alias("place"), "root")

    linked = state.roots.where(F.col("b").bitwiseAND(1 << 32) != 0).select("root")
    first = shingles(state.leaves, 0, 1).join(linked, "root")
    count = F.count("*").over(Window.partitionBy("s0"))
    first = first.repartition(merging.partitions, "s0").withColumn("c0", count).where("c0 > 1").persist()
    found = grouped(first.where(F.col("c0") <= cap), 0, zero, F.col("root"), 1)
    large = first.where(F.col("c0") > cap).select("root", "s0")
    if large.limit(1).count():
        deep = state.leaves.join(large.select("root"), "root")
        rows = shingles(deep, 1, depths).join(large, "root")
        # Sorted once: each window needs a beginning of this order, and counts rows of one partition.
        rows = rows.repartition(merging.partitions, "s0").sortWithinPartitions(*names)
        for depth in range(1, depths):
            rows = rows.withColumn(f"c{depth}", F.count("*").over(Window.partitionBy(*names[: depth + 1])))
        depth = reduce(
            lambda other, d: F.when(F.col(f"c{d}") <= cap, d).otherwise(other), range(depths - 1, 0, -1), F.lit(depths))
        size = reduce(
            lambda other, d: F.when(F.col(f"c{d}") <= cap, F.col(f"c{d}")).otherwise(other), range(depths - 1, 0, -1),
            F.lit(cap))
        rows = rows.select("root", *names, depth.alias("depth"), size.alias("size")).where("size > 1").persist()
        split = rows.where(F.col("depth") < depths)
        found = found.union(grouped(split, F.col("depth"), zero, F.col("root"), depths))
        rest = rows.where(F.col("depth") == depths).select("root", *names)
        schema = ", ".join(f"{name} bigint" for name in ("root", *names, "place"))
        rest = rest.mapInArrow(_Mixed(draws.cut), schema)
        order = F.row_number().over(Window.partitionBy(*names).orderBy("place", "root"))
        run = F.floor((order - 1) / cap).cast("bigint")
        rest = rest.withColumn("run", run)
        found = found.union(grouped(rest, depths, F.col("run"), F.col("place"), depths))
    key = ["depth", *names, "run"]
    part = F.spark_partition_id().cast("bigint").alias("part")
    ranged = found.repartitionByRange(merging.partitions, *key).sortWithinPartitions(*key, "place", "root")
    members = ranged.select(part, *key, "root").mapInArrow(
        _slots, "part bigint, number bigint, slot bigint, root bigint")
    # The borders of the ranges are drawn once: what is kept has them.
    members = merging.kept(members, "root")
    first.unpersist()
    counts = members.groupBy("part").agg((F.max("number") + 1).alias("groups"))
    sizes = {row.part: row.groups for row in counts.collect()}
    table = members.sparkSession.createDataFrame(list(offsets_of(sizes).items()), "part bigint, offset bigint")
    members = members.join(F.broadcast(table), "part")
    return members.select((F.col("offset") + F.col("number")).alias("group"), "slot", "root"), sum(sizes.values())
