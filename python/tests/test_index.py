"""Indexes of vectors: as hnswlib is used, and beside it."""

import pickle
import threading

import numpy as np
import pytest

import graphmill


@pytest.fixture
def data(random):
    return random.random((2000, 16), np.float32)


@pytest.fixture
def index(data):
    return graphmill.Index.build(data)


def exact(data, queries, k):
    squares = ((queries[:, None, :] - data[None]) ** 2).sum(axis=2)
    return np.argsort(squares, axis=1, kind="stable")[:, :k], np.sort(squares, axis=1)[:, :k]


def test_as_hnswlib_is_used(data, tmp_path):
    index = graphmill.Index(space="l2", dim=16)
    index.init_index(max_elements=2000, ef_construction=200, M=16)
    index.add_items(data, np.arange(2000) + 5)
    index.set_ef(50)
    labels, distances = index.knn_query(data[:100], k=3)
    assert labels.shape == (100, 3) and np.array_equal(labels[:, 0], np.arange(100) + 5) and not distances[:, 0].any()
    index.save_index(tmp_path / "index.bin")
    index.save_index(tmp_path / "index.bin")
    loaded = graphmill.Index(space="l2", dim=16)
    loaded.load_index(tmp_path / "index.bin", max_elements=4000)
    assert loaded.get_current_count() == 2000 and loaded.get_max_elements() == 4000 and loaded.M == 16
    loaded.set_ef(50)
    assert np.array_equal(loaded.knn_query(data[:100], k=3)[0], labels)
    loaded.add_items(data[:2] + 10, [9000, 9001])
    assert loaded.element_count == 2002 and 9001 in loaded.get_ids_list()
    loaded.mark_deleted(9001)
    assert loaded.knn_query(data[1] + 10)[0][0, 0] == 9000
    loaded.compact()
    assert np.allclose(loaded.get_items([5, 9000]), [data[0], data[0] + 10])


def test_answers_are_right(index, data, random):
    queries = random.random((300, 16), np.float32)
    truth, distances = exact(data, queries, 10)
    found = index.search(queries, 10, exact=True)
    assert np.array_equal(found[0], truth) and np.allclose(found[1], distances, atol=1e-5)
    walked = index.search(queries, 10, ef=100, exact=False, threads=1)
    assert np.mean([len(set(a) & set(b)) for a, b in zip(walked[0], truth)]) > 9.5
    for threads in (2, 4):
        assert np.array_equal(index.search(queries, 10, ef=100, exact=False, threads=threads)[0], walked[0])
    one = index.searcher(10, ef=100)
    assert np.array_equal(one(queries[0])[0], index.search(queries[0], 10, ef=100)[0][0])


@pytest.mark.parametrize("space", ["ip", "cosine", "l1"])
def test_spaces(data, space):
    index = graphmill.Index.build(data, space=space)
    query = data[17]
    ids, distances = index.search(query, 5, exact=True)
    expected = {
        "ip": 1 - data @ query, "l1": np.abs(data - query).sum(axis=1),
        "cosine": 1 - data @ query / np.linalg.norm(data, axis=1) / np.linalg.norm(query),
    }[space]
    assert np.allclose(distances[0], np.sort(expected)[:5], atol=1e-5)
    assert set(ids[0]) == set(np.argsort(expected)[:5])
    found = index.within(query, np.sort(expected)[4] + 1e-6, ef=200)
    assert set(ids[0]) <= set(found[0]) and np.allclose(found[1][:5], distances[0], atol=1e-5)


def test_bits_and_bytes(random):
    bits = random.random((300, 70)) < 0.5
    index = graphmill.Index.build(bits, space="hamming")
    assert (index.dtype, index.search(bits[9], 1)[0][0, 0]) == ("bit", 9)
    assert index.search(bits[9], 300)[1][0, -1] == (bits != bits[9]).sum(axis=1).max()
    bytes_ = random.integers(0, 256, (300, 20), np.uint8)
    index = graphmill.Index.build(bytes_, dtype="uint8")
    assert index.search(bytes_[4], 1)[0][0, 0] == 4 and index.search(bytes_[4] + 0.25, 1)[0][0, 0] == 4
    with pytest.raises(ValueError):
        index.add_items(np.full(20, 0.5))


@pytest.mark.parametrize(("dtype", "error"), [("float16", 2**-11), ("bfloat16", 2**-8)])
def test_narrow_floats(random, dtype, error, tmp_path):
    data = 1 + random.random((300, 8), np.float32)
    index = graphmill.Index.build(data, dtype=dtype)
    stored = index.get_items(np.arange(300))
    assert 0 < np.abs(stored - data).max() <= error
    index.save(tmp_path / "index.gmx")
    assert graphmill.Index.open(tmp_path / "index.gmx").dtype == dtype
    ids, distances = index.search(data[3], 1, exact=True)
    assert ids[0, 0] == 3 and np.isclose(distances[0, 0], ((stored[3] - data[3]) ** 2).sum(), rtol=1e-3)


