#!/usr/bin/env python3
"""The kernels of every week beside GAP, NetworKit, igraph and SciPy: the same graph, in turn, one thread.

    Benchmarks/compare_kernels.py GRAPH [--gap FOLDER] [--rounds 3] [--threads 1] [--work DIR]
                                  [--only bfs,cc,pr,sssp,kcore,tc,clustering,bc] [--peers gap,networkit,igraph,scipy]

GRAPH is any file that the command reads, best without loops; it is written once as a container and as GAP's `.sg`, with
whole weights from 1 to 255 as `.wsg`. --gap is the folder of GAP's programs, built from its source;
the other peers come from PyPI, and a peer that is missing is left out. Both sides start from the same node. Seconds are
the least of the runs of one process, of the clock for GAP, which tells no other, of the processor for all else; the
table has the median over the rounds and the median of the ratios of neighbors in time.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
KERNELS = ["bfs", "cc", "pr", "sssp", "kcore", "tc", "clustering", "bc"]

COMMON = """
import sys, resource, json
import numpy as np, scipy.sparse as sp
base, start, only = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
def timed(name, call, runs=3):
    if name not in only: return
    least = float("inf")
    for _ in range(runs):
        begun = cpu(); call(); least = min(least, cpu() - begun)
    print(json.dumps({"stage": name, "cpu": least}), flush=True)
def matrix(path, weighted):
    with open(path, "rb") as file:
        directed, arcs, n = file.read(1)[0], *np.fromfile(file, np.int64, 2)
        offsets = np.fromfile(file, np.int64, n + 1)
        raw = np.fromfile(file, np.int32, arcs * (2 if weighted else 1))
    columns = raw[0::2].copy() if weighted else raw
    values = raw[1::2].astype(np.float64) if weighted else np.ones(arcs)
    return sp.csr_array((values, columns, offsets), shape=(n, n))
plain = matrix(base + ".sg", False)
heavy = matrix(base + ".wsg", True) if "sssp" in only else None
"""

PEERS = {
    "networkit": COMMON + """
import networkit as nk
nk.setNumberOfThreads(int(sys.argv[4]))
def graph(a, weighted):
    upper = sp.triu(a).tocoo()
    return nk.GraphFromCoo((upper.data, (upper.row, upper.col)), n=a.shape[0], weighted=weighted, directed=False)
g = graph(plain, False)
timed("bfs", lambda: nk.distance.BFS(g, start, storePaths=False).run())
timed("cc", lambda: nk.components.ConnectedComponents(g).run())
def ranks():
    rank = nk.centrality.PageRank(g, 0.85, 0)
    rank.maxIterations = 20
    rank.run()
timed("pr", ranks, 1)
timed("kcore", lambda: nk.centrality.CoreDecomposition(g).run(), 1)
timed("tc", lambda: nk.centrality.LocalClusteringCoefficient(g).run(), 1)
timed("clustering", lambda: nk.centrality.LocalClusteringCoefficient(g).run(), 1)
if heavy is not None:
    h = graph(heavy, True)
    timed("sssp", lambda: nk.distance.Dijkstra(h, start, storePaths=False).run(), 1)
timed("bc", lambda: nk.centrality.EstimateBetweenness(g, 64).run(), 1)
""",
    "igraph": COMMON + """
import igraph as ig
upper = sp.triu(plain).tocoo()
g = ig.Graph(n=plain.shape[0], edges=np.stack([upper.row, upper.col], 1))
timed("bfs", lambda: g.bfs(start))
timed("cc", lambda: g.connected_components())
timed("pr", lambda: g.pagerank(), 1)
timed("kcore", lambda: g.coreness())
timed("tc", lambda: g.transitivity_undirected(), 1)
timed("clustering", lambda: g.transitivity_local_undirected(), 1)
""",
    "scipy": COMMON + """
from scipy.sparse import csgraph
timed("bfs", lambda: csgraph.breadth_first_order(plain, start))
timed("cc", lambda: csgraph.connected_components(plain, directed=False))
degree = np.maximum(plain.sum(0), 1)
def ranks():
    r = np.full(plain.shape[0], 1 / plain.shape[0])
    for _ in range(20): r = .15 / len(r) + .85 * (plain @ (r / degree))
