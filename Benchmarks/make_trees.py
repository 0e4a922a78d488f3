#!/usr/bin/env python3
"""Makes trees of what a Debian machine has, as Newick with the weights of their leaves beside them.

    Benchmarks/make_trees.py DIR

debian.nwk: section / source / package of the package lists (apt-get update), weight: installed size in KiB.
wordnet.nwk: nouns of WordNet 3.0 (apt-get install wordnet-base) below their first hypernym, weight 1 a leaf.
The figures of Notebooks-as-scripts/fat-polygons come from `fat-polygons --trees DIR/debian.nwk DIR/wordnet.nwk`.
"""
import argparse
import glob
import os
import subprocess
import sys


def quoted(name):
    return "'" + name.replace("'", "''") + "'"


def newick(children, root, names):
    """The text of a tree without recursion: depth may be large."""
    parts, stack = [], [(root, False)]
    while stack:
        node, is_open = stack.pop()
        if is_open:
            parts.append(")" + quoted(names[node]))
        elif node in children:
            stack.append((node, True))
            for place, child in enumerate(reversed(children[node])):
                stack.append((child, False))
                if place < len(children[node]) - 1:
                    stack.append((None, False))
            parts.append("(")
        elif node is None:
            parts.append(",")
        else:
            parts.append(quoted(names[node]))
    return "".join(parts) + ";\n"


def write(folder, stem, text, weights):
    with open(os.path.join(folder, stem + ".nwk"), "w", encoding="utf-8") as file:
        file.write(text)
    with open(os.path.join(folder, stem + ".weights.tsv"), "w", encoding="utf-8") as file:
        file.writelines(f"{name}\t{weight}\n" for name, weight in weights)
    print(f"{stem}: {len(weights)} leaves")


def debian(folder):
    lists = sorted(glob.glob("/var/lib/apt/lists/*_Packages*"))
    if not lists:
        return print("no package lists: apt-get update", file=sys.stderr)
    packages = {}
    for path in lists:
        text = subprocess.run(
            ["/usr/lib/apt/apt-helper", "cat-file", path], capture_output=True, check=True).stdout.decode()
        for paragraph in text.split("\n\n"):
            fields = dict(
                line.split(": ", 1) for line in paragraph.splitlines() if line[:1] not in ("", " ") and ": " in line)
            if "Package" in fields:
                name = fields["Package"]
                source = fields.get("Source", name).split(" ")[0]
                section = fields.get("Section", "none").split("/")[-1]
                packages.setdefault(name, (section, source, int(fields.get("Installed-Size", 0))))
    children, names = {"root": []}, {"root": "debian"}
    for name, (section, source, _) in sorted(packages.items()):
        outer, inner, leaf = ("section", section), ("source", section, source), ("package", name)
        for above, below, title in [("root", outer, section), (outer, inner, source), (inner, leaf, name)]:
            if below not in names:
                names[below] = title
                children.setdefault(above, []).append(below)
    weights = [(name, size) for name, (_, _, size) in sorted(packages.items())]
    write(folder, "debian", newick(children, "root", names), weights)


def wordnet(folder):
    path = "/usr/share/wordnet/data.noun"
    if not os.path.exists(path):
        return print("no WordNet: apt-get install wordnet-base", file=sys.stderr)
    children, names, root, uses = {}, {}, None, {}
    with open(path, encoding="latin-1") as file:
        for line in file:
            if line.startswith("  "):
                continue
            fields = line.split(" ")
            synset, words = fields[0], int(fields[3], 16)
            word = fields[4].replace("_", " ")
            uses[word] = uses.get(word, 0) + 1
            names[synset] = word if uses[word] == 1 else f"{word} {uses[word]}"
            pointers = fields[4 + 2 * words + 1:]
            above = [pointers[i + 1] for i in range(0, 4 * int(fields[4 + 2 * words]), 4)
                     if pointers[i] in ("@", "@i") and pointers[i + 2] == "n"]
            if above:
                children.setdefault(above[0], []).append(synset)
            elif root is None:
                root = synset
    leaves = [names[synset] for synset in sorted(names) if synset not in children]
    write(folder, "wordnet", newick(children, root, names), [(name, 1) for name in leaves])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    debian(arguments.folder)
    wordnet(arguments.folder)
