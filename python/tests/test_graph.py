"""What graphs hold and compute, beside NumPy, SciPy and networkx."""

import pickle

import networkx
import numpy as np
import pytest
import scipy.sparse
from conftest import KARATE

import graphmill


def test_views_outlive_the_graph(pairs):
    made = graphmill.from_edges(pairs, weight=np.arange(500.0))
    copies = [array.copy() for array in (made.indptr, made.indices, made.weights)]
    views = [made.indptr, made.indices, made.weights, made.names]
    del made
    for array, copy in zip(views, copies):
        assert not array.flags.writeable and np.array_equal(array, copy)


def test_rows(karate):
    assert karate.neighbors(0).tolist() == karate.indices[: karate.degree(0)].tolist()
    for bad in (-1, 34):
        with pytest.raises(IndexError):
            karate.neighbors(bad)


def test_edges(karate):
    sources, targets, weights = karate.edges()
    assert (len(sources), weights) == (78, None)
    again = graphmill.from_edges(karate.names[sources], karate.names[targets])
    assert again.fingerprint == karate.fingerprint


def test_files(karate, tmp_path):
    path = tmp_path / "karate.gmg"
    karate.write(path)
    with pytest.raises(graphmill.OutputError) as caught:
        karate.write(path)
    assert caught.value.file == str(path) and isinstance(caught.value, OSError)
    karate.write(path, replace=True)
    for verify in ("quick", "safe", "deep"):
        assert graphmill.open(path, verify=verify).fingerprint == karate.fingerprint
    karate.write(tmp_path / "karate.graphml")
    assert graphmill.read(tmp_path / "karate.graphml").edge_count == 78


def test_errors(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        graphmill.read(tmp_path / "none.tsv")
    assert isinstance(missing.value, graphmill.MissingInputError)
    with pytest.raises(ValueError, match="null byte"):
        graphmill.read(f"{KARATE}\0")
    path = tmp_path / "bad.mtx"
    path.write_text("%%MatrixMarket matrix coordinate pattern general\n3 3 2\n1 2\n9 1\n")
    with pytest.raises(graphmill.DataError) as bad:
        graphmill.read(path)
    error = bad.value
    assert (error.kind, error.line, error.field, error.file) == ("id-out-of-range", 4, "9", str(path))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.byte, type(again)) == (str(error), error.byte, graphmill.DataError)
    (tmp_path / "e.parquet").write_bytes(b"PAR1" + bytes(64) + b"PAR1")
    with pytest.raises(graphmill.GraphmillError):
        graphmill.read(tmp_path / "e.parquet")


def test_pickle(karate):
    again = pickle.loads(pickle.dumps(karate))
    assert again.fingerprint == karate.fingerprint and again.names.tolist() == karate.names.tolist()


def test_transform():
    made = graphmill.from_edges([0, 1, 1, 5], [1, 0, 1, 6], directed=True)
    changed = made.transform(symmetrize=True, simplify=True, lcc=True)
    assert (changed.node_count, changed.edge_count, changed.is_directed) == (2, 1, False)
    assert made.transform(relabel="degree").edge_count == made.edge_count
    with pytest.raises(graphmill.UsageError):
        made.transform(relabel="random")


def test_kernels(pairs):
    made = graphmill.from_edges(pairs).transform(simplify=True)
    reference = networkx.from_scipy_sparse_array(made.to_scipy())
    components = made.components()
    assert components.count == networkx.number_connected_components(reference)
    assert components.sizes.sum() == made.node_count
    found = made.bfs(0, parents=True)
    ways = networkx.single_source_shortest_path_length(reference, 0)
    assert {v: d for v, d in enumerate(found.distances.tolist()) if d >= 0} == ways
    assert found.parents[0] == 0
    ranks = networkx.pagerank(reference, tol=1e-12)
    assert np.allclose(made.pagerank(tolerance=1e-12).scores, [ranks[v] for v in range(made.node_count)], atol=1e-8)
    assert made.core_numbers().tolist() == list(networkx.core_number(reference).values())
    assert made.triangles().tolist() == list(networkx.triangles(reference).values())
    assert 3 * made.triangle_count() == made.triangles().sum()


def test_kernel_refusals(karate):
    for call in (
        lambda: karate.bfs(34), lambda: karate.bfs(-1), lambda: karate.pagerank(damping=1),
        lambda: karate.pagerank(rounds=-4), lambda: karate.pagerank(restart=np.zeros(34)),
        lambda: karate.pagerank(restart=[1.0]),
    ):
        with pytest.raises(ValueError):
            call()


