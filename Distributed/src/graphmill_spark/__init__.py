"""Graphmill on Apache Spark: graphs that one machine does not hold, with the bytes of the local command."""

__version__ = "0.1.0"

from .edges import Edges, edges_of, edges_of_names, read_edges
from .errors import FrameError, MillError, WorkerError
from .session import session, ship
from .teddy import Cut, Kept, edge_keys, scores_of, sparsify
from .slugger import summarize
from .worker import Program, WorkerStage

__all__ = [
    "Cut", "Edges", "FrameError", "Kept", "MillError", "Program", "WorkerError", "WorkerStage", "edge_keys", "edges_of",
    "edges_of_names", "read_edges", "scores_of", "session", "ship", "sparsify", "summarize",
]
