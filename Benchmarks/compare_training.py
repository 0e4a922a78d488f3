#!/usr/bin/env python3
"""Times training of graph networks beside PyTorch and PyTorch Geometric, in turn, with the same settings.

    compare_training.py PROGRAM FOLDER [--models gcn,gat] [--epochs 60] [--rounds 3] [--threads 1]

PROGRAM is the built ticket-claims, FOLDER has edges.tsv, features.mtx(.gz), labels.tsv and splits.tsv. Needs torch, torch_geometric
and scipy. Every number is the processor time of an epoch with its evaluation; of the rounds the least is told.
"""

import argparse
import pathlib
import platform
import re
import subprocess
import time

import numpy as np
import scipy.io
import torch
import torch.nn.functional as F
import torch_geometric
from torch_geometric.nn import GATConv, GCNConv


def read(folder):
    folder = pathlib.Path(folder)
    path = next(folder.glob("features.mtx*"))
    features = scipy.io.mmread(str(path)).tocsr().astype(np.float32)
    features.data[:] = 1 if features.data.min() == features.data.max() == 1 else features.data
    sums = np.asarray(features.sum(axis=1)).ravel()
    features = scipy.sparse.diags(1 / np.where(sums == 0, 1, sums)).dot(features).tocsr().astype(np.float32)
    edges = np.loadtxt(folder / "edges.tsv", dtype=np.int64)
    edges = np.concatenate([edges, edges[:, ::-1]]).T
    labels = np.loadtxt(folder / "labels.tsv", dtype=np.int64)[:, 1]
    parts = {"train": [], "val": [], "test": []}
    for line in (folder / "splits.tsv").read_text().split("\n"):
        if line and not line.startswith("#"):
            node, part = line.split("\t")
            parts[part].append(int(node))
    index = {name: torch.tensor(nodes) for name, nodes in parts.items()}
    return features, torch.tensor(edges), torch.tensor(np.maximum(labels, 0)), index


class SparseGCN(torch.nn.Module):
    """Sparse features and a sparse normalized adjacency."""

    def __init__(self, features, edges, nodes, hidden, classes):
        super().__init__()
        rows = torch.cat([edges[0], torch.arange(nodes)])
        columns = torch.cat([edges[1], torch.arange(nodes)])
        degree = torch.bincount(rows, minlength=nodes).float()
        values = (degree[rows] * degree[columns]).rsqrt()
        self.s = torch.sparse_coo_tensor(torch.stack([rows, columns]), values, (nodes, nodes)).coalesce().to_sparse_csr()
        self.x = torch.sparse_csr_tensor(
            torch.tensor(features.indptr), torch.tensor(features.indices), torch.tensor(features.data), features.shape)
        self.w1 = torch.nn.Parameter(torch.empty(features.shape[1], hidden))
        self.w2 = torch.nn.Parameter(torch.empty(hidden, classes))
        torch.nn.init.xavier_uniform_(self.w1)
        torch.nn.init.xavier_uniform_(self.w2)

    def forward(self):
        h = F.relu(torch.sparse.mm(self.s, torch.sparse.mm(self.x, self.w1)))
        h = F.dropout(h, 0.5, self.training)
        return torch.sparse.mm(self.s, h @ self.w2)


class GeometricGCN(torch.nn.Module):
    """Dense features, as PyTorch Geometric's data sets have them."""

    def __init__(self, features, edges, nodes, hidden, classes):
        super().__init__()
        self.x = torch.tensor(features.toarray())
        self.edges = edges
        self.one = GCNConv(features.shape[1], hidden, cached=True, bias=False)
        self.two = GCNConv(hidden, classes, cached=True, bias=False)

    def forward(self):
        return self.two(F.dropout(F.relu(self.one(self.x, self.edges)), 0.5, self.training), self.edges)


class GeometricGAT(torch.nn.Module):
    def __init__(self, features, edges, nodes, hidden, classes):
        super().__init__()
        self.x = torch.tensor(features.toarray())
        self.edges = edges
        self.one = GATConv(features.shape[1], 8, heads=8, dropout=0.6, bias=False)
        self.two = GATConv(64, classes, heads=1, dropout=0, bias=False)

    def forward(self):
        h = F.elu(self.one(F.dropout(self.x, 0.6, self.training), self.edges))
        return self.two(F.dropout(h, 0.6, self.training), self.edges)


def train(model, labels, index, epochs):
    """Processor milliseconds of an epoch, and the test accuracy at the best validation epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
    best = (0, 0)
    start = time.process_time()
    for _ in range(epochs):
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(model()[index["train"]], labels[index["train"]]).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            right = model().argmax(dim=1) == labels
        validation = right[index["val"]].float().mean().item()
        if validation >= best[0]:
            best = (validation, right[index["test"]].float().mean().item())
    return 1000 * (time.process_time() - start) / epochs, best[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--models", default="gcn,gat")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    data = read(arguments.folder)
    features, edges, labels, index = data
    print(f"torch {torch.__version__}, torch_geometric {torch_geometric.__version__}, Python {platform.python_version()}, "
          f"{arguments.threads} threads")
    rivals = {"gcn": [("PyTorch, sparse features", SparseGCN), ("PyTorch Geometric", GeometricGCN)],
              "gat": [("PyTorch Geometric", GeometricGAT)]}
    for model in arguments.models.split(","):
        times = {}
        for _ in range(arguments.rounds):
            hidden = 512 if model == "gcn" else 8
            command = [arguments.program, "--timing", "--data", arguments.folder, "--model", model, "--hidden", str(hidden),
                       "--epochs", str(arguments.epochs), "--threads", str(arguments.threads)]
            line = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            times.setdefault("graphmill", []).append(float(re.search(r"([\d.,]+) ms processor", line)[1].replace(",", "")))
            for name, kind in rivals[model]:
                torch.manual_seed(1)
                network = kind(features, edges, features.shape[0], hidden, int(labels.max()) + 1)
                times.setdefault(name, []).append(train(network, labels, index, arguments.epochs)[0])
        own = min(times["graphmill"])
        for name, values in times.items():
            print(f"{model}: {name}: {min(values):.2f} ms an epoch, {min(values) / own:.1f} times graphmill's")


if __name__ == "__main__":
    main()
