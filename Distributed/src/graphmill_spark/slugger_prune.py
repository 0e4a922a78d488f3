"""The draft after pruning, and with the fewest edges for each pair of trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .slugger_state import Merging

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def encoded(merging: Merging, draft: DataFrame) -> DataFrame:
    """The rows x, y, sign of a draft after pruning and re-encoding.

    Supernodes without edges go first, by joins; then one task prunes, without edges between nodes of no tree.
    """
    draft = merging.kept(draft, "x")
    signed = draft.where("sign != 0")
    forest = _without_useless(merging, draft.where("sign = 0").selectExpr("x as node", "y as parent"), signed)
    for end in ("x", "y"):
        inside = forest.selectExpr(f"node as {end}", f"true as is_below_{end}")
        signed = signed.join(inside, end, "left")
    is_lone = f"x < {merging.nodes} and y < {merging.nodes} and is_below_x is null and is_below_y is null"
    signed = merging.kept(signed.selectExpr("x", "y", "cast(sign as bigint) as sign", f"{is_lone} as is_lone"), "x")
    lone = signed.where("is_lone").select("x", "y", "sign")
    rows = signed.where("not is_lone").select("x", "y", "sign").union(forest.selectExpr("node", "parent", "0L"))
    stage = merging.stage(
        "slugger-prune", ("kind", "x", "y", "a"), nodes=merging.nodes, edges=merging.edges - int(lone.count()))
    rows = rows.repartition(1).mapInArrow(stage, "kind bigint, x bigint, y bigint, a bigint")
    pruned = merging.kept(rows, "x")
    return _fewest(merging, pruned).union(lone).selectExpr("x", "y", "cast(sign as int) as sign")


def _without_useless(merging: Merging, below: DataFrame, signed: DataFrame) -> DataFrame:
    """The forest (node, parent) without the supernodes that have no edges: what is below them moves up."""
    used = signed.selectExpr("x as old").union(signed.selectExpr("y as old"))
    useless = below.selectExpr("parent as old").distinct().join(used, "old", "left_anti")
    # What stands above each: in the end one that stays, or -1.
    above = merging.kept(useless.join(below.withColumnRenamed("node", "old"), "old", "left").selectExpr(
        "old", "coalesce(parent, -1) as parent"), "old")
    while True:
        further = above.selectExpr("old as parent", "parent as further")
        if not above.join(further, "parent", "left_semi").limit(1).count():
            break
        above = merging.kept(above.join(further, "parent", "left").selectExpr(
            "old", "coalesce(further, parent) as parent"), "old")
    forest = below.join(above.selectExpr("old as node"), "node", "left_anti").join(
        above.selectExpr("old as parent", "parent as stays"), "parent", "left")
    return merging.kept(forest.selectExpr("node", "coalesce(stays, parent) as parent").where("parent >= 0"), "node")


def _fewest(merging: Merging, pruned: DataFrame) -> DataFrame:
    """The rows x, y, sign of what one task has pruned, with the fewest edges for each pair of trees."""
    from pyspark.sql import functions as F

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
    below = forest.where("parent >= 0").selectExpr("node", "parent", "0L as sign")
    return encoded.union(single).union(below)
