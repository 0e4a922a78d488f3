"""Sparse networks on sparse graphs: the tickets that TEDDY was made for.

Example:
    >>> from graphmill import generators, learning
    >>> made = generators.block_model(200, degree=16, ratio=0.05)
    >>> roles = np.tile(["train", "val", "test", "test"], 50)
    >>> found = learning.find_tickets(made.graph, np.eye(200), made.labels, roles, rounds=[5], seeds=[1], hidden=16)
    >>> [round(row.edge_share, 2) for row in found.rounds]
    [0.0, 0.23]
    >>> found.ticket.predict(made.graph, np.eye(200)).shape
    (200,)
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, address, block_array, call, encoded, holding, run
from ._graph import Graph
from ._library import Attributes, TicketInfo, TicketOptions, lib
from ._pickles import read_back, written

Array = np.ndarray[Any, Any]

_ROLES = {"": 0, "none": 0, "train": 1, "val": 2, "validation": 2, "test": 3}
_ROUND = np.dtype([
    ("round", np.int64), ("seed", np.uint64), ("edge_share", np.float64), ("weight_share", np.float64),
    ("test", np.float64), ("validation", np.float64), ("epoch", np.int64),
])


class Round(NamedTuple):
    """One training."""

    round: int
    """0 is the dense network on the full graph."""
    seed: int
    edge_share: float
    """The share of the edges that was removed."""
    weight_share: float
    """The share of the weights that is 0."""
    test: float
    """The accuracy on test nodes, at the epoch of the best validation accuracy."""
    validation: float
    epoch: int


class Tickets(NamedTuple):
    """What a search found."""

    ticket: Ticket
    """The one of the best validation accuracy."""
    rounds: list[Round]
    """All trainings, seed by seed."""


class Ticket:
    """A trained network with few weights, and the edges that it needs.

    Made by :func:`find_tickets` and :func:`open_ticket`.
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        info = TicketInfo()
        call(lib.gm_ticket_get_info, handle, ctypes.byref(info))
        #: The round it comes from; 0 is the dense network.
        self.round: int = info.round
        #: The numbers of classes and of features a node.
        self.class_count: int = info.classes
        self.feature_count: int = info.columns
        #: All weights of the network, and those that are not 0.
        self.parameter_count: int = info.parameters
        self.weight_count: int = info.weights
        #: The shares of the edges that were removed, and of the weights that are 0.
        self.edge_share: float = info.edge_share
        self.weight_share: float = info.weight_share
        #: Accuracies.
        self.test: float = info.test
        self.validation: float = info.validation

    @property
    def graph(self) -> Graph:
        """The edges that are left."""
        made = Handle(lib.gm_graph_free)
        call(lib.gm_ticket_graph, self._handle, made.out)
        return Graph(made)

    def predict(self, graph: Graph, features: Any, *, threads: int | None = None) -> Array:
        """The class of each node, int32, shape [nodes]; on the ticket's own graph with its edges alone.

        Raises:
            DataError: features of another shape.
        """
        return self._predicted(graph, features, None, threads)

    def predict_proba(self, graph: Graph, features: Any, *, threads: int | None = None) -> Array:
        """The shares of the classes, float32, shape [nodes, classes]; each row sums to 1."""
        shares = np.empty((graph.node_count, self.class_count), np.float32)
        self._predicted(graph, features, shares, threads)
        return shares

    def _predicted(self, graph: Graph, features: Any, shares: Array | None, threads: int | None) -> Array:
        classes = np.empty(graph.node_count, np.int32)
        known = _attributes(graph, features)
        run(
            lib.gm_ticket_predict, self._handle, graph._handle, ctypes.byref(known), CONTEXT, address(classes),
            classes.size, address(shares), threads=threads)
        return classes

    def save(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Writes the ticket (``.gmt``).

        Raises:
            OutputError: the file exists, or cannot be written.
        """
        run(lib.gm_ticket_save, self._handle, encoded(path), int(replace), CONTEXT)

    def __reduce__(self) -> tuple[Any, ...]:
        return _ticket_of_bytes, (written("gmt", self.save),)

    def __repr__(self) -> str:
        return (
            f"<graphmill.learning.Ticket: round {self.round}, {100 * self.edge_share:.0f} % of the edges and "
            f"{100 * self.weight_share:.0f} % of the weights removed, test accuracy {self.test:.3f}>")


def open_ticket(path: str | os.PathLike[str]) -> Ticket:
    """Reads a ticket (``.gmt``).

    Raises:
        MissingInputError: there is no such file.
        DataError: it is damaged.
    """
    made = Handle(lib.gm_ticket_free)
    run(lib.gm_ticket_open, encoded(path), CONTEXT, made.out)
    return Ticket(made)


def find_tickets(
    graph: Graph, features: Any, labels: Any, roles: Any, *, model: str = "gcn",
    rounds: Sequence[int] = (1, 5, 9, 14, 20), seeds: Sequence[int] = (1, 2, 3, 4, 5), score: str = "teddy",
    edge_rate: float = 0.05, weight_rate: float = 0.1, distillation: float = 10, hidden: int = 512, heads: int = 8,
    epochs: int = 200, learning_rate: float = 0.01, weight_decay: float = 5e-4, threads: int | None = None,
    progress: ProgressLike = None,
) -> Tickets:
    """Trains a network on the graph, then on ever sparser graphs with ever sparser weights.

    Args:
        features: shape [nodes, columns]: an array, or a sparse matrix of SciPy.
        labels: the class of each node, integers from 0; -1 for none.
        roles: what each node serves: "train", "val", "test", or "".
        model: "gcn", "gin", "gat" or "sage".
        rounds: round i removes 1 - (1 - rate)^i of edges and weights; empty for the dense network alone.
        seeds: a run each.
        score: how edges are rated, as in :meth:`graphmill.Graph.sparsify`.
        edge_rate, weight_rate: shares that a round removes.
        distillation: the weight of the distance to the dense network's outputs; 0 for none.
        hidden, heads, epochs, learning_rate, weight_decay: of the network and its training (Adam).

    Raises:
        UsageError: an argument out of range; DataError: features or labels that do not fit the graph.

    Source:
        Seo, Yun, Yang, "TEDDY: Trimming Edges with Degree-based Discrimination Strategy", ICLR 2024, algorithms 1, 2.
    """
    known = _attributes(graph, features, labels, roles)
    given_rounds = np.ascontiguousarray(rounds, dtype=np.int64)
    given_seeds = np.ascontiguousarray(seeds, dtype=np.uint64)
    options = holding(
        TicketOptions(
            hidden=hidden, heads=heads, epochs=epochs, model=encoded(model), score=encoded(score),
            rounds=address(given_rounds), round_count=given_rounds.size, seeds=address(given_seeds),
            seed_count=given_seeds.size, edge_rate=edge_rate or -1, weight_rate=weight_rate or -1,
            distillation=distillation or -1, rate=learning_rate, weight_decay=weight_decay or -1),
        given_rounds, given_seeds)
    made, told = Handle(lib.gm_ticket_free), Handle(lib.gm_block_free)
    run(
        lib.gm_find_tickets, graph._handle, ctypes.byref(known), ctypes.byref(options), CONTEXT, made.out, told.out,
        threads=threads, progress=progress)
    table = block_array(told, np.uint8).view(_ROUND)
    return Tickets(Ticket(made), [Round(*row) for row in table.tolist()])


def _attributes(graph: Graph, features: Any, labels: Any = None, roles: Any = None) -> Attributes:
    """The structure that the library takes, holding its arrays."""
    n = graph.node_count
    if len(features.shape) != 2 or features.shape[0] != n:
        raise ValueError(f"features have shape {features.shape}, not ({n}, columns)")
    fields: dict[str, Any] = {"columns": features.shape[1]}
    arrays: list[Array | None] = []

    def hold(name: str, values: Any, dtype: Any) -> None:
        array = np.ascontiguousarray(values, dtype=dtype)
        fields[name] = address(array)
        arrays.append(array)

    if hasattr(features, "tocsr"):
        rows = features.tocsr().copy()
        rows.sum_duplicates()
        hold("offsets", rows.indptr, np.int64)
        hold("places", rows.indices, np.int32)
        hold("values", rows.data, np.float32)
    else:
        hold("dense", features, np.float32)
    if labels is not None:
        numbers = np.asarray(labels)
        if numbers.shape != (n,) or numbers.dtype.kind not in "iu":
            raise ValueError(f"labels are integers of shape ({n},), not {numbers.dtype} of shape {numbers.shape}")
        words = [str(role) for role in np.asarray(roles).tolist()]
        unknown = set(words) - set(_ROLES)
        if len(words) != n or unknown:
            raise ValueError(f"roles are {n} of {sorted(_ROLES)}" + (f", not {sorted(unknown)}" if unknown else ""))
        hold("labels", numbers, np.int32)
        hold("roles", [_ROLES[word] for word in words], np.uint8)
        fields["classes"] = int(numbers.max()) + 1
    return holding(Attributes(**fields), *arrays)


def _ticket_of_bytes(content: bytes) -> Ticket:
    return read_back(content, "gmt", open_ticket)
