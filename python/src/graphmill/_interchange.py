"""Graphs of other libraries: SciPy, networkx, igraph."""

from __future__ import annotations

import ctypes
from itertools import chain, compress
from typing import Any

import numpy as np

from ._call import CONTEXT, Handle, run
from ._errors import DataError
from ._graph import Graph
from ._library import CSR, RELEASE, EdgeOptions, lib
from ._sources import from_pairs, named

Array = np.ndarray[Any, Any]


def from_scipy(
    matrix: Any, *, directed: bool | None = None, weighted: bool = True, copy: bool = False, threads: int | None = None
) -> Graph:
    """A graph of a square sparse matrix of SciPy: entry (u, v) is an arc from u to v, its value the weight.

    Indices of 32 bits in canonical order and values of float64 are shared, not copied: do not change them afterwards.
    Explicit zeros are edges.

    Args:
        directed: None for undirected where the matrix is symmetric, else directed.
        weighted: whether values are weights.
        copy: whether the arrays are copied.

    Raises:
        DataError: the matrix is said to be undirected and is not symmetric; a value is not finite.
    """
    if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"the matrix of a graph is square, not of shape {matrix.shape}")
    rows = matrix.tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    indices, indptr = rows.indices, rows.indptr
    if indices.dtype != np.int32 and matrix.shape[0] < 2**31:
        indices = indices.astype(np.int32)
    indices = np.array(indices, copy=True) if copy else np.ascontiguousarray(indices)
    if weighted and np.iscomplexobj(rows.data):
        raise ValueError("weights are real numbers")
    values = None
    if weighted:
        values = np.array(rows.data, np.float64) if copy else np.ascontiguousarray(rows.data, np.float64)

    def made(is_directed: bool) -> Graph:
        return _from_csr(np.ascontiguousarray(indptr), indices, values, is_directed, threads)

    if directed is not None:
        return made(directed)
    try:
        return made(False)
    except DataError as error:
        if error.kind != "not-symmetric":
            raise
    return made(True)


def from_networkx(graph: Any, weight: str | None = "weight", *, threads: int | None = None) -> Graph:
    """A graph of networkx. Nodes keep their order; unless they are 0, 1, … they are called by their texts.

    Args:
        weight: the attribute of edges that is the weight; None for none. Without it on any edge the graph has no
            weights; where only some edges have it, the others weigh 1.
    """
    rows = dict(graph.adjacency())
    nodes, count, directed = list(rows), len(rows), graph.is_directed()
    is_plain = nodes == list(range(count))
    number = {} if is_plain else {node: i for i, node in enumerate(nodes)}

    def numbers(items: Any, size: int) -> Array:
        return np.fromiter(items if is_plain else map(number.__getitem__, items), np.int64, size)

    found: list[Any] = []
    if graph.is_multigraph():
        pairs = numbers(chain.from_iterable(pair[:2] for pair in graph.edges()), 2 * graph.number_of_edges())
        pairs = pairs.reshape(-1, 2)
        if weight is not None:
            found = [value for _, _, value in graph.edges(data=weight)]
    else:
        # Whole rows at a time: much faster than edge by edge.
        degrees = np.fromiter(map(len, rows.values()), np.int64, count)
        targets = numbers(chain.from_iterable(rows.values()), int(degrees.sum()))
        sources = np.repeat(np.arange(count), degrees)
        once = np.ones(targets.size, bool) if directed else sources <= targets
        pairs = np.column_stack([sources[once], targets[once]])
        if weight is not None:
            arcs = chain.from_iterable(near.values() for near in rows.values())
            found = [data.get(weight) for data in compress(arcs, once.tolist())]
    weights = None
    if any(value is not None for value in found):
        weights = np.array([1 if value is None else value for value in found], np.float64)
    made = _numbered(pairs, weights, count, directed, graph.is_multigraph(), threads)
    return made if is_plain else named(made, nodes)


def from_igraph(graph: Any, weight: str | None = None, *, threads: int | None = None) -> Graph:
    """A graph of igraph. Vertices keep their order, and are called by their attribute ``name`` where they have one.

    Args:
        weight: the attribute of edges that is the weight; None for none.
    """
    count = graph.vcount()
    pairs = np.array(graph.get_edgelist(), np.int64).reshape(-1, 2)
    weights = None if weight is None else np.array(graph.es[weight], np.float64)
    made = _numbered(pairs, weights, count, graph.is_directed(), graph.has_multiple(), threads)
    names = graph.vs["name"] if "name" in graph.vs.attributes() else None
    return made if names is None else named(made, names)


# What they share


def _numbered(
    pairs: Array, weights: Array | None, count: int, directed: bool, parallel: bool, threads: int | None
) -> Graph:
    options = EdgeOptions(
        directed=directed, ids=b"dense", duplicates=b"keep" if parallel else b"sum", nodes=count)
    return from_pairs(pairs[:, 0], pairs[:, 1], weights, options, threads, None)


#: Arrays that graphs of the library still use, by a number that the library gives back.
_borrowed: dict[int, tuple[Any, ...]] = {}


def _forget(owner: int) -> None:
    _borrowed.pop(owner, None)


_release = RELEASE(_forget)


def _from_csr(
    indptr: Array, indices: Array, values: Array | None, directed: bool, threads: int | None
) -> Graph:
    arrays = (indptr, indices, values)
    key = id(arrays)
    _borrowed[key] = arrays
    rows = CSR(
        directed=directed, nodes=indptr.size - 1, offsets=indptr.ctypes.data, offset_bytes=indptr.dtype.itemsize,
        target_bytes=indices.dtype.itemsize, targets=indices.ctypes.data,
        weights=None if values is None else values.ctypes.data, release=ctypes.cast(_release, ctypes.c_void_p).value,
        owner=key)
    made = Handle(lib.gm_graph_free)
    run(lib.gm_graph_from_csr, ctypes.byref(rows), CONTEXT, made.out, threads=threads)
    return Graph(made)
