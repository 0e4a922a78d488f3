#!/usr/bin/env python3
"""Sends graphs through every format and back, and compares fingerprints.

Each graph of a folder (NAME.txt.gz) becomes a container, is written from there in each format that the command writes,
and is read back. A cell of the table says what became of it:

    =        the same fingerprint
    told     another one, after the writer said what the format cannot hold (the notes below say what)
    refused  the format cannot hold the graph at all
    WRONG    another fingerprint without a word; the exit status is then 1

    python3 Benchmarks/roundtrip.py FOLDER --graphmill .build/release/graphmill
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile


class Mill:
    def __init__(self, command):
        self.command = command

    def run(self, *words):
        return subprocess.run(
            [self.command, *words, "--manifest", "none"], capture_output=True, text=True, check=False)

    def convert(self, source, target, *words):
        """The figures of the graph that was converted, and what the command said; None where it refused."""
        done = self.run("convert", source, target, "--json", "--force", *words)
        said = [line for line in done.stderr.splitlines() if line.startswith(("warning: ", "error: "))]
        return (json.loads(done.stdout) if done.returncode == 0 else None), said

    def formats(self):
        """The formats that are written, and whether they are read too, by the help."""
        text = " ".join(self.run("convert", "--help").stdout.split())
        read = re.search(r"Reads ([a-z0-9, ]+), plain", text).group(1).split(", ")
        written = re.search(r"Writes ([a-z0-9, ]+);", text).group(1).split(", ")
        return [name for name in written if name in read], [name for name in written if name not in read]


def general(text, graph):
    """A sentence without the numbers and names of one graph."""
    text = re.sub(r"^(warning|error): \S+?: ", "", text)
    return re.sub(r"\d[\d,]*", "N", text).replace(graph, "GRAPH")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="the graphs, NAME.txt.gz")
    parser.add_argument("--graphmill", default=".build/release/graphmill", help="the command")
    parser.add_argument("--formats", help="some formats, separated by commas")
    options = parser.parse_args()
    mill = Mill(os.path.abspath(options.graphmill))
    both, written_only = mill.formats()
    if options.formats:
        both = options.formats.split(",")
    notes = collections.defaultdict(set)
    counts = collections.Counter()
    print("| graph | fingerprint | " + " | ".join(both) + " |")
    print("|---" * (len(both) + 2) + "|")
    for name in sorted(os.listdir(options.folder)):
        if not name.endswith(".txt.gz"):
            continue
        graph = name.removesuffix(".txt.gz")
        with tempfile.TemporaryDirectory() as folder:
            container = os.path.join(folder, "g.gmg")
            figures, _ = mill.convert(os.path.join(options.folder, name), container)
            cells = []
            for form in both:
                path, back = os.path.join(folder, "there." + form), os.path.join(folder, "back.gmg")
                there, said = mill.convert(container, path, "--to", form)
                if there is None:
                    cell = "refused"
                else:
                    words = ["--directed"] if any("read it as directed" in line for line in said) else []
                    again, refusal = mill.convert(path, back, "--from", form, *words)
                    same = again is not None and again["fingerprint"] == figures["fingerprint"]
                    cell = "=" if same else "told" if said and again is not None else "WRONG"
                    if cell == "WRONG":
                        said += refusal
                    if cell == "=":
                        said = []
                counts[cell] += 1
                for line in said:
                    notes[form].add(f"{cell}: {general(line, graph)}")
                cells.append(cell)
                if os.path.exists(path):
                    os.remove(path)
            print(f"| {graph} | {figures['fingerprint']} | " + " | ".join(cells) + " |", flush=True)
    print("\n" + ", ".join(f"{count} {cell}" for cell, count in counts.most_common()))
    print(f"written only: {', '.join(written_only)}\n")
    for form in both:
        for note in sorted(notes[form]):
            print(f"- {form} {note}")
    return 1 if counts["WRONG"] else 0


if __name__ == "__main__":
    sys.exit(main())
