"""Summaries without loss (SLUGGER): the same file as `graphmill summarize` writes, byte for byte.

The state of merging lies on Spark: roots with their figures, links between roots, and the root of every leaf. In each
round roots are grouped by min-hash, workers decide the merges of all groups at once, and one worker applies them in
order, on the roots that merge and their links alone; everything else of the state follows by joins. Final edges are
kept by the places of their ends below two roots, and are resolved at the end, when the whole forest is known. Then one
worker prunes, and others find the fewest edges for each pair of trees.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from . import frames
from .errors import MillError
from .manifest import mix
from .rank import dense_rank
from .worker import Program, WorkerStage

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from .edges import Edges

#: Nodes a summary holds.
LARGEST_NODES = 1 << 30
_ROW = ("kind", "x", "y", "a", "b")
# Kinds of rows that applying gives.
_ROOT, _LINK, _LOSS, _MERGE, _MOVE, _EDGE, _SUMS = range(7)
# The figures of a leaf: type 25, types of the children 4, and that it has links.
_LEAF = 25 << 16 | 4 << 24 | 1 << 32
# Ends of an edge by its place: the wide root, its children and grandchildren, the narrow root and its children.
_ENDS = ("w", "l", "r", "ll", "lr", "rl", "rr", "n", "nl", "nr")
_BETWEEN = {
    0: "w n", 1: "w nl", 2: "w nr", 3: "l nl", 4: "l nr", 5: "r nl", 6: "r nr", 7: "l n", 8: "r n", 9: "ll n",
    10: "lr n", 11: "rl n", 12: "rr n", 13: "ll nl", 14: "ll nr", 15: "lr nl", 16: "lr nr", 17: "rl nl", 18: "rl nr",
    19: "rr nl", 20: "rr nr",
}
_INSIDE = {
    0: "w w", 3: "l l", 4: "r r", 5: "l r", 12: "l rl", 13: "l rr", 14: "r ll", 15: "r lr", 18: "ll ll", 19: "ll lr",
    20: "lr lr", 21: "ll rl", 22: "ll rr", 23: "lr rl", 24: "lr rr", 25: "rl rl", 26: "rl rr", 27: "rr rr",
}
_PLACES = {**_BETWEEN, **{32 + place: ends for place, ends in _INSIDE.items()}}


@dataclass(frozen=True)
class Settings:
    """Those of `graphmill summarize` that are offered here."""

    iterations: int = 20
    cap: int = 500
    seed: int = 42

    def of_worker(self, **more: int) -> dict[str, int]:
        """The settings of a worker."""
        return {"iterations": self.iterations, "cap": self.cap, "seed": self.seed, **more}


@dataclass(frozen=True)
class _Draws:
    """What is drawn for a round: whether nodes are their own neighbors, a hash a split, and the order of the rest."""

    is_closed: bool
    hashes: Sequence[tuple[int, int]]
    cut: int


@dataclass(frozen=True)
class _State:
    """The roots (root, a, b: their figures), the links (root, other, a: edges, b: view), and (leaf, root)."""

    roots: DataFrame
    links: DataFrame
    leaves: DataFrame
    supernodes: int


@dataclass(frozen=True)
class _Merging:
    """What does not change from round to round."""

    arcs: DataFrame
    nodes: int
    partitions: int
    program: Program
    settings: Settings
    is_durable: bool

    def kept(self, rows: DataFrame, column: str) -> DataFrame:
        """The rows, by a column; where they came from is forgotten."""
        rows = rows.repartition(self.partitions, column)
        return rows.checkpoint() if self.is_durable else rows.localCheckpoint()

    def stage(self, operation: str, names: Sequence[str], **settings: int) -> WorkerStage:
        return WorkerStage(self.program, operation, names, self.settings.of_worker(**settings))


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


def summarize(
    edges: Edges, program: Program, output: str, *, settings: Settings | None = None, checkpoint: bool = False,
    note: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Writes the summary of a graph; returns its figures. Raises MillError 69 for 2^30 nodes or more."""
    settings = settings or Settings()
    numbers = dense_rank(edges.nodes, "u", "number", partitions=edges.partitions)
    nodes = int(numbers.count())
    if nodes >= LARGEST_NODES:
        raise MillError(69, f"{nodes} nodes, a summary holds fewer than 2^30")
    merging = _Merging(
        _numbered(edges, numbers), nodes, edges.partitions, program, settings, checkpoint)
    state, rounds = _initial(merging), []
    applied: list[DataFrame] = []
    if settings.iterations and nodes and state.links.limit(1).count():
        for number, draws in enumerate(_draws(program, settings), 1):
            state, rows, figures = _round(merging, state, number, draws)
            rounds.append(figures)
            if rows is not None:
                applied.append(rows)
            note(f"round {number}: {figures['groups']} groups, {figures['merges']} merges, saved {figures['saved']}")
    draft = _draft(merging, state, applied)
    if state.links.limit(1).count():
        draft = _encoded(merging, draft, int(merging.arcs.count()) // 2)
    draft = draft.persist()
    figures = _finish(edges, draft, program, output, settings)
    draft.unpersist()
    return {**figures, "merges": state.supernodes - nodes, "rounds": rounds}


def _numbered(edges: Edges, numbers: DataFrame) -> DataFrame:
    """The arcs between numbers of nodes: leaf, other."""
    from pyspark.sql import functions as F

    first = numbers.select("u", F.col("number").alias("leaf"))
    second = numbers.select(F.col("u").alias("v"), F.col("number").alias("other"))
    arcs = edges.arcs.join(first, "u").join(second, "v").select("leaf", "other")
    return arcs.repartition(edges.partitions, "leaf").sortWithinPartitions("leaf", "other").persist()


def _draws(program: Program, settings: Settings) -> list[_Draws]:
    names = ("round", "depth", "closed", "salt", "factor", "cut")
    rounds = pa.RecordBatch.from_pydict({"round": np.arange(1, settings.iterations + 1)})
    stage = WorkerStage(program, "slugger-round", names, settings.of_worker())
    found: dict[int, list[dict[str, int]]] = {}
    for batch in stage([rounds]):
        for row in batch.to_pylist():
            found.setdefault(row["round"], []).append(row)
    return [
        _Draws(bool(rows[0]["closed"]), [(row["salt"], row["factor"]) for row in rows], rows[0]["cut"] % 2**64)
        for _, rows in sorted(found.items())]


def _initial(merging: _Merging) -> _State:
    """Every node a root of its own, every edge a link."""
    from pyspark.sql import functions as F

    one = F.lit(1).cast("bigint")
    # All eight bits of a leaf's link are set; bit 8 is that of the wide end, which the larger root has.
    view = F.when(F.col("other") < F.col("leaf"), 256 + 255).otherwise(255).cast("bigint")
    links = merging.arcs.select(F.col("leaf").alias("root"), "other", one.alias("a"), view.alias("b"))
    roots = links.groupBy("root").agg(F.count("*").alias("a")).withColumn("b", F.lit(_LEAF).cast("bigint"))
    leaves = roots.select(F.col("root").alias("leaf"), "root")
    return _State(
        merging.kept(roots, "root"), merging.kept(links, "root"), merging.kept(leaves, "leaf"), merging.nodes)


def _round(
    merging: _Merging, state: _State, number: int, draws: _Draws
) -> tuple[_State, DataFrame | None, dict[str, int]]:
    """The state behind a round, the rows of what was applied, and the figures of the round."""
    from pyspark.sql import functions as F

    members, groups = _groups(merging, state, draws)
    own = members.join(state.roots, "root").select(
        "group", "slot", (F.lit(-1) - F.col("root")).alias("other"), "a", "b")
    linked = members.join(state.links, "root").select("group", "slot", "other", "a", "b")
    tasks = own.union(linked).repartition(merging.partitions, "group").sortWithinPartitions("group", "slot", "other")
    stage = merging.stage("slugger-decide", ("group", "place", "first", "second"), round=number)
    decisions = merging.kept(
        tasks.mapInArrow(stage, "group bigint, place bigint, first bigint, second bigint"), "group")
    if decisions.limit(1).count() == 0:
        return state, None, {"groups": groups, "merges": 0, "refused": 0, "saved": 0}
    operands = decisions.select(F.col("first").alias("root")).union(
        decisions.select(F.col("second").alias("root"))).distinct().persist()
    applied = _apply(merging, state, number, decisions, operands)
    sums = applied.where(F.col("kind") == _SUMS).collect()[0]
    after = _follow(merging, state, applied, operands)
    operands.unpersist()
    after = replace(after, supernodes=state.supernodes + sums.x)
    return after, applied, {"groups": groups, "merges": sums.x, "refused": sums.y, "saved": sums.a}


def _groups(merging: _Merging, state: _State, draws: _Draws) -> tuple[DataFrame, int]:
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
    offsets, total = [], 0
    for number in sorted(sizes):
        offsets.append((number, total))
        total += sizes[number]
    table = members.sparkSession.createDataFrame(offsets, "part bigint, offset bigint")
    members = members.join(F.broadcast(table), "part")
    return members.select((F.col("offset") + F.col("number")).alias("group"), "slot", "root"), total


def _apply(
    merging: _Merging, state: _State, number: int, decisions: DataFrame, operands: DataFrame
) -> DataFrame:
    """What comes of the decisions, in their order, on the roots that they name and their links: one task."""
    from pyspark.sql import functions as F

    none, zero, one = (F.lit(value).cast("bigint") for value in (-1, 0, 1))
    own = state.roots.join(operands, "root", "left_semi").select(zero, "root", none, "a", "b")
    linked = state.links.join(operands, "root", "left_semi").select(zero, "root", "other", "a", "b")
    rows = own.union(linked).union(decisions.select(one, "group", "place", "first", "second")).toDF(*_ROW)
    rows = rows.repartition(1).sortWithinPartitions("kind", "x", "y")
    stage = merging.stage(
        "slugger-apply", _ROW, round=number, nodes=merging.nodes, supernodes=state.supernodes)
    return merging.kept(rows.mapInArrow(stage, ", ".join(f"{name} bigint" for name in _ROW)), "x")


def _follow(merging: _Merging, state: _State, applied: DataFrame, operands: DataFrame) -> _State:
    """The state behind what was applied."""
    from pyspark.sql import functions as F

    def rows(kind: int, *columns: str) -> DataFrame:
        return applied.where(F.col("kind") == kind).selectExpr(*columns)

    links = state.links.join(operands, "root", "left_anti").join(
        operands.withColumnRenamed("root", "other"), "other", "left_anti").select("root", "other", "a", "b")
    links = links.union(rows(_LINK, "x as root", "y as other", "a", "b"))
    roots = state.roots.join(operands, "root", "left_anti").join(
        rows(_LOSS, "x as root", "a as loss"), "root", "left").selectExpr("root", "a - coalesce(loss, 0) as a", "b")
    roots = roots.union(rows(_ROOT, "x as root", "a", "b"))
    leaves = state.leaves.join(rows(_MOVE, "x as root", "y as above"), "root", "left").selectExpr(
        "leaf", "coalesce(above, root) as root")
    return _State(
        merging.kept(roots, "root"), merging.kept(links, "root"), merging.kept(leaves, "leaf"), state.supernodes)


def _draft(merging: _Merging, state: _State, applied: list[DataFrame]) -> DataFrame:
    """The forest and the edges before pruning: x, y, and the sign of the edge, or 0 where x lies below y."""
    from pyspark.sql import functions as F

    spark = merging.arcs.sparkSession
    empty = spark.createDataFrame([], ", ".join(f"{name} bigint" for name in _ROW))
    rows = reduce(lambda a, b: a.union(b), applied, empty).persist()
    none = F.lit(-1).cast("bigint")
    pending = state.roots.select("root", none.alias("other"), "a", "b").union(
        state.links.where("b >= 256").select("root", "other", "a", "b"))
    stage = merging.stage("slugger-pending", ("w", "n", "place"))
    found = pending.mapInArrow(stage, "w bigint, n bigint, place bigint").union(
        rows.where(F.col("kind") == _EDGE).selectExpr("x as w", "y as n", "a as place"))

    forest = rows.where(F.col("kind") == _MERGE).selectExpr("x as w", "a as l", "b as r").persist()
    left = forest.selectExpr("w as l", "l as ll", "r as lr")
    right = forest.selectExpr("w as r", "l as rl", "r as rr")
    below = forest.join(left, "l", "left").join(right, "r", "left").selectExpr(
        "w", "l", "r", "coalesce(ll, l) as ll", "coalesce(lr, l) as lr", "coalesce(rl, r) as rl",
        "coalesce(rr, r) as rr")
    # In place of what is below a leaf stands the leaf.
    found = found.join(below, "w", "left").join(forest.selectExpr("w as n", "l as nl", "r as nr"), "n", "left")
    own = [F.coalesce(name, F.col("w")) for name in _ENDS[1:7]]
    narrow = [F.coalesce(name, F.col("n")) for name in _ENDS[8:]]
    ends = F.array(F.col("w"), *own, F.col("n"), *narrow)
    place = F.col("place").bitwiseAND(127).cast("int")

    def end(which: int) -> Column:
        index = [_ENDS.index(_PLACES[p].split()[which]) + 1 if p in _PLACES else 0 for p in range(max(_PLACES) + 1)]
        return F.element_at(ends, F.element_at(F.array(*(F.lit(i) for i in index)), place + 1))

    sign = F.when(F.col("place").bitwiseAND(128) != 0, -1).otherwise(1).alias("sign")
    signed = found.select(end(0).alias("x"), end(1).alias("y"), sign)
    # A loop on a leaf covers nothing.
    signed = signed.where((F.col("x") != F.col("y")) | (F.col("x") >= merging.nodes))
    zero = F.lit(0).alias("sign")
    return signed.union(forest.select("l", "w", zero)).union(forest.select("r", "w", zero)).toDF("x", "y", "sign")


def _encoded(merging: _Merging, draft: DataFrame, count: int) -> DataFrame:
    """The draft after pruning, which one task does, and with the fewest edges for each pair of trees."""
    from pyspark.sql import functions as F

    stage = merging.stage("slugger-prune", ("kind", "x", "y", "a"), nodes=merging.nodes, edges=count)
    rows = draft.selectExpr("x", "y", "cast(sign as bigint) as sign").repartition(1).mapInArrow(
        stage, "kind bigint, x bigint, y bigint, a bigint")
    pruned = merging.kept(rows, "x")
    forest = pruned.where("kind = 0").selectExpr("x as node", "y as parent", "a as root")
    first, second = (forest.selectExpr(f"node as {end}", f"root as r{end}") for end in ("x", "y"))

    def between_trees(ends: DataFrame) -> DataFrame:
        """Rows with the columns x and y, and the roots above them as r and s, the smaller one first."""
        return ends.join(first, "x").join(second, "y").withColumns(
            {"r": F.least("rx", "ry"), "s": F.greatest("rx", "ry")}).drop("rx", "ry")

    signed = between_trees(pruned.where("kind = 1").select("x", "y", F.col("a").alias("sign"))).persist()
    # A single edge between two trees stays what it is.
    pairs = signed.groupBy("r", "s").count().where("count > 1").select("r", "s").persist()
    arcs = between_trees(merging.arcs.where("leaf < other").selectExpr("leaf as x", "other as y"))
    sides = pairs.select("r", "s", F.col("r").alias("root")).union(
        pairs.where("r != s").select("r", "s", F.col("s").alias("root")))
    tasks = sides.join(forest, "root").selectExpr("r", "s", "0L as kind", "node as a", "parent as b", "0L as c").union(
        arcs.join(pairs, ["r", "s"], "left_semi").selectExpr("r", "s", "1L", "x", "y", "0L")).union(
        signed.join(pairs, ["r", "s"], "left_semi").selectExpr("r", "s", "2L", "x", "y", "sign"))
    tasks = tasks.repartition(merging.partitions, "r", "s").sortWithinPartitions("r", "s", "kind", "a", "b")
    stage = merging.stage("slugger-encode", ("x", "y", "sign"), nodes=merging.nodes)
    encoded = tasks.mapInArrow(stage, "x bigint, y bigint, sign bigint")
    single = signed.join(pairs, ["r", "s"], "left_anti").select("x", "y", "sign")
    below = forest.where("parent >= 0").selectExpr("node", "parent", "0L")
    return encoded.union(single).union(below).selectExpr("x", "y", "cast(sign as int) as sign")


def _packed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of numbers as single values of bytes, which go to the driver as they are."""
    for batch in batches:
        columns = [column.to_numpy(zero_copy_only=True) for column in batch.columns]
        packed = b"".join(column.tobytes() for column in columns)
        yield pa.RecordBatch.from_pydict({"rows": [batch.num_rows], "bytes": [packed]})


def _columns(table: DataFrame, types: Sequence[str]) -> Iterator[list[np.ndarray]]:
    """The columns of a table, batch by batch; the driver holds one partition at a time."""
    for row in table.mapInArrow(_packed, "rows bigint, bytes binary").toLocalIterator(prefetchPartitions=True):
        columns, place = [], 0
        for name in types:
            columns.append(np.frombuffer(row.bytes, name, row.rows, place))
            place += columns[-1].nbytes
        yield columns


def _finish(edges: Edges, draft: DataFrame, program: Program, output: str, settings: Settings) -> dict[str, Any]:
    """Writes the summary that the draft is, on this machine, and checks that it restores to the graph."""
    from pyspark.sql import functions as F

    alone = edges.nodes.join(edges.degrees, "u", "left_anti")
    pairs = edges.pairs.select("u", "v").union(alone.select("u", F.col("u").alias("v")))
    with tempfile.TemporaryDirectory(prefix="graphmill-") as folder:
        graph = Path(folder) / "graph.tsv"
        with graph.open("w") as file:
            for u, v in _columns(pairs, ("<i8", "<i8")):
                file.writelines(f"{a}\t{b}\n" for a, b in zip(u.tolist(), v.tolist(), strict=True))
        errors = Path(folder) / "errors"
        with errors.open("wb") as said:
            process = subprocess.Popen(
                [program.path, "summarize", str(graph), output, "--from-draft", "-", "--prune", "1", "--loops", "drop",
                 "--iterations", str(settings.iterations), "--group-cap", str(settings.cap), "--seed",
                 str(settings.seed), "--verify", "--force", "--manifest", "none", "--json", "--quiet"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
            assert process.stdin and process.stdout
            try:
                try:
                    with process.stdin as pipe:
                        count = rows = 0
                        for columns in _columns(draft, ("<i8", "<i8", "<i4")):
                            frames.write_frame(pipe, count, columns)
                            count, rows = count + 1, rows + len(columns[0])
                        frames.write_end(pipe, count, rows)
                except BrokenPipeError:
                    pass  # It has ended; its exit code says why.
                found = process.stdout.read()
                code = process.wait()
            finally:
                process.kill()
                process.wait()
                process.stdout.close()
        if code:
            text = errors.read_text(errors="replace").strip().removeprefix("error: ")
            raise MillError(code if code > 0 else 70, text or "the summary does not restore to the graph")
    figures = json.loads(found)
    return {key: figures[key] for key in (
        "nodes", "edges", "cost", "p_edges", "n_edges", "h_edges", "relative_size", "bytes", "verified")}