def test_filters(index, data):
    def even(key):
        return key % 2 == 0

    mask = np.arange(2000) % 2 == 0
    expected = index.search(data[:20], 5, filter=even)
    assert not (expected[0] % 2).any()
    for given in (mask, set(range(0, 2000, 2)), np.arange(0, 2000, 2), index.filter(even), list(range(0, 2000, 2))):
        assert np.array_equal(index.search(data[:20], 5, filter=given)[0], expected[0])
    each = index.search(data[:3], 1, filter=[lambda key: key == 7, {8}, None])
    assert each[0].ravel().tolist() == [7, 8, 2]
    few = index.search(data[0], 4, filter={3, 5, 10**9})
    assert set(few[0][0][:2]) == {3, 5} and few[0][0][2:].tolist() == [-1, -1] and np.isinf(few[1][0][2:]).all()
    assert (index.search(data[0], 2, filter=set())[0] == -1).all()
    calls = []
    index.search(data[:50], 5, filter=lambda key: calls.append(key) or True)
    assert len(calls) == 2000
    with pytest.raises(ValueError):
        index.search(data[0], 1, filter=mask[:5])
    with pytest.raises(ValueError):
        index.search(data[:3], 1, filter=[None])


def test_many_answers(data):
    index = graphmill.Index.build(data)
    ids, _ = index.search(np.tile(data, (2, 1)), 2000, exact=True)
    assert (np.sort(ids, axis=1) == np.arange(2000)).all() and np.array_equal(ids[:2000], ids[2000:])


def test_fewer_than_k(data):
    index = graphmill.Index.build(data[:3])
    ids, distances = index.search(data[:2], 5)
    assert (ids[:, 3:] == -1).all() and np.isinf(distances[:, 3:]).all() and (ids[:, :3] >= 0).all()


def test_equal_vectors(data):
    index = graphmill.Index.build(np.tile(data[:1], (500, 1)))
    index.add_items(data[:1])
    assert index.search(data[0], 3)[0].tolist() == [[0, 1, 2]] and index.element_count == 501


def test_codes(index, data):
    index.quantize("uint8")
    assert (index.search(data[:100], 1)[0].ravel() == np.arange(100)).all()
    index.quantize(None)


def test_neighbor_graph(data):
    index = graphmill.Index.build(data[:200], ids=np.arange(200) + 1000)
    graph = index.neighbor_graph(5, symmetry="directed", weighted=True)
    truth, squares = exact(data[:200], data[:200], 6)
    assert (graph.node_count, graph.degree().tolist()) == (200, [5] * 200)
    assert graph.names[0] == 1000 and set(graph.neighbors(0)) == set(truth[0][1:])
    assert np.allclose(np.sort(graph.weights[:5]), np.sqrt(squares[0][1:]), atol=1e-3)


def test_pickle(index, data):
    index.set_ef(33)
    again = pickle.loads(pickle.dumps(index))
    assert again.ef == 33 and np.array_equal(again.search(data[:9], 4)[0], index.search(data[:9], 4)[0])
    empty = pickle.loads(pickle.dumps(graphmill.Index("ip", 3)))
    assert (empty.space, empty.dim, empty.element_count) == ("ip", 3, 0)
    with pytest.raises(TypeError):
        pickle.dumps(index.filter({1}))


def test_mapped(index, data, tmp_path):
    index.save(tmp_path / "index.gmx")
    mapped = graphmill.Index.open(tmp_path / "index.gmx")
    assert (mapped.dim, mapped.space) == (16, "l2")
    assert np.array_equal(mapped.search(data[:9], 4)[0], index.search(data[:9], 4)[0])
    with pytest.raises(graphmill.GraphmillError, match="read-only|mapped|changed"):
        mapped.add_items(data[:1])
    with pytest.raises(graphmill.OutputError):
        index.save(tmp_path / "index.gmx")


def test_changes_beside_searches(data):
    index = graphmill.Index.build(data[:500])
    failures = []

    def ask():
        try:
            for _ in range(50):
                assert (index.search(data[:20], 3)[0] >= 0).all()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for row in range(500, 600):
        index.add_items(data[row])
    for thread in threads:
        thread.join()
    assert not failures and index.element_count == 600


@pytest.mark.parametrize(
    "call",
    [
        lambda index: index.search(np.zeros(15), 1), lambda index: index.search(np.full(16, np.nan), 1),
        lambda index: index.search(np.zeros(16), -1), lambda index: index.search(np.zeros(16), 2**62),
        lambda index: index.search(np.zeros(16), 1, ef=-1), lambda index: index.search(np.zeros(16), 1, ef=2**40),
        lambda index: index.get_items([2001]), lambda index: index.mark_deleted(-1),
        lambda index: index.add_items(np.zeros((2, 16)), [3]), lambda index: index.add_items(np.zeros(16), -4),
        lambda index: index.add_items(np.zeros(16), 2**63 - 1), lambda index: index.set_ef(0),
        lambda index: index.neighbor_graph(-1), lambda index: index.neighbor_graph(3, symmetry="half"),
        lambda index: index.quantize("uint4"), lambda index: graphmill.Index("l3", 4),
        lambda index: graphmill.Index("l2", 0).init_index(), lambda index: graphmill.Index("l2", 2**40).init_index(),
        lambda index: graphmill.Index.build(np.zeros((3, 2)), M=1),
        lambda index: graphmill.Index.build(np.zeros((3, 2)), ef_construction=-1),
        lambda index: graphmill.Index.build(np.full((3, 2), np.inf)),
        lambda index: graphmill.Index.build(np.zeros((3, 2)), ids=[1, 1, 2]),
        lambda index: graphmill.Index.build(np.zeros((3, 2), np.uint8), space="cosine", dtype="uint8"),
    ],
)
def test_refusals(index, call):
    with pytest.raises(ValueError):
        call(index)


def test_a_gap_of_memory_is_no_crash(index):
    with pytest.raises((graphmill.GraphmillError, MemoryError, ValueError)):
        index.search(np.zeros((4, 16), np.float32), 2**30)
