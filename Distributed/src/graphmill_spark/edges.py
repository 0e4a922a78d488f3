"""Edges from files: distinct pairs u < v of whole numbers, or of names, and the nodes that the files name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import MillError
from .rank import dense_rank

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Edges:
    """A graph without directions, loops and parallel edges.

    `arcs` has the columns u and v, every edge in both directions, all arcs of a node in one of `partitions`
    partitions, and is kept. `nodes` has the column u: all ids of the input, those without an edge too. Where the input
    has names, ids are numbers in the order of their bytes, and `names` has the columns u and name.
    """

    arcs: DataFrame
    nodes: DataFrame
    partitions: int
    names: DataFrame | None = None

    @property
    def pairs(self) -> DataFrame:
        """Every edge once: u < v."""
        return self.arcs.where("u < v")

    @property
    def degrees(self) -> DataFrame:
        """u and its degree d, of nodes that have an edge. No shuffle."""
        return self.arcs.groupBy("u").count().withColumnRenamed("count", "d")

    @property
    def lonely(self) -> DataFrame:
        """The nodes without an edge: u."""
        return self.nodes.join(self.degrees, "u", "left_anti")

    def count(self) -> int:
        """The number of edges."""
        return int(self.pairs.count())

    def named(self, table: DataFrame, *columns: str) -> DataFrame:
        """A table with names in place of ids in these columns, where there are names."""
        if self.names is not None:
            order = table.columns
            for column in columns:
                names = self.names.selectExpr(f"u as {column}", "name")
                table = table.join(names, column).drop(column).withColumnRenamed("name", column)
            table = table.select(*order)
        return table


def read_edges(spark: SparkSession, path: str, *, partitions: int, names: bool = False) -> Edges:
    """Reads an edge list (also .gz) or Parquet with the columns u and v.

    Lines that begin with # or % are comments; fields stand between blanks, tabs, commas or semicolons, names between
    tabs alone; fields behind the second one are passed over. Raises MillError 65 with the first lines that are no
    edges, 66 without a file.
    """
    if _is_parquet(path):
        raw = _parquet(spark, path, "string" if names else "bigint")
    else:
        raw = _names(spark, path) if names else _text(spark, path)
    return edges_of_names(raw, partitions=partitions) if names else edges_of(raw, partitions=partitions)


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


def edges_of_names(pairs: DataFrame, *, partitions: int) -> Edges:
    """The graph of a table with columns u and v of text: ids are numbers in the order of the bytes of all names."""
    ends = pairs.selectExpr("u as name").union(pairs.selectExpr("v as name"))
    numbers = dense_rank(ends, "name", "u", partitions=partitions).persist()
    first, second = (numbers.selectExpr(f"name as {end}", f"u as {end}_number") for end in ("u", "v"))
    numbered = pairs.join(first, "u").join(second, "v").selectExpr("u_number as u", "v_number as v")
    return replace(edges_of(numbered, partitions=partitions), names=numbers)


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


def _parquet(spark: SparkSession, path: str, kind: str) -> DataFrame:
    from pyspark.sql import functions as F

    _check_exists(path)
    table = spark.read.parquet(path)
    types = dict(table.dtypes)
    is_named = kind == "string"
    taken = ("tinyint", "smallint", "int", "bigint", *(["string"] if is_named else []))
    if types.get("u") not in taken or types.get("v") not in taken:
        what = "names" if is_named else "whole numbers"
        raise MillError(65, f"{path}: the columns u and v of {what} are missing; there are {sorted(types.items())}")
    pairs = table.select(F.col("u").cast(kind), F.col("v").cast(kind))
    wrong = "u = '' or v = ''" if is_named else "u < 0 or v < 0"
    bad = pairs.where(f"u is null or v is null or {wrong}").limit(1).collect()
    if bad:
        raise MillError(65, f"{path}: not an edge: {bad[0].u}, {bad[0].v}")
    return pairs


def _lines(spark: SparkSession, path: str) -> DataFrame:
    """The lines that are no comments."""
    from pyspark.sql import functions as F

    _check_exists(path)
    lines = spark.read.text(path)
    if path.endswith(".gz"):
        lines = lines.repartition(max(3, int(spark.sparkContext.defaultParallelism)), "value")
    # A zero byte order mark, blanks around and a carriage return are no part of a line.
    text = F.regexp_replace("value", r"^\ufeff|^[ \t]+|[ \t\r]+$", "")
    return lines.select(text.alias("text")).where("text != '' and not text rlike '^[#%]'")


def _names(spark: SparkSession, path: str) -> DataFrame:
    from pyspark.sql import functions as F

    fields = F.split("text", "[ ]*\t[ ]*", 3)
    pairs = _lines(spark, path).select("text", fields[0].alias("u"), F.get(fields, F.lit(1)).alias("v"))
    bad = pairs.where("coalesce(v, '') = '' or u = '' or u like '\"%' or v like '\"%'").limit(3).collect()
    if bad:
        shown = ", ".join(repr(row.text[:60]) for row in bad)
        raise MillError(65, f"{path}: not two names with a tab between them, without quotes: {shown}")
    return pairs.select("u", "v")


def _text(spark: SparkSession, path: str) -> DataFrame:
    from pyspark.sql import functions as F

    lines = _lines(spark, path)
    fields = F.split("text", r"[ \t]*[,;][ \t]*|[ \t]+", 3)
    pairs = lines.select("text", fields[0].alias("a"), F.get(fields, F.lit(1)).alias("b"))
    number = "case when {0} rlike '^[0-9]+$' then try_cast({0} as bigint) end"
    pairs = pairs.select("text", F.expr(number.format("a")).alias("u"), F.expr(number.format("b")).alias("v"))
    bad = pairs.where("u is null or v is null").limit(3).collect()
    if bad:
        shown = ", ".join(repr(row.text[:60]) for row in bad)
        raise MillError(
            65, f"{path}: not two whole numbers from 0 to {LARGEST_ID}: {shown} (sparsify and stats take names with "
            "--ids string)")
    return pairs.select("u", "v")
