"""Edges from files: distinct pairs u < v of whole numbers, and the nodes that the files name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import MillError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Edges:
    """A graph without directions, loops and parallel edges.

    `arcs` has the columns u and v, every edge in both directions, all arcs of a node in one of `partitions`
    partitions, and is kept. `nodes` has the column u: all ids of the input, those without an edge too.
    """

    arcs: DataFrame
    nodes: DataFrame
    partitions: int

    @property
    def pairs(self) -> DataFrame:
        """Every edge once: u < v."""
        return self.arcs.where("u < v")

    @property
    def degrees(self) -> DataFrame:
        """u and its degree d, of nodes that have an edge. No shuffle."""
        return self.arcs.groupBy("u").count().withColumnRenamed("count", "d")

    def count(self) -> int:
        """The number of edges."""
        return int(self.pairs.count())


def read_edges(spark: SparkSession, path: str, *, partitions: int) -> Edges:
    """Reads an edge list (also .gz) or Parquet with the columns u and v.

    Lines that begin with # or % are comments; fields stand between blanks, tabs, commas or semicolons, and those behind
    the second one are passed over. Raises MillError 65 with the first lines that are no edges, 66 without a file.
    """
    raw = _parquet(spark, path) if _is_parquet(path) else _text(spark, path)
    return edges_of(raw, partitions=partitions)


def edges_of(pairs: DataFrame, *, partitions: int) -> Edges:
    """The graph of a table with columns u and v of whole numbers from 0 on, in any order, with repeats and loops."""
    from pyspark import StorageLevel
    from pyspark.sql import functions as F

    # Joins and groups with as many partitions as the arcs have leave them where they are.
    pairs.sparkSession.conf.set("spark.sql.shuffle.partitions", partitions)
    both = pairs.select("u", "v").union(pairs.select(F.col("v").alias("u"), F.col("u").alias("v")))
    # Distinct by both columns after a shuffle by one: a node's arcs are together, and no second shuffle comes.
    arcs = both.where("u != v").repartition(partitions, "u").dropDuplicates(["u", "v"])
    loops = pairs.where("u = v").select("u")
    arcs = arcs.persist(StorageLevel.MEMORY_AND_DISK)
    nodes = arcs.select("u").union(loops).repartition(partitions, "u").distinct()
    return Edges(arcs, nodes, partitions)


def _is_parquet(path: str) -> bool:
    place = Path(path)
    if not place.is_dir():
        return place.suffix in (".parquet", ".pq")
    return any(part.suffix == ".parquet" for part in place.iterdir())


def _check_exists(path: str) -> None:
    if "://" not in path and not Path(path).exists():
        raise MillError(66, f"{path}: there is no such file")
    if path.endswith((".zst", ".bz2", ".xz")):
        raise MillError(69, f"{path}: text is read plain or as .gz")


def _parquet(spark: SparkSession, path: str) -> DataFrame:
    from pyspark.sql import functions as F

    _check_exists(path)
    table = spark.read.parquet(path)
    types = dict(table.dtypes)
    whole = ("tinyint", "smallint", "int", "bigint")
    if types.get("u") not in whole or types.get("v") not in whole:
        raise MillError(65, f"{path}: the columns u and v of whole numbers are missing; there are {sorted(types)}")
    pairs = table.select(F.col("u").cast("bigint"), F.col("v").cast("bigint"))
    bad = pairs.where("u is null or v is null or u < 0 or v < 0").limit(1).collect()
    if bad:
        raise MillError(65, f"{path}: not an edge: {bad[0].u}, {bad[0].v}")
    return pairs


def _text(spark: SparkSession, path: str) -> DataFrame:
    from pyspark.sql import functions as F

    _check_exists(path)
    lines = spark.read.text(path)
    if path.endswith(".gz"):
        lines = lines.repartition(max(3, int(spark.sparkContext.defaultParallelism)), "value")
    # A zero byte order mark, blanks around and a carriage return are no part of a line.
    text = F.regexp_replace("value", r"^\ufeff|^[ \t]+|[ \t\r]+$", "")
    lines = lines.select(text.alias("text")).where("text != '' and not text rlike '^[#%]'")
    fields = F.split("text", r"[ \t]*[,;][ \t]*|[ \t]+", 3)
    pairs = lines.select("text", fields[0].alias("a"), F.get(fields, F.lit(1)).alias("b"))
    number = "case when {0} rlike '^[0-9]+$' then try_cast({0} as bigint) end"
    pairs = pairs.select("text", F.expr(number.format("a")).alias("u"), F.expr(number.format("b")).alias("v"))
    bad = pairs.where("u is null or v is null").limit(3).collect()
    if bad:
        shown = ", ".join(repr(row.text[:60]) for row in bad)
        raise MillError(
            65, f"{path}: not two whole numbers from 0 to {LARGEST_ID}: {shown} (names of nodes are not read)")
    return pairs.select("u", "v")
