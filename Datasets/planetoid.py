#!/usr/bin/env python3
"""Turns the pickled files of a Planetoid citation graph into a folder that `graphmill ticket` reads.

    planetoid.py FOLDER NAME OUT

FOLDER holds ind.NAME.x, tx, allx, y, ty, ally, graph and test.index; OUT gets edges.tsv, features.mtx.gz, labels.tsv and
splits.tsv. Needs numpy and scipy. Pickles can run code: use files from a source that you trust.

The rows of allx are the nodes 0, 1, ...; row k of tx is the node on line k of test.index. Training nodes are the rows of y,
validation nodes the next 500, test nodes those of test.index. Numbers between the test nodes that are not listed (Citeseer
has 15) are nodes without features and label. Self-loops and repeated edges are left out. The same input gives the same bytes.
"""

import gzip
import pathlib
import pickle
import sys

import numpy as np
import scipy.sparse as sparse


def load(folder, name, part):
    with open(folder / f"ind.{name}.{part}", "rb") as file:
        return pickle.load(file, encoding="latin1")


def convert(folder, name):
    """Features, classes (-1 for none), edges and the split."""
    x, tx, allx, y, ty, ally, graph = (load(folder, name, part) for part in ["x", "tx", "allx", "y", "ty", "ally", "graph"])
    test = [int(line) for line in (folder / f"ind.{name}.test.index").read_text().split()]
    known = allx.shape[0]
    if len(test) != tx.shape[0] or min(test) < known:
        sys.exit(f"test.index does not fit: {len(test)} nodes from {min(test)} on, {tx.shape[0]} rows behind {known}")
    nodes = max(max(test) + 1, known)
    rows = np.concatenate([np.arange(known), test])
    place = sparse.csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(nodes, len(rows)))
    features = (place @ sparse.vstack([sparse.csr_matrix(allx), sparse.csr_matrix(tx)])).tocsr()
    features.sort_indices()
    classes = np.full(nodes, -1)
    for row, given in zip(rows, np.concatenate([ally, ty])):
        if given.any():
            classes[row] = int(given.argmax())
    edges = {(min(u, v), max(u, v)) for u, others in graph.items() for v in others if u != v}
    split = {node: "train" for node in range(y.shape[0])}
    split.update({node: "val" for node in range(y.shape[0], min(y.shape[0] + 500, known))})
    split.update({node: "test" for node in test})
    return features, classes, sorted(edges), sorted(split.items())


def write(out, features, classes, edges, split):
    out.mkdir(parents=True, exist_ok=True)
    is_binary = bool((features.data == 1).all())
    lines = [f"%%MatrixMarket matrix coordinate {'pattern' if is_binary else 'real'} general",
             f"{features.shape[0]} {features.shape[1]} {features.nnz}"]
    for row in range(features.shape[0]):
        for entry in range(features.indptr[row], features.indptr[row + 1]):
            value = "" if is_binary else f" {features.data[entry]:.9g}"
            lines.append(f"{row + 1} {features.indices[entry] + 1}{value}")
    with open(out / "features.mtx.gz", "wb") as file:
        # Without name and time, so that the same matrix gives the same bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            packed.write(("\n".join(lines) + "\n").encode())
    (out / "edges.tsv").write_text("".join(f"{u}\t{v}\n" for u, v in edges))
    (out / "labels.tsv").write_text("".join(f"{node}\t{own}\n" for node, own in enumerate(classes)))
    (out / "splits.tsv").write_text("".join(f"{node}\t{part}\n" for node, part in split))
    print(f"{features.shape[0]} nodes, {len(edges)} edges, {features.shape[1]} features, {features.nnz} entries, "
          f"{len(set(classes) - {-1})} classes")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    write(pathlib.Path(sys.argv[3]), *convert(pathlib.Path(sys.argv[1]), sys.argv[2]))
