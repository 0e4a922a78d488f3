"""Sparsification: no bit of a score, and no edge kept, differs from the local command's."""

import numpy as np
import pytest
from conftest import GRAPHS, local, rows, table, write_edges

from graphmill_spark import edge_keys, read_edges, scores_of, sparsify
from graphmill_spark.manifest import write_parts
from graphmill_spark.teddy import METHODS, remove_lowest, teddy_nodes


def bits(scores):
    return scores.view(np.int64).tolist()


@pytest.mark.parametrize("method", METHODS)
def test_score_bits(spark, program, graph, tmp_path, method):
    scores = tmp_path / "scores.tsv"
    local("sparsify", graph, tmp_path / "out.tsv", "--remove", 0, "--method", method, "--scores", scores)
    u, v, expected = table(scores, "iif")
    edges = read_edges(spark, str(graph), partitions=3)
    a, b, keys = rows(edge_keys(edges, program, method), "u", "v", "key")
    assert (a.tolist(), b.tolist()) == (u.tolist(), v.tolist())
    assert bits(scores_of(keys, method)) == bits(expected)


def test_kept_edges(spark, program, graph, tmp_path):
    edges = read_edges(spark, str(graph), partitions=3)
    count = edges.count()
    keyed = edge_keys(edges, program).persist()
    for option, value in [
        ("remove", 0.0), ("remove", 0.05), ("remove", 0.3), ("remove", 0.99), ("remove", 1.0), ("keep", 0.9),
        ("keep_edges", 7), ("keep_edges", count + 1), ("threshold", 1e-3),
    ]:
        out = tmp_path / "out.tsv"
        figures = local("sparsify", graph, out, f"--{option.replace('_', '-')}", value, "--force")
        # A small bucket makes the selection go through the digits of ends too.
        kept = remove_lowest(keyed, bucket=50, **{option: value})
        u, v = rows(kept.edges, "u", "v")
        expected = table(out)
        assert (u.tolist(), v.tolist()) == (expected[0].tolist(), expected[1].tolist()), (option, value)
        assert kept.before - kept.removed == figures["edges_after"] == len(u)


@pytest.mark.parametrize(("method", "option", "value"), [
    ("reverse", "remove", 0.4), ("reverse", "threshold", -1e-4), ("reverse", "threshold", 1e-3),
    ("degree-product", "threshold", 1e-3), ("random", "remove", 0.4), ("random", "threshold", 0.25),
    ("triangles", "remove", 0.4), ("jaccard", "threshold", 0.05),
])
def test_kept_edges_of_other_scores(spark, program, tmp_path, method, option, value):
    graph = write_edges(tmp_path / "edges.tsv", GRAPHS["skewed"]())
    out = tmp_path / "out.tsv"
    local("sparsify", graph, out, f"--{option}={value}", "--method", method)
    kept = sparsify(read_edges(spark, str(graph), partitions=3), program, method=method, **{option: value})
    u, v = rows(kept.edges, "u", "v")
    assert [u.tolist(), v.tolist()] == [column.tolist() for column in table(out)]


def test_partitions_and_the_order_of_lines_change_nothing(spark, program, tmp_path):
    found = []
    for parts, seed in [(1, 0), (2, 1), (7, 2)]:
        graph = write_edges(tmp_path / f"{seed}.tsv", GRAPHS["skewed"](), seed)
        kept = sparsify(read_edges(spark, str(graph), partitions=parts), program, remove=0.3)
        write_parts(kept.edges, str(tmp_path / f"out-{seed}"), ["u", "v"], partitions=parts)
        written = spark.read.parquet(str(tmp_path / f"out-{seed}"))
        found.append([column.tolist() for column in rows(written, "u", "v", "key")])
    assert found[0] == found[1] == found[2]


def test_hubs_by_broadcast(spark, program, tmp_path):
    graph = write_edges(tmp_path / "edges.tsv", GRAPHS["skewed"]())
    edges = read_edges(spark, str(graph), partitions=3)
    found = [
        [column.tolist() for column in rows(edge_keys(edges, program, hub=hub), "u", "v", "key")]
        for hub in (None, 40, 0, 10**9)]
    assert found[0] == found[1] == found[2] == found[3]


def test_a_hub_in_many_frames(spark, program):
    """200,000 neighbors of one node: the sum goes on over the borders of frames."""
    from graphmill_spark import edges_of

    leaves = 200_000
    edges = edges_of(spark.range(1, leaves + 1).selectExpr("0L as u", "id as v"), partitions=2)
    hub = teddy_nodes(edges, program).where("w = 0").collect()[0]
    total = 0.0
    for _ in range(leaves):
        total += 1.0
    inverse = 1 / float(leaves)
    assert (hub.d, hub.s) == (leaves, total * inverse * inverse)
