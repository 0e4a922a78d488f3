"""What merging leaves: a draft of the summary, and the file of one that was pruned and encoded."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from . import frames
from .errors import MillError
from .slugger_apply import EDGE, MERGE, ROW
from .slugger_state import Merging, Settings, State
from .worker import Program

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from .edges import Edges

# Ends of an edge by its place: the wide root, its children and grandchildren, the narrow root and its children.
_ENDS = ("w", "l", "r", "ll", "lr", "rl", "rr", "n", "nl", "nr")
_BETWEEN = {
    0: "w n", 1: "w nl", 2: "w nr", 3: "l nl", 4: "l nr", 5: "r nl", 6: "r nr", 7: "l n", 8: "r n", 9: "ll n",
    10: "lr n", 11: "rl n", 12: "rr n", 13: "ll nl", 14: "ll nr", 15: "lr nl", 16: "lr nr", 17: "rl nl", 18: "rl nr",
    19: "rr nl", 20: "rr nr",
}
_INSIDE = {
    0: "w w", 3: "l l", 4: "r r", 5: "l r", 12: "l rl", 13: "l rr", 14: "r ll", 15: "r lr", 18: "ll ll", 19: "ll lr",
    20: "lr lr", 21: "ll rl", 22: "ll rr", 23: "lr rl", 24: "lr rr", 25: "rl rl", 26: "rl rr", 27: "rr rr",
}
_PLACES = {**_BETWEEN, **{32 + place: ends for place, ends in _INSIDE.items()}}


def draft_of(merging: Merging, state: State, applied: list[DataFrame]) -> DataFrame:
    """The forest and the edges before pruning: x, y, and the sign of the edge, or 0 where x lies below y."""
    from pyspark.sql import functions as F

    spark = merging.arcs.sparkSession
    empty = spark.createDataFrame([], ", ".join(f"{name} bigint" for name in ROW))
    rows = reduce(lambda a, b: a.union(b), applied, empty).persist()
    none = F.lit(-1).cast("bigint")
    pending = state.roots.select("root", none.alias("other"), "a", "b").union(
        state.links.where("b >= 256").select("root", "other", "a", "b"))
    stage = merging.stage("slugger-pending", ("w", "n", "place"))
    found = pending.mapInArrow(stage, "w bigint, n bigint, place bigint").union(
        rows.where(F.col("kind") == EDGE).selectExpr("x as w", "y as n", "a as place"))

    forest = rows.where(F.col("kind") == MERGE).selectExpr("x as w", "a as l", "b as r").persist()
    left = forest.selectExpr("w as l", "l as ll", "r as lr")
    right = forest.selectExpr("w as r", "l as rl", "r as rr")
    below = forest.join(left, "l", "left").join(right, "r", "left").selectExpr(
        "w", "l", "r", "coalesce(ll, l) as ll", "coalesce(lr, l) as lr", "coalesce(rl, r) as rl",
        "coalesce(rr, r) as rr")
    # In place of what is below a leaf stands the leaf.
    found = found.join(below, "w", "left").join(forest.selectExpr("w as n", "l as nl", "r as nr"), "n", "left")
    own = [F.coalesce(name, F.col("w")) for name in _ENDS[1:7]]
    narrow = [F.coalesce(name, F.col("n")) for name in _ENDS[8:]]
    ends = F.array(F.col("w"), *own, F.col("n"), *narrow)
    place = F.col("place").bitwiseAND(127).cast("int")

    def end(which: int) -> Column:
        index = [_ENDS.index(_PLACES[p].split()[which]) + 1 if p in _PLACES else 0 for p in range(max(_PLACES) + 1)]
        return F.element_at(ends, F.element_at(F.array(*(F.lit(i) for i in index)), place + 1))

    sign = F.when(F.col("place").bitwiseAND(128) != 0, -1).otherwise(1).alias("sign")
    signed = found.select(end(0).alias("x"), end(1).alias("y"), sign)
    # A loop on a leaf covers nothing.
    signed = signed.where((F.col("x") != F.col("y")) | (F.col("x") >= merging.nodes))
    zero = F.lit(0).alias("sign")
    return signed.union(forest.select("l", "w", zero)).union(forest.select("r", "w", zero)).toDF("x", "y", "sign")


def _packed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of numbers as single values of bytes, which go to the driver as they are."""
    for batch in batches:
        columns = [column.to_numpy(zero_copy_only=True) for column in batch.columns]
        packed = b"".join(column.tobytes() for column in columns)
        yield pa.RecordBatch.from_pydict({"rows": [batch.num_rows], "bytes": [packed]})


def _columns(table: DataFrame, types: Sequence[str]) -> Iterator[list[np.ndarray]]:
    """The columns of a table, batch by batch; the driver holds one partition at a time."""
    for row in table.mapInArrow(_packed, "rows bigint, bytes binary").toLocalIterator(prefetchPartitions=True):
        columns, place = [], 0
        for name in types:
            columns.append(np.frombuffer(row.bytes, name, row.rows, place))
            place += columns[-1].nbytes
        yield columns


def finish(edges: Edges, draft: DataFrame, program: Program, output: str, settings: Settings) -> dict[str, Any]:
    """Writes the summary that the draft is, on this machine, and checks that it restores to the graph."""
    from pyspark.sql import functions as F

    pairs = edges.pairs.select("u", "v").union(edges.lonely.select("u", F.col("u").alias("v")))
    with tempfile.TemporaryDirectory(prefix="graphmill-") as folder:
        graph = Path(folder) / "graph.tsv"
        with graph.open("w") as file:
            for u, v in _columns(pairs, ("<i8", "<i8")):
                file.writelines(f"{a}\t{b}\n" for a, b in zip(u.tolist(), v.tolist(), strict=True))
        errors = Path(folder) / "errors"
        with errors.open("wb") as said:
            process = subprocess.Popen(
                [program.path, "summarize", str(graph), output, "--from-draft", "-", "--prune", "1", "--loops", "drop",
                 "--iterations", str(settings.iterations), "--group-cap", str(settings.cap), "--seed",
                 str(settings.seed), "--verify", "--force", "--manifest", "none", "--json", "--quiet"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
            assert process.stdin and process.stdout
            try:
                try:
                    with process.stdin as pipe:
                        count = rows = 0
                        for columns in _columns(draft, ("<i8", "<i8", "<i4")):
                            frames.write_frame(pipe, count, columns)
                            count, rows = count + 1, rows + len(columns[0])
                        frames.write_end(pipe, count, rows)
                except BrokenPipeError:
                    pass  # It has ended; its exit code says why.
                found = process.stdout.read()
                code = process.wait()
            finally:
                process.kill()
                process.wait()
                process.stdout.close()
        if code:
            text = errors.read_text(errors="replace").strip().removeprefix("error: ")
            raise MillError(code if code > 0 else 70, text or "the summary does not restore to the graph")
    figures = json.loads(found)
    return {key: figures[key] for key in (
        "nodes", "edges", "cost", "p_edges", "n_edges", "h_edges", "relative_size", "bytes", "verified")}
