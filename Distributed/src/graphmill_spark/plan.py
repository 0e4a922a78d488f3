"""Whether a graph needs more than one machine, and what to do when a worker has too little memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .errors import MillError, worker_failure

#: Bytes an edge and a node that the local command holds; a graph has few nodes more than edges.
BYTES_AN_EDGE = {"sparsify": 8 + 32, "stats": 8 + 24, "communities": 16 + 32, "check": 2 * (8 + 8), "summarize": 100}
_ATTEMPTS = 4

Result = TypeVar("Result")


def refuse_small(command: str, paths: list[str], *, agreed: bool) -> None:
    """Refuses work that one machine does faster, unless the user has agreed to it."""
    if agreed:
        return
    needed = sum(edge_estimate(path) for path in paths) * BYTES_AN_EDGE[command]
    half = memory() // 2
    if needed < half:
        raise MillError(
            64, f"this machine holds the graph (about {needed >> 20} MiB of {half >> 20} MiB): graphmill {command} is "
            "faster here, and gives the same bytes; --yes goes on with Spark")


def memory() -> int:
    """Bytes of memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def edge_estimate(path: str) -> int:
    """About how many edges are in a file or folder: rows of Parquet, or bytes by the mean of the first lines.

    What is not on this machine counts as more than it holds.
    """
    place = Path(path)
    if "://" in path:
        return 1 << 62
    if place.is_dir():
        return sum(edge_estimate(str(part)) for part in place.iterdir() if not part.name.startswith(("_", ".")))
    if not place.is_file():
        raise MillError(66, f"{path}: there is no such file")
    if place.suffix in (".parquet", ".pq"):
        import pyarrow.parquet as pq

        return int(pq.ParquetFile(place).metadata.num_rows)
    if place.suffix == ".gz":
        return place.stat().st_size // 3
    with place.open("rb") as file:
        head = file.read(1 << 16)
    return place.stat().st_size * max(1, head.count(b"\n")) // max(1, len(head))


def replanned(partitions: int, run: Callable[[int], Result]) -> Result:
    """Runs with a number of partitions, and with twice as many whenever a worker ran out of memory (exit 71).

    A task that is repeated with the same rows would fail in the same way.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return run(partitions << attempt)
        except MillError:
            raise
        except Exception as error:
            failure = worker_failure(error)
            if failure is None:
                raise
            if failure.code != 71 or attempt == _ATTEMPTS - 1:
                raise failure from error
    raise AssertionError("unreachable")
