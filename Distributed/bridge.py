"""Measures the way between a task and its worker: bytes a second, and the worker's memory for nodes of any degree.

    python Distributed/bridge.py --worker .build/release/graphmill

Prints the rate of `graphmill worker echo` each way and the processor seconds of both sides, and the largest resident
size of `graphmill worker teddy-nodes` for one node of 10^5, 10^6 and 10^7 neighbors.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from graphmill_spark import Program, WorkerStage, frames

ROWS = 65_536


def rate(worker: str, batches: int) -> str:
    columns = {"a": np.arange(ROWS), "b": np.arange(ROWS)[::-1].copy(), "c": np.sqrt(np.arange(ROWS))}
    batch = pa.RecordBatch.from_pydict(columns)
    before, begin = os.times(), time.monotonic()
    rows = sum(found.num_rows for found in WorkerStage(Program(worker), "echo", tuple(columns))([batch] * batches))
    seconds, after = time.monotonic() - begin, os.times()
    assert rows == batches * ROWS
    own = after.user + after.system - before.user - before.system
    children = after.children_user + after.children_system - before.children_user - before.children_system
    size = rows * 24 / 1e6
    return (f"{size:.0f} MB each way in {seconds:.2f} s: {size / seconds:.0f} MB/s; processor seconds a side: Python "
            f"{own:.2f} ({size / own:.0f} MB/s), worker {children:.2f} ({size / children:.0f} MB/s)")


def memory(worker: str, degree: int) -> float:
    """The largest resident size of a worker in MiB."""
    process = subprocess.Popen(
        [worker, "worker", "teddy-nodes", "--quiet"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={**os.environ, "GRAPHMILL_MANIFEST": "none"})
    assert process.stdin and process.stdout
    with process.stdin as pipe:
        count = 0
        for low in range(0, degree, ROWS):
            others = np.arange(low + 1, min(degree, low + ROWS) + 1)
            frames.write_frame(pipe, count, [np.zeros_like(others), others, np.ones_like(others)])
            count += 1
        # Not from its resource usage, which begins with the size of this process.
        status = Path(f"/proc/{process.pid}/status").read_text()
        frames.write_end(pipe, count, degree)
    found = list(frames.read_frames(process.stdout))
    process.stdout.close()
    assert process.wait() == 0 and found[0][1].tolist() == [degree]
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--batches", type=int, default=600)
    options = parser.parse_args()
    print(rate(options.worker, options.batches))
    for degree in (10**5, 10**6, 10**7):
        print(f"a node of {degree:,} neighbors: {memory(options.worker, degree):.1f} MiB")


if __name__ == "__main__":
    main()
