#!/usr/bin/env python3
"""Graphmill's bottom-up communities beside what users of Python have, in turn on the same graph.

    Benchmarks/compare_communities.py [--program PATH] [--nodes 102400] [--rounds 3]

Draws a balanced binary tree of 16 communities of mean degree 20 (`graphmill generate hsbm`), then runs in turn: the command
(reading a container, counting, clustering, linking, refining, writing labels), scikit-network's Louvain, igraph's multilevel
Louvain, and SciPy's eigsh for the 24 smallest eigenvalues of the Bethe-Hessian, its first stage alone with the number of
communities given. Processor seconds; the peers' graphs are in memory already. A peer that is not installed (PyPI: scipy
scikit-network igraph) is left out.
"""
import argparse, os, resource, statistics, subprocess, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds(work):
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peers(edges, n):
    """Names and functions of a round number."""
    found = {}
    try:
        import numpy as np, scipy.sparse as sparse, scipy.sparse.linalg as linalg
    except ImportError:
        return found
    ends = np.array(edges)
    half = sparse.csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    adjacency = (half + half.T).tocsr()
    try:
        from sknetwork.clustering import Louvain
        found["scikit-network Louvain"] = lambda r: Louvain(random_state=r).fit_predict(adjacency)
    except ImportError:
        pass
    try:
        import igraph
        graph = igraph.Graph(n=n, edges=edges)
        found["igraph multilevel"] = lambda r: graph.community_multilevel()
    except ImportError:
        pass
    degrees = np.asarray(adjacency.sum(1)).ravel()
    rho = (degrees ** 2).sum() / degrees.sum() - 1
    hessian = (sparse.diags(rho - 1 + degrees) - rho ** 0.5 * adjacency).tocsr()
    found["SciPy eigsh, 24 values"] = lambda r: linalg.eigsh(hessian, k=24, which="SA")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=os.path.join(HERE, "../.build/release/graphmill"))
    parser.add_argument("--nodes", type=int, default=102400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        container, text = folder + "/g.gmg", folder + "/g.el"
        quiet = ["-q", "--manifest", "none", "--force"]
        generate = "generate hsbm".split() + [container, "--depth", "4", "--degree", "20", "--ratio", "0.3"]
        subprocess.run([options.program, *generate, "--nodes", str(options.nodes), *quiet], check=True)
        subprocess.run([options.program, "convert", container, text, *quiet], check=True)
        with open(text) as file:
            edges = [tuple(map(int, line.split())) for line in file]
        others = peers(edges, options.nodes)
        ours, theirs = [], {name: [] for name in others}
        for r in range(options.rounds):
            for name, work in others.items():
                before = children()
                command = [options.program, "communities", container, "-t", "1", "--labels", folder + "/l.tsv", *quiet]
                subprocess.run(command, check=True)
                mine = children() - before
                ours.append(mine)
                theirs[name].append((seconds(lambda: work(r)), mine))
        print(f"Graphmill, the whole command: {statistics.median(ours):.2f} s (median of {len(ours)})")
        for name, pairs in theirs.items():
            print(f"{name}: {statistics.median(p[0] for p in pairs):.2f} s, "
                  f"{statistics.median(p[0] / p[1] for p in pairs):.1f} times ours")


main()
