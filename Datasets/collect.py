#!/usr/bin/env python3
"""Writes the small graphs of this folder and manifest.json again.

Needs the Python package networkx and, for the fly's mushroom body, an unpacked wheel of graspologic:
    python3 collect.py FOLDER_OF_GRASPOLOGIC
The output does not depend on package versions as long as the graphs do not change; the checksums say whether they did.
"""

import hashlib
import json
import pathlib
import sys

import networkx as nx

HERE = pathlib.Path(__file__).parent
DATASETS = []


def order(name):
    return (0, int(name), "") if name.isdigit() else (1, 0, name.encode())


def text(lines):
    return "".join(line + "\n" for line in lines).encode()


def save(name, title, edges, labels=None, label_name=None, weighted=False, directed=False):
    """One folder: the edges in ascending order, u <= v where undirected, and labels where the source has them."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    rows = {}
    for u, v, w in edges:
        pair = (u, v) if directed or order(u) <= order(v) else (v, u)
        assert pair not in rows
        rows[pair] = w
    nodes = {node for pair in rows for node in pair}
    ordered = sorted(rows, key=lambda pair: (order(pair[0]), order(pair[1])))
    kind = "arcs u -> v" if directed else "edges"
    columns = "u\tv\tweight" if weighted else "u\tv"
    lines = [f"# {title}", f"# Nodes: {len(nodes)} Edges: {len(rows)}", f"# {kind}: {columns}"]
    lines += ["\t".join([*pair, str(rows[pair])] if weighted else pair) for pair in ordered]
    files = {("edges.wel" if weighted else "edges.tsv"): text(lines)}
    if labels:
        assert set(labels) == nodes
        head = [f"# {title}", f"# node\t{label_name}"]
        files["labels.tsv"] = text(head + [f"{n}\t{labels[n]}" for n in sorted(nodes, key=order)])
    entries = []
    for file, data in files.items():
        (folder / file).write_bytes(data)
        entries.append({"path": f"{name}/{file}", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    DATASETS.append({
        "name": name, "title": title, "nodes": len(nodes), "edges": len(rows),
        "loops": sum(u == v for u, v in rows), "directed": directed, "weighted": weighted, "files": entries,
    })


def word(name):
    return str(name).replace(" ", "_")


def main(graspologic):
    g = nx.karate_club_graph()
    save("karate", "Zachary's karate club", [(str(u + 1), str(v + 1), 1) for u, v in g.edges],
         {str(u + 1): word(d["club"]).replace(".", "") for u, d in g.nodes(data=True)}, "club")

    g = nx.les_miserables_graph()
    save("les-miserables", "Characters of Les Miserables that share a chapter",
         [(word(u), word(v), d["weight"]) for u, v, d in g.edges(data=True)], weighted=True)

    g = nx.davis_southern_women_graph()
    save("southern-women", "Women of Natchez and the social events they attended",
         [(word(u), word(v), 1) for u, v in g.edges],
         {word(u): "event" if d["bipartite"] else "woman" for u, d in g.nodes(data=True)}, "kind")

    g = nx.florentine_families_graph()
    save("florentine-families", "Marriages between families of Renaissance Florence",
         [(word(u), word(v), 1) for u, v in g.edges])

    people = "Andre Beverley Carol Diane Ed Fernando Garth Heather Ike Jane".split()
    g = nx.krackhardt_kite_graph()
    save("krackhardt-kite", "Krackhardt's kite", [(people[u], people[v], 1) for u, v in g.edges])

    g = nx.petersen_graph()
    save("petersen", "The Petersen graph", [(str(u), str(v), 1) for u, v in g.edges])

    folder = pathlib.Path(graspologic) / "datasets" / "drosophila"
    kinds = {"K": "kenyon-cell", "I": "input-neuron", "O": "output-neuron", "P": "projection-neuron"}
    cells = (folder / "left_cell_labels.csv").read_text().split()
    number, names = {}, []
    for cell in cells:
        number[cell] = number.get(cell, 0) + 1
        names.append(f"{cell}{number[cell]:03d}")
    rows = [line.replace(",", " ").split() for line in (folder / "left_adjacency.csv").read_text().splitlines()]
    arcs = [(names[i], names[j], int(x)) for i, row in enumerate(rows) for j, x in enumerate(row) if float(x)]
    save("fly-mushroom-body", "Left mushroom body of the fruit fly larva: neurons and the number of synapses between them",
         arcs, dict(zip(names, (kinds[cell] for cell in cells))), "cell_type", weighted=True, directed=True)

    DATASETS.sort(key=lambda entry: entry["name"])
    (HERE / "manifest.json").write_text(json.dumps({"datasets": DATASETS}, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
