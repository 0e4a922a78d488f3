#!/usr/bin/env python3
"""Recall of the HNSW index by the order in which the same vectors come: a table a set, one line an order.

    Benchmarks/recall_by_order.py [--data DIR] [--sets walk,clusters] [--count 50000] [--seeds 5] [--ef 16,64]
                                  [--options=--no-shuffle] [--program PATH]

Made sets: `walk`, a Gaussian random walk of 32 dimensions in the order of time, and `clusters`, 100 Gaussian clusters one
after the other, some close to each other. With --data also sets NAME.fvecs or NAME.bvecs there, compared under L2; their
`given` order is that of the file. Queries are rows with half a step of noise, or NAME.queries.*.

Every order is built and searched by the command (`knn build`, `knn search --no-exact`) for several seeds. Recall is the
share of the true ten at each ef, mean over seeds; ± is the standard deviation between seeds; `- random` the difference to
the first line; `unreached` the objects without a way to them before the repair, mean over seeds. Truth by numpy.
"""
import argparse, json, os, subprocess, tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def read(path):
    raw = np.fromfile(path, np.uint8)
    d = int(raw[:4].view(np.int32)[0])
    width = 1 if path.endswith(".bvecs") else 4
    rows = raw.reshape(-1, 4 + width * d)[:, 4:]
    return rows.astype(np.float32) if width == 1 else rows.copy().view(np.float32)


def write(path, table):
    out = np.empty((len(table), 1 + table.shape[1]), np.int32)
    out[:, 0] = table.shape[1]
    out[:, 1:] = table.view(np.int32)
    out.tofile(path)


def walk(count, random):
    rows = np.cumsum(random.standard_normal((count, 32)), axis=0).astype(np.float32)
    picked = rows[random.integers(0, count, 500)]
    return rows, picked + 0.5 * random.standard_normal(picked.shape).astype(np.float32)


def clusters(count, random):
    centers = 2 * random.standard_normal((100, 32))
    rows = (centers[np.arange(count) * 100 // count] + random.standard_normal((count, 32))).astype(np.float32)
    picked = rows[random.integers(0, count, 500)]
    return rows, picked + 0.5 * random.standard_normal(picked.shape).astype(np.float32)


def nearest_center(rows, random):
    """The number of the nearest of 100 rows: a clustering that is good enough to sort by."""
    centers = rows[random.choice(len(rows), 100, replace=False)]
    score = (centers * centers).sum(1) - 2 * rows @ centers.T
    return score.argmin(1)


def orders(rows, random):
    """Name, and the rows in that order as numbers; duplicates in runs are rows that occur five times in a row."""
    n = len(rows)
    given = np.arange(n)
    yield "random", random.permutation(n)
    yield "given (time, or cluster by cluster)", given
    yield "reversed", given[::-1]
    yield "sorted by the first coordinate", np.argsort(rows[:, 0], kind="stable")
    yield "sorted by norm", np.argsort((rows * rows).sum(1), kind="stable")
    yield "clusters in sequence", np.argsort(nearest_center(rows, random), kind="stable")
    yield "alternating ends", np.stack([given[:n // 2], given[::-1][:n // 2]], 1).ravel()
    yield "a fifth of it, five times in runs", np.repeat(np.sort(random.choice(n, n // 5, replace=False)), 5)


def distances(rows, queries):
    """The ten smallest squared distances of every query."""
    squares = (rows.astype(np.float64) ** 2).sum(1)
    out = np.empty((len(queries), 10))
    for i, q in enumerate(queries.astype(np.float64)):
        near = np.argpartition(squares - 2 * (rows @ q.astype(np.float32)), 100)[:100]
        out[i] = np.sort(((rows[near].astype(np.float64) - q) ** 2).sum(1))[:10]
    return out


def command(program, *words):
    done = subprocess.run([program, "knn", *words, "--json", "--force", "--quiet", "--manifest", "none"],
                          capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def measure(args, rows, queries, folder):
    """Recall at each ef and the unreached, an array over seeds."""
    base, index, found = (os.path.join(folder, name) for name in ("base.fvecs", "base.gmx", "found.npy"))
    write(base, rows)
    write(os.path.join(folder, "queries.fvecs"), queries)
    exact = distances(rows, queries)
    recalls = {ef: [] for ef in args.ef}
    unreached = []
    for seed in range(1, args.seeds + 1):
        built = command(args.program, "build", base, index, "--seed", str(seed), *args.options.split())
        unreached.append(built["unreached_before_repair"])
        for ef in args.ef:
            command(args.program, "search", index, os.path.join(folder, "queries.fvecs"), found, "--ef", str(ef), "--no-exact")
            ids = np.load(found)
            own = ((rows[ids].astype(np.float64) - queries[:, None].astype(np.float64)) ** 2).sum(2)
            recalls[ef].append(float((own <= exact[:, 9:] * (1 + 1e-5)).mean()))
    return {ef: np.array(r) for ef, r in recalls.items()}, float(np.mean(unreached))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data")
    parser.add_argument("--sets", default="walk,clusters")
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--ef", default="16,64", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--options", default="", help="more words for knn build")
    parser.add_argument("--program", help="a built graphmill (default: build one)")
    args = parser.parse_args()
    if not args.program:
        subprocess.run(["swift", "build", "-c", "release", "--package-path", os.path.dirname(HERE), "--product", "graphmill"],
                       check=True, stdout=subprocess.DEVNULL)
        args.program = os.path.join(os.path.dirname(HERE), ".build/release/graphmill")
    for name in args.sets.split(","):
        random = np.random.default_rng(7)
        if name in ("walk", "clusters"):
            rows, queries = (walk if name == "walk" else clusters)(args.count, random)
        else:
            form = "bvecs" if os.path.exists(f"{args.data}/{name}.bvecs") else "fvecs"
            rows, queries = read(f"{args.data}/{name}.{form}"), read(f"{args.data}/{name}.queries.{form}")
        print(f"\n### {name}, {len(rows)} x {rows.shape[1]}, {len(queries)} queries, {args.seeds} seeds\n\n| order | "
              + " | ".join(f"ef {ef} | - random" for ef in args.ef) + " | unreached |\n|" + "---|" * (2 * len(args.ef) + 2))
        first = None
        with tempfile.TemporaryDirectory() as folder:
            for order, numbers in orders(rows, random):
                recalls, unreached = measure(args, rows[numbers], queries, folder)
                first = first or recalls
                print(f"| {order} | " + " | ".join(
                    f"{recalls[ef].mean():.4f} ± {recalls[ef].std():.4f} | {recalls[ef].mean() - first[ef].mean():+.4f}"
                    for ef in args.ef) + f" | {unreached:.1f} |", flush=True)


if __name__ == "__main__":
    main()
