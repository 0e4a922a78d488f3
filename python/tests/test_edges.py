"""Graphs of arrays: every kind of integer and stride, names, weights, refusals."""

import numpy as np
import pytest

import graphmill


@pytest.fixture
def expected(tmp_path, pairs):
    """The fingerprint of the same edges, read from a text."""
    path = tmp_path / "edges.tsv"
    np.savetxt(path, pairs, "%d", "\t")
    return graphmill.read(path).fingerprint


@pytest.mark.parametrize("dtype", ["i2", "i4", "i8", "u2", "u4", "u8", ">i4", "O"])
def test_every_kind_of_integer(pairs, expected, dtype):
    made = graphmill.from_edges(pairs[:, 0].astype(dtype), pairs[:, 1].astype(dtype))
    assert made.fingerprint == expected


def test_every_layout(pairs, expected):
    backwards = np.ascontiguousarray(pairs[::-1])[::-1]
    wide = np.zeros((len(pairs), 7), np.int32)
    wide[:, 2], wide[:, 5] = pairs[:, 0], pairs[:, 1]
    for given in (pairs, np.asfortranarray(pairs), pairs.tolist(), backwards):
        assert graphmill.from_edges(given).fingerprint == expected
    assert graphmill.from_edges(wide[:, 2], wide[:, 5]).fingerprint == expected


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_change_nothing(pairs, expected, threads):
    assert graphmill.from_edges(pairs, threads=threads).fingerprint == expected


def test_large_ids():
    made = graphmill.from_edges(np.array([2**40, 5], np.int64), np.array([7, 2**63], np.uint64))
    assert made.names.tolist() == [5, 7, 2**40, 2**63]


def test_dense_ids():
    made = graphmill.from_edges([0], [2], ids="dense", nodes=5)
    assert (made.node_count, made.degree().tolist()) == (5, [1, 0, 1, 0, 0])
    with pytest.raises(graphmill.DataError) as caught:
        graphmill.from_edges([0], [5], ids="dense", nodes=5)
    assert caught.value.kind == "id-out-of-range"


def test_weights_and_duplicates():
    made = graphmill.from_edges([0, 0, 1], [1, 1, 2], [1, 2.5, 4], directed=True)
    assert (made.weights.tolist(), made.report.duplicates) == ([3.5, 4], 1)
    assert graphmill.from_edges([0, 0], [1, 1], np.array([3, 5], np.int8), duplicates="max").weights.tolist() == [5, 5]
    assert graphmill.from_edges([0, 0], [1, 1], duplicates="keep").is_multigraph


def test_texts():
    made = graphmill.from_edges(["bob", "ann", "éva"], ["cy", "bob", "ann"])
    assert made.names.tolist() == ["ann", "bob", "cy", "éva"]
    assert made.neighbors(made.node("ann")).tolist() == [1, 3]
    for name in ("dan", "ann\0", ""):
        with pytest.raises(KeyError):
            made.node(name)


def test_no_edges():
    made = graphmill.from_edges([], [])
    assert (made.node_count, made.edge_count, made.indptr.tolist(), made.indices.size) == (0, 0, [0], 0)
    assert graphmill.from_edges(np.empty((0, 2), int), ids="dense", nodes=3).node_count == 3


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (([1, -3], [2, 4]), "id-out-of-range", "source of row 1 is negative"),
        (([1, 3], [2, 4], [1, np.nan]), "weight-not-finite", "row 1"),
    ],
)
def test_refused_rows(arguments, kind, words):
    with pytest.raises(graphmill.DataError, match=words) as caught:
        graphmill.from_edges(*arguments)
    assert caught.value.kind == kind and isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "call",
    [
        lambda: graphmill.from_edges([1.5], [2.5]), lambda: graphmill.from_edges([[1, 2, 3]]),
        lambda: graphmill.from_edges([1, 2], [3]), lambda: graphmill.from_edges([1], ["a"]),
        lambda: graphmill.from_edges([1], [2], [1, 2]), lambda: graphmill.from_edges([1], [2], ids="sparse"),
        lambda: graphmill.from_edges([1], [2], duplicates="join"), lambda: graphmill.from_edges([1], [2], nodes=3),
        lambda: graphmill.from_edges(["a"], ["b"], ids="dense"), lambda: graphmill.from_edges([1], [2], threads=-5),
    ],
)
def test_refused_arguments(call):
    with pytest.raises((TypeError, ValueError)):
        call()
