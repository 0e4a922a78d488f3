"""Figures of nodes: the same bits as `graphmill stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .errors import MillError
from .rank import dense_rank, sums_before
from .session import cut_off, kept
from .worker import Program, WorkerStage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .edges import Edges

# Nodes plus arcs of a run of nodes: the local command adds up what lies on nodes in runs, then the runs.
_RUN = 1 << 15


def degrees(edges: Edges) -> DataFrame:
    """node, degree; 0 for nodes that have loops only."""
    from pyspark.sql import functions as F

    known = edges.degrees.select(F.col("u").alias("node"), F.col("d").alias("degree"))
    return known.union(edges.lonely.select(F.col("u").alias("node"), F.lit(0).cast("bigint").alias("degree")))


def components(edges: Edges, *, checkpoint: bool = False) -> DataFrame:
    """node, component: components are numbered by their smallest nodes.

    Alternating large-star and small-star steps (Kiveris et al., SoCC 2014, algorithms 1 to 3): the number of rounds
    grows with the logarithm of the size, not with the diameter. Whole numbers only, so the order of rows has no say.
    """
    from pyspark.sql import functions as F

    def cut(rows: DataFrame) -> DataFrame:
        return kept(rows, edges.partitions, "x", durable=checkpoint)

    def sides(rows: DataFrame) -> DataFrame:
        return rows.union(rows.select(F.col("y").alias("x"), F.col("x").alias("y")))

    def state(rows: DataFrame) -> tuple[object, ...]:
        # Halves of a hash, since the sum of whole ones overflows.
        mixed = F.xxhash64("x", "y")
        halves = (mixed.bitwiseAND(0xFFFFFFFF), F.shiftrightunsigned(mixed, 32))
        return tuple(rows.agg(F.count("*"), *(F.sum(half) for half in halves)).collect()[0])

    rows = cut(edges.arcs.where("u > v").select(F.col("u").alias("x"), F.col("v").alias("y")))
    before = state(rows)
    while True:
        # Large-star: larger neighbors of x go to the smallest of x and its neighbors.
        both = sides(rows)
        smallest = both.groupBy("x").agg(F.least(F.col("x"), F.min("y")).alias("m"))
        large = both.join(smallest, "x").where("y > x").select(F.col("y").alias("x"), F.col("m").alias("y"))
        rows = cut(large.where("x != y").distinct())
        # Small-star: x and its smaller neighbors go to the smallest of them.
        smallest = rows.groupBy("x").agg(F.min("y").alias("m"))
        moved = rows.join(smallest, "x").where("y != m").select(F.col("y").alias("x"), F.col("m").alias("y"))
        rows = cut(moved.union(smallest.select("x", F.col("m").alias("y"))).distinct())
        after = state(rows)
        if after == before:
            break
        before = after
    roots = edges.nodes.join(rows.select(F.col("x").alias("u")), "u", "left_anti")
    labels = rows.select(F.col("x").alias("node"), F.col("y").alias("root")).union(
        roots.select(F.col("u").alias("node"), F.col("u").alias("root"))).persist()
    numbers = dense_rank(labels, "root", "component", partitions=edges.partitions)
    return labels.join(numbers, "root").select("node", "component")


def triangles(edges: Edges) -> int:
    """The number of triangles."""
    return int(triangle_corners(edges).count())


def triangle_corners(edges: Edges) -> DataFrame:
    """x, u, v with u < v, once a triangle: edges are turned to the end of larger degree, and wedges at x closed."""
    from pyspark.sql import functions as F

    ends = edges.degrees
    turned = edges.pairs.join(ends.withColumnRenamed("d", "du"), "u").join(
        ends.select(F.col("u").alias("v"), F.col("d").alias("dv")), "v")
    first = F.expr("du < dv or (du = dv and u < v)")
    out = turned.select(
        F.when(first, F.col("u")).otherwise(F.col("v")).alias("x"),
        F.when(first, F.col("v")).otherwise(F.col("u")).alias("y"),
    ).persist()
    wedges = out.join(out.withColumnRenamed("y", "z"), "x").where("y < z").select(
        "x", F.col("y").alias("u"), F.col("z").alias("v"))
    return wedges.join(edges.pairs, ["u", "v"]).select("x", "u", "v")


def pagerank(
    edges: Edges, program: Program, *, rounds: int, damping: float = 0.85, checkpoint: bool = False
) -> DataFrame:
    """node, score after a fixed number of rounds; sums run over neighbors in ascending order."""
    from pyspark.sql import functions as F

    if rounds < 1 or not 0 <= damping < 1:
        raise MillError(64, "there must be a round, and the damping must be in 0..<1")
    count = int(edges.nodes.count())
    if count == 0:
        return edges.degrees.select(F.col("u").alias("node"), F.lit(0.0).alias("score"))
    runs = _in_runs(edges) if edges.lonely.limit(1).count() else np.zeros(0, int)
    shared = edges.arcs.join(edges.degrees, "u").select(
        F.col("v").alias("w"), F.col("u").alias("x"), (F.lit(1.0) / F.col("d").cast("double")).alias("share")).persist()
    # The score of every node without edges.
    uniform = 1 / float(count)
    scores = edges.degrees.select(F.col("u").alias("x"), F.lit(uniform).alias("score"))
    stage = WorkerStage(program, "fold", ("w", "count", "pulled"))
    for _ in range(rounds):
        uniform = (1 - damping + damping * _added_in_runs(uniform, runs)) / float(count)
        sent = shared.join(scores, "x").select("w", "x", (F.col("score") * F.col("share")).alias("sent"))
        sent = sent.repartition(edges.partitions, "w").sortWithinPartitions("w", "x")
        pulled = sent.mapInArrow(stage, "w bigint, count bigint, pulled double")
        scores = pulled.select(
            F.col("w").alias("x"), (F.lit(uniform) + F.lit(damping) * F.col("pulled")).alias("score"))
        scores = cut_off(scores, durable=checkpoint)
    scores = scores.select(F.col("x").alias("node"), "score")
    return scores.union(edges.lonely.select(F.col("u").alias("node"), F.lit(uniform).alias("score")))


def _in_runs(edges: Edges) -> np.ndarray:
    """How many of the nodes without edges are in each run of nodes that has any, in the order of the runs."""
    from pyspark.sql import functions as F

    both = degrees(edges).selectExpr("node", "degree + 1 as work")
    begins = sums_before(both, "node", "work", "begin", partitions=edges.partitions)
    run = F.expr(f"begin div {_RUN}").alias("run")
    counts = begins.join(edges.lonely.withColumnRenamed("u", "node"), "node").groupBy(run).count()
    return np.array([row["count"] for row in sorted(counts.collect(), key=lambda row: row.run)])


def _added_in_runs(value: float, runs: np.ndarray) -> float:
    """The sum of a value that is there so often in each run: each run from left to right, then the runs."""
    if not runs.size:
        return 0.0
    # This one adds one by one, unlike a sum.
    sums = np.add.accumulate(np.full(int(runs.max()), value))
    return float(np.add.accumulate(sums[runs - 1])[-1])
