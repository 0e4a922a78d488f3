#!/usr/bin/env python3
"""The Python package beside SciPy, networkx, pandas and hnswlib: processor seconds of one thread, in turn, medians.

    pip install ./python scipy networkx polars pyarrow pandas hnswlib
    python Benchmarks/compare_python.py tables        # tables and arrays to CSR, SciPy and back, Parquet, networkx
    python Benchmarks/compare_python.py index         # build, batches, single queries, filters
    python Benchmarks/compare_python.py import        # what the import costs beyond numpy's

Prints a table of job, seconds (smallest and largest in brackets), and the load of the machine at the end.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "1")


class Turns:
    """Jobs that run in turn."""

    def __init__(self, rounds):
        self.rounds, self.seconds = rounds, {}

    def run(self, jobs, per=1, unit="s"):
        for _ in range(self.rounds):
            for name, job in jobs.items():
                start = time.process_time()
                kept = job()
                self.seconds.setdefault(name, []).append((time.process_time() - start) / per)
                del kept
        scale = 1e6 if unit == "µs" else 1
        for name in jobs:
            values = [value * scale for value in self.seconds[name]]
            print(f"{name:44} {statistics.median(values):9.3f} {unit} [{min(values):.3f} {max(values):.3f}]", flush=True)

    def ratio(self, ours, theirs):
        value = statistics.median(self.seconds[ours]) / statistics.median(self.seconds[theirs])
        print(f"{ours} / {theirs}: {value:.3f}", flush=True)


def tables(rounds):
    import graphmill
    import networkx
    import numpy as np
    import pandas
    import polars
    import pyarrow
    from pyarrow import parquet
    from scipy.sparse import coo_array

    random = np.random.default_rng(0)
    nodes, count = 1_000_000, 10_000_000
    source, target = random.integers(0, nodes, count), random.integers(0, nodes, count)

    def matrix():
        return coo_array((np.ones(count), (source, target)), shape=(nodes, nodes)).tocsr()

    def symmetric():
        one = matrix()
        both = (one + one.T).tocsr()
        both.sum_duplicates()
        return both

    def directed():
        one = matrix()
        one.sort_indices()
        return one

    def made(table):
        return lambda: graphmill.from_edges(table, threads=1)

    columns = {"source": source, "target": target}
    frames = {
        "polars": polars.DataFrame(columns), "pyarrow": pyarrow.table(columns), "pandas": pandas.DataFrame(columns)}
    turns = Turns(rounds)
    turns.run({
        "SciPy: coo to csr, + transpose, merged": symmetric,
        **{f"graphmill: {name} table": made(frame) for name, frame in frames.items()},
        "graphmill: numpy": lambda: graphmill.from_edges(source, target, threads=1),
    })
    for name in ("polars table", "pyarrow table", "pandas table", "numpy"):
        turns.ratio(f"graphmill: {name}", "SciPy: coo to csr, + transpose, merged")
    turns.run({
        "SciPy: coo to csr, sorted": directed,
        "graphmill: numpy, directed": lambda: graphmill.from_edges(source, target, directed=True, threads=1),
    })
    turns.ratio("graphmill: numpy, directed", "SciPy: coo to csr, sorted")
    graph = made(frames["pyarrow"])()
    csr = graph.to_scipy()
    turns.run({
        "graphmill: from_scipy, deep check": lambda: graphmill.from_scipy(
            csr, weighted=False, directed=False, threads=1),
        "graphmill: to_scipy": graph.to_scipy,
        "graphmill: to_scipy, data='view'": lambda: graph.to_scipy(data="view"),
    })
    with tempfile.TemporaryDirectory() as folder:
        table, text = f"{folder}/edges.parquet", f"{folder}/edges.tsv"
        parquet.write_table(frames["pyarrow"], table, compression="zstd")
        frames["polars"].write_csv(text, include_header=False, separator="\t")
        turns.run({
            "graphmill: Parquet by pyarrow": lambda: graphmill.read_parquet(table, engine="pyarrow", threads=1),
            "graphmill: Parquet by polars": lambda: graphmill.read_parquet(table, engine="polars", threads=1),
            "graphmill: text of the same edges": lambda: graphmill.read(text, threads=1),
        })
    other = networkx.gnm_random_graph(100_000, 500_000, seed=1)
    turns.run({
        "networkx: to_scipy_sparse_array, 500,000 edges": lambda: networkx.to_scipy_sparse_array(other),
        "graphmill: from_networkx": lambda: graphmill.from_networkx(other, threads=1),
    })
    turns.ratio("graphmill: from_networkx", "networkx: to_scipy_sparse_array, 500,000 edges")


def index(rounds):
    import graphmill
    import hnswlib
    import numpy as np

    random = np.random.default_rng(0)
    base = random.normal(size=(20_000, 64)).astype(np.float32)
    queries = random.normal(size=(20_000, 64)).astype(np.float32)

    def ours(data):
        return graphmill.Index.build(data, M=16, ef_construction=200, threads=1)

    def theirs(data):
        made = hnswlib.Index("l2", 64)
        made.init_index(len(data), M=16, ef_construction=200)
        made.add_items(data, num_threads=1)
        return made

    turns = Turns(rounds)
    turns.run({
        "graphmill: build, 10,000 x 64": lambda: ours(base[:10_000]),
        "hnswlib: build, 10,000 x 64": lambda: theirs(base[:10_000]),
    })
    turns.ratio("graphmill: build, 10,000 x 64", "hnswlib: build, 10,000 x 64")
    here, there = ours(base), theirs(base)
    there.set_ef(32)

    def batch(these, **options):
        return here.search(these, 10, ef=32, threads=1, **options)[0]

    def batch_there(these, **options):
        return there.knn_query(these, k=10, num_threads=1, **options)[0]

    truth = here.search(queries[:2000], 10, exact=True)[0]

    def recall(found, right):
        return float(np.mean([len(set(a) & set(b)) for a, b in zip(found.tolist(), right.tolist())])) / 10

    print(f"recall at 10: graphmill {recall(batch(queries[:2000], exact=False), truth):.3f}, "
          f"hnswlib {recall(batch_there(queries[:2000]), truth):.3f}")
    turns.run({
        "graphmill: a query of a batch": lambda: batch(queries, exact=False),
        "hnswlib: a query of a batch": lambda: batch_there(queries),
    }, per=len(queries), unit="µs")
    turns.ratio("graphmill: a query of a batch", "hnswlib: a query of a batch")
    few = queries[:2000]
    find = here.searcher(10, ef=32)
    turns.run({
        "graphmill: one query, searcher()": lambda: [find(query) for query in few],
        "graphmill: one query, search()": lambda: [here.search(query, 10, ef=32) for query in few],
        "hnswlib: one query": lambda: [there.knn_query(query, k=10, num_threads=1) for query in few],
    }, per=len(few), unit="µs")
    allowed, few = set(range(0, 20_000, 10)), queries[:500]
    right = here.search(few, 10, exact=True, filter=allowed)[0]
    print(f"recall at 10, filtered: graphmill {recall(batch(few, filter=allowed), right):.3f}, "
          f"hnswlib {recall(batch_there(few, filter=lambda key: key % 10 == 0), right):.3f}")
    turns.run({
        "graphmill: a query, a set of 10 % allowed": lambda: batch(few, filter=allowed),
        "hnswlib: a query, a function that allows 10 %": lambda: batch_there(few, filter=lambda key: key % 10 == 0),
    }, per=len(few), unit="µs")


def imports(rounds):
    def spent():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def seconds(code):
        values = []
        for _ in range(4 * rounds):
            start = spent()
            subprocess.run([sys.executable, "-c", code], check=True)
            values.append(spent() - start)
        return statistics.median(values)

    numpy, ours = seconds("import numpy, ctypes, threading, tempfile"), seconds("import numpy, graphmill")
    print(f"import of numpy and what comes with Python {1000 * numpy:.1f} ms, with graphmill {1000 * ours:.1f} ms")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=["tables", "index", "import"])
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    {"tables": tables, "index": index, "import": imports}[given.what](given.rounds)
    print("load:", " ".join(f"{value:.1f}" for value in os.getloadavg()))


if __name__ == "__main__":
    main()
