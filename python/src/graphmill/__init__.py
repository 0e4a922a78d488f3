"""Graph algorithms: arrays in, arrays out.

    >>> import graphmill
    >>> graph = graphmill.from_edges([0, 1, 2, 3], [1, 2, 0, 0])
    >>> graph
    <graphmill.Graph: 4 nodes, 4 edges, undirected>
    >>> graph.core_numbers().tolist()
    [2, 2, 2, 1]

Everything is computed by one native library without the interpreter's lock, by all cores unless ``threads=`` says
otherwise, with the same result for every number of threads. Ctrl-C stops what runs. Long calls take ``progress=True``.
"""

from __future__ import annotations

from . import generators, learning
from ._call import ProgressLike
from ._command import run
from ._communities import Partition, Tree
from ._engines import EdgeScores, Sparsified
from ._errors import (
    DataError, GraphmillError, InternalError, InterruptedRun, MissingInputError, OutputError, OverBudgetError,
    UnsupportedError, UsageError,
)
from ._filters import Filter
from ._graph import EdgeReport, Graph
from ._index import Index
from ._interchange import from_igraph, from_networkx, from_scipy
from ._kernels import BFS, Components, PageRank
from ._memory import memory_peak, memory_used, set_memory_limit, set_spill_folder
from ._sources import from_edges, open, read, read_parquet
from ._summary import Summary, open_summary

__version__ = "0.1.0"

__all__ = [
    "BFS", "Components", "DataError", "EdgeReport", "EdgeScores", "Filter", "Graph", "GraphmillError", "Index", "InternalError",
    "InterruptedRun", "MissingInputError", "OutputError", "OverBudgetError", "PageRank", "Partition", "ProgressLike",
    "Sparsified", "Summary", "Tree", "UnsupportedError", "UsageError", "from_edges", "from_igraph", "from_networkx",
    "from_scipy", "generators", "learning", "memory_peak", "memory_used", "open", "open_summary", "read", "read_parquet", "run", "set_memory_limit",
    "set_spill_folder",
]
