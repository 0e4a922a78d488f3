"""Summaries without loss (SLUGGER): the same file as `graphmill summarize` writes, byte for byte.

The state of merging lies on Spark: roots with their figures, links between roots, and the root of every leaf. In each
round roots are grouped by min-hash, workers decide the merges of all groups at once, and one worker applies them in
order, on the roots that merge and their links alone, or many do where one could not hold them; the rest of the state
follows by joins. Final edges are kept by the places of their ends below two roots, and are resolved at the end, when
the whole forest is known. Then supernodes without edges go, one worker prunes what has supernodes, and others find the
fewest edges for each pair of trees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .errors import MillError
from .rank import dense_rank
from .slugger_apply import SUMS, apply, follow
from .slugger_draft import draft_of, finish
from .slugger_groups import Draws, draws_of, groups_of
from .slugger_prune import encoded
from .slugger_state import Merging, Settings, State, initial, numbered
from .worker import Program

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from .edges import Edges

__all__ = ["APPLY_LIMIT", "LARGEST_NODES", "Settings", "summarize"]

#: Nodes a summary holds.
LARGEST_NODES = 1 << 30
#: Roots and links that one task may hold, 56 bytes each, when decisions are applied.
APPLY_LIMIT = 500_000_000


def summarize(
    edges: Edges, program: Program, output: str, *, settings: Settings | None = None, checkpoint: bool = False,
    apply_limit: int = APPLY_LIMIT, note: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Writes the summary of a graph; returns its figures. Raises MillError 69 for 2^30 nodes or more.

    Where the roots that merge in a round have more links than `apply_limit`, its decisions are applied by many tasks.
    """
    settings = settings or Settings()
    numbers = dense_rank(edges.nodes, "u", "number", partitions=edges.partitions)
    nodes = int(numbers.count())
    if nodes >= LARGEST_NODES:
        raise MillError(69, f"{nodes} nodes, a summary holds fewer than 2^30")
    arcs = numbered(edges, numbers)
    merging = Merging(
        arcs, nodes, int(arcs.count()) // 2, edges.partitions, program, settings, checkpoint, apply_limit)
    state, rounds = initial(merging), []
    applied: list[DataFrame] = []
    if settings.iterations and nodes and state.links.limit(1).count():
        for number, draws in enumerate(draws_of(program, settings), 1):
            state, rows, figures = _round(merging, state, number, draws)
            rounds.append(figures)
            if rows is not None:
                applied.append(rows)
            note(f"round {number}: {figures['groups']} groups, {figures['merges']} merges, saved {figures['saved']}")
    draft = draft_of(merging, state, applied)
    if state.links.limit(1).count():
        draft = encoded(merging, draft)
    draft = draft.persist()
    figures = finish(edges, draft, program, output, settings)
    draft.unpersist()
    return {**figures, "merges": state.supernodes - nodes, "rounds": rounds}


def _round(
    merging: Merging, state: State, number: int, draws: Draws
) -> tuple[State, DataFrame | None, dict[str, int]]:
    """The state behind a round, the rows of what was applied, and the figures of the round."""
    from pyspark.sql import functions as F

    members, groups = groups_of(merging, state, draws)
    own = members.join(state.roots, "root").select(
        "group", "slot", (F.lit(-1) - F.col("root")).alias("other"), "a", "b")
    linked = members.join(state.links, "root").select("group", "slot", "other", "a", "b")
    tasks = own.union(linked).repartition(merging.partitions, "group").sortWithinPartitions("group", "slot", "other")
    stage = merging.stage("slugger-decide", ("group", "place", "first", "second"), round=number)
    decisions = merging.kept(
        tasks.mapInArrow(stage, "group bigint, place bigint, first bigint, second bigint"), "group")
    if decisions.limit(1).count() == 0:
        return state, None, {"groups": groups, "merges": 0, "refused": 0, "saved": 0, "levels": 0}
    operands = decisions.selectExpr("first as root", "group").union(
        decisions.select("second", "group")).distinct().persist()
    applied, levels = apply(merging, state, number, decisions, operands)
    sums = applied.where(F.col("kind") == SUMS).groupBy().sum("x", "y", "a").collect()[0]
    after = follow(merging, state, applied, operands)
    operands.unpersist()
    merges, refused, saved = sums
    after = replace(after, supernodes=state.supernodes + merges)
    return after, applied, {"groups": groups, "merges": merges, "refused": refused, "saved": saved, "levels": levels}
