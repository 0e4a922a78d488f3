"""Graphs of no nodes, of one, of loops and parallel edges: every method answers, or says why not."""

import pickle

import numpy as np
import pytest

import graphmill

GRAPHS = {
    "nothing": lambda: graphmill.from_edges([], []),
    "one node": lambda: graphmill.from_edges([], [], ids="dense", nodes=1),
    "nodes alone": lambda: graphmill.from_edges([], [], ids="dense", nodes=70),
    "a loop": lambda: graphmill.from_edges([0], [0]),
    "an arc": lambda: graphmill.from_edges([0], [1], directed=True),
    "arcs and loops": lambda: graphmill.from_edges([0, 1, 1, 2], [1, 0, 1, 2], [1.0, 0, 2, 3], directed=True),
    "parallel edges": lambda: graphmill.from_edges([0, 0, 1, 1], [1, 1, 2, 1], duplicates="keep"),
    "negative weights": lambda: graphmill.from_edges([0, 1], [1, 2], [-1.0, 2]),
    "huge weights": lambda: graphmill.from_edges([0, 1, 2], [1, 2, 0], [1e308, 1e-308, 5e-324]),
    "texts": lambda: graphmill.from_edges(["a", "é"], ["é", "z" * 500]),
    "a star": lambda: graphmill.from_edges(np.zeros(300, int), np.arange(1, 301)),
}

METHODS = {
    **{f"communities {method}": lambda graph, method=method: whole(graph.communities(method), graph)
       for method in ("bottom-up", "top-down", "paris", "louvain", "leiden")},
    "bfs": lambda graph: graph.bfs(0, parents=True) if graph.node_count else None,
    "components": lambda graph: graph.components(),
    "cores": lambda graph: graph.core_numbers(),
    "edges": lambda graph: graph.edges(),
    "html": lambda graph: graph._repr_html_(),
    "names": lambda graph: [graph.node(name) for name in graph.names.tolist()],
    "pagerank": lambda graph: graph.pagerank(),
    "pickle": lambda graph: same(pickle.loads(pickle.dumps(graph)), graph),
    "scipy": lambda graph: graph.to_scipy(),
    "sparsify": lambda graph: [
        graph.sparsify(0.5, method=method, keep_forest=True)
        for method in ("teddy", "random", "reverse", "degree-product", "local-degree", "jaccard", "triangles")],
    "summarize": lambda graph: same(graph.summarize(iterations=2).restore(), graph),
    "transform": lambda graph: [
        graph.transform(symmetrize=True, simplify=True, lcc=True, relabel=order)
        for order in ("degree", "bfs", "rcm", "rabbit")],
    "triangles": lambda graph: (graph.triangles(), graph.triangle_count()),
}


def same(one, other):
    assert one.fingerprint == other.fingerprint


def whole(tree, graph):
    labels = tree.labels()
    assert labels.shape == (graph.node_count,) and labels.max(initial=-1) < max(1, graph.node_count)
    assert len(tree.linkage()) == max(0, tree.leaf_count - 1)
    tree.newick()
    tree.labels(depth=1)
    tree._repr_html_()


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_answers(name, method):
    graph = GRAPHS[name]()
    try:
        METHODS[method](graph)
    except graphmill.DataError as error:
        # A method that needs weights of a kind says so.
        assert "weights" in name and error.kind in ("bad-weight", "weight-range", "weight-not-finite"), error
