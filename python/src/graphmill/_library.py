"""The shared library, its functions and its structures, as graphmill.h declares them."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char, c_char_p, c_double, c_float, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any

ABI_VERSION = 1

# Arguments of every function: p pointer, s text, i int32, l int64, d double, f float. Each returns an int32 but for
# those in RESULTS.
FUNCTIONS = {
    "gm_abi_version": "",
    "gm_error_kind": "p",
    "gm_error_message": "p",
    "gm_error_file": "p",
    "gm_error_field": "p",
    "gm_error_hint": "p",
    "gm_error_line": "p",
    "gm_error_byte": "p",
    "gm_error_free": "p",
    "gm_block_data": "p",
    "gm_block_size": "p",
    "gm_block_free": "p",
    "gm_context_new": "ipp",
    "gm_context_cancel": "p",
    "gm_context_progress": "pp",
    "gm_context_free": "p",
    "gm_memory_set_limit": "lp",
    "gm_memory_used": "",
    "gm_memory_peak": "",
    "gm_memory_set_spill_folder": "sp",
    "gm_graph_read": "sppppp",
    "gm_graph_open": "ssippp",
    "gm_graph_write": "psppp",
    "gm_graph_from_pairs": "ppplppppp",
    "gm_graph_from_stream": "pssspppp" + "p",
    "gm_graph_from_csr": "pppp",
    "gm_graph_with_names": "ppplpp",
    "gm_graph_get_view": "ppp",
    "gm_graph_find": "pspp",
    "gm_graph_to_stream": "ppp",
    "gm_graph_fingerprint": "ppp",
    "gm_graph_free": "p",
    "gm_graph_transform": "ppppp",
    "gm_components": "ppplpp",
    "gm_bfs": "plppplp",
    "gm_pagerank": "pppplppp",
    "gm_core_numbers": "ppplp",
    "gm_triangles": "pppplp",
    "gm_sparsify": "pppppp",
    "gm_edge_scores": "ppppp",
    "gm_generate": "spppp" + "p",
    "gm_communities": "ppppp",
    "gm_tree_get_view": "ppp",
    "gm_tree_labels": "pslplpp",
    "gm_tree_newick": "ppppp",
    "gm_tree_linkage": "ppp",
    "gm_tree_free": "p",
    "gm_summarize": "ppppp",
    "gm_summary_open": "sppp",
    "gm_summary_save": "psipp",
    "gm_summary_get_counts": "ppp",
    "gm_summary_neighbors": "plpp",
    "gm_summary_has_edge": "pllpp",
    "gm_summary_bfs": "plplp",
    "gm_summary_find": "pspp",
    "gm_summary_restore": "pppp",
    "gm_summary_free": "p",
    "gm_find_tickets": "pppppp" + "p",
    "gm_ticket_get_info": "ppp",
    "gm_ticket_graph": "ppp",
    "gm_ticket_predict": "pppppl" + "pp",
    "gm_ticket_save": "psipp",
    "gm_ticket_open": "sppp",
    "gm_ticket_free": "p",
    "gm_index_new": "lssppp",
    "gm_index_build": "pspppp" + "p",
    "gm_index_add": "pppippp",
    "gm_index_remove": "plp",
    "gm_index_compact": "ppp",
    "gm_index_quantize": "pspp",
    "gm_index_search": "pplpppppp",
    "gm_index_within": "pplfppppp",
    "gm_index_filter": "pplpp",
    "gm_filter_free": "p",
    "gm_index_neighbor_graph": "plsipppp",
    "gm_index_get_info": "ppp",
    "gm_index_keys": "pplp",
    "gm_index_vectors": "pplplp",
    "gm_index_save": "psipp",
    "gm_index_open": "sippp",
    "gm_index_free": "p",
}

RESULTS: dict[str, Any] = {
    **{name: c_char_p for name in FUNCTIONS if name.startswith("gm_error_")},
    **{name: None for name in FUNCTIONS if name.endswith("_free")},
    "gm_error_line": c_int64,
    "gm_error_byte": c_int64,
    "gm_block_data": c_void_p,
    "gm_block_size": c_int64,
    "gm_context_cancel": None,
    "gm_context_progress": None,
    "gm_memory_used": c_int64,
    "gm_memory_peak": c_int64,
}

_TYPES = {"p": c_void_p, "s": c_char_p, "i": c_int32, "l": c_int64, "d": c_double, "f": c_float}


class Sized(ctypes.Structure):
    """A structure that begins with its size."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self.size = ctypes.sizeof(self)


