"""Graphs: immutable, in memory or mapped, their arrays shared with numpy."""

from __future__ import annotations

import ctypes
import os
from typing import Any, NamedTuple

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, call, encoded, node_named, run, thread_count, view
from ._capsules import stream_capsule
from ._conversions import Conversions
from ._engines import Engines
from ._kernels import Kernels
from ._library import ArrowArrayStream, GraphView, WriteOptions, lib
from ._pickles import read_back, written

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


class Graph(Kernels, Engines, Conversions):
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
        return node_named(lib.gm_graph_find, self._handle, name)

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
        ``target`` and, where there are weights, ``weight``, with the names of nodes: uint64, or a dictionary of
        texts."""
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
            codec: of a container: "raw", "packed", "varint", "zstd".
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
        return _graph_of_bytes, (written("gmg", self.write),)

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
    return read_back(content, "gmg", lambda path: opened(path, mapped=False))
