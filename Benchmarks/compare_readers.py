#!/usr/bin/env python3
"""What other programs write, and how graphmill reads it.

Writes small graphs with networkx, igraph, NetworKit, SciPy and pandas in every format that they have, reads each file
with the command, and compares nodes, edges, directions, weights and names with the graph that was written. Prints a
table; exits with 1 when a file is read as another graph. Packages that are not installed are skipped.

    python3 Benchmarks/compare_readers.py --graphmill .build/release/graphmill
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile

PLAIN = [("a", "b", 1.5), ("b", "c", 2.0), ("c", "d e", 0.25), ("a", "c", 3.0)]
NUMBERS = [(0, 1, 2.0), (1, 2, 3.0), (2, 4, 1.0), (0, 4, 5.0)]


class Written:
    """A file, and the graph that it must be."""

    def __init__(self, writer, path, directed, edges, weighted, nodes, flags=(), note=""):
        self.writer, self.path, self.directed = writer, path, directed
        self.weighted, self.nodes, self.flags, self.note = weighted, {str(node) for node in nodes}, list(flags), note
        self.edges = set()
        for source, target, weight in edges:
            ends = [str(source), str(target)]
            if not directed:
                ends.sort()
            self.edges.add((*ends, float(weight) if weighted else None))


def load(name):
    """A module, or nothing where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def networkx_files(folder):
    nx = load("networkx")
    if nx is None:
        return
    for directed in (False, True):
        graph = nx.DiGraph() if directed else nx.Graph()
        graph.add_weighted_edges_from(PLAIN)
        graph.add_node("alone")
        numbers = nx.DiGraph() if directed else nx.Graph()
        numbers.add_nodes_from(range(5))
        numbers.add_weighted_edges_from(NUMBERS)
        kind = "directed" if directed else "undirected"
        flags = ["--directed"] if directed else []

        def path(name):
            return os.path.join(folder, f"nx-{kind}-{name}")

        nx.write_graphml_xml(graph, path("g.graphml"))
        yield Written("networkx write_graphml", path("g.graphml"), directed, PLAIN, True, graph)
        nx.write_gml(graph, path("g.gml"))
        yield Written("networkx write_gml", path("g.gml"), directed, PLAIN, True, graph)
        nx.write_pajek(graph, path("g.net"))
        yield Written("networkx write_pajek", path("g.net"), directed, PLAIN, True, graph)
        for key in ("edges", "links"):
            with open(path(f"{key}.json"), "w", encoding="utf-8") as file:
                json.dump(nx.node_link_data(graph, edges=key), file)
            yield Written(f"networkx node_link_data, {key}", path(f"{key}.json"), directed, PLAIN, True, graph)
        nx.write_weighted_edgelist(numbers, path("g.wel"))
        used = [0, 1, 2, 4]
        yield Written("networkx write_weighted_edgelist", path("g.wel"), directed, NUMBERS, True, used, flags)
        nx.write_edgelist(numbers, path("g.edgelist"), data=False)
        yield Written("networkx write_edgelist", path("g.edgelist"), directed, NUMBERS, False, used, flags)
        if not directed:
            bare = nx.Graph(numbers.edges())
            bare.add_nodes_from(range(5))
            ordered = nx.Graph()
            ordered.add_nodes_from(range(5))
            ordered.add_edges_from(bare.edges())
            nx.write_graph6(ordered, path("g.g6"))
            yield Written("networkx write_graph6", path("g.g6"), False, NUMBERS, False, range(5))
            nx.write_sparse6(ordered, path("g.s6"))
            yield Written("networkx write_sparse6", path("g.s6"), False, NUMBERS, False, range(5))
        for name, write in (("gexf", nx.write_gexf), ("adj", nx.write_adjlist)):
            write(graph, path("g." + name))
            yield Written(f"networkx write_{name}", path("g." + name), directed, [], False, [], note="refused")


