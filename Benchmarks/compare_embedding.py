#!/usr/bin/env python3
"""Points for ultrametrics beside multidimensional scaling: worst-case distortion and correlation of distances.

    Benchmarks/compare_embedding.py --graphmill .build/release/graphmill --digits digits.fvecs TREE.json...

Trees are what `graphmill communities --tree` writes; --digits adds the average linkage (SciPy) of vectors in a .fvecs
file. SMACOF is run with 100 steps from random points, classical scaling by the leading eigenvectors.
"""
import argparse
import json
import os
import subprocess
import tempfile

import numpy
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform


def vectors(path):
    rows = numpy.fromfile(path, dtype="<i4")
    return rows.reshape(-1, rows[0] + 1)[:, 1:].copy().view("<f4")


def quality(points, distances):
    found = pdist(points)
    ratios = found / distances
    worst = numpy.inf if ratios.min() == 0 else ratios.max() / ratios.min()
    return worst, numpy.corrcoef(found, distances)[0, 1]


def smacof(distances, d, steps=100, seed=1):
    wanted = squareform(distances)
    n = len(wanted)
    points = numpy.random.default_rng(seed).standard_normal((n, d)) * wanted.mean() / 2
    for _ in range(steps):
        found = squareform(pdist(points))
        numpy.fill_diagonal(found, 1)
        b = -wanted / numpy.maximum(found, 1e-300)
        numpy.fill_diagonal(b, 0)
        numpy.fill_diagonal(b, -b.sum(axis=1))
        points = b @ points / n
    return points


def classical(distances, d):
    squares = squareform(distances) ** 2
    centered = squares - squares.mean(axis=0) - squares.mean(axis=1)[:, None] + squares.mean()
    values, columns = numpy.linalg.eigh(-centered / 2)
    return columns[:, -d:] * numpy.sqrt(numpy.maximum(values[-d:], 0))


def tree_distances(path):
    """The distances of a tree of communities: 1 / similarity where one is above 1, else 1 - similarity."""
    with open(path, encoding="utf-8") as file:
        tree = json.load(file)
    nodes, count = tree["nodes"], tree["leaves"]
    inner = [node for node in nodes if node["id"] >= count]
    is_inverse = any((node["similarity"] or 0) > 1 for node in inner)
    heights = {}
    for node in inner:
        value = node["similarity"]
        heights[node["id"]] = None if value is None or is_inverse and value == 0 else (
            1 / value if is_inverse else 1 - value)
    largest = max(value for value in heights.values() if value is not None)
    for node, value in heights.items():
        heights[node] = 2 * largest if value is None else value
    members = {node: [node] for node in range(count)}
    matrix = numpy.zeros((count, count))
    for node in inner:
        parts = [members.pop(child) for child in node["children"]]
        heights[node["id"]] = max([heights[node["id"]]] + [heights.get(child, 0) for child in node["children"]])
        for i, one in enumerate(parts):
            for other in parts[:i]:
                matrix[numpy.ix_(one, other)] = heights[node["id"]]
                matrix[numpy.ix_(other, one)] = heights[node["id"]]
        members[node["id"]] = [leaf for part in parts for leaf in part]
    return squareform(matrix)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphmill", default=".build/release/graphmill")
    parser.add_argument("--digits")
    parser.add_argument("trees", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        inputs = [(os.path.basename(path), path, tree_distances(path)) for path in arguments.trees]
        if arguments.digits:
            merges = linkage(vectors(arguments.digits), "average")
            path = os.path.join(folder, "digits.tsv")
            with open(path, "w", encoding="utf-8") as file:
                for a, b, height, leaves in merges.tolist():
                    file.write(f"{int(a)}\t{int(b)}\t{height!r}\t{int(leaves)}\n")
            inputs.append(("digits, average linkage", path, cophenet(merges)))
        print("| tree | d | bound | ours | tuned | SMACOF | classical | correlation: ours, tuned, SMACOF, classical |")
        print("|---|---|---|---|---|---|---|---|")
        for name, path, distances in inputs:
            for d in (2, 3):
                found = [
                    json.loads(subprocess.run(
                        [arguments.graphmill, "embed", path, os.path.join(folder, "p.tsv"), "--dimensions", str(d),
                         "--json", "--force", "--manifest", "none", "-q"] + flags,
                        capture_output=True, check=True, text=True).stdout) for flags in ([], ["--tune"])]
                peers = [quality(smacof(distances, d), distances), quality(classical(distances, d), distances)]
                numbers = [found[0]["distortion"], found[1]["distortion"]] + [peer[0] for peer in peers]
                correlations = [found[0]["correlation"], found[1]["correlation"]] + [peer[1] for peer in peers]
                print(f"| {name} | {d} | {found[0]['lower_bound']:.3g} | "
                      + " | ".join(f"{number:.3g}" for number in numbers) + " | "
                      + ", ".join(f"{value:.2f}" for value in correlations) + " |")


if __name__ == "__main__":
    main()
