#!/usr/bin/env python3
"""Layouts of graphs beside graphviz's sfdp and igraph's DrL: processor time of each program and stress of its drawing.

    Benchmarks/compare_layout.py [--graphmill .build/release/graphmill] [--peers sfdp,drl] GRAPH...

Stress: the mean over pairs of (distance on the page / steps in the graph - 1)², at the scale at which it is least, from
200 nodes to all others; 0 is perfect. Only the largest component counts. One thread; times are of whole processes.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile

import numpy
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import shortest_path


def timed(arguments, **keywords):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(arguments, check=True, capture_output=True, text=True, **keywords)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return result.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def stress(points, steps, sources):
    lengths = numpy.hypot(*(points[sources][:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    known = (steps > 0) & numpy.isfinite(steps)
    ratios = lengths[known] / steps[known]
    return 1 - ratios.sum() ** 2 / (ratios ** 2).sum() / len(ratios)


def sfdp(folder, ends, n):
    """The places that graphviz finds, and its processor time."""
    path = os.path.join(folder, "g.dot")
    with open(path, "w", encoding="utf-8") as file:
        file.write("graph {\n" + "".join(f"{a} -- {b};\n" for a, b in ends) + "}\n")
    plain, seconds = timed(["sfdp", "-Tplain", path])
    points = numpy.zeros((n, 2))
    for line in plain.splitlines():
        if line.startswith("node "):
            fields = line.split()
            points[int(fields[1])] = float(fields[2]), float(fields[3])
    return points, seconds


DRL = """
import sys, igraph, numpy
ends = numpy.load(sys.argv[1])
igraph.set_random_number_generator(__import__("random").Random(1))
numpy.save(sys.argv[2], numpy.array(igraph.Graph(edges=ends).layout_drl().coords))
"""


def drl(folder, ends, n):
    """The places that igraph's DrL finds, and its processor time, igraph's import included."""
    given, found = os.path.join(folder, "ends.npy"), os.path.join(folder, "places.npy")
    numpy.save(given, ends)
    _, seconds = timed([sys.executable, "-c", DRL, given, found])
    return numpy.load(found), seconds


PEERS = {"sfdp": sfdp, "drl": drl}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphmill", default=".build/release/graphmill")
    parser.add_argument("--peers", default="sfdp,drl")
    parser.add_argument("graphs", nargs="+")
    arguments = parser.parse_args()
    environment = dict(os.environ, GRAPHMILL_MANIFEST="none")
    peers = arguments.peers.split(",")
    print("| graph | nodes, edges | stress: ours | " + " | ".join(peers) + " | CPU s: ours | " + " | ".join(peers) + " |")
    print("|---" * (4 + 2 * len(peers)) + "|")
    for path in arguments.graphs:
        with tempfile.TemporaryDirectory() as folder:
            text, places = os.path.join(folder, "g.el"), os.path.join(folder, "p.tsv")
            subprocess.run(
                [arguments.graphmill, "convert", path, text, "--lcc", "-q"], check=True, env=environment)
            edges = numpy.loadtxt(text, dtype=int, comments="#", usecols=(0, 1))
            names, ends = numpy.unique(edges, return_inverse=True)
            ends = ends.reshape(-1, 2)
            n = len(names)
            matrix = coo_matrix((numpy.ones(len(ends)), (ends[:, 0], ends[:, 1])), (n, n)).tocsr()
            sources = numpy.arange(min(200, n)) * n // min(200, n)
            steps = shortest_path(matrix, directed=False, unweighted=True, indices=sources)
            _, ours = timed(
                [arguments.graphmill, "draw", text, os.path.join(folder, "g.svg"), "--layout", "force", "--positions",
                 places, "-t", "1", "-q"], env=environment)
            table = numpy.loadtxt(places)
            mine = table[numpy.argsort(table[:, 0]), 1:]
            others = [PEERS[peer](folder, ends, n) for peer in peers]
            name = os.path.basename(path).split(".")[0]
            cells = [f"{stress(points, steps, sources):.3f}" for points, _ in [(mine, ours), *others]]
            cells += [f"{ours:.2f}"] + [f"{seconds:.2f} ({seconds / ours:.1f}x)" for _, seconds in others]
            print(f"| {name} | {n:,}, {len(ends):,} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
