#!/usr/bin/env python3
"""Writes generated clustered vectors NAME.fvecs, NAME.queries.fvecs and NAME.truth.ivecs (100 exact ids a query, L2).

    Benchmarks/make_clusters.py DIR/NAME [--count 1000000] [--dimension 128] [--queries 500] [--seed 1]

1,000 Gaussian clusters in 24 dimensions (centers of deviation 1, points of deviation 0.5 around them) under a random linear
map, with a little noise in all dimensions. compare_knn.py takes the set by its name; memory about 3 times the vectors.
"""
import argparse
import numpy as np


def rows(path, table):
    out = np.empty((len(table), 1 + table.shape[1]), np.int32)
    out[:, 0] = table.shape[1]
    out[:, 1:] = table.view(np.int32)
    out.tofile(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--dimension", type=int, default=128)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random = np.random.default_rng(args.seed)
    centers = random.normal(size=(1000, 24)).astype(np.float32)
    spread = (random.normal(size=(24, args.dimension)) / np.sqrt(24)).astype(np.float32)

    def draw(count):
        latent = centers[random.integers(0, 1000, count)] + 0.5 * random.standard_normal((count, 24), np.float32)
        return latent @ spread + 0.02 * random.standard_normal((count, args.dimension), np.float32)

    base, queries = draw(args.count), draw(args.queries)
    rows(args.name + ".fvecs", base)
    rows(args.name + ".queries.fvecs", queries)
    squares = (base * base).sum(1)
    truth = np.empty((args.queries, 100), np.int32)
    for start in range(0, args.queries, 50):
        part = squares - 2 * queries[start:start + 50] @ base.T
        for i, row in enumerate(part):
            near = np.argpartition(row, 200)[:200]
            exact = ((base[near].astype(np.float64) - queries[start + i]) ** 2).sum(1)
            truth[start + i] = near[np.lexsort((near, exact))[:100]]
    rows(args.name + ".truth.ivecs", truth)


if __name__ == "__main__":
    main()
