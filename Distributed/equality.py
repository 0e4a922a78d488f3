"""Compares runs on Spark with the local command, bit by bit, and counts the bytes that Spark shuffled.

    python Distributed/equality.py --worker .build/release/graphmill [--lines 100000 1000000] [GRAPH …]
    python Distributed/equality.py --worker .build/release/graphmill --growth 100000 1000000 10000000
    python Distributed/equality.py --worker .build/release/graphmill --summaries 20 [--apply-limit 20000] [GRAPH …]

Graphs are edge lists; those of --lines are R-MAT graphs of so many lines. One row a graph: edges whose score differs
in any bit, edges that only one side keeps (30 % removed; 99 % removed), nodes whose degree, component or PageRank
after ten rounds differs in any bit, the difference of triangle counts, whether the trees of the same groups are the
same file, and the bytes that sparsify shuffled, an edge. With --growth R-MAT graphs are only sparsified: bytes and
seconds. With --summaries the graphs are only summarized, in so many rounds: the same file, byte for byte? With a small
--apply-limit merges are applied by levels. Ends with 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from graphmill_spark import Program, blocks, edge_keys, kernels, read_edges, session, slugger, sparsify

COLUMNS = (
    "graph", "nodes", "edges", "scores", "kept 70 %", "kept 1 %", "degrees", "components", "pagerank", "triangles",
    "trees", "bytes an edge")


def local(worker: str, *arguments: object) -> dict:
    said = subprocess.run(
        [worker, *map(str, arguments), "--json", "--force", "--manifest", "none", "--quiet"], capture_output=True,
        text=True, check=True)
    return json.loads(said.stdout)


def table(path: Path, names: list[str]) -> pd.DataFrame:
    """A table of the local command; numbers are read to the last bit."""
    found = pd.read_csv(path, sep="\t", comment="#", header=None, names=names, float_precision="round_trip")
    return found.sort_values(names[:-1]).reset_index(drop=True)


def different(found: pd.DataFrame, expected: pd.DataFrame) -> int:
    """Rows that are not the same bits on both sides."""
    names = list(expected.columns)
    found = found[names].sort_values(names[:-1]).reset_index(drop=True)
    if len(found) != len(expected):
        return max(len(found), len(expected))
    same = np.ones(len(found), bool)
    for name in names:
        a, b = found[name].to_numpy(), expected[name].to_numpy()
        same &= a.view(np.int64) == b.astype(a.dtype).view(np.int64)
    return int((~same).sum())


def row(spark, worker: str, graph: Path, folder: Path, parts: int) -> tuple:
    program = Program(worker)
    out = folder / "out.tsv"
    edges = read_edges(spark, str(graph), partitions=parts)
    count, nodes = edges.count(), edges.nodes.count()

    local(worker, "sparsify", graph, out, "--remove", 0, "--scores", folder / "scores.tsv")
    keys = edge_keys(edges, program).toPandas()
    keys["score"] = keys["key"].to_numpy().view(np.float64)
    scores = different(keys, table(folder / "scores.tsv", ["u", "v", "score"]))
    kept = []
    for share in (0.3, 0.99):
        local(worker, "sparsify", graph, out, "--remove", share)
        ours = sparsify(edges, program, remove=share).edges.select("u", "v").toPandas()
        theirs = table(out, ["u", "v"]) if out.stat().st_size else pd.DataFrame({"u": [], "v": []})
        kept.append(len(set(map(tuple, ours.to_numpy())) ^ set(map(tuple, theirs.to_numpy()))))
    figures = []
    for kernel, name, frame in [
        ("degree", "degree", kernels.degrees(edges)), ("components", "component", kernels.components(edges)),
        ("pagerank", "score", kernels.pagerank(edges, program, rounds=10)),
    ]:
        flags = ["--rounds", 10, "--tolerance", 0] if kernel == "pagerank" else []
        local(worker, "stats", kernel, graph, "--undirected", "--loops", "drop", "--out", out, *flags)
        figures.append(different(frame.toPandas(), table(out, ["node", name])))
    triangles = kernels.triangles(edges) - local(worker, "stats", "triangles", graph)["triangles"]
    groups, trees = folder / "groups.tsv", [folder / "local.json", folder / "spark.json"]
    local(worker, "communities", graph, "--method", "louvain", "--labels", groups)
    local(worker, "communities", graph, "--groups", groups, "--tree", trees[0])
    blocks.write_tree(blocks.count_blocks(edges, blocks.read_labels(spark, str(groups))), program, str(trees[1]))
    same = trees[0].read_bytes() == trees[1].read_bytes()
    spark.catalog.clearCache()
    return (graph.name, nodes, count, scores, *kept, *figures, triangles, "same" if same else "differ")


def shuffled(worker: str, graph: Path, folder: Path, master: str, parts: int) -> tuple[int, dict]:
    """The bytes that one sparsification writes for shuffles, by Spark's own log; and its figures."""
    log = folder / "events"
    log.mkdir(exist_ok=True)
    code = (
        "import sys; from graphmill_spark import session, cli; session(sys.argv[1], settings={"
        "'spark.eventLog.enabled': 'true', 'spark.eventLog.dir': 'file://' + sys.argv[2], "
        "'spark.eventLog.compress': 'false', 'spark.eventLog.rolling.enabled': 'false', 'spark.ui.enabled': 'false'}); "
        "sys.exit(cli.main(sys.argv[3:]))")
    said = subprocess.run(
        [sys.executable, "-c", code, master, str(log), "sparsify", str(graph), str(folder / "parts"), "--remove", "0.3",
         "--yes", "--force", "--json", "--worker-installed", worker, "--partitions", str(parts)], check=True,
        capture_output=True, text=True)
    total = 0
    for path in log.iterdir():
        for line in path.open():
            event = json.loads(line)
            if event["Event"] == "SparkListenerTaskEnd" and event["Task End Reason"]["Reason"] == "Success":
                total += event["Task Metrics"]["Shuffle Write Metrics"]["Shuffle Bytes Written"]
        path.unlink()
    return total, json.loads(said.stdout)


