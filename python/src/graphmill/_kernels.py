"""Kernels: a figure a node, or a number."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, address, holding, run
from ._library import PageRankOptions, lib

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Components:
    """Weak components."""

    count: int
    labels: Array
    """The component of each node, shape [nodes], uint32, numbered by their smallest nodes."""
    sizes: Array
    """Nodes of each component, shape [count]."""


class BFS(NamedTuple):
    """What a breadth-first search found."""

    distances: Array
    """Arcs from the source, shape [nodes], int32; -1 where there is no way."""
    parents: Array | None
    """The node before each, shape [nodes], int64; None unless asked for."""


class PageRank(NamedTuple):
    """Scores of a random walk."""

    scores: Array
    """One a node, float64; they sum to 1."""
    rounds: int
    converged: bool


class Kernels:
    """The methods of a graph that compute a figure for each of its nodes."""

    _handle: Handle
    node_count: int

    def components(self, *, threads: int | None = None, progress: ProgressLike = None) -> Components:
        """The weakly connected components.

        Source:
            Sutton, Ben-Nun, Barak, IPDPS 2018 (Afforest).
        """
        labels = np.empty(self.node_count, np.uint32)
        count = ctypes.c_int64()
        run(
            lib.gm_components, self._handle, CONTEXT, address(labels), labels.size, ctypes.byref(count),
            threads=threads, progress=progress)
        return Components(count.value, labels, np.bincount(labels, minlength=count.value))

    def bfs(
        self, source: int, *, parents: bool = False, threads: int | None = None, progress: ProgressLike = None
    ) -> BFS:
        """Distances from a node, along arcs and without weights.

        Raises:
            UsageError: there is no such node.

        Source:
            Beamer, Asanovic, Patterson, "Direction-optimizing breadth-first search", SC 2012.
        """
        distances = np.empty(self.node_count, np.int32)
        ways = np.empty(self.node_count, np.int64) if parents else None
        run(
            lib.gm_bfs, self._handle, source, CONTEXT, address(distances),
            address(ways), distances.size, threads=threads, progress=progress)
        return BFS(distances, ways)

    def pagerank(
        self, *, damping: float = 0.85, tolerance: float = 1e-9, rounds: int = 200, weighted: bool = True,
        restart: Any = None, threads: int | None = None, progress: ProgressLike = None,
    ) -> PageRank:
        """The share of time that a random walker spends on each node.

        Args:
            damping: the chance to follow an edge instead of jumping, from 0 to below 1.
            tolerance: the change of all scores together at which the rounds end.
            rounds: at most.
            weighted: whether edges are followed in proportion to their weights.
            restart: where jumps land, one weight a node; None for every node alike.

        Raises:
            UsageError: an argument out of range; DataError: a negative weight.

        Source:
            Page, Brin, Motwani, Winograd, 1999.
        """
        places = None if restart is None else np.ascontiguousarray(restart, np.float64)
        if places is not None and places.shape != (self.node_count,):
            raise ValueError(f"restart needs one weight a node, shape ({self.node_count},)")
        options = PageRankOptions(
            ignore_weights=not weighted, damping=damping if damping != 0 else -1, tolerance=tolerance, rounds=rounds,
            restart=None if places is None else places.ctypes.data)
        holding(options, places)
        scores = np.empty(self.node_count, np.float64)
        made, converged = ctypes.c_int64(), ctypes.c_int32()
        run(
            lib.gm_pagerank, self._handle, ctypes.byref(options), CONTEXT, address(scores), scores.size,
            ctypes.byref(made), ctypes.byref(converged), threads=threads, progress=progress)
        return PageRank(scores, made.value, bool(converged.value))

    def core_numbers(self, *, threads: int | None = None, progress: ProgressLike = None) -> Array:
        """The largest k for which each node is in the k-core: uint32, shape [nodes].

        Source:
            Batagelj, Zaversnik, arXiv cs/0310049, 2003.
        """
        cores = np.empty(self.node_count, np.uint32)
        run(
            lib.gm_core_numbers, self._handle, CONTEXT, address(cores), cores.size, threads=threads,
            progress=progress)
        return cores

    def triangles(self, *, threads: int | None = None, progress: ProgressLike = None) -> Array:
        """The triangles that each node is part of: uint64, shape [nodes]. Their sum is three times the number."""
        counts = np.empty(self.node_count, np.uint64)
        run(
            lib.gm_triangles, self._handle, CONTEXT, None, address(counts), counts.size, threads=threads,
            progress=progress)
        return counts

    def triangle_count(self, *, threads: int | None = None, progress: ProgressLike = None) -> int:
        """The number of triangles: sets of three nodes that are all joined.

        Source:
            Chiba, Nishizeki, SIAM Journal on Computing 14, 1985.
        """
        count = ctypes.c_int64()
        run(
            lib.gm_triangles, self._handle, CONTEXT, ctypes.byref(count), None, 0, threads=threads,
            progress=progress)
        return count.value
