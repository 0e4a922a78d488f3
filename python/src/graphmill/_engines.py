"""Engines: what makes another graph, a tree or a summary of a graph."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, block_array, encoded, run
from ._communities import Partition, Tree, find
from ._library import SparsifyOptions, SparsifyReport, TransformOptions, lib
from ._summary import Summary, make

if TYPE_CHECKING:
    from ._graph import Graph


Array = np.ndarray[Any, Any]


class Sparsified(NamedTuple):
    """A graph of fewer edges."""

    graph: Graph
    edges_before: int
    edges_after: int
    threshold: float
    """The score at the cut; NaN where no edge went."""


class EdgeScores(NamedTuple):
    """Every edge once, ordered by its ends, loops left out; arrays of one length."""

    sources: Array
    """The smaller ends, or the sources of arcs, int64."""
    targets: Array
    scores: Array
    """float64; high means keep."""


_SCORED = np.dtype([("source", np.int64), ("target", np.int64), ("score", np.float64)])


class Engines:
    """The methods of a graph that make something else of it."""

    _handle: Handle

    def _graph(self, made: Handle) -> Graph:
        graph: Any = type(self)
        return graph(made)  # type: ignore[no-any-return]

    def transform(
        self, *, symmetrize: bool = False, simplify: bool = False, lcc: bool = False, relabel: str | None = None,
        threads: int | None = None, progress: ProgressLike = None,
    ) -> Graph:
        """Another graph: without directions, without loops and parallel edges, its largest component, in another order
        of nodes ("degree", "bfs", "rcm", "rabbit"). Names stay with their nodes."""
        options = TransformOptions(
            symmetrize=symmetrize, simplify=simplify, largest_component=lcc, relabel=encoded(relabel))
        made = Handle(lib.gm_graph_free)
        run(
            lib.gm_graph_transform, self._handle, ctypes.byref(options), CONTEXT, made.out, threads=threads,
            progress=progress)
        return self._graph(made)

    def sparsify(
        self, share: float | None = None, *, keep: int | None = None, below: float | None = None, method: str = "teddy",
        keep_forest: bool = False, minimum_degree: int = 0, seed: int = 42, directed: bool = False,
        weighted: bool = False, threads: int | None = None, progress: ProgressLike = None,
    ) -> Sparsified:
        """Removes the edges of the lowest scores.

        Args:
            share: the share of edges to remove, 0 to 1. One of share, keep and below is given.
            keep: the number of edges to keep.
            below: the score below which edges go.
            method: "teddy", "random", "reverse", "degree-product", "local-degree", "jaccard", "triangles".
            keep_forest: whether a spanning forest stays, so that components stay whole.
            minimum_degree: edges that every node keeps.
            directed: whether arcs are rated each, and stay arcs.
            weighted: whether weights stand for counts of neighbors.

        Raises:
            UsageError: an argument out of range.

        Source:
            Seo, Yun, Yang, "TEDDY: Trimming Edges with Degree-based Discrimination Strategy", ICLR 2024.
        """
        amounts = [("share", share), ("keep", keep), ("below", below)]
        given = [(name, value) for name, value in amounts if value is not None]
        if len(given) != 1:
            raise TypeError("one of share, keep and below is to be given")
        options = SparsifyOptions(
            keep_forest=keep_forest, method=encoded(method), amount=encoded(given[0][0]), value=given[0][1],
            minimum_degree=minimum_degree, seed=seed, directed=directed, weighted=weighted)
        report = SparsifyReport()
        made = Handle(lib.gm_graph_free)
        run(
            lib.gm_sparsify, self._handle, ctypes.byref(options), CONTEXT, made.out, ctypes.byref(report),
            threads=threads, progress=progress)
        return Sparsified(self._graph(made), report.edges_before, report.edges_after, report.threshold)

    def edge_scores(
        self, method: str = "teddy", *, seed: int = 42, directed: bool = False, weighted: bool = False,
        threads: int | None = None, progress: ProgressLike = None,
    ) -> EdgeScores:
        """The scores by which :meth:`sparsify` chooses; the arguments are its."""
        options = SparsifyOptions(method=encoded(method), seed=seed, directed=directed, weighted=weighted)
        made = Handle(lib.gm_block_free)
        run(
            lib.gm_edge_scores, self._handle, ctypes.byref(options), CONTEXT, made.out, threads=threads,
            progress=progress)
        table = block_array(made, np.uint8).view(_SCORED)
        return EdgeScores(table["source"], table["target"], table["score"])

    def communities(
        self, method: str = "bottom-up", *, groups: int | None = None, resolution: float = 1, seed: int = 42,
        quality: str = "modularity", iterations: int = 2, threads: int | None = None, progress: ProgressLike = None,
    ) -> Tree:
        """A hierarchy of communities; see :class:`graphmill.Tree`.

        Args:
            method: "bottom-up", "top-down", "paris", "louvain" or "leiden".
            groups: bottom-up: the number of communities; None to find it.
            resolution: Louvain and Leiden: larger makes more groups.
            quality: Louvain and Leiden: "modularity", "directed-modularity" or "bipartite-modularity"; Leiden also "cpm"
                or "rb".
            iterations: Leiden.

        Raises:
            UsageError: an argument out of range; DataError: a negative weight.

        Source:
            Dreveton, Kuroda, Grossglauser, Thiran, arXiv 2306.00833 (bottom-up); Traag, Waltman, van Eck, Scientific
            Reports 9, 2019 (Leiden); Blondel and others, 2008 (Louvain); Bonald and others, 2018 (Paris).
        """
        return find(
            self._handle, method, groups, resolution, seed, quality, iterations, threads=threads, progress=progress)

    def leiden(self, resolution: float = 1, *, seed: int = 42, threads: int | None = None) -> Partition:
        """Leiden's groups: labels of shape [nodes] (-1 for nodes without edges), and their modularity."""
        return self.communities("leiden", resolution=resolution, seed=seed, threads=threads).partition()

    def louvain(self, resolution: float = 1, *, seed: int = 42, threads: int | None = None) -> Partition:
        """Louvain's groups: labels of shape [nodes] (-1 for nodes without edges), and their modularity."""
        return self.communities("louvain", resolution=resolution, seed=seed, threads=threads).partition()

    def summarize(
        self, *, iterations: int = 20, height_limit: int | None = None, model: str = "hierarchical", seed: int = 42,
        threads: int | None = None, progress: ProgressLike = None,
    ) -> Summary:
        """A smaller graph that stands for exactly the same edges; see :class:`graphmill.Summary`.

        Args:
            iterations: rounds; more give smaller summaries.
            height_limit: of the trees of supernodes; None for no bound.
            model: "hierarchical" or "flat".

        Raises:
            UsageError: an argument out of range.

        Source:
            Lee, Ko, Shin, "SLUGGER: Lossless Hierarchical Summarization of Massive Graphs", ICDE 2022.
        """
        return make(self._handle, iterations, height_limit, model, seed, threads=threads, progress=progress)
