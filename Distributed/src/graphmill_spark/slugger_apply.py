"""What comes of the decisions of a round, and the state behind it.

Where one task can hold the roots that may merge and their links, it applies all decisions in their order. Else they are
applied level by level: a group waits for every earlier one with a root that is linked to one of its own. No group reads
what another one of its level changes, so a level goes to all tasks, in any order; the rest goes to one task as soon as
that can hold it.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from .rank import dense_rank
from .slugger_state import Merging, State

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ROW = ("kind", "x", "y", "a", "b")
# Kinds of rows that applying gives.
ROOT, LINK, LOSS, MERGE, MOVE, EDGE, SUMS = range(7)


def apply(
    merging: Merging, state: State, number: int, decisions: DataFrame, operands: DataFrame
) -> tuple[DataFrame, int]:
    """What comes of the decisions, in their order, on the operands (root, group) and their links.

    Returns rows as one worker gives them, and how many levels they were made in; 1 for one task.
    """
    from pyspark.sql import functions as F

    none = F.lit(-1).cast("bigint").alias("other")
    own = state.roots.join(operands, "root").select("group", "root", none, "a", "b")
    near = own.union(state.links.join(operands, "root").select("group", "root", "other", "a", "b"))
    if merging.nodes + 2 * merging.edges <= merging.apply_limit or near.count() <= merging.apply_limit:
        return _task(merging, state, number, near, decisions), 1
    return _by_levels(merging, state, number, near, decisions, operands)


def _task(
    merging: Merging, state: State, number: int, near: DataFrame, decisions: DataFrame, *, stride: int = 0,
    partitions: int = 1,
) -> DataFrame:
    """What comes of the decisions of some groups, on the rows (group, root, other or -1, a, b) of their operands.

    A new supernode has the next number, or with a stride a number by its group and its place there.
    """
    rows = near.selectExpr("group", "0L as kind", "root as x", "other as y", "a", "b").union(
        decisions.selectExpr("group", "1L", "group", "place", "first", "second"))
    rows = rows.repartition(partitions, "group").sortWithinPartitions("kind", "x", "y").select(*ROW)
    stage = merging.stage(
        "slugger-apply", ROW, round=number, nodes=merging.nodes, supernodes=state.supernodes, stride=stride)
    return merging.kept(rows.mapInArrow(stage, ", ".join(f"{name} bigint" for name in ROW)), "x")


def _by_levels(
    merging: Merging, state: State, number: int, near: DataFrame, decisions: DataFrame, operands: DataFrame
) -> tuple[DataFrame, int]:
    """As `apply`: first the groups that wait for no other one, then those that wait for none of the rest, and so on."""
    near = merging.kept(near, "root")
    waits = near.selectExpr("group as later", "other").join(
        operands.selectExpr("root as other", "group as earlier"), "other").where("earlier < later")
    waits = merging.kept(waits.select("earlier", "later").distinct(), "earlier")
    near, waiting = near.drop("group"), operands
    parts: list[DataFrame] = []
    is_last = False
    while not is_last and (rows := near.join(waiting, "root", "left_semi").count()):
        is_last = rows <= merging.apply_limit
        ready = waiting
        if not is_last:
            blocked = waits.join(waiting.selectExpr("group as earlier"), "earlier", "left_semi")
            ready = merging.kept(waiting.join(blocked.selectExpr("later as group"), "group", "left_anti"), "root")
            waiting = merging.kept(waiting.join(ready, "root", "left_anti"), "root")
        parts.append(_task(
            merging, state, number, near.join(ready, "root"), decisions.join(ready, "group", "left_semi"),
            stride=merging.settings.cap, partitions=1 if is_last else merging.partitions))
        near = merging.kept(_near_behind(near, ready, parts[-1]), "root")
    return _numbered(merging, state, near, reduce(lambda a, b: a.union(b), parts)), len(parts)


def _near_behind(near: DataFrame, operands: DataFrame, applied: DataFrame) -> DataFrame:
    """The rows (root, other or -1, a, b) behind what was applied."""
    kept = _without(near, operands).join(
        _losses(applied).selectExpr("root", "-1L as other", "loss"), ["root", "other"], "left")
    return kept.selectExpr("root", "other", "a - coalesce(loss, 0) as a", "b").union(
        applied.where(f"kind in ({ROOT}, {LINK})").select("x", "y", "a", "b"))


def _without(links: DataFrame, operands: DataFrame) -> DataFrame:
    """The links of which no end is an operand."""
    ends = operands.select("root")
    return links.join(ends, "root", "left_anti").join(ends.withColumnRenamed("root", "other"), "other", "left_anti")


def _losses(applied: DataFrame) -> DataFrame:
    """How many edges roots that were not given have lost: root, loss."""
    from pyspark.sql import functions as F

    return applied.where(f"kind = {LOSS}").groupBy(F.col("x").alias("root")).agg(F.sum("a").alias("loss"))


def _numbered(merging: Merging, state: State, near: DataFrame, applied: DataFrame) -> DataFrame:
    """The rows of all levels as one task gives them: new supernodes have the next numbers, in the order of theirs."""
    from pyspark.sql import functions as F

    made = dense_rank(applied.where(f"kind = {MERGE}"), "x", "number", partitions=merging.partitions)
    made = made.select(F.col("x").alias("old"), (F.col("number") + state.supernodes).alias("new"))
    made = merging.kept(made, "old")

    def numbered(rows: DataFrame, *columns: str) -> DataFrame:
        for column in columns:
            rows = rows.join(made.withColumnRenamed("old", column), column, "left").withColumn(
                column, F.coalesce("new", column)).drop("new")
        return rows.select(*ROW)

    def of_kind(*kinds: int) -> DataFrame:
        return applied.where(F.col("kind").isin(*kinds))

    kind = f"cast(if(other < 0, {ROOT}, {LINK}) as bigint) as kind"
    around = near.selectExpr(kind, "root as x", "other as y", "a", "b")
    rows = numbered(around, "x", "y").union(numbered(of_kind(MERGE), "x", "a", "b")).union(
        numbered(of_kind(MOVE, EDGE), "x", "y")).union(of_kind(LOSS, SUMS))
    return merging.kept(rows, "x")


def follow(merging: Merging, state: State, applied: DataFrame, operands: DataFrame) -> State:
    """The state behind what was applied."""
    from pyspark.sql import functions as F

    def rows(kind: int, *columns: str) -> DataFrame:
        return applied.where(F.col("kind") == kind).selectExpr(*columns)

    links = _without(state.links, operands).select("root", "other", "a", "b")
    links = links.union(rows(LINK, "x as root", "y as other", "a", "b"))
    roots = state.roots.join(operands, "root", "left_anti").join(_losses(applied), "root", "left").selectExpr(
        "root", "a - coalesce(loss, 0) as a", "b")
    roots = roots.union(rows(ROOT, "x as root", "a", "b"))
    leaves = state.leaves.join(rows(MOVE, "x as root", "y as above"), "root", "left").selectExpr(
        "leaf", "coalesce(above, root) as root")
    return State(
        merging.kept(roots, "root"), merging.kept(links, "root"), merging.kept(leaves, "leaf"), state.supernodes)
