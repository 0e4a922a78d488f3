"""Indexes of vectors for nearest-neighbor search, with the names of hnswlib."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, address, block_array, call, encoded, holding, run
from ._filters import Filter, FilterLike, allowed_ids
from ._graph import Graph
from ._hnswlib import SPACES, HnswlibNames
from ._library import IndexInfo, IndexOptions, Rows, SearchOptions, lib
from ._pickles import read_back, written
from ._vectors import TYPE_NAMES, TYPES, rows_of, struct

Array = np.ndarray[Any, Any]

#: Fewer queries than this are answered by the calling thread alone, without a way to stop.
_QUICK_QUERIES = 256


class Index(HnswlibNames):
    """A hierarchical navigable small world graph over vectors.

    The methods of hnswlib's Index have their names, so that code moves over by its import; beside them stand
    :meth:`build`, :meth:`search` and others. Differences: ids are int64; where fewer than k are found, rows end with -1
    and infinity instead of an error; the first :meth:`add_items` builds in bulk and in parallel, with the same result
    for any number of threads.

    Args:
        space: "l2" (squared), "ip" (1 - product), "cosine", "l1", "chebyshev", "hamming", "jaccard", "js", "jeffreys".
        dim: elements of a vector.
        dtype: how vectors are stored: "float32", "float16", "bfloat16", "uint8"; "bit" for hamming and jaccard, whose
            vectors are given as arrays of bool.

    Example:
        >>> import numpy as np
        >>> index = Index("l2", 4)
        >>> index.add_items(np.eye(4, dtype=np.float32))
        >>> ids, distances = index.knn_query([1, 0, 0, 0], k=1)
        >>> ids.tolist(), distances.tolist()
        ([[0]], [[0.0]])

    Source:
        Malkov, Yashunin, arXiv 1603.09320.
    """

    def __init__(self, space: str = "l2", dim: int = 1, dtype: str | None = None) -> None:
        if space not in SPACES:
            raise ValueError(f"there is no space {space!r}; there are: {', '.join(SPACES)}")
        usual = "bit" if space in ("hamming", "jaccard") else "float32"
        self.space = space
        self.dim = dim
        self.dtype = dtype or usual
        if self.dtype not in TYPES:
            raise ValueError(f"there is no dtype {dtype!r}; there are: {', '.join(TYPES)}")
        #: Beam width of :meth:`knn_query`.
        self.ef = 10
        #: Threads where a call says -1; -1 for all cores.
        self.num_threads = -1
        self.max_elements = 0
        self._options = IndexOptions()
        self._handle: Handle | None = None

    @property
    def element_count(self) -> int:
        """The number of objects that can be found."""
        return 0 if self._handle is None else self._info().count

    @property
    def M(self) -> int:
        """Links that a new node makes on each level."""
        return (self._options.m or 16) if self._handle is None else self._info().m

    @property
    def ef_construction(self) -> int:
        """Beam width of the build."""
        return (self._options.ef_construction or 200) if self._handle is None else self._info().ef_construction

    # Beside hnswlib

    @classmethod
    def build(
        cls, data: Any, *, space: str = "l2", dtype: str | None = None, ids: Any = None, M: int = 16,
        ef_construction: int = 200, seed: int = 42, threads: int | None = None, progress: ProgressLike = None,
    ) -> Index:
        """An index of all rows of an array, in one call."""
        rows = np.atleast_2d(np.asarray(data))
        index = cls(space, rows.shape[1], dtype)
        index._options = IndexOptions(m=M, ef_construction=ef_construction, seed=seed)
        index.add_items(rows, ids, -1 if threads is None else threads, progress=progress)
        return index

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, mapped: bool = True) -> Index:
        """An index of a file (``.gmx``); mapped it opens at once, is shared by processes, and cannot be changed."""
        index = cls()
        index.load_index(path, mapped=mapped)
        return index

    def save(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Writes the index (``.gmx``).

        Raises:
            OutputError: the file exists, or cannot be written.
        """
        run(lib.gm_index_save, self._made, encoded(path), int(replace), CONTEXT)

    def search(  # type: ignore[override]
        self, data: Any, k: int = 10, *, ef: int | None = None, exact: bool | None = None, rerank: int | None = None,
        filter: FilterLike | list[FilterLike] = None, threads: int | None = None, progress: ProgressLike = None,
    ) -> tuple[Array, Array]:
        """The k nearest objects to each vector.

        Args:
            data: shape [n, dim], or [dim] for one query.
            k: answers wanted.
            ef: beam width: more finds more; None for 64.
            exact: True for a full scan, False for none; None where it is both faster and right.
            rerank: candidates that are ranked again where there are codes (:meth:`quantize`).
            filter: objects that may be returned; a list of filters is one a query. A function is called once an object,
                not once a visit.
            threads: at most; None for all cores. The answers are the same.

        Returns:
            Ids (int64) and distances (float32) of shape [n, k], nearest first; -1 and infinity where there are fewer.

        Raises:
            DataError: a value that is not finite; UsageError: an argument out of range.
        """
        if k < 0:
            raise ValueError(f"k is {k}, below 0")
        rows = rows_of(data, self.dtype, self.dim, are_queries=True)
        keys, distances = np.empty((len(rows), k), np.int64), np.empty((len(rows), k), np.float32)
        options = SearchOptions(
            exact=0 if exact is None else 1 if exact else -1, ef=ef or 0,
            rerank=0 if rerank is None else rerank or -1)
        if isinstance(filter, list) and filter and not isinstance(filter[0], (int, np.integer)):
            if len(filter) != len(rows):
                raise ValueError(f"{len(filter)} filters for {len(rows)} queries")
            for row, one in enumerate(filter):
                part = slice(row, row + 1)
                self._search(rows[part], k, options, one, keys[part], distances[part], 1, None)
        else:
            self._search(rows, k, options, filter, keys, distances, threads, progress)
        if self.space == "ip":
            distances += 1
        return keys, distances

    def _search(
        self, rows: Array, k: int, options: SearchOptions, filter: Any, keys: Array, distances: Array,
        threads: int | None, progress: ProgressLike,
    ) -> None:
        given = struct(rows, self.dtype, self.dim)
        let = None if filter is None else self.filter(filter)._handle
        arguments = (lib.gm_index_search, self._made, ctypes.byref(given), k, ctypes.byref(options), let)
        if len(rows) < _QUICK_QUERIES and threads is None and progress is None:
            # Bare addresses, which are quicker: no thread outlives this frame.
            call(*arguments, None, keys.ctypes.data, distances.ctypes.data)
        else:
            run(*arguments, CONTEXT, address(keys), address(distances), threads=threads, progress=progress)

    def searcher(self, k: int = 10, *, ef: int | None = None) -> Callable[[Any], tuple[Array, Array]]:
        """A function that answers one query after another, with less to do for each than :meth:`search`.

        Its arrays, of shape [k], are used again by the next call: copy what has to stay. For use by one thread.

        Example:
            >>> import numpy as np
            >>> find = Index.build(np.eye(4, dtype=np.float32)).searcher(2)
            >>> find(np.array([1, 0, 0, 0], np.float32))[0][0]
            np.int64(0)
        """
        query = np.empty(self.dim, np.float32)
        keys, distances = np.empty(k, np.int64), np.empty(k, np.float32)
        given = holding(Rows(query.ctypes.data, 1, self.dim, 4 * self.dim, b"f32"), query)
        options = SearchOptions(ef=ef or 0)
        function, handle, error = lib.gm_index_search, self._made, ctypes.c_void_p()
        arguments = (
            handle, ctypes.byref(given), k, ctypes.byref(options), None, None, address(keys),
            address(distances), ctypes.byref(error))
        is_product = self.space == "ip"

        def find(vector: Any) -> tuple[Array, Array]:
            query[:] = vector
            code = function(*arguments)
            if code:
                from ._errors import taken

                raise taken(code, error)
            if is_product:
                np.add(distances, 1, out=distances)
            return keys, distances

        return find

    def within(
        self, query: Any, radius: float, *, ef: int | None = None, filter: FilterLike = None
    ) -> tuple[Array, Array]:
        """All objects within a distance of one query that the graph finds, nearest first.

        Args:
            query: shape [dim].
            radius: in the unit of :meth:`search`: squared under "l2".
        """
        vector = np.ascontiguousarray(query, np.float32).reshape(-1)
        options = SearchOptions(ef=ef or 0)
        keys, distances = Handle(lib.gm_block_free), Handle(lib.gm_block_free)
        product = 1 if self.space == "ip" else 0
        let = None if filter is None else self.filter(filter)._handle
        call(
            lib.gm_index_within, self._made, address(vector), vector.size, radius - product,
            ctypes.byref(options), let, keys.out, distances.out)
        return block_array(keys, np.int64), block_array(distances, np.float32) + np.float32(product)

    def filter(self, allowed: FilterLike) -> Filter:
        """A filter for many searches; to be made anew when the index changes."""
        if isinstance(allowed, Filter):
            return allowed
        wanted = allowed_ids(allowed, self._keys)
        made = Handle(lib.gm_filter_free)
        call(lib.gm_index_filter, self._made, address(wanted), wanted.size, made.out)
        return Filter(made)

    def quantize(self, form: str | None = "uint8", *, threads: int | None = None) -> None:
        """Adds short codes, which searches walk on before the best are ranked by exact distances: "uint8", "float16",
        "bfloat16" or "bit". None removes them."""
        if form is not None and form not in TYPES:
            raise ValueError(f"there are no codes {form!r}")
        run(
            lib.gm_index_quantize, self._made, None if form is None else TYPES[form].encode(), CONTEXT,
            threads=threads)

    def compact(self, *, threads: int | None = None) -> None:
        """Takes deleted objects out, and gives their memory back."""
        run(lib.gm_index_compact, self._made, CONTEXT, threads=threads)

    def neighbor_graph(
        self, k: int = 10, *, symmetry: str = "union", weighted: bool = False, ef: int | None = None,
        threads: int | None = None, progress: ProgressLike = None,
    ) -> Graph:
        """The k nearest others of every object as a graph, whose nodes are called by the ids.

        Args:
            symmetry: "union" (an edge where one is among the nearest of the other), "mutual", or "directed".
            weighted: whether distances are weights (under "l2" not squared).
        """
        options = SearchOptions(ef=ef or 0)
        made = Handle(lib.gm_graph_free)
        run(
            lib.gm_index_neighbor_graph, self._made, k, encoded(symmetry), int(weighted), ctypes.byref(options),
            CONTEXT, made.out, threads=threads, progress=progress)
        return Graph(made)

    # What they share

    @property
    def _made(self) -> Handle:
        if self._handle is None:
            raise RuntimeError("the index is empty: init_index or add_items comes first")
        return self._handle

    def _take(self, made: Handle) -> None:
        self._handle = made
        info = self._info()
        self.dim, self.dtype = info.dimension, TYPE_NAMES[info.type.decode()]
        metric = info.metric.decode()
        self.space = "cosine" if metric == "cos" else metric

    def _info(self) -> IndexInfo:
        info = IndexInfo()
        call(lib.gm_index_get_info, self._made, ctypes.byref(info))
        return info

    def _keys(self) -> Array:
        keys = np.empty(self.element_count, np.int64)
        call(lib.gm_index_keys, self._made, address(keys), keys.size)
        return keys

    def _threads(self, num_threads: int) -> int | None:
        chosen = self.num_threads if num_threads == -1 else num_threads
        return None if chosen == -1 else chosen

    def __reduce__(self) -> tuple[Any, ...]:
        state = (self.space, self.dim, self.dtype, self.ef, self.num_threads, self.max_elements)
        options = (self._options.m, self._options.ef_construction, self._options.seed)
        if self._handle is None:
            return _index_of_bytes, (state, options, None)
        return _index_of_bytes, (state, options, written("gmx", self.save))

    def __len__(self) -> int:
        return self.element_count

    def __repr__(self) -> str:
        return f"<graphmill.Index: {self.element_count:,} × {self.dim} {self.dtype}, {self.space}, M={self.M}>"


def _index_of_bytes(state: tuple[Any, ...], options: tuple[int, int, int], content: bytes | None) -> Index:
    index = Index(*state[:3])
    index._options = IndexOptions(m=options[0], ef_construction=options[1], seed=options[2])
    if content is not None:
        read_back(content, "gmx", index.load_index)
    index.ef, index.num_threads, index.max_elements = state[3:]
    return index