def igraph_files(folder):
    ig = load("igraph")
    if ig is None:
        return
    for directed in (False, True):
        kind = "directed" if directed else "undirected"
        graph = ig.Graph(directed=directed)
        names = ["a", "b", "c", "d e", "alone"]
        graph.add_vertices(names)
        graph.add_edges([edge[:2] for edge in PLAIN], {"weight": [edge[2] for edge in PLAIN]})

        def path(name):
            return os.path.join(folder, f"ig-{kind}-{name}")

        number = {name: index for index, name in enumerate(names)}
        zero = [(number[source], number[target], weight) for source, target, weight in PLAIN]
        by_id = [(f"n{source}", f"n{target}", weight) for source, target, weight in zero]
        graph.write_graphml(path("g.graphml"))
        yield Written(
            "igraph write_graphml", path("g.graphml"), directed, by_id, True, [f"n{i}" for i in range(5)],
            note="ids are the names")
        graph.write_gml(path("g.gml"))
        yield Written("igraph write_gml", path("g.gml"), directed, PLAIN, True, names)
        graph.write_pajek(path("g.net"))
        yield Written("igraph write_pajek", path("g.net"), directed, PLAIN, True, names)
        graph.write_edgelist(path("g.el"))
        yield Written(
            "igraph write_edgelist", path("g.el"), directed, zero, False, range(4), ["--directed"] if directed else [])
        if not directed:
            plain = ig.Graph(edges=[edge[:2] for edge in zero], edge_attrs={"weight": [edge[2] for edge in zero]}, n=5)
            plain.vs["name"] = ["a", "b", "c", "d", "alone"]
            short = [(source, target.split()[0], weight) for source, target, weight in PLAIN]
            plain.write_ncol(path("g.ncol"))
            yield Written("igraph write_ncol", path("g.ncol"), False, short, True, ["a", "b", "c", "d"])
            plain.write_lgl(path("g.lgl"))
            yield Written("igraph write_lgl", path("g.lgl"), False, short, True, ["a", "b", "c", "d", "alone"])
        graph.write_leda(path("g.gw"), names="name", weights="weight")
        yield Written("igraph write_leda", path("g.gw"), directed, [], False, [], note="refused")
        graph.write_dot(path("g.dot"))
        yield Written("igraph write_dot", path("g.dot"), directed, [], False, [], note="refused")
        graph.write_pickle(path("g.pickle"))
        yield Written("igraph write_pickle", path("g.pickle"), directed, [], False, [], note="refused")


def networkit_files(folder):
    nk = load("networkit")
    if nk is None:
        return
    for directed in (False, True):
        kind = "directed" if directed else "undirected"
        graph = nk.Graph(5, weighted=True, directed=directed)
        for source, target, weight in NUMBERS:
            graph.addEdge(source, target, weight)

        def path(name):
            return os.path.join(folder, f"nk-{kind}-{name}")

        one = [(source + 1, target + 1, weight) for source, target, weight in NUMBERS]
        formats = nk.Format if hasattr(nk, "Format") else nk.graphio.Format
        if not directed:
            nk.writeGraph(graph, path("g.metis"), formats.METIS)
            yield Written("NetworKit METIS", path("g.metis"), False, one, True, range(1, 6))
        nk.writeGraph(graph, path("g.graphml"), formats.GraphML)
        yield Written("NetworKit GraphML", path("g.graphml"), directed, NUMBERS, True, range(5))
        nk.writeGraph(graph, path("g.gml"), formats.GML)
        yield Written("NetworKit GML", path("g.gml"), directed, NUMBERS, False, range(5), note="writes no weights")
        nk.writeGraph(graph, path("g.edgelist"), formats.EdgeListTabOne)
        used = [1, 2, 3, 5]
        yield Written(
            "NetworKit EdgeListTabOne", path("g.edgelist"), directed, one, True, used,
            ["--weights", "yes"] + (["--directed"] if directed else []))
        nk.writeGraph(graph, path("g.nkb"), formats.NetworkitBinary)
        yield Written("NetworKit binary", path("g.nkb"), directed, [], False, [], note="refused")


