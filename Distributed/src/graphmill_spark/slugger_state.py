"""The state of merging for summaries, as it lies on Spark between rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .session import kept
from .worker import Program, WorkerStage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .edges import Edges

# The figures of a leaf: type 25, types of the children 4, and that it has links.
_LEAF = 25 << 16 | 4 << 24 | 1 << 32


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
class State:
    """The roots (root, a, b: their figures), the links (root, other, a: edges, b: view), and (leaf, root)."""

    roots: DataFrame
    links: DataFrame
    leaves: DataFrame
    supernodes: int


@dataclass(frozen=True)
class Merging:
    """What does not change from round to round."""

    arcs: DataFrame
    nodes: int
    edges: int
    partitions: int
    program: Program
    settings: Settings
    is_durable: bool
    apply_limit: int

    def kept(self, rows: DataFrame, column: str) -> DataFrame:
        """The rows, by a column; where they came from is forgotten."""
        return kept(rows, self.partitions, column, durable=self.is_durable)

    def stage(self, operation: str, names: Sequence[str], **settings: int) -> WorkerStage:
        return WorkerStage(self.program, operation, names, self.settings.of_worker(**settings))


def numbered(edges: Edges, numbers: DataFrame) -> DataFrame:
    """The arcs between numbers of nodes: leaf, other."""
    from pyspark.sql import functions as F

    first = numbers.select("u", F.col("number").alias("leaf"))
    second = numbers.select(F.col("u").alias("v"), F.col("number").alias("other"))
    arcs = edges.arcs.join(first, "u").join(second, "v").select("leaf", "other")
    return arcs.repartition(edges.partitions, "leaf").sortWithinPartitions("leaf", "other").persist()


def initial(merging: Merging) -> State:
    """Every node a root of its own, every edge a link."""
    from pyspark.sql import functions as F

    one = F.lit(1).cast("bigint")
    # All eight bits of a leaf's link are set; bit 8 is that of the wide end, which the larger root has.
    view = F.when(F.col("other") < F.col("leaf"), 256 + 255).otherwise(255).cast("bigint")
    links = merging.arcs.select(F.col("leaf").alias("root"), "other", one.alias("a"), view.alias("b"))
    roots = links.groupBy("root").agg(F.count("*").alias("a")).withColumn("b", F.lit(_LEAF).cast("bigint"))
    leaves = roots.select(F.col("root").alias("leaf"), "root")
    return State(
        merging.kept(roots, "root"), merging.kept(links, "root"), merging.kept(leaves, "leaf"), merging.nodes)
