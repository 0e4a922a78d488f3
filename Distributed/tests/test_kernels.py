"""Figures of nodes: the same bits as the local command's."""

import numpy as np
import pytest
from conftest import local, rows, table

from graphmill_spark import MillError, kernels, read_edges


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
    # The ring is settled from the first round on, and then the local command stops.
    found, scores = rows(kernels.pagerank(edges, program, rounds=10), "node", "score")
    assert found.tolist() == nodes.tolist()
    assert scores.view(np.int64).tolist() == expected.view(np.int64).tolist()


def test_nodes_without_edges(spark, program, tmp_path):
    path = tmp_path / "edges.tsv"
    path.write_text("1 2\n7 7\n")
    edges = read_edges(spark, str(path), partitions=2)
    assert [c.tolist() for c in rows(kernels.degrees(edges), "node", "degree")] == [[1, 2, 7], [1, 1, 0]]
    assert [c.tolist() for c in rows(kernels.components(edges), "node", "component")] == [[1, 2, 7], [0, 0, 1]]
    with pytest.raises(MillError) as caught:
        kernels.pagerank(edges, program, rounds=3)
    assert caught.value.code == 69


@pytest.mark.parametrize("length", [1, 2, 40])
def test_paths_take_few_rounds(spark, length):
    from graphmill_spark import edges_of

    # A path whose ids go back and forth.
    ids = [i if i % 2 else 10_000 - i for i in range(length + 1)]
    pairs = list(zip(ids, ids[1:], strict=False))
    edges = edges_of(spark.createDataFrame(pairs, "u bigint, v bigint"), partitions=2)
    assert set(rows(kernels.components(edges), "node", "component")[1].tolist()) == {0}
