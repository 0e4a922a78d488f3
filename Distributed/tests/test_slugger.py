"""Summaries: the same file as the local command's, byte for byte."""

import json

import numpy as np
import pyarrow as pa
import pytest
from conftest import GRAPHS, WORKER, local, write_edges

from graphmill_spark import cli, read_edges, slugger, slugger_groups, slugger_prune, slugger_state


def cliques() -> np.ndarray:
    """Cliques of ten nodes and of five that share ends with them, and a star: much to merge, at several heights."""
    inside = [(10 * k + i, 10 * k + j) for k in range(30) for i in range(10) for j in range(i)]
    across = [(10 * k + i, (10 * k + 13) % 300 + j) for k in range(0, 30, 3) for i in range(5) for j in range(5)]
    star = [(0, 1000 + i) for i in range(60)]
    return np.array([pair for pair in inside + across + star if pair[0] != pair[1]])


def compare(spark, program, graph, folder, *, apply_limit=slugger.APPLY_LIMIT, **settings):
    """Both commands on a graph; the figures of the run on Spark."""
    flags = {"iterations": "--iterations", "cap": "--group-cap", "seed": "--seed"}
    words = [word for key, value in settings.items() for word in (flags[key], value)]
    expected = local("summarize", graph, folder / "local.gms", "--loops", "drop", *words)
    edges = read_edges(spark, str(graph), partitions=2)
    found = slugger.summarize(
        edges, program, str(folder / "spark.gms"), settings=slugger.Settings(**settings), apply_limit=apply_limit)
    merged = [(part["groups"], part["merges"], part["refused"]) for part in found["rounds"]]
    assert merged == [(part["groups"], part["merges"], part["refused"]) for part in expected["iterations_log"]]
    assert found["cost"] == expected["cost"] and found["verified"] is True
    assert (folder / "spark.gms").read_bytes() == (folder / "local.gms").read_bytes()
    return found


def test_cliques(spark, program, tmp_path):
    graph = write_edges(tmp_path / "edges.tsv", cliques())
    found = compare(spark, program, graph, tmp_path, iterations=2)
    assert found["merges"] > 200 and found["relative_size"] < 0.5


def test_parts_that_hashes_do_not_split(spark, program, tmp_path):
    """Leaves of two stars have the same neighborhoods: they are cut at random, also into a run of one."""
    pairs = np.concatenate([GRAPHS["star"]() + 5000, [[1, 2 + i] for i in range(41)], cliques()])
    graph = write_edges(tmp_path / "edges.tsv", pairs)
    found = compare(spark, program, graph, tmp_path, iterations=1, cap=20, seed=9)
    assert found["rounds"][0]["groups"] > 300 // 20


def test_levels(spark, program, tmp_path):
    """One task may hold nothing: all levels are spread."""
    graph = write_edges(tmp_path / "edges.tsv", cliques())
    found = compare(spark, program, graph, tmp_path, iterations=1, cap=15, apply_limit=0)
    assert found["rounds"][0]["levels"] > 2 and found["merges"] > 100


def test_levels_of_a_random_graph(spark, program, tmp_path):
    """One task may hold what the last levels need."""
    graph = write_edges(tmp_path / "edges.tsv", GRAPHS["skewed"]())
    found = compare(spark, program, graph, tmp_path, iterations=2, apply_limit=2000)
    assert max(part["levels"] for part in found["rounds"]) > 1 and sum(part["refused"] for part in found["rounds"])


@pytest.mark.parametrize(("used", "left"), [
    ([(9, 5)], [(node, 9) for node in range(5)]), ([(6, 5)], [(0, 6), (1, 6)]), ([(0, 5)], []),
    ([(5, 9), (7, 7)], [(0, 7), (1, 7), (2, 7), (3, 9), (4, 9), (7, 9)]),
])
def test_supernodes_without_edges(spark, program, used, left):
    """A chain of four supernodes over five nodes."""
    merging = slugger_state.Merging(spark.range(0), 6, 1, 2, program, slugger.Settings(), False, 0)
    below = [(0, 6), (1, 6), (6, 7), (2, 7), (7, 8), (3, 8), (8, 9), (4, 9)]
    forest = slugger_prune._without_useless(
        merging, spark.createDataFrame(below, "node bigint, parent bigint"),
        spark.createDataFrame(used, "x bigint, y bigint"))
    assert sorted(map(tuple, forest.select("node", "parent").collect())) == left


def test_little_to_merge(spark, program, tmp_path):
    compare(spark, program, write_edges(tmp_path / "edges.tsv", GRAPHS["one"]()), tmp_path, iterations=1)


def test_no_edges(spark, program, tmp_path):
    graph = tmp_path / "edges.tsv"
    graph.write_text("4 4\n7 7\n")
    assert compare(spark, program, graph, tmp_path, iterations=0)["cost"] == 0


def test_the_command(spark, capsys, tmp_path):
    graph, output = write_edges(tmp_path / "edges.tsv", cliques()), tmp_path / "out.gms"
    words = ["summarize", graph, output, "--iterations", 1, "--worker-installed", WORKER, "--yes", "--partitions", 2]
    assert cli.main([*map(str, words), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["verified"] is True and said.err.startswith("round 1: ")
    record = json.loads((tmp_path / "out.gms.manifest.json").read_text())
    assert record["options"]["iterations"] == 1 and record["counts"]["merges"] > 0
    assert cli.main([*map(str, words), "--json"]) == 73
    assert cli.main([*map(str, words), "--force", "--group-cap", "1"]) == 64
    capsys.readouterr()


def test_shingles():
    """Of a path, shingles by hand."""
    nodes = np.arange(5, dtype=np.int64)
    hashes = slugger_groups.node_hash(nodes, 7, 11)
    batch = [np.array(column) for column in ([0, 1, 1, 2], [0, 1, 1, 2], [1, 0, 2, 1])]
    rows = pa.RecordBatch.from_arrays([pa.array(column) for column in batch], ["root", "leaf", "other"])
    for is_closed in (False, True):
        found = next(iter(slugger_groups._Shingles([(7, 11)], ["s0"], is_closed)([rows]))).to_pydict()
        lists = [[1], [0, 2], [1]]
        expected = [min(hashes[other] for other in [*others, *([leaf] if is_closed else [])])
                    for leaf, others in enumerate(lists)]
        assert found == {"root": [0, 1, 2], "s0": expected}


@pytest.mark.parametrize("sizes", [[7], [3, 4], [1, 1, 5], [2, 2, 2, 1]])
def test_slots_go_on_over_batches(sizes):
    keys, roots = np.array([0, 0, 0, 4, 5, 5, 9]), np.arange(7)
    whole = pa.RecordBatch.from_arrays([pa.array(c) for c in (np.full(7, 3), keys, roots)], ["part", "key", "root"])
    starts = np.cumsum([0, *sizes])
    batches = [whole.slice(start, size) for start, size in zip(starts, sizes, strict=False)]
    found = pa.Table.from_batches(list(slugger_groups._slots(batches))).to_pydict()
    assert found["number"] == [0, 0, 0, 1, 2, 2, 3] and found["slot"] == [0, 1, 2, 0, 0, 1, 0]
    assert found["root"] == roots.tolist() and set(found["part"]) == {3}
