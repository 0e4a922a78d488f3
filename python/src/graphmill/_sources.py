"""Where graphs come from: files, arrays, tables."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, address, call, encoded, holding, names_table, run
from ._capsules import stream_address
from ._graph import EdgeReport, Graph, opened
from ._library import Column, EdgeOptions, ReadOptions, lib
from ._library import EdgeReport as _Report

Array = np.ndarray[Any, Any]


def read(
    path: str | os.PathLike[str], *, format: str | None = None, directed: bool | None = None, ids: str = "auto",
    columns: Sequence[str | int] | None = None, weights: bool | None = None, duplicates: str | None = None,
    loops: str = "keep", strict: bool = False, threads: int | None = None, progress: ProgressLike = None,
) -> Graph:
    """Reads a graph from a file in any of 19 formats, compressed or not.

    Args:
        format: such as "el", "csv", "mtx", "metis", "graphml"; None for what the content says.
        directed: None for what the file says, and undirected where it says nothing.
        ids: "auto", "dense", "compact" or "string".
        columns: source, target and perhaps weight, by their names in the header or by numbers from 0.
        weights: whether weights are read; None where the file says that it has some.
        duplicates: "sum", "keep", "first", "min", "max" or "error".
        loops: "keep", "drop" or "error".
        strict: whether what is otherwise a warning is refused.
        threads: at most; None for all cores. The result is the same.

    Raises:
        MissingInputError: there is no such file.
        DataError: with file, line and byte of what is wrong.
        UnsupportedError: a format that is known and not read.

    Example:
        >>> graph = graphmill.read("edges.tsv.gz")  # doctest: +SKIP
    """
    roles = [None if column is None else str(column) for column in columns or []] + [None] * 3
    options = ReadOptions(
        directed=_sign(directed), format=encoded(format), ids=encoded(ids), duplicates=encoded(duplicates),
        loops=encoded(loops), source=encoded(roles[0]), target=encoded(roles[1]), weight=encoded(roles[2]),
        weights=_sign(weights), strict=strict)
    made, report = Handle(lib.gm_graph_free), _Report()
    run(
        lib.gm_graph_read, encoded(path), ctypes.byref(options), CONTEXT, made.out, ctypes.byref(report),
        threads=threads, progress=progress)
    return Graph(made, _told(report))


def open(
    path: str | os.PathLike[str], *, verify: str = "safe", mapped: bool = True, threads: int | None = None
) -> Graph:
    """Opens a container (``.gmg``): its arrays stay in the file and are mapped, so graphs larger than memory do.

    Args:
        verify: "quick" (no look at the arrays), "safe" (all that walking the graph needs) or "deep" (everything,
            checksums too).
        mapped: whether arrays stay in the file; else they are read.

    Raises:
        MissingInputError: there is no such file.
        DataError: it is damaged.
    """
    return opened(path, verify, mapped, threads)


def from_edges(
    source: Any, target: Any = None, weight: Any = None, *, columns: Sequence[str] | None = None,
    nodes: int | None = None, directed: bool = False, ids: str = "compact", duplicates: str = "sum",
    loops: str = "keep", threads: int | None = None, progress: ProgressLike = None,
) -> Graph:
    """A graph of pairs.

    Args:
        source: where edges begin: integers or texts, shape [m]. Or all edges: an array of shape [m, 2], or a table that
            hands over Arrow streams (polars, pyarrow, pandas, duckdb and others).
        target: where edges end, shape [m].
        weight: one an edge; None for none.
        columns: of a table: the names of source, target and perhaps weight; None for the first two.
        nodes: with dense ids, the number of nodes.
        directed: whether pairs are arcs.
        ids: "compact": what occurs becomes nodes, in ascending order, and stays their names. "dense": integers are
            nodes, and those that do not occur are isolated.
        duplicates: what becomes of an edge that occurs again: "sum", "keep", "first", "min", "max" or "error".
        loops: "keep", "drop" or "error".

    Raises:
        DataError: a negative id, a weight that is not finite, a null, with the row.

    Example:
        >>> graphmill.from_edges([[10, 20], [20, 30]]).names.tolist()
        [10, 20, 30]
        >>> graphmill.from_edges(["ann", "bob"], ["bob", "cy"]).node("cy")
        2
    """
    options = EdgeOptions(
        directed=directed, ids=encoded(ids), duplicates=encoded(duplicates), loops=encoded(loops), nodes=nodes or 0)
    if target is None and hasattr(source, "__arrow_c_stream__") and not isinstance(source, np.ndarray):
        return _from_stream(source, columns, options, threads, progress)
    if columns is not None:
        raise TypeError("columns belong to a table")
    if target is None:
        pairs = np.asarray(source)
        if pairs.size == 0 and pairs.ndim < 2:
            pairs = pairs.reshape(0, 2).astype(np.int64)
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            raise ValueError(f"edges without a target are an array of shape (m, 2), not {pairs.shape}")
        source, target = pairs[:, 0], pairs[:, 1]
    sources, targets = _ids(source), _ids(target)
    if sources.shape != targets.shape:
        raise ValueError(f"{sources.size} sources and {targets.size} targets")
    weights = None if weight is None else _numbers(weight, sources.size)
    if sources.dtype == object or targets.dtype == object:
        return _from_texts(sources, targets, weights, options, threads, progress)
    return from_pairs(sources, targets, weights, options, threads, progress)


def read_parquet(
    path: Any, source: str | None = None, target: str | None = None, weight: str | None = None, *,
    engine: str | None = None, **options: Any,
) -> Graph:
    """A graph of the rows of a Parquet file, by way of pyarrow, polars or duckdb, whichever is installed.

    Args:
        source, target, weight: columns; None for the first two, and no weight.
        engine: "pyarrow", "polars" or "duckdb"; None for the first that is there.
        **options: as for :func:`from_edges`.

    Raises:
        ImportError: none of the three is installed.
    """
    if (source is None) != (target is None):
        raise TypeError("source and target are given both, or none")
    columns = None if source is None else [name for name in (source, target, weight) if name is not None]
    if columns is None and weight is not None:
        raise TypeError("a weight goes with source and target")
    for name in ("pyarrow", "polars", "duckdb") if engine is None else (engine,):
        try:
            table = _parquet(name, path, columns)
        except ImportError:
            continue
        return from_edges(table, columns=columns, **options)
    raise ImportError(
        "Parquet is read by way of pyarrow, polars or duckdb: install one of them" if engine is None
        else f"{engine} is not installed")


def _parquet(engine: str, path: Any, columns: list[str] | None) -> Any:
    if engine == "pyarrow":
        from pyarrow import parquet

        return parquet.read_table(path, columns=columns)
    if engine == "polars":
        import polars

        return polars.read_parquet(path, columns=columns)
    if engine == "duckdb":
        import duckdb

        wanted = "*" if columns is None else ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
        return duckdb.sql(f"SELECT {wanted} FROM read_parquet(?)", params=[os.fspath(path)])
    raise ValueError(f"the engine is 'pyarrow', 'polars' or 'duckdb', not {engine!r}")


# What they share


def _sign(choice: bool | None) -> int:
    return 0 if choice is None else 1 if choice else -1


def _told(report: _Report) -> EdgeReport:
    return EdgeReport(report.edges, report.duplicates, report.self_loops, report.isolated)


def _ids(values: Any) -> Array:
    """Ids as an array of integers, or of texts as objects."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"ids are an array of one dimension, not of shape {array.shape}")
    if array.size == 0 and array.dtype == np.float64:
        return array.astype(np.int64)
    if array.dtype.kind in "iu":
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if array.dtype.kind in "UT":
        return array.astype(object)
    if array.dtype.kind == "O":
        if all(isinstance(value, str) for value in array):
            return array
        if all(isinstance(value, (int, np.integer)) and not isinstance(value, bool) for value in array):
            return array.astype(np.int64)
    raise TypeError(f"ids are integers or texts, not {array.dtype}")


