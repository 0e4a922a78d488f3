"""Random graphs of known models; the same seed gives the same graph.

Example:
    >>> from graphmill import generators
    >>> generators.erdos_renyi(100, 300).edge_count
    300
    >>> made = generators.lfr(1000, mixing=0.2)
    >>> made.graph.node_count, made.labels.shape
    (1000, (1000,))
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ._call import CONTEXT, Handle, address, block_array, encoded, holding, run
from ._graph import Graph
from ._library import GenerateOptions, lib

Array = np.ndarray[Any, Any]


class Planted(NamedTuple):
    """A graph whose groups are known."""

    graph: Graph
    labels: Array
    """The group of each node, int32, shape [nodes]."""


class Placed(NamedTuple):
    """A graph whose nodes lie in the unit square."""

    graph: Graph
    positions: Array
    """x and y of each node, float64, shape [nodes, 2]."""


def erdos_renyi(
    nodes: int, edges: int, *, directed: bool = False, seed: int = 42, threads: int | None = None
) -> Graph:
    """A graph with exactly so many edges, all sets of them equally likely; no loops.

    Raises:
        UsageError: more edges than there are pairs.

    Source:
        Erdős, Rényi, "On random graphs I", 1959.
    """
    return _made("er", threads, nodes=nodes, edges=edges, directed=directed, seed=seed)[0]


def rmat(
    nodes: int, edges: int, *, directed: bool = False, seed: int = 42, threads: int | None = None
) -> Graph:
    """A graph of very uneven degrees (0.57, 0.19, 0.19, 0.05); edges drawn twice, and loops, are left out.

    Source:
        Chakrabarti, Zhan, Faloutsos, "R-MAT: a recursive model for graph mining", SDM 2004.
    """
    return _made("rmat", threads, nodes=nodes, edges=edges, directed=directed, seed=seed)[0]


def barabasi_albert(nodes: int, edges_per_node: int = 8, *, seed: int = 42, threads: int | None = None) -> Graph:
    """A graph that grew: each new node is joined to so many old ones, by their degrees.

    Source:
        Barabási, Albert, "Emergence of scaling in random networks", Science 286, 1999.
    """
    return _made("ba", threads, nodes=nodes, degree=edges_per_node, seed=seed)[0]


def watts_strogatz(
    nodes: int, neighbors: int = 16, rewiring: float = 0.1, *, seed: int = 42, threads: int | None = None
) -> Graph:
    """A ring whose nodes are joined to the next ones, some edges with another end.

    Source:
        Watts, Strogatz, "Collective dynamics of 'small-world' networks", Nature 393, 1998.
    """
    return _made("ws", threads, nodes=nodes, degree=neighbors, rewiring=_told(rewiring), seed=seed)[0]


def configuration_model(degrees: Sequence[int] | Array, *, seed: int = 42, threads: int | None = None) -> Graph:
    """A graph of given degrees; pairs drawn twice, and loops, are merged and left out.

    Source:
        Bender, Canfield, "The asymptotic number of labeled graphs with given degree sequences", 1978.
    """
    return _made("config", threads, values=degrees, seed=seed)[0]


def grid(length: int, *lengths: int, periodic: bool = False, threads: int | None = None) -> Graph:
    """A grid with so many nodes along each direction; periodic: the last joined to the first."""
    return _made("grid", threads, values=(length, *lengths), periodic=periodic)[0]


def random_geometric(
    nodes: int, degree: float = 8, *, radius: float | None = None, periodic: bool = False, seed: int = 42,
    threads: int | None = None,
) -> Placed:
    """Nodes in the unit square, joined where they are near: within the radius, or as the mean degree asks."""
    graph, known = _made(
        "geometric", threads, nodes=nodes, degree=degree, radius=radius or 0, periodic=periodic, seed=seed)
    return Placed(graph, block_array(known, np.float64).reshape(-1, 2))


def lfr(
    nodes: int, degree: float = 20, mixing: float = 0.1, *, seed: int = 42, threads: int | None = None
) -> Planted:
    """The benchmark of groups of uneven size and degree; ``mixing`` is the share of edges that leave their group.

    Raises:
        UsageError: no such graph of so many nodes.

    Source:
        Lancichinetti, Fortunato, Radicchi, "Benchmark graphs for testing community detection algorithms", 2008.
    """
    graph, known = _made("lfr", threads, nodes=nodes, degree=degree, mixing=_told(mixing), seed=seed)
    return Planted(graph, block_array(known, np.int32))


def block_model(
    nodes: int, degree: float = 16, *, depth: int = 1, branching: int = 2, ratio: float = 0.3, seed: int = 42,
    threads: int | None = None,
) -> Planted:
    """A block model whose groups form a tree of ``depth`` levels; edges become rarer by ``ratio`` a level up.

    Source:
        Dreveton, Kuroda, Grossglauser, Thiran, arXiv 2306.00833, section 2.
    """
    graph, known = _made(
        "hsbm", threads, nodes=nodes, degree=degree, depth=depth or -1, branching=branching or -1, ratio=_told(ratio),
        seed=seed)
    return Planted(graph, block_array(known, np.int32))


def _told(value: float) -> float:
    """A number for a field of which 0 stands for the usual one."""
    return value if value != 0 else -1.0


def _made(model: str, threads: int | None, **fields: Any) -> tuple[Graph, Handle]:
    values = np.ascontiguousarray(fields.pop("values", ()), dtype=np.int64)
    options = holding(
        GenerateOptions(**fields, values=address(values), count=values.size), values)
    graph, known = Handle(lib.gm_graph_free), Handle(lib.gm_block_free)
    run(
        lib.gm_generate, encoded(model), ctypes.byref(options), CONTEXT, graph.out, known.out, threads=threads)
    return Graph(graph), known