def rmat(worker: str, folder: Path, lines: int) -> Path:
    """An R-MAT graph without the comment that tells the local reader of nodes without edges: not for Spark."""
    graph, whole = folder / f"rmat-{lines}.tsv", folder / "whole.tsv"
    local(worker, "generate", "rmat", whole, "--nodes", max(2, lines // 8), "--edges", lines)
    with whole.open() as source, graph.open("w") as target:
        target.writelines(line for line in source if not line.startswith("#"))
    return graph


def grow(options: argparse.Namespace, worker: str, folder: Path) -> int:
    print("| lines | nodes | edges | shuffled MB | bytes an edge | seconds |\n|---|---|---|---|---|---|", flush=True)
    for lines in options.growth:
        graph = rmat(worker, folder, lines)
        total, record = shuffled(worker, graph, folder, options.master, options.partitions)
        edges = record["edges_before"]
        kept = local(worker, "sparsify", graph, folder / "kept.tsv", "--remove", 0.3)
        right = kept["edges_after"] == record["edges_after"] and local(
            worker, "info", folder / "kept.tsv", "--hash")["edge_sum"] == record["edge_sum"]
        print(f"| {lines:,} | {record['nodes']:,} | {edges:,} | {total / 1e6:.1f} | {total / edges:.1f} | "
              f"{record['seconds']:.0f}{'' if right else ' WRONG'} |", flush=True)
        if not right:
            return 1
    return 0


def summaries(options: argparse.Namespace, spark, worker: str, graphs: list[Path], folder: Path) -> int:
    names = ("graph", "nodes", "edges", "cost", "rounds", "merges", "refused", "levels", "bytes", "file", "seconds")
    print("| " + " | ".join(names) + " |\n|" + "---|" * len(names), flush=True)
    differ = 0
    for graph in graphs:
        begin = time.monotonic()
        local(worker, "summarize", graph, folder / "local.gms", "--undirected", "--loops", "drop", "--iterations",
              options.summaries)
        edges = read_edges(spark, str(graph), partitions=options.partitions)
        found = slugger.summarize(
            edges, Program(worker), str(folder / "spark.gms"), settings=slugger.Settings(options.summaries),
            apply_limit=options.apply_limit)
        same = (folder / "local.gms").read_bytes() == (folder / "spark.gms").read_bytes()
        differ += not same
        refused = sum(part["refused"] for part in found["rounds"])
        levels = sum(part["levels"] for part in found["rounds"])
        cells = (graph.name, found["nodes"], found["edges"], found["cost"], len(found["rounds"]), found["merges"],
                 refused, levels, found["bytes"], "same" if same else "differ", f"{time.monotonic() - begin:.0f}")
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
        spark.catalog.clearCache()
    return int(differ > 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graphs", nargs="*", type=Path)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--lines", nargs="*", type=int, default=[])
    parser.add_argument("--growth", nargs="*", type=int)
    parser.add_argument("--summaries", type=int)
    parser.add_argument("--apply-limit", type=int, default=slugger.APPLY_LIMIT)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--partitions", type=int, default=16)
    options = parser.parse_args()
    worker = str(Path(options.worker).resolve())
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.growth is not None:
            return grow(options, worker, folder)
        graphs = [*options.graphs, *(rmat(worker, folder, lines) for lines in options.lines)]
        # Before a session of this process holds memory.
        sizes = [] if options.summaries is not None else [
            shuffled(worker, graph, folder, options.master, options.partitions)[0] for graph in graphs]
        spark = session(options.master, settings={"spark.ui.enabled": "false", "spark.driver.maxResultSize": "0"})
        if options.summaries is not None:
            return summaries(options, spark, worker, graphs, folder)
        for graph, size in zip(graphs, sizes, strict=True):
            found = row(spark, worker, graph, folder, options.partitions)
            rows.append((*found, f"{size / max(1, found[2]):.1f}"))
            print(" | ".join(map(str, rows[-1])), file=sys.stderr, flush=True)
        spark.stop()
    print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
    for found in rows:
        print("| " + " | ".join(map(str, found)) + " |")
    return int(any(value not in (0, "same") for found in rows for value in found[3:-1]))


if __name__ == "__main__":
    sys.exit(main())
