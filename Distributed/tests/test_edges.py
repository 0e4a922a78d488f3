"""Edges from text and Parquet, numbers for ids, and what is refused."""

import gzip

import numpy as np
import pytest
from conftest import local, rows, skewed, table, write_edges

from graphmill_spark import MillError, edges_of, read_edges
from graphmill_spark.manifest import edge_sum, mix
from graphmill_spark.rank import dense_rank


def pairs_of(edges):
    return [tuple(row) for row in sorted((row.u, row.v) for row in edges.pairs.collect())]


def test_every_separator(spark, tmp_path):
    path = tmp_path / "edges.txt"
    path.write_bytes(b"\xef\xbb\xbf# comment\n% other\n1 2\n2\t3\n3, 4\r\n5;6 0.5\n\n  7   8  \n2 1\n9 9\n")
    edges = read_edges(spark, str(path), partitions=3)
    assert pairs_of(edges) == [(1, 2), (2, 3), (3, 4), (5, 6), (7, 8)]
    assert sorted(row.u for row in edges.nodes.collect()) == list(range(1, 10))


def test_the_same_graph_as_the_local_reader(spark, graph):
    edges = read_edges(spark, str(graph), partitions=4)
    figures = local("info", graph, "--loops", "drop")
    assert (edges.nodes.count(), edges.count()) == (figures["nodes"], figures["edges"])


def test_gzip_and_parquet(spark, tmp_path):
    plain = write_edges(tmp_path / "edges.tsv", skewed(800))
    zipped = tmp_path / "edges.tsv.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    first = read_edges(spark, str(plain), partitions=3)
    first.arcs.selectExpr("u", "cast(v as bigint) as v").write.parquet(str(tmp_path / "parts"))
    expected = pairs_of(first)
    for path in (zipped, tmp_path / "parts"):
        assert pairs_of(read_edges(spark, str(path), partitions=3)) == expected


@pytest.mark.parametrize("line", ["a b", "1", "1 -2", "1 2.5", "1 9223372036854775808"])
def test_lines_that_are_no_edges(spark, tmp_path, line):
    path = tmp_path / "edges.txt"
    path.write_text(f"1 2\n{line}\n")
    with pytest.raises(MillError, match=line.split()[0]) as caught:
        read_edges(spark, str(path), partitions=2)
    assert caught.value.code == 65


NAMES = "# from\tto\nZoë\tada\nada\tBo Ek\n bob \t Zoë\nada\tZoë\t17\nx\tx\n10\t9\n"


def test_names(spark, tmp_path):
    """Nodes are numbers in the order of the bytes of their names, which is that of the local command."""
    path = tmp_path / "edges.tsv"
    path.write_text(NAMES)
    edges = read_edges(spark, str(path), partitions=3, names=True)
    assert [row.name for row in edges.names.orderBy("u").collect()] == ["10", "9", "Bo Ek", "Zoë", "ada", "bob", "x"]
    assert pairs_of(edges) == [(0, 1), (2, 4), (3, 4), (3, 5)] and edges.nodes.count() == 7
    named = edges.named(edges.pairs, "u", "v").select("u", "v")
    assert sorted(map(tuple, named.collect())) == [("10", "9"), ("Bo Ek", "ada"), ("Zoë", "ada"), ("Zoë", "bob")]
    named.write.parquet(str(tmp_path / "parts"))
    again = read_edges(spark, str(tmp_path / "parts"), partitions=2, names=True)
    assert again.count() == 4 and again.nodes.count() == 6
    with pytest.raises(MillError, match="whole numbers") as caught:
        read_edges(spark, str(tmp_path / "parts"), partitions=2)
    assert caught.value.code == 65


@pytest.mark.parametrize("line", ["a", "a b", "\tb", 'a\t"b"'])
def test_lines_that_are_no_names(spark, tmp_path, line):
    path = tmp_path / "edges.txt"
    path.write_text(f"a\tb\n{line}\n")
    with pytest.raises(MillError, match="not two names") as caught:
        read_edges(spark, str(path), partitions=2, names=True)
    assert caught.value.code == 65


def test_files_that_are_none(spark, tmp_path):
    spark.range(3).write.parquet(str(tmp_path / "other"))
    (tmp_path / "edges.tsv.zst").write_bytes(b"")
    for name, code in [("missing", 66), ("other", 65), ("edges.tsv.zst", 69)]:
        with pytest.raises(MillError) as caught:
            read_edges(spark, str(tmp_path / name), partitions=2)
        assert caught.value.code == code


@pytest.mark.parametrize("parts", [1, 7])
def test_numbers_for_ids(spark, parts):
    ids = np.random.default_rng(2).choice(2**62, 1000, replace=False)
    frame = spark.createDataFrame([(int(i),) for i in np.concatenate([ids, ids[:50]])], "id bigint")
    found, numbers = rows(dense_rank(frame, "id", "number", partitions=parts), "id", "number")
    assert found.tolist() == sorted(ids.tolist()) and numbers.tolist() == list(range(1000))


def test_the_sum_of_edges(spark):
    pairs = np.unique(np.sort(skewed(500), axis=1), axis=0)
    edges = edges_of(spark.createDataFrame(pairs.tolist(), "u bigint, v bigint"), partitions=3)
    with np.errstate(over="ignore"):
        u, v = pairs.astype(np.uint64).T
        expected = int(mix(mix(u) + v).sum(dtype=np.uint64))
    assert edge_sum(edges.pairs) == (len(pairs), f"{expected:016x}")
    assert edge_sum(edges.pairs.where("u < 0")) == (0, "0" * 16)


def test_the_sum_is_the_local_one(spark, graph):
    edges = read_edges(spark, str(graph), partitions=3)
    assert edge_sum(edges.pairs)[1] == local("info", graph, "--hash")["edge_sum"]


def test_tables_of_the_local_command(tmp_path):
    path = tmp_path / "degrees.tsv"
    edges = write_edges(tmp_path / "edges.tsv", np.array([[5, 6], [6, 9]]))
    local("stats", "degree", edges, "--loops", "drop", "--out", path)
    assert [column.tolist() for column in table(path)] == [[5, 6, 9], [1, 2, 1]]
