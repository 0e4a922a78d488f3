"""Scores of edges and the selection among them: the same bits and the same edges as `graphmill sparsify`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from .errors import MillError
from .kernels import triangle_corners
from .manifest import first_draws, mix, stream_key
from .rank import dense_rank
from .worker import Program, WorkerStage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .edges import Edges

METHODS = ("teddy", "reverse", "degree-product", "random", "local-degree", "jaccard", "triangles")
#: Edges that the driver takes to find the last one that goes.
BUCKET = 100_000
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Cut:
    """The last edge that goes, in the order of (key, u, v), or the first key that stays with a threshold."""

    key: int
    u: int
    v: int

    @property
    def condition(self) -> str:
        """Edges that stay."""
        k, u, v = self.key, self.u, self.v
        return f"key > {k}L or (key = {k}L and (u > {u}L or (u = {u}L and v > {v}L)))"


@dataclass(frozen=True)
class Kept:
    """What `sparsify` leaves: edges (u, v, key), how many there were, the cut (none where nothing goes)."""

    edges: DataFrame
    before: int
    removed: int
    cut: Cut | None
    passes: int


@dataclass(frozen=True)
class _Keys:
    """The key of every edge from two figures, of its ends or its own; keys are ordered as scores are."""

    method: str
    stream: int = 0

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            u, v, a, b = (column.to_numpy(zero_copy_only=True) for column in batch.columns)
            if self.method == "random":
                items = mix(a.view(np.uint64)) ^ b.view(np.uint64)
                keys = (first_draws(np.uint64(self.stream), items) >> np.uint64(11)).view(np.int64)
            else:
                keys = keys_of(_SCORES.get(self.method, np.multiply)(a, b), self.method)
            yield pa.RecordBatch.from_arrays([pa.array(u), pa.array(v), pa.array(keys)], ["u", "v", "key"])


_SCORES: dict[str, Callable[..., np.ndarray]] = {"degree-product": lambda a, b: 1 / (a * b), "jaccard": np.divide}


def keys_of(scores: np.ndarray, method: str) -> np.ndarray:
    """Scores from 0 on as numbers of the same order, by their bits; of `reverse`, whose scores are negative, of the
    opposite one. (Keys of `random` are 53 random bits.)"""
    bits = scores.view(np.int64)
    return np.int64(_LARGEST) - bits if method == "reverse" else bits


def scores_of(keys: np.ndarray, method: str) -> np.ndarray:
    """The scores that keys stand for."""
    if method == "reverse":
        return -(np.int64(_LARGEST) - keys).view(np.float64)
    if method == "random":
        return keys.astype(np.float64) * 2.0**-53
    return keys.view(np.float64)


def teddy_nodes(edges: Edges, program: Program) -> DataFrame:
    """Node w, its degree d and its TEDDY score s. Sums run over neighbors in ascending order, hubs in a stream."""
    from pyspark.sql import functions as F

    messages = edges.arcs.join(edges.degrees, "u").select(F.col("v").alias("w"), F.col("u").alias("x"), "d")
    # The worker needs all rows of a node in one partition, whatever the plan before did.
    sorted_rows = messages.repartition(edges.partitions, "w").sortWithinPartitions("w", "x")
    stage = WorkerStage(program, "teddy-nodes", ("w", "d", "s"))
    return sorted_rows.mapInArrow(stage, "w bigint, d bigint, s double")


def edge_keys(
    edges: Edges, program: Program, method: str = "teddy", *, hub: int | None = None, seed: int = 42
) -> DataFrame:
    """Every edge (u, v) with its key. Ends of a degree above `hub` get their figures by broadcast."""
    from pyspark.sql import functions as F

    if method not in METHODS:
        raise MillError(69, f"the score {method} is not offered here; there are {', '.join(METHODS)}")
    schema = "u bigint, v bigint, key bigint"
    if method == "random":
        return _numbered(edges).mapInArrow(_Keys(method, int(stream_key(seed, "sparsify.random"))), schema)
    if method == "local-degree":
        return _local_degrees(edges, program).mapInArrow(_Keys(method), schema)
    if method in ("jaccard", "triangles"):
        return _neighborhoods(edges, method).mapInArrow(_Keys(method), schema)
    if method == "degree-product":
        figures = edges.degrees.select(F.col("u").alias("w"), "d", F.col("d").cast("double").alias("s"))
    else:
        figures = teddy_nodes(edges, program)
    figures = figures.repartition(edges.partitions, "w").persist()
    half = _with_figure(edges.pairs, figures, "u", "a", hub)
    both = _with_figure(half, figures, "v", "b", hub)
    return both.select("u", "v", "a", "b").mapInArrow(_Keys(method), schema)


def _numbered(edges: Edges) -> DataFrame:
    """Every edge with the numbers of its ends in the order of all ids."""
    from pyspark.sql import functions as F

    numbers = dense_rank(edges.nodes, "u", "a", partitions=edges.partitions)
    others = numbers.select(F.col("u").alias("v"), F.col("a").alias("b"))
    return edges.pairs.join(numbers, "u").join(others, "v").select("u", "v", "a", "b")


def _local_degrees(edges: Edges, program: Program) -> DataFrame:
    """Every edge with the larger of its values in the lists of both ends as a, and 1 as b."""
    from pyspark.sql import functions as F

    ends = edges.degrees
    lists = edges.arcs.join(ends, "u").join(ends.select(F.col("u").alias("v"), F.col("d").alias("dv")), "v").select(
        F.col("u").alias("w"), (-F.col("dv")).alias("order"), F.col("v").alias("x"), "d")
    lists = lists.repartition(edges.partitions, "w").sortWithinPartitions("w", "order", "x")
    values = lists.mapInArrow(WorkerStage(program, "local-degree", ("w", "x", "s")), "w bigint, x bigint, s double")
    both = values.groupBy(F.least("w", "x").alias("u"), F.greatest("w", "x").alias("v")).agg(F.max("s").alias("a"))
    return both.select("u", "v", "a", F.lit(1.0).alias("b"))


def _neighborhoods(edges: Edges, method: str) -> DataFrame:
    """Every edge with its triangles as a, and with the size of the joint neighborhood (jaccard), or 1, as b."""
    from pyspark.sql import functions as F

    corners = triangle_corners(edges).persist()
    sides = [(F.least(a, b).alias("u"), F.greatest(a, b).alias("v")) for a, b in (("u", "v"), ("x", "u"), ("x", "v"))]
    counts = corners.select(*sides[0]).union(corners.select(*sides[1])).union(corners.select(*sides[2])).groupBy(
        "u", "v").agg(F.count("*").alias("common"))
    ends = edges.degrees
    rows = edges.pairs.join(counts, ["u", "v"], "left").join(ends.withColumnRenamed("d", "du"), "u").join(
        ends.select(F.col("u").alias("v"), F.col("d").alias("dv")), "v")
    common = F.coalesce("common", F.lit(0).cast("bigint"))
    joint = F.col("du") + F.col("dv") - common if method == "jaccard" else F.lit(1)
    return rows.select("u", "v", common.cast("double").alias("a"), joint.cast("double").alias("b"))


def _with_figure(rows: DataFrame, figures: DataFrame, end: str, name: str, hub: int | None) -> DataFrame:
    """Rows with the figure of one end. A hub's rows would all go to one task; they stay, and its figure comes."""
    from pyspark.sql import functions as F

    def named(part: DataFrame) -> DataFrame:
        return part.select(F.col("w").alias(end), F.col("s").alias(name))

    if hub is None:
        return rows.join(named(figures), end)
    large = named(figures.where(F.col("d") > hub))
    small = named(figures.where(F.col("d") <= hub))
    return rows.join(F.broadcast(large), end).unionByName(
        rows.join(F.broadcast(large.select(end)), end, "left_anti").join(small, end))


