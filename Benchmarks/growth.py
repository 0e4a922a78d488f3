#!/usr/bin/env python3
"""From 10^6 edges to as many as the disk holds: time and memory of every step on R-MAT graphs, as a table and a figure.

    Benchmarks/growth.py FOLDER [--sizes 1M,10M,100M] [--threads 2] [--program PATH] [--figure growth.svg]
                         [--steps generate,text,convert,...] [--timeout 3600] [--memory BYTES]

Graphs and texts stay in FOLDER; a size takes 9 bytes an edge for the container and 16 for the text. A step that fails or
takes longer than --timeout is left empty and its message printed. With --memory arrays beyond it live in files there.
Seconds are of the clock and of the processor; memory is the peak of the process, pages of mapped files included. Tables
of nodes are written, for that is what a user waits for.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import time

STEPS = {
    "generate": "generate rmat {g} --nodes {nodes} --edges {edges}",
    "text": "convert {g} {t} --to el",
    "convert": "convert {t} {again}",
    "bfs": "stats bfs {g} --out {out}",
    "components": "stats components {g} --out {out}",
    "pagerank": "stats pagerank {g} --rounds 20 --tolerance 0 --out {out}",
    "triangles": "stats triangles {g}",
    "kcore": "stats kcore {g} --out {out}",
    "sparsify": "sparsify {g} {again} --remove 30%",
}
COLORS = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#777777", "#000000", "#cc7711"]


def edges_of(text):
    return int(float(text[:-1]) * {"k": 1e3, "M": 1e6, "G": 1e9}[text[-1]])


def run(words, timeout):
    """Clock and processor seconds, peak bytes; None and a message where it fails."""
    begun = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        message = process.communicate(timeout=timeout)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, f"stopped after {timeout} s"
    return (time.monotonic() - begun, process.returncode), message.strip().splitlines()[-1:] if message else ""


def measured(command, timeout, report):
    """The same from the report that the command writes itself, which knows its peak."""
    if os.path.exists(report):
        os.remove(report)
    before = os.times()
    done, message = run([*command, "--report", report], timeout)
    after = os.times()
    if done is None or done[1] != 0:
        return None, message
    with open(report, encoding="utf-8") as file:
        told = json.load(file)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return (done[0], cpu, told["peak_rss_bytes"], told), ""


def figure(rows, path):
    """Clock seconds over edges, both on scales of logarithms: one line a step."""
    width, height, left, bottom = 640, 420, 60, 40
    points = [(edges, row[step][0]) for edges, row in rows for step in row if row[step]]
    low = [math.floor(math.log10(min(value))) for value in zip(*points)]
    high = [math.ceil(math.log10(max(value))) for value in zip(*points)]

    def place(edges, seconds):
        x = left + (math.log10(edges) - low[0]) / max(1, high[0] - low[0]) * (width - left - 120)
        y = height - bottom - (math.log10(seconds) - low[1]) / max(1, high[1] - low[1]) * (height - bottom - 20)
        return x, y

    parts = [f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' font-family='sans-serif' "
             f"font-size='12'><rect width='{width}' height='{height}' fill='#fff'/>"]
    for power in range(low[0], high[0] + 1):
        x = place(10**power, 10**low[1])[0]
        parts.append(f"<path d='M{x:.1f} 20V{height - bottom}' stroke='#ddd'/>"
                     f"<text x='{x:.1f}' y='{height - bottom + 16}' text-anchor='middle'>10"
                     f"<tspan dy='-5' font-size='9'>{power}</tspan></text>")
    for power in range(low[1], high[1] + 1):
        y = place(10**low[0], 10**power)[1]
        parts.append(f"<path d='M{left} {y:.1f}H{width - 120}' stroke='#ddd'/>"
                     f"<text x='{left - 8}' y='{y + 4:.1f}' text-anchor='end'>{10.0**power:g} s</text>")
    parts.append(f"<text x='{(left + width - 120) / 2}' y='{height - 6}' text-anchor='middle'>edges</text>")
    ends = []
    for number, step in enumerate(STEPS):
        line = [place(edges, row[step][0]) for edges, row in rows if row.get(step)]
        if not line:
            continue
        color = COLORS[number % len(COLORS)]
        parts.append(f"<polyline points='{' '.join(f'{x:.1f},{y:.1f}' for x, y in line)}' fill='none' "
                     f"stroke='{color}' stroke-width='2'/>")
        parts += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{color}'/>" for x, y in line]
        ends.append((line[-1][1], step, color))
    y = 0
    for wanted, step, color in sorted(ends):
        y = max(wanted + 4, y + 15)
        parts.append(f"<text x='{width - 112}' y='{y:.1f}' fill='{color}'>{step}</text>")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([*parts, "</svg>\n"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--sizes", default="1M,10M,100M")
    parser.add_argument("--threads", default="2")
    parser.add_argument("--program", default="graphmill")
    parser.add_argument("--figure")
    parser.add_argument("--steps", default=",".join(STEPS))
    parser.add_argument("--timeout", type=float, default=3600)
    parser.add_argument("--memory")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    common = ["--threads", options.threads, "--force", "--manifest", "none", "-q"]
    if options.memory:
        common += ["--memory", options.memory, "--tmp", options.folder]
    kept = os.path.join(options.folder, "growth.json")
    rows = {}
    if os.path.exists(kept):
        with open(kept, encoding="utf-8") as file:
            rows = {int(edges): row for edges, row in json.load(file).items()}
    for size in options.sizes.split(","):
        wanted = edges_of(size)
        names = {name: os.path.join(options.folder, f"{name}-{size}") for name in ("g", "t", "again", "out")}
        names = {"g": names["g"] + ".gmg", "t": names["t"] + ".txt", "again": names["again"] + ".gmg",
                 "out": names["out"] + ".tsv", "nodes": str(wanted // 16), "edges": str(wanted)}
        row = rows.setdefault(wanted, {})
        for step in options.steps.split(","):
            words = [word.format(**names) for word in STEPS[step].split()]
            found, message = measured([options.program, *words, *common], options.timeout,
                                      os.path.join(options.folder, "report.json"))
            row[step] = found and list(found[:3])
            print(f"{size} {step}: " + (f"{found[0]:.2f} s, {found[1]:.2f} CPU s, {found[2] / 2**30:.2f} GiB" if found
                                        else str(message)), flush=True)
            for leftover in ("again", "out"):
                if os.path.exists(names[leftover]):
                    os.remove(names[leftover])
            with open(kept, "w", encoding="utf-8") as file:
                json.dump(rows, file)
    ordered = sorted(rows.items())
    print("\n| step | " + " | ".join(f"{edges:,} drawn edges" for edges, _ in ordered) + " |")
    print("|---" * (len(ordered) + 1) + "|")
    for step in STEPS:
        cells = [row.get(step) for _, row in ordered]
        print(f"| {step} | " + " | ".join(
            f"{cell[0]:.2f} s ({cell[1]:.2f}), {cell[2] / 2**30:.2f} GiB" if cell else "" for cell in cells) + " |")
    if options.figure:
        figure(ordered, options.figure)
    return 0


if __name__ == "__main__":
    sys.exit(main())
