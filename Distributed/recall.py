"""Recall of an index in shards beside one index: at the same beams, and the distances of the build.

    python Distributed/recall.py --worker .build/release/graphmill BASE.fvecs QUERIES.fvecs TRUTH.ivecs [--metric cos]

Recall@10 is the share of the true ten that are found, by id.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graphmill_spark import Program, knn, session


def read(path: Path, kind: str) -> np.ndarray:
    """Rows of numbers, each with its length in front."""
    words = np.fromfile(path, "<i4")
    return words.reshape(-1, words[0] + 1)[:, 1:].view(kind)


def table(spark, path: Path, vectors: np.ndarray):
    flat = pa.array(np.ascontiguousarray(vectors).ravel())
    x = pa.ListArray.from_arrays(np.arange(0, len(flat) + 1, vectors.shape[1], dtype=np.int32), flat)
    pq.write_table(pa.table({"id": np.arange(len(vectors)), "x": x}), path)
    return knn.read_vectors(spark, str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--metric", default="cos", choices=knn.METRICS)
    parser.add_argument("--shards", nargs="*", type=int, default=[1, 4])
    parser.add_argument("--beams", nargs="*", type=int, default=[10, 20, 40, 80, 160])
    options = parser.parse_args()
    truth = read(options.truth, "<i4")[:, :10]
    spark = session("local[2]", settings={"spark.ui.enabled": "false"})
    program = Program(str(Path(options.worker).resolve()))
    print("| shards | build distances | " + " | ".join(f"beam {ef}" for ef in options.beams) + " | seconds |\n|"
          + "---|" * (len(options.beams) + 3), flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = table(spark, folder / "base.parquet", read(options.base, "<f4"))
        queries = table(spark, folder / "queries.parquet", read(options.queries, "<f4"))
        count = len(truth)
        for shards in options.shards:
            begin = time.monotonic()
            store = str(folder / f"store-{shards}")
            record = knn.build(spark, base, store, program, shards=shards, metric=options.metric)
            cells = []
            for ef in options.beams:
                rows = knn.search(spark, store, queries, program, k=10, ef=ef).toPandas()
                hits = sum(int(key) in truth[query] for query, key in zip(rows["query"], rows["key"], strict=True))
                cells.append(f"{hits / (10 * count):.4f}")
            print(f"| {shards} | {record['counts']['distances'] / 1e6:.0f} M | " + " | ".join(cells)
                  + f" | {time.monotonic() - begin:.0f} |", flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