def sparsify(
    edges: Edges, program: Program, *, remove: float | None = None, keep: float | None = None,
    keep_edges: int | None = None, threshold: float | None = None, method: str = "teddy", hub: int | None = None,
    bucket: int = BUCKET, seed: int = 42,
) -> Kept:
    """Removes the edges of the lowest scores, as the local command does it with the same option."""
    keyed = edge_keys(edges, program, method, hub=hub, seed=seed)
    return remove_lowest(
        keyed, remove=remove, keep=keep, keep_edges=keep_edges, threshold=threshold, method=method, bucket=bucket)


def remove_lowest(
    keyed: DataFrame, *, remove: float | None = None, keep: float | None = None, keep_edges: int | None = None,
    threshold: float | None = None, method: str = "teddy", bucket: int = BUCKET,
) -> Kept:
    """The same for edges that have their keys."""
    if sum(given is not None for given in (remove, keep, keep_edges, threshold)) != 1:
        raise MillError(64, "give one of remove, keep, keep_edges and threshold")
    for share in (remove, keep):
        if share is not None and not 0 <= share <= 1:
            raise MillError(64, f"the share must be between 0 and 1: {share}")
    keyed = keyed.persist()
    before = int(keyed.count())
    if threshold is not None:
        return _by_threshold(keyed, before, threshold, method)
    if keep_edges is not None:
        wanted = max(0, before - keep_edges)
    else:
        # As the command: what is left of 1, without the last digits that a subtraction leaves.
        share = remove if remove is not None else math.floor((1 - (keep or 0)) * 1e12 + 0.5) / 1e12
        wanted = min(before, math.floor(share * float(before)))
    if wanted <= 0:
        return Kept(keyed, before, 0, None, 0)
    cut, passes = select(keyed, wanted, bucket=bucket)
    return Kept(keyed.where(cut.condition), before, wanted, cut, passes)


