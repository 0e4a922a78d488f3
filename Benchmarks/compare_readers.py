#!/usr/bin/env python3
"""What other programs write, and how graphmill reads it.

Writes small graphs with networkx, igraph, NetworKit, SciPy, numpy, pandas, polars and duckdb in every format that they
have, reads each file with the command, and compares nodes, edges, directions, weights and names with the graph that was
written. Prints a table; exits with 1 when a file is read as another graph. Packages that are not installed are skipped.

    python3 -m venv .venv && .venv/bin/pip install -r Benchmarks/compare_readers.txt
    .venv/bin/python Benchmarks/compare_readers.py --graphmill .build/release/graphmill
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
        nx.write_edgelist(numbers, path("dicts.edgelist"))
        yield Written("networkx write_edgelist, data", path("dicts.edgelist"), directed, NUMBERS, True, used, flags)
        nx.write_edgelist(graph, path("tabs.edgelist"), delimiter="\t", data=["weight"])
        ends = ["a", "b", "c", "d e"]
        yield Written(
            "networkx write_edgelist, tabs", path("tabs.edgelist"), directed, PLAIN, True, ends,
            flags + ["--weights", "yes"])
        multiple = nx.MultiDiGraph(graph) if directed else nx.MultiGraph(graph)
        nx.write_graphml_xml(multiple, path("multiple.graphml"))
        yield Written("networkx write_graphml, multigraph", path("multiple.graphml"), directed, PLAIN, True, graph)
        if load("pandas"):
            nx.to_pandas_edgelist(graph).to_csv(path("frame.csv"))
            yield Written("networkx to_pandas_edgelist", path("frame.csv"), directed, PLAIN, True, ends, flags)
            for name, form in (("named", graph), ("numbered", numbers)):
                nx.to_pandas_adjacency(form).to_csv(path(f"{name}-matrix.csv"))
                yield Written(
                    f"networkx to_pandas_adjacency, {name}", path(f"{name}-matrix.csv"), directed, [], False, [],
                    note="refused")
        for name, write in (
            ("gexf", nx.write_gexf), ("adj", nx.write_adjlist), ("multiline", nx.write_multiline_adjlist),
            ("tex", nx.write_latex),
        ):
            write(graph, path("g." + name))
            yield Written(f"networkx write_{name}", path("g." + name), directed, [], False, [], note="refused")
        for name, data in (("adjacency", nx.adjacency_data), ("cytoscape", nx.cytoscape_data)):
            with open(path(f"{name}.json"), "w", encoding="utf-8") as file:
                json.dump(data(graph), file)
            yield Written(f"networkx {name}_data", path(f"{name}.json"), directed, [], False, [], note="refused")


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
        graph.write_graphmlz(path("g.graphml.gz"))
        yield Written(
            "igraph write_graphmlz", path("g.graphml.gz"), directed, by_id, True, [f"n{i}" for i in range(5)],
            note="ids are the names")
        graph.es["capacity"] = [1] * 4
        graph.write_dimacs(path("g.dimacs"), 0, 3)
        yield Written("igraph write_dimacs, max flow", path("g.dimacs"), directed, [], False, [], note="refused")
        graph.write_adjacency(path("g.adjacency"))
        yield Written("igraph write_adjacency", path("g.adjacency"), directed, [], False, [], note="refused")
        graph.write_picklez(path("g.picklez"))
        yield Written("igraph write_picklez", path("g.picklez"), directed, [], False, [], note="refused")
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
        for name, separator, base in (("EdgeListSpaceZero", " ", 0), ("EdgeListCommaOne", ",", 1)):
            nk.writeGraph(graph, path(name), getattr(formats, name))
            yield Written(
                f"NetworKit {name}", path(name), directed, [(s + base, t + base, w) for s, t, w in NUMBERS], True,
                [n + base for n in (0, 1, 2, 4)], ["--weights", "yes"] + (["--directed"] if directed else []))
        nk.writeGraph(graph, path("g.snap"), formats.SNAP)
        yield Written("NetworKit SNAP", path("g.snap"), directed, [], False, [], note="refused")
        yield Written(
            "NetworKit SNAP, first line dropped", path("g.snap"), directed, NUMBERS, False, [0, 1, 2, 4],
            ["--skip-lines", "1"] + (["--directed"] if directed else []))
        for name, ending, kind_name in (
            ("binary", "nkb", "NetworkitBinary"), ("graph-tool", "gt", "GraphToolBinary"), ("GEXF", "gexf", "GEXF"),
            ("DOT", "dot", "DOT"),
        ):
            form = getattr(formats, kind_name, None) or getattr(formats, "GraphViz", None)
            nk.writeGraph(graph, path("g." + ending), form)
            yield Written(f"NetworKit {name}", path("g." + ending), directed, [], False, [], note="refused")


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
    skew = sparse.coo_array(([2.0, -2.0], ([0, 1], [1, 0])), shape=(2, 2))
    io.mmwrite(path("skew.mtx"), skew)
    yield Written(
        "SciPy mmwrite, skew-symmetric", path("skew.mtx"), True, [(1, 2, 2.0), (2, 1, -2.0)], True, [1, 2])
    io.mmwrite(path("pattern.mtx"), matrix, field="pattern")
    yield Written("SciPy mmwrite, pattern", path("pattern.mtx"), True, one, False, range(1, 6))
    io.savemat(path("g.mat"), {"A": matrix.tocsc()})
    yield Written("SciPy savemat", path("g.mat"), True, [], False, [], note="refused")
    for kind, form in (("bsr", matrix.tobsr()), ("dia", sparse.dia_array(matrix))):
        sparse.save_npz(path(kind + ".npz"), form)
        yield Written(f"SciPy save_npz, {kind}", path(kind + ".npz"), True, [], False, [], note="refused")
    io.mmwrite(path("complex.mtx"), matrix * 1j)
    yield Written("SciPy mmwrite, complex", path("complex.mtx"), True, [], False, [], note="refused")
    numpy.savetxt(path("pairs.txt"), numpy.array([edge[:2] for edge in NUMBERS]), fmt="%d")
    yield Written("numpy savetxt, %d", path("pairs.txt"), False, NUMBERS, False, [0, 1, 2, 4])
    numpy.savetxt(path("default.txt"), numpy.array([edge[:2] for edge in NUMBERS]))
    yield Written("numpy savetxt, default", path("default.txt"), False, [], False, [], note="refused")
    for name, words in (("matrix", {"fmt": "%d"}), ("matrix-default", {}), ("matrix-commas", {"delimiter": ","})):
        numpy.savetxt(path(name + ".txt"), (matrix + matrix.T).toarray(), **words)
        yield Written(f"numpy savetxt, {name}", path(name + ".txt"), False, [], False, [], note="refused")
    numpy.save(path("matrix.npy"), (matrix + matrix.T).toarray())
    yield Written("numpy save, matrix", path("matrix.npy"), False, [], False, [], note="refused")
    numpy.savez(path("plain.npz"), edges=numpy.array([edge[:2] for edge in NUMBERS]))
    yield Written("numpy savez", path("plain.npz"), False, [], False, [], note="refused")
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
    for name, words in (
        ("index", {}), ("tab", {"sep": "\t"}), ("semicolon", {"sep": ";"}), ("bar", {"sep": "|"}),
        ("quoted", {"quoting": 1, "index": False}), ("bom", {"encoding": "utf-8-sig", "index": False}),
        ("crlf", {"lineterminator": "\r\n", "index": False}),
    ):
        frame.to_csv(path(name + ".csv"), **words)
        yield Written(f"pandas to_csv, {name}", path(name + ".csv"), False, PLAIN, True, used)
    frame.to_csv(path("decimal.csv"), sep=";", decimal=",", index=False)
    yield Written("pandas to_csv, decimal comma", path("decimal.csv"), False, [], False, [], note="refused")
    frame.to_csv(path("bare.csv"), header=False, index=False)
    yield Written("pandas to_csv, no header", path("bare.csv"), False, PLAIN, True, used, ["--weights", "yes"])
    frame.to_csv(path("utf16.csv"), encoding="utf-16", index=False)
    yield Written("pandas to_csv, UTF-16", path("utf16.csv"), False, [], False, [], note="refused")
    frame[["weight", "target", "source"]].to_csv(path("order.csv"), index=False)
    yield Written("pandas to_csv, other order", path("order.csv"), False, PLAIN, True, used)
    for name, write in (
        ("pickle", frame.to_pickle), ("json", lambda to: frame.to_json(to, orient="records")),
        ("jsonl", lambda to: frame.to_json(to, orient="records", lines=True)), ("parquet", frame.to_parquet),
        ("feather", frame.to_feather), ("orc", frame.to_orc), ("html", frame.to_html), ("xml", frame.to_xml),
        ("md", frame.to_markdown),
    ):
        write(path("g." + name))
        yield Written(f"pandas to_{name}", path("g." + name), False, [], False, [], note="refused")


def polars_files(folder):
    pl = load("polars")
    if pl is None:
        return
    frame = pl.DataFrame(PLAIN, schema=["source", "target", "weight"], orient="row")
    used = ["a", "b", "c", "d e"]

    def path(name):
        return os.path.join(folder, "pl-" + name)

    for name, words in (
        ("comma", {}), ("tab", {"separator": "\t"}), ("bar", {"separator": "|"}), ("quoted", {"quote_style": "always"}),
        ("fixed", {"float_precision": 3}), ("scientific", {"float_scientific": True}), ("bom", {"include_bom": True}),
    ):
        frame.write_csv(path(name + ".csv"), **words)
        yield Written(f"polars write_csv, {name}", path(name + ".csv"), False, PLAIN, True, used)
    frame.write_csv(path("bare.csv"), include_header=False)
    yield Written("polars write_csv, no header", path("bare.csv"), False, PLAIN, True, used, ["--weights", "yes"])
    for name in ("parquet", "ipc", "ipc_stream", "avro", "json", "ndjson"):
        getattr(frame, "write_" + name)(path("g." + name))
        yield Written(f"polars write_{name}", path("g." + name), False, [], False, [], note="refused")


def duckdb_files(folder):
    duckdb = load("duckdb")
    if duckdb is None:
        return
    connection = duckdb.connect()
    connection.execute("create table edges (source varchar, target varchar, weight double)")
    connection.executemany("insert into edges values (?, ?, ?)", PLAIN)
    used = ["a", "b", "c", "d e"]

    def path(name):
        return os.path.join(folder, "db-" + name)

    for name, words in (
        ("comma.csv", ""), ("tab.tsv", "(format csv, delimiter '\t')"), ("bar.csv", "(delimiter '|')"),
        ("quoted.csv", "(force_quote *)"), ("packed.csv.gz", "(format csv, compression gzip)"),
        ("packed.csv.zst", "(format csv, compression zstd)"),
    ):
        connection.execute(f"copy edges to '{path(name)}' {words}")
        yield Written(f"duckdb copy, {name}", path(name), False, PLAIN, True, used)
    connection.execute(f"copy edges to '{path('bare.csv')}' (header false)")
    yield Written("duckdb copy, no header", path("bare.csv"), False, PLAIN, True, used, ["--weights", "yes"])
    for name, words in (("g.parquet", ""), ("g.json", ""), ("array.json", "(array true)")):
        connection.execute(f"copy edges to '{path(name)}' {words}")
        yield Written(f"duckdb copy, {name}", path(name), False, [], False, [], note="refused")
    connection.execute(f"attach '{path('g.duckdb')}' as kept; create table kept.edges as from edges; detach kept")
    yield Written("duckdb database", path("g.duckdb"), False, [], False, [], note="refused")


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
        return ("right", refusal.split(": ", 3)[-1]) if graph is None else ("WRONG", "was read")
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


WRITERS = (
    networkx_files, igraph_files, networkit_files, scipy_files, pandas_files, polars_files, duckdb_files,
)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphmill", default=".build/release/graphmill", help="the command")
    parser.add_argument("--keep", metavar="FOLDER", help="write the files here and keep them")
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        names = [files.__name__.removesuffix("_files") for files in WRITERS]
        print(", ".join(f"{name} {load(name).__version__}" for name in names if load(name)) + "\n")
        print("| writer | file | verdict | read as |\n|---|---|---|---|")
        for files in WRITERS:
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
