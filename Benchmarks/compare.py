#!/usr/bin/env python3
"""Graphmill beside its peers: the same file, in turn, medians of ratios.

    Benchmarks/compare.py [--edges 10000000] [--scale 20] [--rounds 5] [--work DIR] [--only ingest,strings,kernels,sparsify,triangles,open]

Builds the benchmark program and the command, generates an R-MAT edge list, and runs every pair A B A B ... in fresh
processes. Seconds are processor time of the one call (imports excluded), one thread unless said.
Peers come from PyPI: numpy scipy polars networkit igraph. A peer that is not installed is left out.
"""
import argparse, json, os, platform, statistics, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)

CPU = """
import sys, time, resource, json
P = sys.argv[1]
def cpu():
    r = resource.getrusage(resource.RUSAGE_SELF)
    return r.ru_utime + r.ru_stime
def best(f, n):
    times = []
    for _ in range(n):
        c = cpu(); f(); times.append(cpu() - c)
    return min(times)
def say(**k): print(json.dumps(k))
"""

PEERS = {
    "polars + SciPy": CPU + """
import os
os.environ["POLARS_MAX_THREADS"] = "1"
import polars as pl, numpy as np, scipy.sparse as sp
c = cpu()
d = pl.read_csv(P, separator="\\t", has_header=False, schema={"a": pl.Int32, "b": pl.Int32})
u = d["a"].to_numpy(); v = d["b"].to_numpy(); n = int(max(u.max(), v.max())) + 1
a = sp.csr_array((np.ones(2 * len(u), np.int8), (np.r_[u, v], np.r_[v, u])), shape=(n, n)); a.sum_duplicates()
say(cpu=cpu() - c)
""",
    "polars, text only": CPU + """
import os
os.environ["POLARS_MAX_THREADS"] = "1"
import polars as pl
c = cpu(); d = pl.read_csv(P, separator="\\t", has_header=False)
say(cpu=cpu() - c)
""",
    "NetworKit reader": CPU + """
import networkit as nk
nk.setNumberOfThreads(1)
c = cpu(); g = nk.graphio.EdgeListReader("\\t", 0, directed=False).read(P)
say(cpu=cpu() - c)
""",
    "igraph reader": CPU + """
import igraph as ig
c = cpu(); g = ig.Graph.Read_Edgelist(P, directed=False)
say(cpu=cpu() - c)
""",
    "NetworKit kernels": CPU + """
import networkit as nk
nk.setNumberOfThreads(1)
g = nk.graphio.EdgeListReader("\\t", 0, directed=False).read(P)
g.removeSelfLoops(); g.removeMultiEdges()
s = max(range(0, g.numberOfNodes(), 997), key=g.degree)
say(bfs=best(lambda: nk.distance.BFS(g, s, storePaths=False).run(), 3),
    cc=best(lambda: nk.components.ConnectedComponents(g).run(), 3))
""",
    "NetworKit clustering": CPU + """
import networkit as nk
nk.setNumberOfThreads(1)
g = nk.graphio.EdgeListReader("\\t", 0, directed=False).read(P)
g.removeSelfLoops(); g.removeMultiEdges()
say(clustering=best(lambda: nk.centrality.LocalClusteringCoefficient(g).run(), 1))
""",
    "NetworKit LocalDegree": CPU + """
import networkit as nk
nk.setNumberOfThreads(1)
g = nk.graphio.EdgeListReader("\\t", 0, directed=False).read(P)
g.removeSelfLoops(); g.removeMultiEdges(); g.indexEdges()
say(scores=best(lambda: nk.sparsification.LocalDegreeScore(g).run(), 3))
""",
}


def write_rmat(path, scale, edges, seed=42):
    """R-MAT 0.57 0.19 0.19 0.05, ids scattered, lines in drawn order, duplicates and loops as they come."""
    import numpy as np, polars as pl
    rng = np.random.default_rng(seed)
    u = np.zeros(edges, np.int64); v = np.zeros(edges, np.int64)
    for _ in range(scale):
        r = rng.random(edges)
        u = (u << 1) | (r >= .76)
        v = (v << 1) | (((r >= .57) & (r < .76)) | (r >= .95))
    ids = rng.permutation(1 << scale)
    pl.DataFrame({"u": ids[u], "v": ids[v]}).write_csv(path, separator="\t", include_header=False)


def run(argv):
    out = subprocess.run(argv, capture_output=True, text=True)
    if out.returncode:
        raise RuntimeError(out.stderr.strip().splitlines()[-1] if out.stderr.strip() else f"exit {out.returncode}")
    return [json.loads(line) for line in out.stdout.splitlines() if line.startswith("{")]


def peer(name, path):
    return run([sys.executable, "-c", PEERS[name], path])[0]


