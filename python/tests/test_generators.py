"""Generated graphs, and what is known of their nodes."""

import networkx
import numpy as np
import pytest

import graphmill
from graphmill import generators


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: generators.erdos_renyi(200, 700, seed=seed),
        lambda seed: generators.rmat(256, 700, seed=seed),
        lambda seed: generators.barabasi_albert(200, 3, seed=seed),
        lambda seed: generators.watts_strogatz(200, 6, 0.2, seed=seed),
        lambda seed: generators.configuration_model([3] * 200, seed=seed),
        lambda seed: generators.random_geometric(200, seed=seed).graph,
        lambda seed: generators.lfr(300, 10, seed=seed).graph,
        lambda seed: generators.block_model(200, depth=2, seed=seed).graph,
    ],
)
def test_seeds(make):
    assert make(1).fingerprint == make(1).fingerprint != make(2).fingerprint
    assert make(1).edge_count > 250


def test_counts():
    assert generators.erdos_renyi(100, 321).edge_count == 321
    assert generators.erdos_renyi(5, 20, directed=True).is_directed
    ring = generators.watts_strogatz(30, 4, 0)
    assert networkx.is_isomorphic(ring.to_networkx(), networkx.circulant_graph(30, [1, 2]))
    box = generators.grid(3, 4, 5)
    assert networkx.is_isomorphic(box.to_networkx(), networkx.grid_graph((3, 4, 5)))
    assert generators.grid(6, periodic=True).degree().tolist() == [2] * 6


def test_what_is_known():
    for mixing in (0, 0.4):
        planted = generators.lfr(1000, 15, mixing)
        sources, targets = planted.graph.edges()[:2]
        outside = np.mean(planted.labels[sources] != planted.labels[targets])
        assert planted.labels.shape == (1000,) and abs(outside - mixing) < 0.05
    levels = generators.block_model(400, 20, depth=3, ratio=0.1)
    assert sorted(set(levels.labels.tolist())) == list(range(8))
    placed = generators.random_geometric(300, radius=0.1)
    sources, targets = placed.graph.edges()[:2]
    distances = np.linalg.norm(placed.positions[sources] - placed.positions[targets], axis=1)
    assert placed.positions.shape == (300, 2) and 0 < distances.max() <= 0.1


@pytest.mark.parametrize(
    "call",
    [
        lambda: generators.erdos_renyi(3, 4), lambda: generators.erdos_renyi(-1, 0), lambda: generators.grid(0),
        lambda: generators.barabasi_albert(10, -2), lambda: generators.lfr(10), lambda: generators.watts_strogatz(5, 9),
        lambda: generators.configuration_model([-1, 1]), lambda: generators.block_model(100, depth=0),
        lambda: generators.block_model(100, depth=99),
    ],
)
def test_refusals(call):
    with pytest.raises(graphmill.UsageError):
        call()
