"""The command from Python, and Parquet for the command."""

import subprocess
import sys

import pytest

import graphmill
from graphmill import _command, _parquet


def table(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    path = tmp_path / "edges.parquet"
    parquet.write_table(arrow.table({"weight": [1.5, 2.0], "source": ["a,b", "c"], "target": ["c", 'd"e']}), path)
    return path


def test_parquet_as_csv(tmp_path, monkeypatch):
    path = table(tmp_path)
    for engines in (("polars",), ("pyarrow",), ("duckdb",)):
        with monkeypatch.context() as hidden:
            for name in {"polars", "pyarrow", "duckdb"} - set(engines):
                hidden.setitem(sys.modules, name, None)
            if engines[0] != "pyarrow":
                pytest.importorskip(engines[0])
            text = tmp_path / f"{engines[0]}.csv"
            _parquet.write_csv(str(path), str(text))
        made = graphmill.read(text)
        assert sorted(made.names.tolist()) == ["a,b", "c", 'd"e'] and made.weights.sum() == 7


def test_damaged_parquet(tmp_path):
    pytest.importorskip("polars")
    path = tmp_path / "edges.parquet"
    path.write_bytes(b"PAR1" + bytes(100))
    done = subprocess.run(
        [sys.executable, "-c", "from graphmill import _parquet; _parquet.main()", path, tmp_path / "out.csv"],
        capture_output=True, text=True)
    assert done.returncode == 65 and done.stderr.count("\n") == 1


def test_run(tmp_path, monkeypatch):
    program = tmp_path / "graphmill"
    program.write_text('#!/bin/sh\necho "$GRAPHMILL_PYTHON" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(_command, "command", lambda: str(program))
    done = graphmill.run(["info", tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == f"{sys.executable} info {tmp_path}\n"


def test_no_command(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_command.sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(FileNotFoundError, match="graphmill-cli"):
        graphmill.run(["version"])