class Progress(Sized):
    _fields_ = [("size", c_uint32), ("stage", c_char * 60), ("done", c_int64), ("total", c_int64)]


class EdgeReport(Sized):
    _fields_ = [
        ("size", c_uint32), ("padding", c_uint32), ("edges", c_int64), ("duplicates", c_int64),
        ("self_loops", c_int64), ("isolated", c_int64),
    ]


class ReadOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("directed", c_int32), ("format", c_char_p), ("ids", c_char_p), ("duplicates", c_char_p),
        ("loops", c_char_p), ("source", c_char_p), ("target", c_char_p), ("weight", c_char_p), ("weights", c_int32),
        ("strict", c_int32),
    ]


class WriteOptions(Sized):
    _fields_ = [("size", c_uint32), ("replace", c_int32), ("format", c_char_p), ("codec", c_char_p)]


class Column(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("stride", c_int64), ("type", c_char_p)]


class EdgeOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("directed", c_int32), ("ids", c_char_p), ("duplicates", c_char_p), ("loops", c_char_p),
        ("nodes", c_int64),
    ]


class CSR(Sized):
    _fields_ = [
        ("size", c_uint32), ("directed", c_int32), ("nodes", c_int64), ("offsets", c_void_p), ("offset_bytes", c_int32),
        ("target_bytes", c_int32), ("targets", c_void_p), ("weights", c_void_p), ("release", c_void_p),
        ("owner", c_void_p),
    ]


class GraphView(Sized):
    _fields_ = [
        ("size", c_uint32), ("directed", c_int32), ("multigraph", c_int32), ("loops", c_int32), ("nodes", c_int64),
        ("edges", c_int64), ("arcs", c_int64), ("offsets", c_void_p), ("targets", c_void_p), ("target_bytes", c_int32),
        ("names", c_int32), ("weights", c_void_p), ("ids", c_void_p), ("label_offsets", c_void_p),
        ("label_bytes", c_void_p),
    ]


class TransformOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("symmetrize", c_int32), ("simplify", c_int32), ("largest_component", c_int32),
        ("relabel", c_char_p),
    ]


class PageRankOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("ignore_weights", c_int32), ("damping", c_double), ("tolerance", c_double),
        ("rounds", c_int64), ("restart", c_void_p),
    ]


class SparsifyOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("keep_forest", c_int32), ("method", c_char_p), ("amount", c_char_p), ("value", c_double),
        ("minimum_degree", c_int64), ("seed", c_uint64), ("directed", c_int32), ("weighted", c_int32),
    ]


class SparsifyReport(Sized):
    _fields_ = [
        ("size", c_uint32), ("padding", c_uint32), ("edges_before", c_int64), ("edges_after", c_int64),
        ("threshold", c_double),
    ]


class GenerateOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("directed", c_int32), ("nodes", c_int64), ("edges", c_int64), ("degree", c_double),
        ("depth", c_int64), ("branching", c_int64), ("ratio", c_double), ("rewiring", c_double), ("mixing", c_double),
        ("radius", c_double), ("periodic", c_int32), ("padding", c_int32), ("seed", c_uint64), ("values", c_void_p),
        ("count", c_int64),
    ]


class Attributes(Sized):
    _fields_ = [
        ("size", c_uint32), ("classes", c_int32), ("columns", c_int64), ("dense", c_void_p), ("offsets", c_void_p),
        ("places", c_void_p), ("values", c_void_p), ("labels", c_void_p), ("roles", c_void_p),
    ]


class TicketOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("hidden", c_int32), ("heads", c_int32), ("epochs", c_int32), ("model", c_char_p),
        ("score", c_char_p), ("rounds", c_void_p), ("round_count", c_int64), ("seeds", c_void_p),
        ("seed_count", c_int64), ("edge_rate", c_double), ("weight_rate", c_double), ("distillation", c_double),
        ("rate", c_double), ("weight_decay", c_double),
    ]


class TicketInfo(Sized):
    _fields_ = [
        ("size", c_uint32), ("round", c_int32), ("classes", c_int32), ("padding", c_int32), ("columns", c_int64),
        ("parameters", c_int64), ("weights", c_int64), ("edge_share", c_double), ("weight_share", c_double),
        ("test", c_double), ("validation", c_double),
    ]


class CommunityOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("iterations", c_int32), ("method", c_char_p), ("resolution", c_double), ("seed", c_uint64),
        ("quality", c_char_p), ("communities", c_int64),
    ]


class TreeView(Sized):
    _fields_ = [
        ("size", c_uint32), ("height", c_int32), ("leaves", c_int64), ("tree_nodes", c_int64), ("graph_nodes", c_int64),
        ("parents", c_void_p), ("sizes", c_void_p), ("similarities", c_void_p), ("leaf_of_node", c_void_p),
    ]


class SummarizeOptions(Sized):
    _fields_ = [
        ("size", c_uint32), ("height_limit", c_int32), ("iterations", c_int64), ("seed", c_uint64), ("model", c_char_p),
    ]


class SummaryCounts(Sized):
    _fields_ = [
        ("size", c_uint32), ("height", c_int32), ("nodes", c_int64), ("edges", c_int64), ("supernodes", c_int64),
        ("hierarchy_edges", c_int64), ("positive_edges", c_int64), ("negative_edges", c_int64),
    ]


class Rows(ctypes.Structure):
    _fields_ = [
        ("data", c_void_p), ("count", c_int64), ("dimension", c_int64), ("stride", c_int64), ("type", c_char_p),
    ]


class IndexOptions(Sized):
    _fields_ = [("size", c_uint32), ("m", c_int32), ("ef_construction", c_int64), ("seed", c_uint64)]


class SearchOptions(Sized):
    _fields_ = [("size", c_uint32), ("exact", c_int32), ("ef", c_int64), ("rerank", c_int64)]


class IndexInfo(Sized):
    _fields_ = [
        ("size", c_uint32), ("m", c_int32), ("read_only", c_int32), ("padding", c_int32), ("count", c_int64),
        ("dimension", c_int64), ("ef_construction", c_int64), ("metric", c_char_p), ("type", c_char_p),
    ]


RELEASE = ctypes.CFUNCTYPE(None, c_void_p)


class ArrowArrayStream(ctypes.Structure):
    """Of the C data interface of Apache Arrow."""

    _fields_ = [
        ("get_schema", c_void_p), ("get_next", c_void_p), ("get_last_error", c_void_p), ("release", c_void_p),
        ("private_data", c_void_p),
    ]


def _path() -> Path:
    given = os.environ.get("GRAPHMILL_LIBRARY")
    return Path(given) if given else Path(__file__).parent / "_native" / "libgraphmill_c.so"


def _load() -> ctypes.CDLL:
    path = _path()
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise ImportError(f"cannot load the library of graphmill: {error}") from error
    for name, arguments in FUNCTIONS.items():
        function = getattr(library, name)
        function.argtypes = [_TYPES[letter] for letter in arguments]
        function.restype = RESULTS.get(name, c_int32)
    version = library.gm_abi_version()
    if version != ABI_VERSION:
        raise ImportError(f"{path} has interface {version}, this package needs {ABI_VERSION}")
    return library


lib = _load()

__all__ = ["POINTER", "lib"]
