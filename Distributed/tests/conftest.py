"""What the tests share: one session a run, the program, and graphs with the answers of the local command."""

from __future__ import annotations

import gc
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphmill_spark import Program, session

ROOT = Path(__file__).parents[2]
#: The program under test; faults on purpose need a debug build.
WORKER = os.environ.get("GRAPHMILL_WORKER", str(ROOT / ".build" / "debug" / "graphmill"))


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Two cores, and three attempts a task: a retry happens in local mode only with the second number."""
    folder = tmp_path_factory.mktemp("spark")
    made = session("local[2,3]", settings={
        "spark.ui.enabled": "false", "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"), "spark.driver.memory": "1g",
        # Rows are few: compiling a plan for them, and planning it again between stages, takes longer than running it.
        "spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN"})
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def nothing_kept(request):
    """What a test has kept is given back: a hundred tests share one small Java heap."""
    yield
    if "spark" in request.fixturenames:
        request.getfixturevalue("spark").catalog.clearCache()
        gc.collect()


@pytest.fixture(scope="session")
def program() -> Program:
    """The program, already installed, with a timeout that tests can wait for."""
    return Program(WORKER, timeout=60)


@pytest.fixture(scope="session")
def is_debug(program) -> bool:
    """Whether the program was built with faults on purpose."""
    said = subprocess.run([program.path, "version", "--json"], capture_output=True, text=True, check=True)
    return json.loads(said.stdout)["configuration"] == "debug"


def local(*arguments: object) -> dict[str, Any]:
    """Runs the local command; returns its figures."""
    words = [WORKER, *map(str, arguments), "--json", "--manifest", "none", "--quiet"]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def table(path: Path, types: str = "ii") -> list[np.ndarray]:
    """The columns of a table of the local command, sorted by the first ones."""
    lines = [line.split("\t") for line in path.read_text().splitlines() if line[:1].isdigit()]
    kinds = {"i": np.int64, "f": np.float64}
    columns = [np.array([line[i] for line in lines], dtype=kinds[kind]) for i, kind in enumerate(types)]
    order = np.lexsort(columns[:2][::-1])
    return [column[order] for column in columns]


def rows(frame: Any, *names: str) -> list[np.ndarray]:
    """The same of a table of Spark."""
    found = frame.select(*names).toPandas()
    columns = [found[name].to_numpy() for name in names]
    order = np.lexsort(columns[:2][::-1])
    return [column[order] for column in columns]


def write_edges(path: Path, pairs: np.ndarray, seed: int = 0) -> Path:
    """Writes an edge list in shuffled order, some edges turned and some twice, and a loop."""
    random = np.random.default_rng(seed)
    pairs = np.concatenate([pairs, pairs[: len(pairs) // 10, ::-1], pairs[:1, [0, 0]]])
    pairs = pairs[random.permutation(len(pairs))]
    path.write_text("# nodes\n" + "".join(f"{u}\t{v}\n" for u, v in pairs.tolist()))
    return path


def ring(n: int) -> np.ndarray:
    """All scores are equal."""
    return np.stack([np.arange(n), (np.arange(n) + 1) % n], 1)


def star(n: int) -> np.ndarray:
    return np.stack([np.zeros(n, int), np.arange(1, n + 1)], 1)


def grid(side: int) -> np.ndarray:
    place = np.arange(side * side).reshape(side, side)
    across = np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], 1)
    down = np.stack([place[:-1].ravel(), place[1:].ravel()], 1)
    return np.concatenate([across, down])


def skewed(edges: int, seed: int = 3) -> np.ndarray:
    """Hubs and leaves: ends are drawn by a power law, with gaps between ids up to 2^62."""
    random = np.random.default_rng(seed)
    ends = (random.pareto(1.2, (edges, 2)) * 20).astype(np.int64) % 4000
    ids = np.sort(random.choice(2**40, 4000, replace=False)) + np.where(np.arange(4000) > 3990, 2**61, 0)
    pairs = ids[ends]
    return pairs[pairs[:, 0] != pairs[:, 1]]


GRAPHS: dict[str, Callable[[], np.ndarray]] = {
    "ring": lambda: ring(500), "star": lambda: star(300) + 7, "grid": lambda: grid(20), "skewed": lambda: skewed(6000),
    "two": lambda: np.concatenate([ring(9) + 10, star(4) + 1000]), "one": lambda: np.array([[3, 5]]),
}


def every_shape() -> np.ndarray:
    """All of them side by side: figures of a part do not depend on the others, and one job does for all."""
    return np.concatenate([make() + 10**6 * i for i, make in enumerate(GRAPHS.values())])


@pytest.fixture
def graph(tmp_path) -> Path:
    """An edge list with parts of every shape."""
    return write_edges(tmp_path / "edges.tsv", every_shape())
