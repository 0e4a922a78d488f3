#!/usr/bin/env bash
# A DataFrame that Spark has checkpointed goes on with the size that was guessed of it, and the guess of a join is a product:
# in an iterative graph algorithm the number of digits of that size more than doubles every round.
#
# Valid input: two tables of eight nodes; each round joins either with the other one, and cuts the results off by
# localCheckpoint, as iterative graph algorithms on Spark do (hubs and authorities, roots and links of merging).
# Behavior: pyspark 4.3.0 with Java 17 has computed the eight rows, yet the plan of the checkpoint has the sizeInBytes of the
# joins that led to it: both sides multiplied. After eight rounds that is a number of thousands of digits; twenty rounds
# would need hundreds of millions, which the planner multiplies before every job. Of rows that are cached while they are
# checkpointed the size is that of the rows, whatever the rounds.
# Expected: the size of the rows that were computed, or of their type times their number, as a scan has it.
#
# Needs Java 17. Installs pinned public packages into a temporary folder, which is removed; fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
java -version 2>&1 | head -n 1
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pyspark==4.3.0
cd "$folder"
PYSPARK_PYTHON="$folder/env/bin/python" "$folder/env/bin/python" - 2>/dev/null <<'PYTHON'
import pyspark
from pyspark.sql import SparkSession, functions as F

spark = (
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", 1).config("spark.sql.adaptive.enabled", "false").getOrCreate())
print("pyspark", pyspark.__version__)


def digits(table):
    return len(str(table._jdf.queryExecution().optimizedPlan().stats().sizeInBytes()))


def run(is_cached):
    def cut(table):
        return (table.persist() if is_cached else table).localCheckpoint()

    nodes = spark.range(8)
    hubs = nodes.select("id", F.lit(1).alias("hub"))
    authorities = nodes.select("id", F.lit(1).alias("authority"))
    found = []
    for _ in range(8):
        hubs = cut(hubs.join(authorities, "id").select("id", ((F.col("hub") + F.col("authority")) % 7).alias("hub")))
        authorities = cut(authorities.join(hubs, "id").select("id", ((F.col("hub") * 2) % 7).alias("authority")))
        found.append(digits(authorities))
    assert authorities.count() == 8, "rows are missing"
    return found


plain, cached = run(False), run(True)
print("digits of the size, checkpointed:", *plain)
print("digits of the size, cached and checkpointed:", *cached)
assert plain[-1] > 1000 and plain[-1] > 2 * plain[-2], "sizes no longer multiply"
assert max(cached) < 6, "sizes of cached tables have changed"
print("as described")
spark.stop()
PYTHON
