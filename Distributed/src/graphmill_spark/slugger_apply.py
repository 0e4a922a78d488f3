"""What comes of the decisions of a round, and the state behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .slugger_state import Merging, State

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ROW = ("kind", "x", "y", "a", "b")
# Kinds of rows that applying gives.
ROOT, LINK, LOSS, MERGE, MOVE, EDGE, SUMS = range(7)


def apply(merging: Merging, state: State, number: int, decisions: DataFrame, operands: DataFrame) -> DataFrame:
    """What comes of the decisions, in their order, on the roots that they name and their links: one task."""
    from pyspark.sql import functions as F

    none, zero, one = (F.lit(value).cast("bigint") for value in (-1, 0, 1))
    own = state.roots.join(operands, "root", "left_semi").select(zero, "root", none, "a", "b")
    linked = state.links.join(operands, "root", "left_semi").select(zero, "root", "other", "a", "b")
    rows = own.union(linked).union(decisions.select(one, "group", "place", "first", "second")).toDF(*ROW)
    rows = rows.repartition(1).sortWithinPartitions("kind", "x", "y")
    stage = merging.stage("slugger-apply", ROW, round=number, nodes=merging.nodes, supernodes=state.supernodes)
    return merging.kept(rows.mapInArrow(stage, ", ".join(f"{name} bigint" for name in ROW)), "x")


def follow(merging: Merging, state: State, applied: DataFrame, operands: DataFrame) -> State:
    """The state behind what was applied."""
    from pyspark.sql import functions as F

    def rows(kind: int, *columns: str) -> DataFrame:
        return applied.where(F.col("kind") == kind).selectExpr(*columns)

    links = state.links.join(operands, "root", "left_anti").join(
        operands.withColumnRenamed("root", "other"), "other", "left_anti").select("root", "other", "a", "b")
    links = links.union(rows(LINK, "x as root", "y as other", "a", "b"))
    roots = state.roots.join(operands, "root", "left_anti").join(
        rows(LOSS, "x as root", "a as loss"), "root", "left").selectExpr("root", "a - coalesce(loss, 0) as a", "b")
    roots = roots.union(rows(ROOT, "x as root", "a", "b"))
    leaves = state.leaves.join(rows(MOVE, "x as root", "y as above"), "root", "left").selectExpr(
        "leaf", "coalesce(above, root) as root")
    return State(
        merging.kept(roots, "root"), merging.kept(links, "root"), merging.kept(leaves, "leaf"), state.supernodes)
