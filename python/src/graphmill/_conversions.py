"""Graphs for other libraries."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

Array = np.ndarray[Any, Any]


class _Rows(Protocol):
    """What conversions need of a graph."""

    node_count: int
    arc_count: int
    is_directed: bool

    @property
    def indptr(self) -> Array: ...
    @property
    def indices(self) -> Array: ...
    @property
    def weights(self) -> Array | None: ...
    @property
    def names(self) -> Array: ...
    def edges(self) -> tuple[Array, Array, Array | None]: ...


class Conversions:
    """The methods of a graph that hand it to other libraries."""

    def to_scipy(self: _Rows, dtype: Any = None, data: str = "ones") -> Any:
        """The graph as a ``scipy.sparse.csr_array``, which shares the indices.

        Args:
            dtype: of the values; None for float64.
            data: values of a graph without weights: "ones", or "view" for a single 1 that all entries share, which
                costs no memory and cannot be changed in place.
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

    def to_networkx(self: _Rows) -> Any:
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

    def to_igraph(self: _Rows) -> Any:
        """The graph as one of igraph, with vertex attribute ``name`` and, where there are weights, ``weight``."""
        import igraph

        sources, targets, weights = self.edges()
        made = igraph.Graph(
            n=self.node_count, edges=np.column_stack([sources, targets]).tolist(), directed=self.is_directed)
        made.vs["name"] = [str(name) for name in self.names.tolist()]
        if weights is not None:
            made.es["weight"] = weights.tolist()
        return made