def test_pagerank_without_damping(karate):
    assert np.allclose(karate.pagerank(damping=0).scores, 1 / 34)


def test_sparsify(karate):
    half = karate.sparsify(0.5)
    assert (half.edges_before, half.edges_after, half.graph.edge_count) == (78, 39, 39)
    assert karate.sparsify(keep=40, keep_forest=True).graph.components().count == 1
    assert karate.sparsify(below=np.inf).edges_after == 0
    for call in (
        lambda: karate.sparsify(1.5), lambda: karate.sparsify(float("nan")),
        lambda: karate.sparsify(0.1, method="best"),
        lambda: karate.sparsify(keep=0.5), lambda: karate.sparsify(0.1, minimum_degree=-1),
    ):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(TypeError):
        karate.sparsify()


def test_scipy(karate):
    matrix = karate.to_scipy()
    assert (matrix != matrix.T).nnz == 0 and np.shares_memory(matrix.indices, karate.indices)
    assert np.array_equal(matrix @ np.ones(34), karate.degree())
    single = karate.to_scipy(data="view")
    assert single.data.strides == (0,) and np.array_equal(single @ np.ones(34), karate.degree())
    again = graphmill.from_scipy(matrix, weighted=False)
    assert np.array_equal(again.indices, karate.indices) and not again.is_directed
    assert np.shares_memory(again.indices, matrix.indices)


def test_scipy_kinds(random):
    dense = np.triu(random.random((20, 20)) < 0.3, 1) * random.random((20, 20))
    for made in (scipy.sparse.coo_array(dense), scipy.sparse.csc_matrix(dense), scipy.sparse.csr_array(dense)):
        graph = graphmill.from_scipy(made)
        assert graph.is_directed and np.allclose(graph.to_scipy().toarray(), dense)
    assert not graphmill.from_scipy(scipy.sparse.csr_array(dense + dense.T)).is_directed
    with pytest.raises(graphmill.DataError, match="lacks one of its two arcs"):
        graphmill.from_scipy(scipy.sparse.csr_array(dense), directed=False)
    with pytest.raises(ValueError):
        graphmill.from_scipy(scipy.sparse.csr_array(np.ones((2, 3))))


def test_borrowed_arrays_are_given_back():
    from graphmill._interchange import _borrowed

    before = len(_borrowed)
    matrix = scipy.sparse.csr_array(np.array([[0.0, 1], [1, 0]]))
    made = graphmill.from_scipy(matrix)
    other = made.transform(simplify=True)
    assert len(_borrowed) == before + 1
    del made, matrix
    assert other.indices.tolist() == [1, 0]
    del other
    assert len(_borrowed) == before
    with pytest.raises(graphmill.DataError):
        graphmill.from_scipy(scipy.sparse.csr_array(np.array([[0.0, np.nan], [np.nan, 0]])))
    assert len(_borrowed) == before


@pytest.mark.parametrize("kind", [networkx.Graph, networkx.DiGraph, networkx.MultiGraph])
def test_networkx(kind):
    given = kind()
    given.add_weighted_edges_from([("x", "b", 2.0), ("b", "c", 1.0)])
    given.add_node("alone")
    made = graphmill.from_networkx(given)
    assert made.names.tolist() == ["x", "b", "c", "alone"] and made.is_directed == given.is_directed()
    again = made.to_networkx()
    assert {frozenset(pair) for pair in again.edges()} == {frozenset(pair[:2]) for pair in given.edges()}
    assert again["x"]["b"]["weight"] == 2 and "alone" in again


def test_igraph():
    igraph = pytest.importorskip("igraph")
    given = igraph.Graph.Famous("Zachary")
    made = graphmill.from_igraph(given)
    assert (made.node_count, made.edge_count) == (34, 78)
    assert made.to_igraph().get_edgelist() == sorted(given.get_edgelist())


def test_what_is_shown(karate):
    assert repr(karate) == "<graphmill.Graph: 34 nodes, 78 edges, undirected>"
    for shown in (karate, karate.communities("leiden"), karate.communities("paris"), karate.summarize()):
        html = shown._repr_html_()
        assert html.startswith("<div") and "<svg" in html and "nan" not in html


def test_read_options():
    read = graphmill.read(KARATE, directed=True, ids="string", loops="drop", columns=[1, 0])
    assert read.is_directed and isinstance(read.names[0], str)
    with pytest.raises(graphmill.UsageError, match="there is no such format"):
        graphmill.read(KARATE, format="xls")
