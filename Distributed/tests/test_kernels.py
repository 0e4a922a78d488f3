"""Figures of nodes: the same bits as the local command's."""

import numpy as np
import pytest
from conftest import local, ring, rows, skewed, table, write_edges

from graphmill_spark import edges_of, kernels, read_edges
from graphmill_spark.session import kept


@pytest.mark.parametrize("kernel", ["degree", "components"])
def test_whole_numbers(spark, graph, tmp_path, kernel):
    out = tmp_path / "out.tsv"
    local("stats", kernel, graph, "--loops", "drop", "--out", out)
    edges = read_edges(spark, str(graph), partitions=3)
    found = kernels.degrees(edges) if kernel == "degree" else kernels.components(edges)
    name = "degree" if kernel == "degree" else "component"
    assert [column.tolist() for column in rows(found, "node", name)] == [c.tolist() for c in table(out)]


def test_triangles(spark, graph):
    expected = local("stats", "triangles", graph)["triangles"]
    assert kernels.triangles(read_edges(spark, str(graph), partitions=3)) == expected


def test_pagerank(spark, program, graph, tmp_path):
    out = tmp_path / "out.tsv"
    edges = read_edges(spark, str(graph), partitions=3)
    local("stats", "pagerank", graph, "--loops", "drop", "--rounds", 10, "--tolerance", 0, "--out", out)
    nodes, expected = table(out, "if")
    found, scores = rows(kernels.pagerank(edges, program, rounds=10), "node", "score")
    assert found.tolist() == nodes.tolist()
    assert scores.view(np.int64).tolist() == expected.view(np.int64).tolist()


def test_nodes_without_edges(spark, tmp_path):
    path = tmp_path / "edges.tsv"
    path.write_text("1 2\n7 7\n")
    edges = read_edges(spark, str(path), partitions=2)
    assert [c.tolist() for c in rows(kernels.degrees(edges), "node", "degree")] == [[1, 2, 7], [1, 1, 0]]
    assert [c.tolist() for c in rows(kernels.components(edges), "node", "component")] == [[1, 2, 7], [0, 0, 1]]


@pytest.mark.parametrize("shape", ["few", "many", "none linked"])
def test_pagerank_of_nodes_without_edges(spark, program, tmp_path, shape):
    """What lies on such nodes is added up in runs: one, one of several, or all nodes in two of them."""
    loops = {"few": np.arange(5) * 3, "many": np.arange(60_000) * 7, "none linked": np.arange(40_000)}[shape]
    pairs = np.stack([loops, loops], 1)
    if shape != "none linked":
        pairs = np.concatenate([pairs, skewed(3000) % 400_009 if shape == "many" else ring(40)])
    path, out = write_edges(tmp_path / "edges.tsv", pairs), tmp_path / "out.tsv"
    local("stats", "pagerank", path, "--loops", "drop", "--rounds", 4, "--tolerance", 0, "--out", out)
    nodes, expected = table(out, "if")
    edges = read_edges(spark, str(path), partitions=3)
    found, scores = rows(kernels.pagerank(edges, program, rounds=4), "node", "score")
    assert found.tolist() == nodes.tolist()
    assert scores.view(np.int64).tolist() == expected.view(np.int64).tolist()


def test_runs():
    """Of one tenth, ten times in one run and in two."""
    assert kernels._added_in_runs(0.1, np.array([10])) == 0.9999999999999999
    assert kernels._added_in_runs(0.1, np.array([5, 5])) == 1.0
    assert kernels._added_in_runs(0.1, np.zeros(0, int)) == 0.0


def test_what_is_kept_has_its_own_size(spark):
    """Not the product of what was joined: with each turn, that would have twice as many digits."""
    rows = spark.range(100).selectExpr("id as x", "id as y")
    for _ in range(4):
        rows = kept(rows.join(rows.selectExpr("x", "y as z"), "x").select("x", "y"), 2, "x", durable=False)
    assert rows._jdf.queryExecution().optimizedPlan().stats().sizeInBytes() < 10**6 and rows.count() == 100


def test_paths(spark):
    # Paths of several lengths, whose ids go back and forth.
    pairs, expected = [], {}
    for number, length in enumerate([1, 2, 40]):
        ids = [100_000 * number + (i if i % 2 else 10_000 - i) for i in range(length + 1)]
        pairs += zip(ids, ids[1:], strict=False)
        expected |= dict.fromkeys(ids, number)
    edges = edges_of(spark.createDataFrame(pairs, "u bigint, v bigint"), partitions=2)
    nodes, found = rows(kernels.components(edges), "node", "component")
    assert dict(zip(nodes.tolist(), found.tolist(), strict=True)) == expected
