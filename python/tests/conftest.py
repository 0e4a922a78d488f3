"""What the tests share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import graphmill

KARATE = Path(__file__).parents[2] / "Datasets" / "karate" / "edges.tsv"


@pytest.fixture
def karate() -> graphmill.Graph:
    """Zachary's karate club: 34 nodes, 78 edges."""
    return graphmill.read(KARATE)


@pytest.fixture
def random() -> np.random.Generator:
    """The same numbers in every run."""
    return np.random.default_rng(7)


@pytest.fixture
def pairs(random: np.random.Generator) -> np.ndarray:
    """500 edges on 100 nodes with gaps, with loops and duplicates."""
    return random.integers(0, 100, (500, 2)) * 3
