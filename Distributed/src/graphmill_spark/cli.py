"""The command `graphmill-spark`."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from . import __version__, slugger, teddy
from .edges import Edges, read_edges
from .errors import MillError
from .knn import METRICS
from .manifest import edge_sum, refuse_existing, write_manifest, write_parts, write_text
from .plan import BYTES_AN_EDGE, memory, refuse_small, replanned
from .worker import Program

_NOT_RECORDED = ("command", "json", "force", "yes", "input", "output", "out", "tree")
_NOT_OFFERED = ("--keep-forest", "--min-degree", "--tie-seed", "--weighted")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        for flag in _NOT_OFFERED:
            if any(word == flag or word.startswith(flag + "=") for word in given):
                raise MillError(69, f"{flag} needs an order of all edges that is not offered here")
        return _run(_parser().parse_args(given))
    except MillError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130
    except Exception:
        # Whatever Spark says; a worker's error was told above.
        traceback.print_exc()
        return 70


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise MillError(64, f"{message}\nhint: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="graphmill-spark", description=__doc__)
    parser.add_argument("--version", action="version", version=f"graphmill-spark {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    common = _Parser(add_help=False)
    common.add_argument("--master", help="URL of the cluster (default: what Spark is configured for, else local[*])")
    worker = common.add_mutually_exclusive_group()
    worker.add_argument("--worker", help="the graphmill program of this machine, sent to the executors")
    worker.add_argument("--worker-installed", help="its path on every executor (default: graphmill)")
    common.add_argument("--worker-memory", help="memory of a worker at most, such as 2Gi")
    common.add_argument("--worker-timeout", type=float, default=600, help="seconds without progress (default: 600)")
    common.add_argument("--partitions", type=int, help="parts of every shuffle (default: three a core)")
    common.add_argument("--checkpoint", help="a folder that all executors reach, for states between rounds")
    common.add_argument("--python", help="the interpreter of the executors (default: this one)")
    common.add_argument("--json", action="store_true", help="print one JSON object at the end")
    common.add_argument("--force", action="store_true", help="replace outputs that exist")
    common.add_argument("--yes", action="store_true", help="go on where one machine would be faster")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, parents=[common], help=text, description=text)

    add("doctor", "Check the program on every executor.")
    part = add("sparsify", "Keep the edges that matter.")
    part.add_argument("input")
    part.add_argument("output")
    part.add_argument("--method", default="teddy", help=f"how edges are rated: {', '.join(teddy.METHODS)}")
    part.add_argument("--remove", type=_share, help="share of the edges to remove: 0.3 or 30%%")
    part.add_argument("--keep", type=_share, help="share of the edges to keep")
    part.add_argument("--keep-edges", type=int, help="number of edges to keep")
    part.add_argument("--threshold", type=float, help="remove the edges with a score below this one")
    part.add_argument("--seed", type=int, default=42, help="of random scores (default: 42)")
    part.add_argument("--ids", default="auto", choices=("auto", "string"), help="string: names, behind tabs")
    part.add_argument("--hub", type=int, help="degree above which a node's score is broadcast")
    part.add_argument("--single", action="store_true", help="write one text file instead of Parquet parts")
    part = add("stats", "A figure a node, or of the graph.")
    part.add_argument("kernel", choices=("degree", "components", "pagerank", "triangles"))
    part.add_argument("input")
    part.add_argument("--out", help="where the table goes")
    part.add_argument("--rounds", type=int, help="rounds of pagerank, all of which are run")
    part.add_argument("--damping", type=float, default=0.85)
    part.add_argument("--ids", default="auto", choices=("auto", "string"), help="string: names, behind tabs")
    part.add_argument("--single", action="store_true", help="write one text file instead of Parquet parts")
    part = add("communities", "Link groups that are known to a tree.")
    part.add_argument("input")
    part.add_argument("--labels", required=True, help="node, label behind tabs")
    part.add_argument("--tree", required=True, help="where the tree goes: .json, .nwk, or .tsv for SciPy's table")
    part.add_argument("--linkage", default="average", choices=("average", "volume", "single", "complete"))
    part = add("summarize", "Summarize a graph without loss.")
    part.add_argument("input")
    part.add_argument("output", help="the summary (.gms), on this machine")
    part.add_argument("--iterations", type=int, default=20, help="rounds of grouping and merging (default: 20)")
    part.add_argument("--group-cap", type=int, default=500, help="members of a candidate group at most (default: 500)")
    part.add_argument("--seed", type=int, default=42)
    part.add_argument(
        "--apply-limit", type=int, default=slugger.APPLY_LIMIT,
        help="roots and links that one task may hold when merges are applied (default: 500 million)")
    part = add("knn-build", "Build an index a shard.")
    part.add_argument("input", help="Parquet with id and x")
    part.add_argument("output", help="a folder that all executors reach")
    part.add_argument("--shards", type=int, required=True)
    part.add_argument("--metric", default="l2", choices=METRICS)
    part.add_argument("--m", type=int, default=16, help="links a node makes (default: 16)")
    part.add_argument("--ef-construction", type=int, default=200, help="beam width of the build (default: 200)")
    part.add_argument("--seed", type=int, default=42)
    part = add("knn-search", "Find the nearest vectors of every query, in all shards.")
    part.add_argument("store", help="what knn-build has written")
    part.add_argument("input", help="Parquet with id and x")
    part.add_argument("output")
    part.add_argument("--k", type=int, default=10, help="answers a query (default: 10)")
    part.add_argument("--ef", type=int, default=64, help="beam width in every shard (default: 64)")
    part.add_argument("--single", action="store_true", help="write one text file instead of Parquet parts")
    part = add("check", "Whether two files hold the same edges.")
    part.add_argument("input")
    part.add_argument("--against", required=True)
    return parser


def _share(text: str) -> float:
    value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share between 0 and 1")
    return value


def _run(options: argparse.Namespace) -> int:
    from .session import partitions, session, ship

    began = time.monotonic()
    paths = [path for name in ("input", "against", "labels", "store") if (path := getattr(options, name, None))]
    if options.command in BYTES_AN_EDGE:
        refuse_small(options.command, [options.input], agreed=options.yes)
    output = next((path for name in ("output", "out", "tree") if (path := getattr(options, name, None))), None)
    if output:
        if any(Path(output).resolve() == Path(path).resolve() for path in paths):
            raise MillError(64, f"{output}: would replace what is read")
        refuse_existing(output, force=options.force)
    spark = session(options.master, python=options.python)
    if options.checkpoint:
        spark.sparkContext.setCheckpointDir(options.checkpoint)
    program = ship(spark, _program(options, spark))
    count = partitions(spark, options.partitions)
    run = {
        "doctor": _doctor, "sparsify": _sparsify, "stats": _stats, "communities": _communities, "check": _check,
        "summarize": _summarize, "knn-build": _knn_build, "knn-search": _knn_search}[options.command]
    record = replanned(count, lambda parts: run(options, spark, program, parts))
    is_yes = record.pop("is_yes", True)
    if output and options.command != "knn-build":
        write_manifest(output, {
            "command": options.command, "version": __version__, "spark": spark.version, "inputs": paths,
            "counts": record, "options": {
                key: value for key, value in vars(options).items() if key not in _NOT_RECORDED and value is not None}})
    record["seconds"] = round(time.monotonic() - began, 3)
    if options.json:
        print(json.dumps(record, sort_keys=True))
    else:
        print("\n".join(f"{key}: {value}" for key, value in record.items()))
    return 0 if is_yes else 1


def _program(options: argparse.Namespace, spark: Any) -> Program:
    limit = options.worker_memory
    if limit is None and (overhead := spark.conf.get("spark.executor.memoryOverhead", None)):
        # What an executor may use beside the JVM, less what a Python process takes.
        cores = int(spark.conf.get("spark.executor.cores", "1"))
        digits = int("".join(filter(str.isdigit, overhead)))
        mebibytes = digits * (1024 if overhead.lower().endswith("g") else 1)
        limit = f"{max(64, mebibytes // cores - 256)}Mi"
    if options.worker:
        return Program(options.worker, True, options.worker_timeout, limit)
    return Program(options.worker_installed or "graphmill", False, options.worker_timeout, limit)


def _doctor(options: argparse.Namespace, spark: Any, program: Program, parts: int) -> dict[str, Any]:
    from .doctor import doctor

    return {**doctor(spark, program, partitions=parts), "memory": memory(), "spark": spark.version}


def _sparsify(options: argparse.Namespace, spark: Any, program: Program, parts: int) -> dict[str, Any]:
    edges = read_edges(spark, options.input, partitions=parts, names=options.ids == "string")
    kept = teddy.sparsify(
        edges, program, remove=options.remove, keep=options.keep, keep_edges=options.keep_edges,
        threshold=options.threshold, method=options.method, hub=options.hub, seed=options.seed)
    _write(edges.named(kept.edges.select("u", "v"), "u", "v"), options, ["u", "v"], parts)
    after, total = edge_sum(kept.edges)
    return {
        "edges_before": kept.before, "edges_after": after, "edge_sum": total, "selection_passes": kept.passes,
        "nodes": int(edges.nodes.count()),
    }


def _stats(options: argparse.Namespace, spark: Any, program: Program, parts: int) -> dict[str, Any]:
    from . import kernels

    edges: Edges = read_edges(spark, options.input, partitions=parts, names=options.ids == "string")
    durable = options.checkpoint is not None
    record: dict[str, Any] = {"nodes": int(edges.nodes.count()), "edges": edges.count()}
    if options.kernel == "triangles":
        if options.out:
            raise MillError(64, "triangles has no table for --out")
        return {**record, "triangles": kernels.triangles(edges)}
    if options.kernel == "pagerank":
        if options.rounds is None:
            raise MillError(64, "pagerank needs --rounds: the local rule to stop adds up in another order")
        table = kernels.pagerank(
            edges, program, rounds=options.rounds, damping=options.damping, checkpoint=durable)
        record["rounds"] = options.rounds
    elif options.kernel == "components":
        table = kernels.components(edges, checkpoint=durable).persist()
        sizes = table.groupBy("component").count().agg({"count": "max", "component": "count"}).collect()[0]
        record |= {"components": sizes["count(component)"], "largest_component": sizes["max(count)"] or 0}
    else:
        table = kernels.degrees(edges)
    if options.out:
        _write(edges.named(table, "node"), options, ["node"], parts, output=options.out)
    return record


def _write(table: Any, options: argparse.Namespace, order: list[str], parts: int, output: str | None = None) -> None:
    write = write_text if options.single else write_parts
    write(table, output or options.output, order, partitions=parts)


def _communities(options: argparse.Namespace, spark: Any, program: Program, parts: int) -> dict[str, Any]:
    from . import blocks

    edges = read_edges(spark, options.input, partitions=parts)
    counted = blocks.count_blocks(edges, blocks.read_labels(spark, options.labels))
    figures = blocks.write_tree(counted, program, options.tree, linkage=options.linkage)
    return {"nodes": int(edges.nodes.count()), "edges": edges.count(), "linked_pairs": len(counted.pairs), **figures}


def _summarize(options: argparse.Namespace, spark: Any, program: Program, parts: int) -> dict[str, Any]:
    if options.iterations < 0 or not 2 <= options.group_cap <= 65535 or min(options.seed, options.apply_limit) < 0:
        raise MillError(64, "--iterations, --seed and --apply-limit take 0 or more, --group-cap 2 to 65535")
    return slugger.summarize(
        read_edges(spark, options.input, partitions=parts), program, options.output,
        checkpoint=options.checkpoint is not None, apply_limit=options.apply_limit,
        settings=slugger.Settings(options.iterations, options.group_cap, options.seed),
        note=lambda text: print(text, file=sys.stderr, flush=True))


def _knn_build(options: argparse.Namespace, spark: Any, program: Program, parts: int) -> dict[str, Any]:
    from . import knn

    record = knn.build(
        spark, knn.read_vectors(spark, options.input), options.output, program, shards=options.shards,
        metric=options.metric, m=options.m, ef=options.ef_construction, seed=options.seed)
    return {"dimension": record["dimension"], "shards": len(record["shards"]), **record["counts"]}


def _knn_search(options: argparse.Namespace, spark: Any, program: Program, parts: int) -> dict[str, Any]:
    from . import knn

    queries = knn.read_vectors(spark, options.input)
    found = knn.search(spark, options.store, queries, program, k=options.k, ef=options.ef)
    found = found.select("query", "rank", "key", "distance").persist()
    _write(found, options, ["query", "rank"], parts)
    return {"queries": int(queries.count()), "answers": int(found.count())}


def _check(options: argparse.Namespace, spark: Any, program: Program, parts: int) -> dict[str, Any]:
    first = read_edges(spark, options.input, partitions=parts).pairs
    second = read_edges(spark, options.against, partitions=parts).pairs
    (count, total), (others, other_total) = edge_sum(first), edge_sum(second)
    record: dict[str, Any] = {
        "edges": count, "edges_against": others, "edge_sum": total, "edge_sum_against": other_total}
    if (count, total) == (others, other_total):
        return {**record, "equal": True}
    missing, added = second.exceptAll(first).count(), first.exceptAll(second).count()
    return {**record, "equal": False, "missing": missing, "added": added, "is_yes": False}