def ours(program, stage, path, threads=1, repeats=1):
    rows = run([program, stage, path, "--threads", str(threads), "--repeats", str(repeats)])
    return {row["stage"]: row for row in rows}


def median(values):
    return statistics.median(values)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edges", type=int, default=10_000_000)
    parser.add_argument("--scale", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", default="/tmp/graphmill-benchmarks")
    parser.add_argument("--only", default="ingest,strings,kernels,sparsify,triangles,open")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    only = args.only.split(",")

    for package, product in ((ROOT, "graphmill"), (HERE, "graphmill-bench")):
        subprocess.run(["swift", "build", "-c", "release", "--package-path", package, "--product", product], check=True,
                       stdout=subprocess.DEVNULL)
    command = os.path.join(ROOT, ".build/release/graphmill")
    program = os.path.join(HERE, ".build/release/graphmill-bench")

    text = os.path.join(args.work, f"rmat-{args.scale}-{args.edges}.tsv")
    if not os.path.exists(text):
        write_rmat(text, args.scale, args.edges)
    container = text.replace(".tsv", ".gmg")
    if not os.path.exists(container):
        subprocess.run([command, "convert", text, container, "--quiet", "--manifest", "none"], check=True)

    table = []

    def compare(what, mine, theirs, stage_mine, key_theirs, peer_name):
        ratios, a, b = [], [], []
        try:
            for _ in range(args.rounds):
                x = mine()[stage_mine]
                y = theirs()
                a.append(x["cpu"]); b.append(y[key_theirs]); ratios.append(x["cpu"] / y[key_theirs])
        except RuntimeError as error:
            table.append((what, peer_name, "", "", f"left out: {error}"))
            return
        spread = f"{min(ratios):.3f}–{max(ratios):.3f}"
        table.append((what, peer_name, f"{median(a):.4f}", f"{median(b):.4f}", f"{median(ratios):.3f} ({spread})"))

    def alone(what, rows):
        for stage, row in rows.items():
            table.append((f"{what}: {stage}", "", f"{row['cpu']:.4f}", "", f"wall {row['wall']:.4f} s, peak {row['peak_mib']} MiB"))

    if "ingest" in only:
        for name in ("polars + SciPy", "NetworKit reader", "igraph reader"):
            compare("ingest", lambda: ours(program, "ingest", text), lambda: peer(name, text), "ingest", "cpu", name)
        walls = [[ours(program, "ingest", text, t, repeats=3)["ingest"]["wall"] for t in (1, 2)] for _ in range(args.rounds)]
        speedups = [one / two for one, two in walls]
        table.append(("ingest, 2 threads", "1 thread (wall)", f"{median([w[1] for w in walls]):.4f}",
                      f"{median([w[0] for w in walls]):.4f}", f"speed-up {median(speedups):.2f}"))
        alone("ingest", ours(program, "ingest", text))
    if "strings" in only:
        strings = text.replace(".tsv", "-strings.tsv")
        if not os.path.exists(strings):
            with open(text) as source, open(strings, "w") as target:
                for line in source:
                    u, v = line.split()
                    target.write(f"user_{u:0>8}\tuser_{v:0>8}\n")
        compare("ingest of string ids", lambda: ours(program, "ingest", strings),
                lambda: peer("polars, text only", strings), "ingest", "cpu", "polars, text only")
    if "open" in only:
        for threads in (1, 2):
            alone(f"container, {threads} thread(s)", ours(program, "open", container, threads, repeats=5))
    if "kernels" in only:
        for stage in ("bfs", "cc"):
            compare(stage, lambda: ours(program, "kernels", text, repeats=3), lambda: peer("NetworKit kernels", text),
                    stage, stage, "NetworKit")
    if "sparsify" in only:
        compare("TEDDY, score + select + graph", lambda: ours(program, "sparsify", text, repeats=3),
                lambda: peer("NetworKit LocalDegree", text), "teddy", "scores", "NetworKit LocalDegree, scores only")

        compare("local degree, score + select + graph", lambda: ours(program, "sparsify", text, repeats=3),
                lambda: peer("NetworKit LocalDegree", text), "local degree", "scores", "NetworKit LocalDegree, scores only")
    if "triangles" in only:
        compare("clustering", lambda: ours(program, "triangles", text), lambda: peer("NetworKit clustering", text),
                "clustering", "clustering", "NetworKit")

    with open("/proc/cpuinfo") as info:
        cpu = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "?")
    print(f"\n{args.edges:,} lines, R-MAT scale {args.scale}; {cpu}, {os.cpu_count()} cores, {platform.system()}; "
          f"{args.rounds} rounds in turn\n")
    print("| what | beside | Graphmill, CPU s | peer, CPU s | ratio of medians (range) or note |")
    print("|---|---|---|---|---|")
    for row in table:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
