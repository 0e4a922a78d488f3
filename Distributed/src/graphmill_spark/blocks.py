"""Groups that are known become a tree: counts of edges between them on Spark, the linkage in the program."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import MillError
from .worker import Program

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from .edges import Edges

#: Groups that the driver holds at most.
LARGEST_GROUPS = 100_000
#: Nodes up to which labels are sent to every executor instead of being shuffled.
BROADCAST_NODES = 50_000_000


@dataclass(frozen=True)
class Blocks:
    """Sizes of groups, which are numbered by their smallest nodes, and edges a pair (a, b), a <= b."""

    labels: list[str]
    sizes: list[int]
    pairs: list[tuple[int, int, int]]

    def text(self) -> str:
        """What `graphmill communities --from-links` reads."""
        sizes = "".join(f"{group}\t{size}\n" for group, size in enumerate(self.sizes))
        return sizes + "".join(f"{a}\t{b}\t{edges}\n" for a, b, edges in self.pairs)


def read_labels(spark: SparkSession, path: str) -> DataFrame:
    """node, label from a file of the local command, or of that form: the first two fields behind tabs.

    Labels that are empty, NA or -1 are none, as there.
    """
    from pyspark.sql import functions as F

    if not Path(path).is_file() and "://" not in path:
        raise MillError(66, f"{path}: there is no such file")
    fields = F.split(F.regexp_replace("value", "\r$", ""), "\t", 3)
    rows = spark.read.text(path).where("value not rlike '^\\\\s*(#|$)'").select(
        "value", fields[0].alias("name"), F.get(fields, F.lit(1)).alias("label"))
    # A header names its first column, which no number does.
    rows = rows.where("not (name = 'node')").withColumn(
        "node", F.expr("case when name rlike '^[0-9]+$' then try_cast(name as bigint) end"))
    bad = rows.where("node is null or label is null").limit(1).collect()
    if bad:
        raise MillError(65, f"{path}: not a node and its label: {bad[0].value[:60]!r}")
    if rows.groupBy("node").count().where("count > 1").limit(1).collect():
        raise MillError(65, f"{path}: a node comes twice")
    return rows.where("label not in ('', 'NA', '-1')").select("node", "label")


def count_blocks(edges: Edges, labels: DataFrame) -> Blocks:
    """Counts edges between and inside groups; nodes without a label are left out."""
    from pyspark.sql import functions as F

    known = edges.nodes.select(F.col("u").alias("node")).join(labels, "node").persist()
    groups = known.groupBy("label").agg(F.min("node").alias("first"), F.count("*").alias("size"))
    rows = groups.orderBy("first").limit(LARGEST_GROUPS + 1).collect()
    if len(rows) > LARGEST_GROUPS:
        raise MillError(69, f"more than {LARGEST_GROUPS} groups")
    if not rows:
        return Blocks([], [], [])
    spark = known.sparkSession
    numbers = spark.createDataFrame([(row.label, i) for i, row in enumerate(rows)], "label string, number int")
    numbered = known.join(F.broadcast(numbers), "label").select("node", "number")
    if known.count() <= BROADCAST_NODES // 100:
        numbered = F.broadcast(numbered)
    ends = edges.pairs.join(numbered.withColumnsRenamed({"node": "u", "number": "a"}), "u").join(
        numbered.withColumnsRenamed({"node": "v", "number": "b"}), "v")
    counts = ends.groupBy(F.least("a", "b").alias("a"), F.greatest("a", "b").alias("b")).count().collect()
    return Blocks(
        [row.label for row in rows], [row["size"] for row in rows],
        sorted((row.a, row.b, row["count"]) for row in counts))


def write_tree(blocks: Blocks, program: Program, path: str, *, linkage: str = "average") -> dict[str, Any]:
    """Links the groups on this machine and writes the tree (.json, .nwk or .tsv); the figures of the local command."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", prefix="graphmill-") as file:
        file.write(blocks.text())
        file.flush()
        said = subprocess.run(
            [program.path, "communities", file.name, "--from-links", "--tree", path, "--linkage", linkage, "--force",
             "--manifest", "none", "--json"], capture_output=True, text=True, check=False)
    if said.returncode:
        raise MillError(said.returncode if said.returncode > 0 else 70, said.stderr.strip().removeprefix("error: "))
    figures = json.loads(said.stdout)
    return {key: figures[key] for key in ("k", "levels", "inversions", "linkage")}
