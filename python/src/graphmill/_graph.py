"""Graphs: immutable, in memory or mapped, their arrays shared with numpy."""

from __future__ import annotations

import ctypes
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, call, encoded, run, thread_count, view
from ._capsules import stream_capsule
from ._library import (
    ArrowArrayStream, GraphView, PageRankOptions, SparsifyOptions, SparsifyReport, TransformOptions, WriteOptions, lib,
)

if TYPE_CHECKING:
    from ._communities import Partition, Tree
    from ._summary import Summary

Array = np.ndarray[Any, Any]


class EdgeReport(NamedTuple):
    """What became of the edges of an input."""

    edges: int
    """Edges that came in."""
    duplicates: int
    """Edges merged into an equal one."""
    self_loops: int
    """Self-loops among the edges that came in."""
    isolated: int
    """Nodes without an edge."""


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


class Sparsified(NamedTuple):
    """A graph of fewer edges."""

    graph: Graph
    edges_before: int
    edges_after: int
    threshold: float
    """The score at the cut; NaN where no edge went."""


class Graph:
    """An immutable graph in compressed sparse rows.

    Made by :func:`graphmill.read`, :func:`graphmill.open`, :func:`graphmill.from_edges` and others. Nodes are numbered
    from 0; what the input called them is in :attr:`names`. An undirected graph has both arcs of an edge.

    The arrays are those of the library, read-only and without a copy; they stay valid when the graph is gone.

    Example:
        >>> import graphmill
        >>> graph = graphmill.from_edges([0, 1, 2], [1, 2, 0])
        >>> graph.node_count, graph.edge_count, graph.neighbors(0).tolist()
        (3, 3, [1, 2])
    """

    def __init__(self, handle: Handle, report: EdgeReport | None = None) -> None:
        self._handle = handle
        self._names: Array | None = None
        #: What became of the edges of the input; None for graphs that were opened or made of other graphs.
        self.report = report
        seen = GraphView()
        call(lib.gm_graph_get_view, handle, ctypes.byref(seen))
        self._view = seen
        #: Whether arcs have a direction.
        self.is_directed = bool(seen.directed)
        #: Whether parallel edges were kept.
        self.is_multigraph = bool(seen.multigraph)
        #: Whether any edge joins a node to itself.
        self.has_loops = bool(seen.loops)
        #: The number of nodes.
        self.node_count: int = seen.nodes
        #: The number of edges; arcs where the graph is directed.
        self.edge_count: int = seen.edges
        #: Entries of :attr:`indices`.
        self.arc_count: int = seen.arcs

    # What is in it

    @property
    def indptr(self) -> Array:
        """Where the row of each node begins in :attr:`indices`: int64, shape [nodes + 1]."""
        return view(self._view.offsets, (self.node_count + 1,), np.int64, self._handle)

    @property
    def indices(self) -> Array:
        """The neighbors of all nodes, ascending in each row: int32 (int64 from 2^31 nodes on), shape [arcs]."""
        if self._view.target_bytes == 8:
            return view(self._view.targets, (self.arc_count,), np.int64, self._handle)
        narrow = np.int32 if self.node_count <= 2**31 else np.uint32
        return view(self._view.targets, (self.arc_count,), narrow, self._handle)

    @property
    def weights(self) -> Array | None:
        """The weight of each arc: float64, shape [arcs]; None for a graph without weights."""
        if not self._view.weights:
            return None
        return view(self._view.weights, (self.arc_count,), np.float64, self._handle)

    @property
    def names(self) -> Array:
        """What the nodes are called, shape [nodes]: unsigned integers, or texts as objects."""
        if self._names is None:
            self._names = self._read_names()
        return self._names

    def _read_names(self) -> Array:
        n = self.node_count
        if self._view.names == 0:
            return np.arange(n, dtype=np.uint64)
        if self._view.names == 1:
            return view(self._view.ids, (n,), np.uint64, self._handle)
        offsets = view(self._view.label_offsets, (n + 1,), np.int64, self._handle).tolist()
        bytes_ = view(self._view.label_bytes, (offsets[-1],), np.uint8, self._handle).tobytes()
        names = np.empty(n, object)
        for node in range(n):
            names[node] = bytes_[offsets[node] : offsets[node + 1]].decode("utf-8", "replace")
        names.flags.writeable = False
        return names

    def node(self, name: int | str) -> int:
        """The number of the node of a name.

        Raises:
            KeyError: where no node has it.
        """
        found = ctypes.c_int64()
        call(lib.gm_graph_find, self._handle, str(name).encode(), ctypes.byref(found))
        if found.value < 0:
            raise KeyError(name)
        return found.value

    def neighbors(self, node: int) -> Array:
        """The neighbors of a node, ascending; a view."""
        low, high = self._row(node)
        return self.indices[low:high]

    def degree(self, node: int | None = None) -> Any:
        """The degree of a node, or of all nodes: int64, shape [nodes]. A loop counts 1; of arcs, those that leave."""
        if node is None:
            return np.diff(self.indptr)
        low, high = self._row(node)
        return high - low

    def _row(self, node: int) -> tuple[int, int]:
        if not 0 <= node < self.node_count:
            raise IndexError(f"no node {node} among {self.node_count}")
        indptr = self.indptr
        return int(indptr[node]), int(indptr[node + 1])

    def edges(self) -> tuple[Array, Array, Array | None]:
        """Both ends of every edge, each edge of an undirected graph once with the smaller end first, and its weights
        (None for a graph without): arrays of shape [edges]."""
        sources = np.repeat(np.arange(self.node_count, dtype=self.indices.dtype), np.diff(self.indptr))
        targets, weights = self.indices, self.weights
        if self.is_directed:
            return sources, targets, weights
        once = sources <= targets
        return sources[once], targets[once], None if weights is None else weights[once]

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The edges for libraries that take Arrow streams, such as ``polars.DataFrame(graph)``: columns ``source``,
        ``target`` and, where there are weights, ``weight``, with the names of nodes (uint64, or a dictionary of texts)."""
        stream = ArrowArrayStream()
        call(lib.gm_graph_to_stream, self._handle, ctypes.byref(stream))
        return stream_capsule(stream)

    @property
    def fingerprint(self) -> str:
        """A name for the content, 32 hexadecimal digits: equal for equal graphs, however they were read."""
        digits = ctypes.create_string_buffer(33)
        call(lib.gm_graph_fingerprint, self._handle, digits)
        return digits.value.decode()

    # Files

    def write(
        self, path: str | os.PathLike[str], *, format: str | None = None, codec: str | None = None,
        replace: bool = False, threads: int | None = None, progress: ProgressLike = None,
    ) -> None:
        """Writes the graph; the name tells the format, unless that is given. ``.gmg`` opens again in no time.

        A file appears whole or not at all.

        Args:
            format: such as "gmg", "el", "mtx", "graphml".
            codec: of a container: "raw", "varint", "zstd".
            replace: whether a file that is there is replaced.

        Raises:
            OutputError: the file exists, or cannot be written.
            DataError: the format cannot hold the graph.
        """
        options = WriteOptions(replace=replace, format=encoded(format), codec=encoded(codec))
        run(
            lib.gm_graph_write, self._handle, encoded(path), ctypes.byref(options), CONTEXT, threads=threads,
            progress=progress)

    def __reduce__(self) -> tuple[Any, ...]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "graph.gmg"
            self.write(path)
            return _graph_of_bytes, (path.read_bytes(),)

    # Changes: each makes another graph

    def transform(
        self, *, symmetrize: bool = False, simplify: bool = False, lcc: bool = False, relabel: str | None = None,
        threads: int | None = None, progress: ProgressLike = None,
    ) -> Graph:
        """Another graph: without directions, without loops and parallel edges, its largest component, in another order
        of nodes ("degree", "bfs", "rcm", "rabbit"). Names stay with their nodes."""
        options = TransformOptions(
            symmetrize=symmetrize, simplify=simplify, largest_component=lcc, relabel=encoded(relabel))
        return Graph(self._made(lib.gm_graph_transform, ctypes.byref(options), threads=threads, progress=progress))

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
        return Sparsified(Graph(made), report.edges_before, report.edges_after, report.threshold)

    def _made(self, function: Any, *arguments: Any, threads: int | None, progress: ProgressLike) -> Handle:
        made = Handle(lib.gm_graph_free)
        run(function, self._handle, *arguments, CONTEXT, made.out, threads=threads, progress=progress)
        return made

    # Kernels

    def components(self, *, threads: int | None = None, progress: ProgressLike = None) -> Components:
        """The weakly connected components.

        Source:
            Sutton, Ben-Nun, Barak, IPDPS 2018 (Afforest).
        """
        labels = np.empty(self.node_count, np.uint32)
        count = ctypes.c_int64()
        run(
            lib.gm_components, self._handle, CONTEXT, labels.ctypes.data, labels.size, ctypes.byref(count),
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
            lib.gm_bfs, self._handle, source, CONTEXT, distances.ctypes.data,
            None if ways is None else ways.ctypes.data, distances.size, threads=threads, progress=progress)
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
        scores = np.empty(self.node_count, np.float64)
        made, converged = ctypes.c_int64(), ctypes.c_int32()
        run(
            lib.gm_pagerank, self._handle, ctypes.byref(options), CONTEXT, scores.ctypes.data, scores.size,
            ctypes.byref(made), ctypes.byref(converged), threads=threads, progress=progress)
        return PageRank(scores, made.value, bool(converged.value))

    def core_numbers(self, *, threads: int | None = None, progress: ProgressLike = None) -> Array:
        """The largest k for which each node is in the k-core: uint32, shape [nodes].

        Source:
            Batagelj, Zaversnik, arXiv cs/0310049, 2003.
        """
        cores = np.empty(self.node_count, np.uint32)
        run(
            lib.gm_core_numbers, self._handle, CONTEXT, cores.ctypes.data, cores.size, threads=threads,
            progress=progress)
        return cores

    def triangles(self, *, threads: int | None = None, progress: ProgressLike = None) -> Array:
        """The triangles that each node is part of: uint64, shape [nodes]. Their sum is three times the number."""
        counts = np.empty(self.node_count, np.uint64)
        run(
            lib.gm_triangles, self._handle, CONTEXT, None, counts.ctypes.data, counts.size, threads=threads,
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

    # Engines

    def communities(
        self, method: str = "bottom-up", *, groups: int | None = None, resolution: float = 1, seed: int = 42,
        quality: str = "modularity", iterations: int = 2, threads: int | None = None, progress: ProgressLike = None,
    ) -> Tree:
        """A hierarchy of communities; see :class:`graphmill.Tree`.

        Args:
            method: "bottom-up", "top-down", "paris", "louvain" or "leiden".
            groups: bottom-up: the number of communities; None to find it.
            resolution: Louvain and Leiden: larger makes more groups.
            quality: Leiden: "modularity", "cpm" or "rb".
            iterations: Leiden.

        Raises:
            UsageError: an argument out of range; DataError: a negative weight.

        Source:
            Dreveton, Kuroda, Grossglauser, Thiran, arXiv 2306.00833 (bottom-up); Traag, Waltman, van Eck, Scientific
            Reports 9, 2019 (Leiden); Blondel and others, 2008 (Louvain); Bonald and others, 2018 (Paris).
        """
        from ._communities import find

        return find(
            self, method, groups, resolution, seed, quality, iterations, threads=threads, progress=progress)

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
        from ._summary import make

        return make(self, iterations, height_limit, model, seed, threads=threads, progress=progress)

    # Other libraries

    def to_scipy(self, dtype: Any = None, data: str = "ones") -> Any:
        """The graph as a ``scipy.sparse.csr_array``, which shares the indices.

        Args:
            dtype: of the values; None for float64.
            data: values of a graph without weights: "ones", or "view" for a single 1 that all entries share, which costs
                no memory and cannot be changed in place.
        """
        from scipy.sparse import csr_array

        values: Array
        weights = self.weights
        if weights is not None:
            values = weights if dtype is None else weights.astype(dtype)
        elif data == "view":
            values = np.broadcast_to(np.ones((), dtype or np.float64), (self.arc_count,))
        elif data == "ones":
            values = np.ones(self.arc_count, dtype or np.float64)
        else:
            raise ValueError(f"data is 'ones' or 'view', not {data!r}")
        indices, indptr = self.indices, self.indptr
        # Both of one type, or SciPy copies the indices.
        if indices.dtype == np.int32 and self.arc_count < 2**31:
            indptr = indptr.astype(np.int32)
        return csr_array((values, indices, indptr), shape=(self.node_count, self.node_count))

    def to_networkx(self) -> Any:
        """The graph as one of networkx, its nodes called by their names."""
        import networkx

        made = networkx.DiGraph() if self.is_directed else networkx.Graph()
        names = self.names.tolist()
        made.add_nodes_from(names)
        sources, targets, weights = self.edges()
        pairs = zip([names[u] for u in sources.tolist()], [names[v] for v in targets.tolist()])
        if weights is None:
            made.add_edges_from(pairs)
        else:
            made.add_weighted_edges_from((u, v, w) for (u, v), w in zip(pairs, weights.tolist()))
        return made

    def to_igraph(self) -> Any:
        """The graph as one of igraph, with vertex attribute ``name`` and, where there are weights, ``weight``."""
        import igraph

        sources, targets, weights = self.edges()
        made = igraph.Graph(
            n=self.node_count, edges=np.column_stack([sources, targets]).tolist(), directed=self.is_directed)
        made.vs["name"] = [str(name) for name in self.names.tolist()]
        if weights is not None:
            made.es["weight"] = weights.tolist()
        return made

    def __len__(self) -> int:
        return self.node_count

    def __repr__(self) -> str:
        words = "directed" if self.is_directed else "undirected"
        more = ", weighted" if self._view.weights else ""
        return f"<graphmill.Graph: {self.node_count:,} nodes, {self.edge_count:,} edges, {words}{more}>"

    def _repr_html_(self) -> str:
        from ._html import graph

        return graph(self)


def opened(
    path: str | os.PathLike[str], verify: str = "safe", mapped: bool = True, threads: int | None = None
) -> Graph:
    """A graph of a container."""
    made = Handle(lib.gm_graph_free)
    run(
        lib.gm_graph_open, encoded(path), encoded(verify), int(mapped), CONTEXT, made.out,
        threads=thread_count(threads))
    return Graph(made)


def _graph_of_bytes(content: bytes) -> Graph:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.gmg"
        path.write_bytes(content)
        return opened(path, mapped=False)