def _numbers(values: Any, count: int) -> Array:
    array = np.asarray(values)
    if array.shape != (count,):
        raise ValueError(f"weights need one value an edge, shape ({count},), not {array.shape}")
    is_known = array.dtype.kind in "iu" or array.dtype in (np.float32, np.float64)
    return array if is_known and array.dtype.isnative else array.astype(np.float64)


def _column(array: Array | None) -> Any:
    if array is None:
        return None
    kind = f"{array.dtype.kind}{8 * array.dtype.itemsize}"
    stride = array.strides[0] if array.size > 1 else 8
    return ctypes.byref(holding(Column(array.ctypes.data, stride, kind.encode()), array))


def from_pairs(
    sources: Array, targets: Array, weights: Array | None, options: EdgeOptions, threads: int | None,
    progress: ProgressLike,
) -> Graph:
    """A graph of arrays of integers, and of numbers."""
    made, report = Handle(lib.gm_graph_free), _Report()
    run(
        lib.gm_graph_from_pairs, _column(sources), _column(targets), _column(weights), sources.size,
        ctypes.byref(options), CONTEXT, made.out, ctypes.byref(report), threads=threads, progress=progress)
    return Graph(made, _told(report))


def _from_texts(
    sources: Array, targets: Array, weights: Array | None, options: EdgeOptions, threads: int | None,
    progress: ProgressLike,
) -> Graph:
    """Texts in Python's memory: numbered here. Columns of Arrow tables go without Python objects, and are faster."""
    if sources.dtype != targets.dtype:
        raise TypeError("one of the ends is integers, the other text")
    if options.ids == b"dense":
        raise TypeError("ids that are text cannot be dense")
    names, numbers = np.unique(np.concatenate([sources, targets]), return_inverse=True)
    numbers = numbers.reshape(-1)
    options.ids, options.nodes = b"dense", len(names)
    graph = from_pairs(numbers[: sources.size], numbers[sources.size :], weights, options, threads, progress)
    return named(graph, names)


def named(graph: Graph, names: Any) -> Graph:
    """The same graph with other names, one a node."""
    offsets, text = names_table(names)
    made = Handle(lib.gm_graph_free)
    call(lib.gm_graph_with_names, graph._handle, address(offsets), text, len(offsets) - 1, made.out)
    return Graph(made, graph.report)


def _from_stream(
    table: Any, columns: Sequence[str] | None, options: EdgeOptions, threads: int | None, progress: ProgressLike
) -> Graph:
    if columns is not None and len(columns) not in (2, 3):
        raise ValueError("columns are the names of source and target, and perhaps of the weight")
    roles = [encoded(column) for column in columns or []] + [None] * 3
    capsule = table.__arrow_c_stream__()
    pointer = stream_address(capsule)
    made, report = Handle(lib.gm_graph_free), _Report()
    run(
        lib.gm_graph_from_stream, pointer, roles[0], roles[1], roles[2], ctypes.byref(options), CONTEXT, made.out,
        ctypes.byref(report), threads=threads, progress=progress)
    del capsule
    return Graph(made, _told(report))