def _by_threshold(keyed: DataFrame, before: int, threshold: float, method: str) -> Kept:
    if math.isnan(threshold):
        raise MillError(64, "the threshold must be a number")
    # Scores are not negative, of reverse negative: a threshold on the other side keeps all, or none.
    magnitude = -threshold if method == "reverse" else threshold
    if method == "random":
        first = math.ceil(min(max(threshold, 0.0), 1.0) * 2.0**53)
    elif magnitude <= 0:
        first = _LARGEST if method == "reverse" else 0
    else:
        first = int(keys_of(np.array([magnitude]), method)[0])
    cut = Cut(first, -1, -1)
    kept = keyed.where(cut.condition)
    return Kept(kept, before, before - int(kept.count()), cut, 1)


def select(keyed: DataFrame, wanted: int, *, bucket: int = BUCKET) -> tuple[Cut, int]:
    """The edge of rank `wanted`, from 1 on, in the order of (key, u, v), and the passes over the edges that it took.

    Digits of 16 bits narrow the key down, then u, then v, until so few edges are left that the driver sorts them.
    """
    from pyspark.sql import functions as F

    rows, rest, passes = keyed, wanted, 0
    for column in ("key", "u", "v"):
        for shift in (48, 32, 16, 0):
            digit = F.shiftrightunsigned(column, shift).bitwiseAND(0xFFFF).alias("digit")
            counts = sorted((row.digit, row["count"]) for row in rows.groupBy(digit).count().collect())
            passes += 1
            for value, count in counts:
                if rest <= count:
                    break
                rest -= count
            else:
                raise MillError(70, f"rank {wanted} is beyond the edges")
            rows = rows.where(digit == value)
            if count <= bucket:
                found = sorted((row.key, row.u, row.v) for row in rows.collect())
                return Cut(*found[rest - 1]), passes + 1
    raise MillError(70, "an edge stands there twice")
