"""Summaries: smaller graphs that stand for exactly the same edges."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, address, block, call, encoded, node_named, run
from ._library import SummarizeOptions, SummaryCounts, lib
from ._pickles import read_back, written

if TYPE_CHECKING:
    from ._graph import Graph

Array = np.ndarray[Any, Any]


class Summary:
    """A lossless summary: edges between supernodes, which form a forest over the nodes.

    Made by :meth:`graphmill.Graph.summarize` and :func:`graphmill.open_summary`.

    Example:
        >>> graph = graphmill.from_edges([(u, v) for u in range(8) for v in range(u)])
        >>> summary = graph.summarize()
        >>> summary.cost < graph.edge_count, summary.neighbors(3).tolist()
        (True, [0, 1, 2, 4, 5, 6, 7])
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        counts = SummaryCounts()
        call(lib.gm_summary_get_counts, handle, ctypes.byref(counts))
        #: Nodes and edges of the graph that was summarized.
        self.node_count: int = counts.nodes
        self.edge_count: int = counts.edges
        #: Nodes of the forest, those of the graph included.
        self.supernode_count: int = counts.supernodes
        #: Edges that add and that take away, and those of the forest.
        self.positive_edge_count: int = counts.positive_edges
        self.negative_edge_count: int = counts.negative_edges
        self.hierarchy_edge_count: int = counts.hierarchy_edges
        #: The height of the highest tree.
        self.height: int = counts.height

    @property
    def cost(self) -> int:
        """All edges of the summary, those of the forest included."""
        return self.positive_edge_count + self.negative_edge_count + self.hierarchy_edge_count

    def neighbors(self, node: int) -> Array:
        """The neighbors of a node in the graph, ascending, int64.

        Raises:
            UsageError: there is no such node.
        """
        return block(lib.gm_summary_neighbors, self._handle, node, dtype=np.int64)

    def has_edge(self, source: int, target: int) -> bool:
        """Whether the graph joins two nodes."""
        found = ctypes.c_int32()
        call(lib.gm_summary_has_edge, self._handle, source, target, ctypes.byref(found))
        return bool(found.value)

    def bfs(self, source: int) -> Array:
        """Distances from a node, int64, shape [nodes]; -1 where there is no way."""
        distances = np.empty(self.node_count, np.int64)
        call(lib.gm_summary_bfs, self._handle, source, address(distances), distances.size)
        return distances

    def node(self, name: int | str) -> int:
        """The number of the node of a name.

        Raises:
            KeyError: where no node has it.
        """
        return node_named(lib.gm_summary_find, self._handle, name)

    def restore(self, *, threads: int | None = None, progress: ProgressLike = None) -> Graph:
        """The graph that was summarized, as it was."""
        from ._graph import Graph

        made = Handle(lib.gm_graph_free)
        run(lib.gm_summary_restore, self._handle, CONTEXT, made.out, threads=threads, progress=progress)
        return Graph(made)

    def save(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Writes the summary (``.gms``).

        Raises:
            OutputError: the file exists, or cannot be written.
        """
        run(lib.gm_summary_save, self._handle, encoded(path), int(replace), CONTEXT)

    def __reduce__(self) -> tuple[Any, ...]:
        return _summary_of_bytes, (written("gms", self.save),)

    def __repr__(self) -> str:
        return (
            f"<graphmill.Summary: {self.cost:,} edges for {self.edge_count:,}, {self.supernode_count:,} supernodes of "
            f"{self.node_count:,} nodes>")

    def _repr_html_(self) -> str:
        from ._html import summary

        return summary(self)


def open_summary(path: str | os.PathLike[str]) -> Summary:
    """Reads a summary (``.gms``).

    Raises:
        MissingInputError: there is no such file.
        DataError: it is damaged.
    """
    made = Handle(lib.gm_summary_free)
    run(lib.gm_summary_open, encoded(path), CONTEXT, made.out)
    return Summary(made)


def make(
    graph: Handle, iterations: int, height_limit: int | None, model: str, seed: int, threads: int | None,
    progress: ProgressLike,
) -> Summary:
    """A summary of a graph."""
    options = SummarizeOptions(
        height_limit=height_limit or 0, iterations=iterations, seed=seed, model=encoded(model))
    made = Handle(lib.gm_summary_free)
    run(
        lib.gm_summarize, graph, ctypes.byref(options), CONTEXT, made.out, threads=threads,
        progress=progress)
    return Summary(made)


def _summary_of_bytes(content: bytes) -> Summary:
    return read_back(content, "gms", open_summary)
