"""What a run does to its process: Ctrl-C, progress, threads, forks, memory."""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import graphmill


def long_run(progress=None, rows=60_000):
    """Takes many seconds unless it is stopped."""
    data = np.random.default_rng(1).random((rows, 64), np.float32)
    return graphmill.Index.build(data, ef_construction=400, progress=progress)


class Stop(Exception):
    """What a test raises."""


@pytest.fixture
def hears_ctrl_c():
    """Also where the tests run in the background of a shell, which has their processes ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.parametrize("progress", [None, lambda *_: None])
def test_ctrl_c_stops_a_run(progress):
    data = np.random.default_rng(1).random((60_000, 64), np.float32)
    timer = threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        graphmill.Index.build(data, ef_construction=400, progress=progress)
    timer.join()
    # Everything works afterwards.
    assert graphmill.from_edges([0], [1]).edge_count == 1


def test_an_exception_of_progress_stops_a_run():
    seen = []

    def progress(stage, done, total):
        seen.append((stage, done, total))
        raise Stop

    with pytest.raises(Stop):
        long_run(progress)
    assert len(seen) == 1 and isinstance(seen[0][0], str)


def test_progress_is_told():
    seen = []
    long_run(lambda *update: seen.append(update), rows=4000)
    assert seen and all(total is None or done <= total for _, done, total in seen)


def test_bars(capsys):
    long_run(True, rows=4000)
    assert capsys.readouterr().err


def test_bars_without_tqdm(capsys, monkeypatch):
    from graphmill._bars import Bars

    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    bars = Bars()
    bars.tell("parse", 5, 10)
    bars.close(True)
    assert "parse 50 %" in capsys.readouterr().err


def test_the_interpreter_goes_on_meanwhile():
    turns = 0
    done = threading.Event()

    def count():
        nonlocal turns
        while not done.is_set():
            turns += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    graphmill.Index.build(np.random.default_rng(1).random((4000, 32), np.float32), threads=1)
    done.set()
    thread.join()
    assert turns > 20


def _child(queue, edges):
    made = graphmill.from_edges(edges, threads=2)
    queue.put((made.fingerprint, made.components(threads=2).count))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_has_threads(pairs):
    edges = np.tile(pairs, (2000, 1))
    made = graphmill.from_edges(edges, threads=2)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_child, args=(queue, edges))
    child.start()
    assert queue.get(timeout=60) == (made.fingerprint, made.components().count)
    child.join(60)
    assert child.exitcode == 0


def test_a_graph_ends_with_the_interpreter():
    """Objects that live until the very end, borrowed arrays among them, are no trouble."""
    code = (
        "import graphmill, numpy, scipy.sparse\n"
        "graph = graphmill.from_scipy(scipy.sparse.csr_array(numpy.array([[0.0, 1], [1, 0]])))\n"
        "index = graphmill.Index.build(numpy.eye(4, dtype=numpy.float32))\n"
        "view = graph.indices\n"
        "print(graph.edge_count)\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_memory_limit(karate, pairs):
    graphmill.set_memory_limit(graphmill.memory_used() + 1_000_000)
    try:
        with pytest.raises(MemoryError) as caught:
            graphmill.from_edges(np.tile(pairs, (1000, 1)))
        assert isinstance(caught.value, graphmill.OverBudgetError)
    finally:
        graphmill.set_memory_limit(None)
    assert graphmill.memory_peak() >= graphmill.memory_used() > 0
    with pytest.raises(graphmill.UsageError):
        graphmill.set_memory_limit(-1)


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_thousand_graphs_take_no_memory(karate, tmp_path):
    path = tmp_path / "karate.gmg"
    karate.write(path)
    index = graphmill.Index.build(np.eye(8, dtype=np.float32))
    index.save(tmp_path / "index.gmx")

    def cycle(times):
        for _ in range(times):
            graph = graphmill.open(path)
            graph.components()
            graph.communities("leiden").labels()
            graphmill.Index.open(tmp_path / "index.gmx").search(np.eye(8)[0], 2, filter={1})
            with pytest.raises(graphmill.UsageError):
                graph.bfs(99)

    cycle(100)
    gc.collect()
    before, used = _resident(), graphmill.memory_used()
    cycle(1000)
    gc.collect()
    assert graphmill.memory_used() == used
    assert _resident() - before < 8 << 20
