#!/usr/bin/env python3
"""Graphmill's communities beside what users of Python have, in turn on the same graph.

    Benchmarks/compare_communities.py [--program PATH] [--nodes 102400] [--rounds 3] [--graph FILE] [--slow]

Draws a balanced binary tree of 16 communities of mean degree 20 (`graphmill generate hsbm`), or takes any graph that the
command reads, and runs in turn: the command with each method (reading a container, finding, writing labels; one thread),
scikit-network's Louvain, igraph's Leiden (two iterations, modularity), NetworKit's PLM and Leiden; with --slow also
leidenalg, igraph's multilevel Louvain, and SciPy's eigsh for the 24 smallest eigenvalues of the Bethe-Hessian, the first
stage of bottom-up alone. Processor seconds and modularity; the peers' graphs are in memory already. A peer that is not
installed (PyPI: scipy scikit-network igraph networkit leidenalg) is left out.
"""
import argparse, json, os, random, resource, statistics, subprocess, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
METHODS = {"bottom-up": [], "Leiden": ["--method", "leiden"], "Louvain": ["--method", "louvain"]}


def seconds(work, who):
    def now():
        usage = resource.getrusage(who)
        return usage.ru_utime + usage.ru_stime
    before = now()
    result = work()
    return now() - before, result


def peers(edges, n, is_slow):
    """Functions of a round number that give the modularity, or None."""
    found = {}
    try:
        import numpy as np, scipy.sparse as sparse, scipy.sparse.linalg as linalg
    except ImportError:
        return found
    ends = np.array(edges)
    half = sparse.csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    adjacency = (half + half.T).tocsr()
    adjacency.data[:] = 1
    try:
        from sknetwork.clustering import Louvain, get_modularity
        found["scikit-network Louvain"] = lambda r: get_modularity(
            adjacency, Louvain(random_state=r).fit_predict(adjacency))
    except ImportError:
        pass
    try:
        import igraph
        graph = igraph.Graph(n=n, edges=edges)
        graph.simplify()

        def leiden(r):
            random.seed(r)
            return graph.community_leiden("modularity", n_iterations=2).modularity
        found["igraph Leiden"] = leiden
        if is_slow:
            found["igraph multilevel"] = lambda r: graph.community_multilevel().modularity
            import leidenalg
            found["leidenalg"] = lambda r: leidenalg.find_partition(
                graph, leidenalg.ModularityVertexPartition, n_iterations=2, seed=r).modularity
    except ImportError:
        pass
    try:
        import networkit
        networkit.setNumberOfThreads(1)
        other = networkit.Graph(n)
        for u, v in edges:
            other.addEdge(u, v)
        other.removeMultiEdges()

        def partition(method, r):
            networkit.setSeed(r, False)
            run = method(other)
            run.run()
            return networkit.community.Modularity().getQuality(run.getPartition(), other)
        found["NetworKit PLM"] = lambda r: partition(lambda g: networkit.community.PLM(g, refine=False), r)
        found["NetworKit Leiden"] = lambda r: partition(networkit.community.ParallelLeiden, r)
    except ImportError:
        pass
    if is_slow:
        degrees = np.asarray(adjacency.sum(1)).ravel()
        rho = (degrees ** 2).sum() / degrees.sum() - 1
        hessian = (sparse.diags(rho - 1 + degrees) - rho ** 0.5 * adjacency).tocsr()

        def spectrum(r):
            linalg.eigsh(hessian, k=24, which="SA")
        found["SciPy eigsh, 24 values"] = spectrum
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=os.path.join(HERE, "../.build/release/graphmill"))
    parser.add_argument("--nodes", type=int, default=102400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--graph")
    parser.add_argument("--slow", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        container, text = folder + "/g.gmg", folder + "/g.el"
        quiet = ["-q", "--manifest", "none", "--force"]
        if options.graph:
            plain = ["transform", options.graph, container, "--symmetrize", "--simplify"]
        else:
            plain = "generate hsbm".split() + [container, "--depth", "4", "--degree", "20", "--ratio", "0.3"]
            plain += ["--nodes", str(options.nodes)]
        subprocess.run([options.program, *plain, *quiet], check=True)
        subprocess.run([options.program, "convert", container, text, *quiet], check=True)
        numbers = {}
        with open(text) as file:
            rows = [line.split()[:2] for line in file if not line.startswith("#")]
        edges = [tuple(numbers.setdefault(name, len(numbers)) for name in row) for row in rows]
        edges = [edge for edge in edges if edge[0] != edge[1]]
        others = peers(edges, len(numbers), options.slow)

        def ours(method):
            command = [options.program, "communities", container, "-t", "1", "--labels", folder + "/l.tsv", "--json"]
            output = subprocess.run(command + METHODS[method] + quiet, check=True, capture_output=True, text=True)
            return json.loads(output.stdout or output.stderr)["modularity"]

        runs = {name: [] for name in [*METHODS, *others]}
        for r in range(options.rounds):
            for method in METHODS:
                runs[method].append(seconds(lambda: ours(method), resource.RUSAGE_CHILDREN))
            for name, work in others.items():
                runs[name].append(seconds(lambda: work(r), resource.RUSAGE_SELF))
        print(f"{len(numbers)} nodes, {len(edges)} edges; medians of {options.rounds} rounds")
        for name, results in runs.items():
            quality = results[0][1]
            told = "" if quality is None else f", modularity {statistics.median(q for _, q in results):.4f}"
            owner = "Graphmill " if name in METHODS else ""
            print(f"{owner}{name}: {statistics.median(s for s, _ in results):.2f} s{told}")


main()
