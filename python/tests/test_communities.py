"""Trees of communities and summaries."""

import pickle

import networkx
import numpy as np
import pytest
from scipy.cluster import hierarchy

import graphmill


@pytest.fixture
def cliques() -> graphmill.Graph:
    """Four cliques of ten nodes in a ring."""
    return graphmill.from_networkx(networkx.ring_of_cliques(4, 10))


@pytest.mark.parametrize("method", ["bottom-up", "top-down", "paris", "louvain", "leiden"])
def test_methods(cliques, method):
    tree = cliques.communities(method)
    labels = tree.labels(4)
    assert [len(set(labels[low : low + 10])) for low in range(0, 40, 10)] == [1] * 4 and labels.max() == 3
    assert np.array_equal(tree.labels(depth=0), np.zeros(40))
    assert tree.parents[-1] == -1 and tree.sizes[-1] == 40 and tree.leaves.shape == (40,)
    assert tree.newick().endswith(";\n") and tree.to_networkx().number_of_nodes() == len(tree.parents)


def test_partition(cliques):
    groups = [set(range(low, low + 10)) for low in range(0, 40, 10)]
    reference = networkx.community.modularity(networkx.ring_of_cliques(4, 10), groups)
    for found in (cliques.leiden(), cliques.louvain()):
        assert found.labels.max() == 3 and abs(found.modularity - reference) < 1e-9
    assert cliques.leiden(resolution=1e-6).labels.max() == 0


def test_linkage(cliques):
    tree = cliques.communities("paris")
    linkage = tree.linkage()
    assert hierarchy.is_valid_linkage(linkage) and len(hierarchy.leaves_list(linkage)) == tree.leaf_count
    names = [f"node {i}" for i in range(tree.leaf_count)]
    assert "'node 7'" in tree.newick(names)
    with pytest.raises(ValueError):
        tree.newick(["one"])


def test_cuts(cliques):
    tree = cliques.communities()
    assert tree.labels(cut="modularity").max() == 3
    for call in (
        lambda: tree.labels(1000), lambda: tree.labels(0), lambda: tree.labels(cut="best"),
        lambda: tree.labels(depth=-1),
        lambda: cliques.communities("leiden").labels(cut="gap"), lambda: cliques.communities("k-means"),
        lambda: cliques.leiden(resolution=-1), lambda: cliques.leiden(resolution=float("nan")),
        lambda: cliques.communities("leiden", iterations=-3), lambda: cliques.communities(groups=-1),
    ):
        with pytest.raises(graphmill.UsageError):
            call()
    with pytest.raises(TypeError):
        tree.labels(2, depth=1)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(tree)


def test_nodes_without_edges():
    made = graphmill.from_edges([0], [1], ids="dense", nodes=3)
    assert made.leiden().labels.tolist() == [0, 0, -1]


def test_summary(cliques, tmp_path):
    summary = cliques.summarize()
    assert summary.cost < summary.edge_count == cliques.edge_count
    for node in range(40):
        assert summary.neighbors(node).tolist() == cliques.neighbors(node).tolist()
    assert summary.has_edge(0, 1) and not summary.has_edge(1, 25)
    assert summary.bfs(3).tolist() == cliques.bfs(3).distances.tolist()
    assert summary.restore().fingerprint == cliques.fingerprint
    path = tmp_path / "cliques.gms"
    summary.save(path)
    for again in (graphmill.open_summary(path), pickle.loads(pickle.dumps(summary))):
        assert again.restore().fingerprint == cliques.fingerprint and again.cost == summary.cost
    with pytest.raises(graphmill.OutputError):
        summary.save(path)


def test_summary_keeps_names_and_weights():
    made = graphmill.from_edges(["a", "b"], ["b", "c"], [1, 2.5], directed=True)
    summary = made.summarize(iterations=3, height_limit=2)
    assert summary.node("c") == 2 and summary.restore().fingerprint == made.fingerprint


def test_summary_refusals(cliques, tmp_path):
    summary = cliques.summarize(iterations=1)
    for call in (
        lambda: summary.neighbors(40), lambda: summary.has_edge(0, -1), lambda: summary.bfs(40),
        lambda: cliques.summarize(iterations=-1), lambda: cliques.summarize(height_limit=-1),
        lambda: cliques.summarize(model="flattest"),
    ):
        with pytest.raises(graphmill.UsageError):
            call()
    (tmp_path / "bad.gms").write_bytes(b"no summary at all")
    with pytest.raises(graphmill.DataError):
        graphmill.open_summary(tmp_path / "bad.gms")
