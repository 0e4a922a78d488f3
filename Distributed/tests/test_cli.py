"""The command: what it writes and says, and how it refuses."""

import json

import numpy as np
import pytest
from conftest import GRAPHS, WORKER, local, table, write_edges

from graphmill_spark import cli, plan


@pytest.fixture
def edges(tmp_path):
    return write_edges(tmp_path / "edges.tsv", GRAPHS["skewed"]())


def run(capsys, *words):
    code = cli.main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def job(capsys, *words):
    """A run that succeeds; its figures."""
    code, out, err = run(capsys, *words, "--worker-installed", WORKER, "--yes", "--json", "--partitions", 3)
    assert code == 0, err
    return json.loads(out)


def test_doctor(spark, capsys):
    found = job(capsys, "doctor")
    assert found["tasks"] == 3 and len(found["hosts"]) == 1 and found["configuration"] in ("debug", "release")


def test_doctor_finds_no_program(spark, capsys):
    code, _, err = run(capsys, "doctor", "--worker-installed", "/nonexistent/graphmill")
    assert code == 69 and "does not start" in err


def test_doctor_finds_another_program(spark, capsys, tmp_path):
    other = tmp_path / "graphmill"
    other.write_text("#!/bin/sh\necho not json >&2\nexit 3\n")
    other.chmod(0o755)
    code, _, err = run(capsys, "doctor", "--worker", other)
    assert code == 69 and "not json" in err


def test_names(spark, capsys, tmp_path):
    """Of a graph of names, the edges that stay and figures of nodes are those of the local command, ties included."""
    names = {number: f"{'äbC'[number % 3]} {number % 97}-{number}" for pair in GRAPHS["grid"]() for number in pair}
    path, out, expected = tmp_path / "edges.tsv", tmp_path / "out.tsv", tmp_path / "expected.tsv"
    path.write_text("".join(f"{names[u]}\t{names[v]}\n" for u, v in GRAPHS["grid"]().tolist()))

    def lines(file):
        return [line for line in file.read_text().splitlines() if not line.startswith("#")]

    text = ("--ids", "string", "--no-header")
    local("sparsify", path, expected, "--remove", 0.4, *text)
    job(capsys, "sparsify", path, out, "--remove", 0.4, "--single", "--ids", "string")
    assert lines(out) == lines(expected)
    local("stats", "components", path, "--out", expected, "--force", *text)
    job(capsys, "stats", "components", path, "--out", out, "--force", "--single", "--ids", "string")
    assert lines(out) == [line for line in lines(expected) if not line.startswith("node\t")]


def test_sparsify_and_check(spark, capsys, edges, tmp_path):
    parts, text, expected = tmp_path / "parts", tmp_path / "kept.tsv", tmp_path / "local.tsv"
    figures = local("sparsify", edges, expected, "--remove", "30%")
    found = job(capsys, "sparsify", edges, parts, "--remove", "30%")
    assert (found["edges_before"], found["edges_after"]) == (figures["edges_before"], figures["edges_after"])
    manifest = json.loads((parts / "_manifest.json").read_text())
    assert manifest["counts"]["edge_sum"] == found["edge_sum"] and manifest["options"]["remove"] == 0.3
    assert all((parts / part["name"]).stat().st_size == part["bytes"] for part in manifest["parts"])
    job(capsys, "sparsify", edges, text, "--remove", 0.3, "--single")
    lines = [tuple(map(int, line.split("\t"))) for line in text.read_text().splitlines()]
    assert lines == list(zip(*(column.tolist() for column in table(expected)), strict=True))
    for other in (text, expected):
        assert job(capsys, "check", parts, "--against", other)["equal"] is True
    code, out, _ = run(capsys, "check", edges, "--against", parts, "--yes", "--json")
    answer = json.loads(out)
    assert code == 1 and answer["missing"] == 0 and answer["added"] == found["edges_before"] - found["edges_after"]


def test_stats(spark, capsys, edges, tmp_path):
    expected = local("stats", "components", edges, "--loops", "drop")
    found = job(capsys, "stats", "components", edges, "--out", tmp_path / "components.tsv", "--single")
    assert {key: found[key] for key in ("components", "largest_component")} == {
        key: expected[key] for key in ("components", "largest_component")}
    assert np.loadtxt(tmp_path / "components.tsv", int).shape == (found["nodes"], 2)
    assert job(capsys, "stats", "triangles", edges)["triangles"] == local("stats", "triangles", edges)["triangles"]
    assert job(capsys, "stats", "pagerank", edges, "--rounds", 2, "--out", tmp_path / "ranks")["rounds"] == 2
    assert job(capsys, "stats", "degree", edges)["edges"] == expected["edges"]


@pytest.mark.parametrize(("words", "code", "text"), [
    ([], 64, "required"), (["sparsify", "IN", "OUT", "--remove", "2", "--yes"], 64, "--remove"),
    (["sparsify", "IN", "OUT", "--yes"], 64, "one of"), (["sparsify", "IN", "OUT", "--keep-forest"], 69, "not offered"),
    (["sparsify", "IN", "OUT", "--tie-seed=3"], 69, "not offered"), (["sparsify", "IN", "IN", "--remove", "0"], 64, ""),
    (["sparsify", "IN", "OUT", "--remove", "0.1", "--method", "forest", "--yes"], 69, "forest"),
    (["stats", "pagerank", "IN", "--yes"], 64, "--rounds"), (["stats", "degree", "MISSING", "--yes"], 66, "no such"),
    (["stats", "degree", "IN"], 64, "--yes goes on"),
    (["sparsify", "IN", "TAKEN", "--remove", "0", "--yes"], 73, "--force"),
    (["check", "IN"], 64, "--against"),
])
def test_refusals(spark, capsys, edges, tmp_path, words, code, text):
    (tmp_path / "taken").write_text("here")
    places = {"IN": edges, "OUT": tmp_path / "out", "MISSING": tmp_path / "missing", "TAKEN": tmp_path / "taken"}
    found, out, err = run(capsys, *(places.get(word, word) for word in words))
    assert (found, out) == (code, "") and text in err and err.startswith("error: ")
    assert not (tmp_path / "out").exists() and (tmp_path / "taken").read_text() == "here"


def test_the_size_of_a_graph(edges, tmp_path, monkeypatch):
    lines = edges.read_text().count("\n")
    assert abs(plan.edge_estimate(str(edges)) - lines) < lines / 10
    assert plan.edge_estimate("hdfs://elsewhere/edges") > 1 << 60
    monkeypatch.setattr(plan, "memory", lambda: 1 << 10)
    plan.refuse_small("sparsify", [str(edges)], agreed=False)