def scipy_files(folder):
    sparse, io = load("scipy.sparse"), load("scipy.io")
    if sparse is None or io is None:
        return
    import numpy

    rows, columns = [edge[0] for edge in NUMBERS], [edge[1] for edge in NUMBERS]
    matrix = sparse.coo_array(([edge[2] for edge in NUMBERS], (rows, columns)), shape=(5, 5))
    one = [(source + 1, target + 1, weight) for source, target, weight in NUMBERS]

    def path(name):
        return os.path.join(folder, "sp-" + name)

    for kind, form in (("csr", matrix.tocsr()), ("csc", matrix.tocsc()), ("coo", matrix)):
        for packed in (True, False):
            name = f"{kind}{'-deflated' if packed else ''}.npz"
            sparse.save_npz(path(name), form, compressed=packed)
            yield Written(f"SciPy save_npz, {name[:-4]}", path(name), True, NUMBERS, True, range(5))
    sparse.save_npz(path("bool.npz"), matrix.tocsr().astype(bool))
    yield Written("SciPy save_npz, bool", path("bool.npz"), True, NUMBERS, False, range(5))
    io.mmwrite(path("general.mtx"), matrix)
    yield Written("SciPy mmwrite", path("general.mtx"), True, one, True, range(1, 6))
    whole = sparse.coo_array((numpy.array([2, 3, 1, 5], dtype=numpy.uint64), (rows, columns)), shape=(5, 5))
    io.mmwrite(path("unsigned.mtx"), whole)
    yield Written("SciPy mmwrite, unsigned", path("unsigned.mtx"), True, one, True, range(1, 6))
    io.mmwrite(path("symmetric.mtx"), matrix + matrix.T)
    yield Written("SciPy mmwrite, symmetric", path("symmetric.mtx"), False, one, True, range(1, 6))
    io.mmwrite(path("dense.mtx"), matrix.toarray())
    yield Written("SciPy mmwrite, array", path("dense.mtx"), True, [], False, [], note="refused")
    for kind in ("int64", "uint32", ">i4", "float64"):
        pairs = numpy.array([edge[:2] for edge in NUMBERS], dtype=kind)
        numpy.save(path(f"pairs-{kind.strip('>')}.npy"), pairs)
        yield Written(f"numpy save {kind}", path(f"pairs-{kind.strip('>')}.npy"), False, NUMBERS, False, [0, 1, 2, 4])
    numpy.save(path("fortran.npy"), numpy.asfortranarray(numpy.array([edge[:2] for edge in NUMBERS])))
    yield Written("numpy save, Fortran order", path("fortran.npy"), False, NUMBERS, False, [0, 1, 2, 4])


def pandas_files(folder):
    pd = load("pandas")
    if pd is None:
        return
    frame = pd.DataFrame(PLAIN, columns=["source", "target", "weight"])

    def path(name):
        return os.path.join(folder, "pd-" + name)

    used = ["a", "b", "c", "d e"]
    frame.to_csv(path("g.csv"), index=False)
    yield Written("pandas to_csv", path("g.csv"), False, PLAIN, True, used)
    for ending in ("gz", "zst", "bz2", "xz"):
        try:
            frame.to_csv(path("g.csv." + ending), index=False)
        except ImportError:
            continue
        yield Written(f"pandas to_csv, {ending}", path("g.csv." + ending), False, PLAIN, True, used)
    frame.to_pickle(path("g.pkl"))
    yield Written("pandas to_pickle", path("g.pkl"), False, [], False, [], note="refused")


def read(graphmill, written):
    """The graph as the command reads it, through node-link JSON; or the first line of its refusal."""
    command = [graphmill, "convert", written.path, "-", "--to", "json", *written.flags]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return None, f"exit {run.returncode}: " + run.stderr.strip().split("\n")[0]
    return json.loads(run.stdout), ""


def verdict(graphmill, written):
    graph, refusal = read(graphmill, written)
    if written.note == "refused":
        return ("right", "refused by name") if graph is None else ("WRONG", "was read")
    if graph is None:
        return "REFUSED", refusal
    if graph["directed"] != written.directed:
        return "WRONG", f"directed is {graph['directed']}"
    nodes = {str(node["id"]) for node in graph["nodes"]}
    if nodes != written.nodes:
        return "WRONG", f"nodes {sorted(nodes)}, not {sorted(written.nodes)}"
    edges = set()
    for edge in graph["edges"]:
        ends = [str(edge["source"]), str(edge["target"])]
        if not written.directed:
            ends.sort()
        edges.add((*ends, edge.get("weight")))
    if edges != written.edges:
        return "WRONG", f"edges {sorted(edges, key=str)}, not {sorted(written.edges, key=str)}"
    return "right", f"{len(nodes)} nodes, {len(edges)} edges" + (f"; {written.note}" if written.note else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphmill", default=".build/release/graphmill", help="the command")
    parser.add_argument("--keep", metavar="FOLDER", help="write the files here and keep them")
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        print("| writer | file | verdict | read as |\n|---|---|---|---|")
        for files in (networkx_files, igraph_files, networkit_files, scipy_files, pandas_files):
            written = None
            for written in files(folder):
                result, detail = verdict(options.graphmill, written)
                failures += result != "right"
                print(f"| {written.writer} | {os.path.basename(written.path)} | {result} | {detail} |")
            if written is None:
                print(f"| {files.__name__.removesuffix('_files')} | | skipped | not installed |")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
