"""Communities: a tree, flat cuts of it, and what other libraries draw."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, address, block, call, encoded, names_table, run, view
from ._library import CommunityOptions, TreeView, lib

Array = np.ndarray[Any, Any]


class Partition(NamedTuple):
    """Groups of nodes."""

    labels: Array
    """The group of each node, shape [nodes], int32, from 0; -1 for nodes without edges that were set aside."""
    modularity: float


class Tree:
    """A hierarchy of communities: leaves are groups of nodes (of Paris: single nodes), inner nodes join them.

    Made by :meth:`graphmill.Graph.communities`. Tree nodes are numbered: leaves first, then inner nodes, each behind
    all that is below it, the root last.

    Example:
        >>> graph = graphmill.from_edges([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])
        >>> tree = graph.communities("leiden")
        >>> tree.labels().tolist()
        [0, 0, 0, 1, 1, 1]
    """

    def __init__(self, handle: Handle, method: str) -> None:
        self._handle = handle
        seen = TreeView()
        call(lib.gm_tree_get_view, handle, ctypes.byref(seen))
        #: How it was found.
        self.method = method
        #: The number of leaves.
        self.leaf_count: int = seen.leaves
        #: The depth of the deepest leaf.
        self.height: int = seen.height
        #: The parent of each tree node, int32; -1 for the root.
        self.parents = view(seen.parents, (seen.tree_nodes,), np.int32, handle)
        #: Nodes of the graph below each tree node, int64.
        self.sizes = view(seen.sizes, (seen.tree_nodes,), np.int64, handle)
        #: How tightly the parts of each tree node are joined, float64; NaN where that is not defined.
        self.similarities = view(seen.similarities, (seen.tree_nodes,), np.float64, handle)
        #: The leaf of each node of the graph, int32; -1 for nodes without edges that were set aside.
        self.leaves = view(seen.leaf_of_node, (seen.graph_nodes,), np.int32, handle)

    def partition(self, groups: int | None = None, *, depth: int | None = None, cut: str | None = None) -> Partition:
        """A flat cut, with its modularity.

        Args:
            groups: exactly that many.
            depth: the groups at a depth; the root has 0.
            cut: "modularity", "description-length" or "gap": the best one of a bottom-up tree.
                Without any of the three, the cut that the method usually gives.

        Raises:
            UsageError: the tree has no such cut.
        """
        if sum(value is not None for value in (groups, depth, cut)) > 1:
            raise TypeError("one of groups, depth and cut is to be given, or none")
        name = "groups" if groups is not None else "depth" if depth is not None else cut
        value = groups if groups is not None else depth if depth is not None else 0
        labels, modularity = np.empty(self.leaves.size, np.int32), ctypes.c_double()
        call(
            lib.gm_tree_labels, self._handle, encoded(name), value, address(labels), labels.size,
            ctypes.byref(modularity))
        return Partition(labels, modularity.value)

    def labels(self, groups: int | None = None, *, depth: int | None = None, cut: str | None = None) -> Array:
        """The labels of :meth:`partition`."""
        return self.partition(groups, depth=depth, cut=cut).labels

    def newick(self, names: Any = None) -> str:
        """The tree in Newick form, with branch lengths.

        Args:
            names: one a leaf; None for numbers.
        """
        if names is None:
            return bytes(block(lib.gm_tree_newick, self._handle, None, None, dtype=np.uint8)).decode()
        if len(names) != self.leaf_count:
            raise ValueError(f"{len(names)} names for {self.leaf_count} leaves")
        offsets, text = names_table(names)
        return bytes(
            block(lib.gm_tree_newick, self._handle, address(offsets), text, dtype=np.uint8)).decode()

    def linkage(self) -> Array:
        """The linkage of ``scipy.cluster.hierarchy`` over the leaves: float64, shape [leaves - 1, 4]."""
        return block(lib.gm_tree_linkage, self._handle, dtype=np.float64).reshape(-1, 4)

    def to_networkx(self) -> Any:
        """The tree as a ``networkx.DiGraph`` of arcs from parents, with attributes ``size`` and ``similarity``."""
        import networkx

        made = networkx.DiGraph()
        for node, (parent, size, similarity) in enumerate(
            zip(self.parents.tolist(), self.sizes.tolist(), self.similarities.tolist())
        ):
            made.add_node(node, size=size, similarity=similarity)
            if parent >= 0:
                made.add_edge(parent, node)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a tree is not pickled: keep its labels, newick() or linkage(), or find it again")

    def __repr__(self) -> str:
        return f"<graphmill.Tree: {self.method}, {self.leaf_count:,} leaves, {self.height} levels>"

    def _repr_html_(self) -> str:
        from ._html import tree

        return tree(self)


def find(
    graph: Handle, method: str, groups: int | None, resolution: float, seed: int, quality: str, iterations: int,
    threads: int | None, progress: ProgressLike,
) -> Tree:
    """Communities of a graph."""
    options = CommunityOptions(
        iterations=iterations, method=encoded(method), resolution=resolution, seed=seed, quality=encoded(quality),
        communities=groups or 0)
    made = Handle(lib.gm_tree_free)
    run(
        lib.gm_communities, graph, ctypes.byref(options), CONTEXT, made.out, threads=threads,
        progress=progress)
    return Tree(made, method)