timed("pr", ranks, 1)
if heavy is not None: timed("sssp", lambda: csgraph.dijkstra(heavy, indices=start), 1)
""",
}

GAP = {"bfs": ["-n", "5"], "cc": ["-n", "5"], "pr": ["-n", "3", "-i", "20", "-t", "0"], "sssp": ["-n", "5"],
       "tc": ["-n", "1"], "bc": ["-n", "1", "-i", "64"]}
TRIAL = re.compile(r"^Trial Time:\s+([\d.]+)", re.M)


def write_weights(base):
    """Writes the graph of `.sg` with weights as `.wsg`: one weight an edge, from the numbers of its ends."""
    import numpy as np
    with open(base + ".sg", "rb") as file:
        head = file.read(17)
        arcs, n = np.frombuffer(head, np.int64, 2, 1)
        offsets = np.fromfile(file, np.int64, n + 1)
        targets = np.fromfile(file, np.int32, arcs)
    sources = np.repeat(np.arange(n, dtype=np.uint64), np.diff(offsets))
    low, high = np.minimum(sources, targets.astype(np.uint64)), np.maximum(sources, targets.astype(np.uint64))
    mixed = (low * np.uint64(0x9E3779B97F4A7C15) ^ high) * np.uint64(0xBF58476D1CE4E5B9)
    pairs = np.empty((arcs, 2), np.int32)
    pairs[:, 0] = targets
    pairs[:, 1] = (mixed >> np.uint64(40)) % np.uint64(255) + np.uint64(1)
    with open(base + ".wsg", "wb") as file:
        file.write(head)
        offsets.tofile(file)
        pairs.tofile(file)


def rows(text):
    return {row["stage"]: row for row in map(json.loads, filter(lambda line: line.startswith("{"), text.splitlines()))}


def run(argv, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    out = subprocess.run(argv, capture_output=True, text=True, env=environment)
    if out.returncode:
        raise RuntimeError((out.stderr.strip().splitlines() or [f"exit {out.returncode}"])[-1])
    return out.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph")
    parser.add_argument("--gap")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--work", default="/tmp/graphmill-benchmarks")
    parser.add_argument("--only", default=",".join(KERNELS))
    parser.add_argument("--peers", default="gap,networkit,igraph,scipy")
    parser.add_argument("--command", help="the command, if not built here")
    parser.add_argument("--program", help="graphmill-bench, if not built here")
    options = parser.parse_args()
    only = options.only.split(",")
    for package, product, given in ((ROOT, "graphmill", options.command), (HERE, "graphmill-bench", options.program)):
        if not given:
            subprocess.run(["swift", "build", "-c", "release", "--package-path", package, "--product", product],
                           check=True, stdout=subprocess.DEVNULL)
    command = options.command or os.path.join(ROOT, ".build/release/graphmill")
    program = options.program or os.path.join(HERE, ".build/release/graphmill-bench")

    os.makedirs(options.work, exist_ok=True)
    base = os.path.join(options.work, os.path.splitext(os.path.basename(options.graph))[0])
    for ending in (".gmg", ".sg"):
        if not os.path.exists(base + ending):
            run([command, "convert", options.graph, base + ending, "-q", "--manifest", "none"], 1)
    if "sssp" in only and not os.path.exists(base + ".wsg"):
        write_weights(base)
    weighted = base + "-weights.gmg"
    if "sssp" in only and not os.path.exists(weighted):
        run([command, "convert", base + ".wsg", weighted, "-q", "--manifest", "none"], 1)

    def ours(names):
        words = ["--threads", str(options.threads), "--kernels", ",".join(names)]
        path = weighted if names == ["sssp"] else base + ".gmg"
        return rows(run([program, "weekly", path, *words], 1))

    start = rows(run([program, "weekly", base + ".gmg", "--kernels", "bfs"], 1))["bfs"]["start"]

    def theirs(peer, names):
        if peer != "gap":
            words = [base, str(start), ",".join(names), str(options.threads)]
            return {name: row["cpu"] for name, row in rows(run([sys.executable, "-c", PEERS[peer], *words], 1)).items()}
        found = {}
        for name in (name for name in names if name in GAP):
            file = base + (".wsg" if name == "sssp" else ".sg")
            where = ["-r", str(start)] if name in ("bfs", "sssp") else []
            out = run([os.path.join(options.gap, name), "-f", file, *GAP[name], *where], options.threads)
            found[name] = min(map(float, TRIAL.findall(out)))
        return found

    print("| kernel | beside | Graphmill, s | peer, s | ratio (range) |\n|---|---|---|---|---|", flush=True)
    for peer in options.peers.split(","):
        if peer == "gap" and not options.gap:
            continue
        pairs = {}
        try:
            for _ in range(options.rounds):
                other = theirs(peer, only)
                mine = {}
                for names in ([name for name in only if name in other and name != "sssp"], ["sssp"]):
                    if all(name in other for name in names) and names:
                        mine |= ours(names)
                for name, seconds in other.items():
                    field = "wall" if peer == "gap" else "cpu"
                    pairs.setdefault(name, []).append((mine[name][field], seconds))
        except RuntimeError as error:
            print(f"| | {peer} | | | left out: {error} |", flush=True)
        for name, found in pairs.items():
            ratios = [a / b for a, b in found]
            print(f"| {name} | {peer} | {statistics.median(a for a, _ in found):.4f} | "
                  f"{statistics.median(b for _, b in found):.4f} | {statistics.median(ratios):.2f} "
                  f"({min(ratios):.2f}–{max(ratios):.2f}) |", flush=True)


if __name__ == "__main__":
    main()
