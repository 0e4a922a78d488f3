"""What notebooks show."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ._communities import Tree
    from ._graph import Graph
    from ._summary import Summary

_WIDTH, _HEIGHT = 220, 70


def _page(title: str, rows: list[tuple[str, Any]], drawing: str, caption: str) -> str:
    cells = "".join(
        f"<tr><td style='text-align:left'>{escape(name)}</td><td>{escape(_text(value))}</td></tr>"
        for name, value in rows)
    return (
        "<div style='display:flex;gap:2em;align-items:center'>"
        f"<div><b>{escape(title)}</b><table>{cells}</table></div>"
        f"<figure style='margin:0'>{drawing}"
        f"<figcaption style='font-size:80%'>{escape(caption)}</figcaption></figure></div>")


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _svg(content: str) -> str:
    return (
        f"<svg width='{_WIDTH}' height='{_HEIGHT}' viewBox='0 0 {_WIDTH} {_HEIGHT}' "
        f"style='border-bottom:1px solid #888'>{content}</svg>")


def _bars(counts: list[int]) -> str:
    """Bars on a scale of logarithms."""
    if not counts:
        return _svg("")
    heights = [np.log1p(count) for count in counts]
    top, width = max(heights) or 1, _WIDTH / len(counts)
    return _svg("".join(
        f"<rect x='{i * width:.1f}' y='{_HEIGHT * (1 - height / top):.1f}' width='{width * 0.85:.1f}' "
        f"height='{_HEIGHT * height / top:.1f}' fill='#4878a8'/>" for i, height in enumerate(heights)))


def graph(shown: Graph) -> str:
    """Counts, and how many nodes have which degree."""
    degrees = shown.degree()
    classes = np.floor(np.log2(np.maximum(degrees, 1))).astype(int)
    counts = np.bincount(classes).tolist() if degrees.size else []
    largest = int(degrees.max()) if degrees.size else 0
    rows = [
        ("nodes", shown.node_count), ("edges", shown.edge_count), ("directed", "yes" if shown.is_directed else "no"),
        ("weights", "no" if shown.weights is None else "yes"), ("largest degree", largest),
    ]
    return _page("graphmill.Graph", rows, _bars(counts), "nodes of degree 1, 2 to 3, 4 to 7, … (logarithm)")


def tree(shown: Tree) -> str:
    """Counts, and the dendrogram of up to 60 leaves."""
    rows = [("method", shown.method), ("leaves", shown.leaf_count), ("levels", shown.height)]
    if not 2 <= shown.leaf_count <= 60:
        sizes = np.sort(shown.sizes[: shown.leaf_count])[::-1][:60].tolist()
        return _page("graphmill.Tree", rows, _bars(sizes), "sizes of the largest leaves (logarithm)")
    return _page("graphmill.Tree", rows, _dendrogram(shown), "how the leaves are joined")


def _dendrogram(shown: Tree) -> str:
    parents = shown.parents.tolist()
    count, leaves = len(parents), shown.leaf_count
    children: list[list[int]] = [[] for _ in range(count)]
    for node, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(node)
    order: list[int] = []
    stack = [count - 1]
    while stack:
        node = stack.pop()
        if node < leaves:
            order.append(node)
        stack.extend(reversed(children[node]))
    x = [0.0] * count
    level = [0] * count
    for place, leaf in enumerate(order):
        x[leaf] = (place + 0.5) * _WIDTH / leaves
    for node in range(leaves, count):
        x[node] = sum(x[child] for child in children[node]) / len(children[node])
        level[node] = 1 + max(level[child] for child in children[node])
    scale = (_HEIGHT - 6) / level[count - 1]
    lines = []
    for node in range(leaves, count):
        y = _HEIGHT - level[node] * scale
        ends = [x[child] for child in children[node]]
        lines.append(f"M{min(ends):.1f} {y:.1f}H{max(ends):.1f}")
        lines.extend(f"M{x[child]:.1f} {y:.1f}V{_HEIGHT - level[child] * scale:.1f}" for child in children[node])
    return _svg(f"<path d='{''.join(lines)}' fill='none' stroke='#4878a8'/>")


def summary(shown: Summary) -> str:
    """Counts, and a bar of the parts of its cost beside the edges of the graph."""
    share = shown.cost / shown.edge_count if shown.edge_count else 0.0
    rows = [
        ("nodes", shown.node_count), ("edges", shown.edge_count), ("edges of the summary", shown.cost),
        ("share", f"{100 * share:.1f} %"), ("supernodes", shown.supernode_count), ("height", shown.height),
    ]
    top = max(shown.edge_count, shown.cost, 1)
    left, parts = 0.0, ""
    for count, color in (
        (shown.positive_edge_count, "#4878a8"), (shown.negative_edge_count, "#b85450"),
        (shown.hierarchy_edge_count, "#888"),
    ):
        width = _WIDTH * count / top
        parts += f"<rect x='{left:.1f}' y='10' width='{width:.1f}' height='20' fill='{color}'/>"
        left += width
    parts += f"<rect x='0' y='40' width='{_WIDTH * shown.edge_count / top:.1f}' height='20' fill='#ccc'/>"
    caption = "above: edges that add, take away, hold trees; below: those of the graph"
    return _page("graphmill.Summary", rows, _svg(parts), caption)
