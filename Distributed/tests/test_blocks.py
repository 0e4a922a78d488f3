"""Groups to a tree: the file of the local command, byte for byte."""

import numpy as np
import pytest
from conftest import GRAPHS, WORKER, local, write_edges

from graphmill_spark import MillError, blocks, cli, read_edges


def labeled(graph, path, groups, seed=1):
    """Labels for most nodes of a graph, in any order, and for one that is not in it."""
    nodes = np.unique(np.loadtxt(graph, np.int64))
    random = np.random.default_rng(seed)
    names = random.integers(0, groups, len(nodes))
    lines = [f"{node}\t{'NA' if i % 17 == 3 else f'g{name}'}\n" for i, (node, name) in enumerate(
        zip(nodes.tolist(), names.tolist(), strict=True))]
    path.write_text("node\tlabel\n" + "".join(lines[i] for i in random.permutation(len(lines))) + "123456789012\tg0\n")
    return path


@pytest.mark.parametrize("groups", [3, 40])
def test_the_same_tree(spark, program, graph, tmp_path, groups):
    labels = labeled(graph, tmp_path / "labels.tsv", groups)
    counted = blocks.count_blocks(
        read_edges(spark, str(graph), partitions=3), blocks.read_labels(spark, str(labels)))
    for linkage in ("average", "single", "complete"):
        expected, found = tmp_path / f"local-{linkage}.json", tmp_path / f"{linkage}.json"
        local("communities", graph, "--groups", labels, "--tree", expected, "--linkage", linkage)
        figures = blocks.write_tree(counted, program, str(found), linkage=linkage)
        assert found.read_bytes() == expected.read_bytes()
        assert figures["k"] == len(counted.sizes) == groups


def test_the_command(spark, capsys, tmp_path):
    graph = write_edges(tmp_path / "edges.tsv", GRAPHS["grid"]())
    labels = labeled(graph, tmp_path / "labels.tsv", 4)
    local("communities", graph, "--groups", labels, "--tree", tmp_path / "local.nwk")
    code = cli.main([
        "communities", str(graph), "--labels", str(labels), "--tree", str(tmp_path / "tree.nwk"), "--yes",
        "--worker-installed", WORKER, "--partitions", "2"])
    assert code == 0, capsys.readouterr().err
    assert (tmp_path / "tree.nwk").read_bytes() == (tmp_path / "local.nwk").read_bytes()


@pytest.mark.parametrize("text", ["1\ta\n1\tb\n", "x\ta\n", "-1\ta\n"])
def test_labels_that_are_none(spark, tmp_path, text):
    path = tmp_path / "labels.tsv"
    path.write_text(text)
    with pytest.raises(MillError) as caught:
        blocks.read_labels(spark, str(path))
    assert caught.value.code == 65
