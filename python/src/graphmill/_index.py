"""Indexes of vectors for nearest-neighbor search, with the names of hnswlib."""

from __future__ import annotations

import ctypes
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Union

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, block_array, call, encoded, run
from ._graph import Graph
from ._library import IndexInfo, IndexOptions, Rows, SearchOptions, lib

Array = np.ndarray[Any, Any]

_SPACES = {
    "l2": "l2", "ip": "ip", "cosine": "cos", "cos": "cos", "l1": "l1", "chebyshev": "chebyshev", "hamming": "hamming",
    "jaccard": "jaccard", "js": "js", "jeffreys": "jeffreys",
}
_TYPES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "uint8": "u8", "bit": "b1"}
_TYPE_NAMES = {value: key for key, value in _TYPES.items()}

#: Fewer queries than this are answered by the calling thread alone, without a way to stop.
_QUICK_QUERIES = 256


class Filter:
    """Which objects may be returned; made by :meth:`Index.filter` for use in many searches."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a filter is not pickled: make it anew")


#: ``filter=``: a function of an id, called once an object; an array of truth values in the order of
#: :meth:`Index.get_ids_list`; a set, list or array of ids; or a :class:`Filter`.
FilterLike = Union[Filter, Callable[[int], bool], Array, set[int], list[int], None]


class Index:
    """A hierarchical navigable small world graph over vectors.

    The methods of hnswlib's Index have their names, so that code moves over by its import; beside them stand
    :meth:`build`, :meth:`search` and others. Differences: ids are int64; where fewer than k are found, rows end with -1
    and infinity instead of an error; the first :meth:`add_items` builds in bulk and in parallel, with the same result for
    any number of threads.

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
        if space not in _SPACES:
            raise ValueError(f"there is no space {space!r}; there are: {', '.join(_SPACES)}")
        usual = "bit" if space in ("hamming", "jaccard") else "float32"
        self.space = space
        self.dim = dim
        self.dtype = dtype or usual
        if self.dtype not in _TYPES:
            raise ValueError(f"there is no dtype {dtype!r}; there are: {', '.join(_TYPES)}")
        #: Beam width of :meth:`knn_query`.
        self.ef = 10
        #: Threads where a call says -1; -1 for all cores.
        self.num_threads = -1
        self.max_elements = 0
        self._options = IndexOptions()
        self._handle: Handle | None = None

    # As in hnswlib

    def init_index(
        self, max_elements: int = 0, M: int = 16, ef_construction: int = 200, random_seed: int = 100,
        allow_replace_deleted: bool = False,
    ) -> None:
        """Begins an empty index. ``max_elements`` reserves nothing: an index grows as it must."""
        self._options = IndexOptions(m=M, ef_construction=ef_construction, seed=random_seed)
        self.max_elements = max_elements
        made = Handle(lib.gm_index_free)
        call(
            lib.gm_index_new, self.dim, _TYPES[self.dtype].encode(), _SPACES[self.space].encode(),
            ctypes.byref(self._options), made.out)
        self._handle = made

    def add_items(
        self, data: Any, ids: Any = None, num_threads: int = -1, replace_deleted: bool = False,
        progress: ProgressLike = None,
    ) -> None:
        """Adds vectors: in bulk where the index is empty, else one by one.

        Args:
            data: shape [n, dim], or [dim] for one vector.
            ids: one a vector, not negative; None for numbers from the largest so far. An id that is taken gets the new
                vector.

        Raises:
            DataError: a value that is not finite, ids that repeat; the vectors before stay.
        """
        rows = self._rows(data)
        keys = None if ids is None else np.ascontiguousarray(np.atleast_1d(ids), np.int64)
        if keys is not None and keys.shape != (len(rows),):
            raise ValueError(f"{keys.size} ids for {len(rows)} vectors")
        place = None if keys is None else keys.ctypes.data
        given, threads = _struct(rows, self.dtype, self.dim), self._threads(num_threads)
        if self._handle is None or self.element_count == 0 and len(rows) > 1:
            made = Handle(lib.gm_index_free)
            run(
                lib.gm_index_build, ctypes.byref(given), _SPACES[self.space].encode(), place,
                ctypes.byref(self._options), CONTEXT, made.out, threads=threads, progress=progress)
            self._handle = made
            return
        run(
            lib.gm_index_add, self._handle, ctypes.byref(given), place, 1, CONTEXT, None, threads=threads,
            progress=progress)

    def set_ef(self, ef: int) -> None:
        """Sets the beam width of :meth:`knn_query`."""
        if ef < 1:
            raise ValueError(f"ef is {ef}, below 1")
        self.ef = ef

    def set_num_threads(self, num_threads: int) -> None:
        """Sets the threads of calls that say -1."""
        self.num_threads = num_threads

    def knn_query(
        self, data: Any, k: int = 1, num_threads: int = -1, filter: FilterLike | list[FilterLike] = None
    ) -> tuple[Array, Array]:
        """The k nearest objects to each vector: ids (int64) and distances (float32) of shape [n, k], nearest first.

        See :meth:`search`, with the beam width :attr:`ef`.
        """
        return self.search(data, k, ef=max(self.ef, k), filter=filter, threads=self._threads(num_threads))

    def save_index(self, path: str | os.PathLike[str]) -> None:
        """Writes the index (``.gmx``), in place of a file that is there. The file is none of hnswlib."""
        self.save(path, replace=True)

    def load_index(self, path: str | os.PathLike[str], max_elements: int = 0, mapped: bool = False) -> None:
        """Takes the index of a file (``.gmx``).

        Args:
            mapped: whether vectors and links stay in the file: opens at once, and cannot be changed.
        """
        made = Handle(lib.gm_index_free)
        run(lib.gm_index_open, encoded(path), int(mapped), CONTEXT, made.out)
        self._take(made)
        self.max_elements = max(max_elements, self.element_count)

    def mark_deleted(self, id: int) -> None:
        """Takes an object out of all answers; :meth:`compact` gives its memory back.

        Raises:
            UsageError: no object has this id.
        """
        call(lib.gm_index_remove, self._made, id)

    def get_items(self, ids: Any, return_type: str = "numpy") -> Any:
        """The vectors of some ids: float32, shape [n, dim], or lists for ``return_type="list"``.

        Raises:
            UsageError: no object has one of the ids.
        """
        keys = np.ascontiguousarray(ids, np.int64).reshape(-1)
        vectors = np.empty((keys.size, self.dim), np.float32)
        call(lib.gm_index_vectors, self._made, keys.ctypes.data, keys.size, vectors.ctypes.data, self.dim)
        return vectors.tolist() if return_type == "list" else vectors

    def get_ids_list(self) -> list[int]:
        """The ids of all objects, in the order they came."""
        return [int(key) for key in self._keys()]

    def get_current_count(self) -> int:
        """The number of objects."""
        return self.element_count

    def get_max_elements(self) -> int:
        """What :meth:`init_index` was told, or more where more came."""
        return max(self.max_elements, self.element_count)

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

    def search(
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
        rows = self._rows(data)
        keys, distances = np.empty((len(rows), k), np.int64), np.empty((len(rows), k), np.float32)
        options = SearchOptions(
            exact=0 if exact is None else 1 if exact else -1, ef=ef or 0,
            rerank=0 if rerank is None else rerank or -1)
        if isinstance(filter, list) and filter and not isinstance(filter[0], (int, np.integer)):
            if len(filter) != len(rows):
                raise ValueError(f"{len(filter)} filters for {len(rows)} queries")
            for row, one in enumerate(filter):
                self._search(rows[row : row + 1], k, options, one, keys[row : row + 1], distances[row : row + 1], 1, None)
        else:
            self._search(rows, k, options, filter, keys, distances, threads, progress)
        if self.space == "ip":
            distances += 1
        return keys, distances

    def _search(
        self, rows: Array, k: int, options: SearchOptions, filter: Any, keys: Array, distances: Array,
        threads: int | None, progress: ProgressLike,
    ) -> None:
        given = _struct(rows, self.dtype, self.dim)
        let = None if filter is None else self.filter(filter)._handle
        arguments = (lib.gm_index_search, self._made, ctypes.byref(given), k, ctypes.byref(options), let)
        places = (keys.ctypes.data, distances.ctypes.data)
        if len(rows) < _QUICK_QUERIES and threads is None and progress is None:
            call(*arguments, None, *places)
        else:
            run(*arguments, CONTEXT, *places, threads=threads, progress=progress)

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
        given = Rows(query.ctypes.data, 1, self.dim, 4 * self.dim, b"f32")
        options = SearchOptions(ef=ef or 0)
        function, handle, error = lib.gm_index_search, self._made, ctypes.c_void_p()
        arguments = (
            handle, ctypes.byref(given), k, ctypes.byref(options), None, None, keys.ctypes.data,
            distances.ctypes.data, ctypes.byref(error))
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

        # What the addresses point to lives as long as the function.
        find.owners = (given, options, handle)  # type: ignore[attr-defined]
        return find

    def within(self, query: Any, radius: float, *, ef: int | None = None, filter: FilterLike = None) -> tuple[Array, Array]:
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
            lib.gm_index_within, self._made, vector.ctypes.data, vector.size, radius - product,
            ctypes.byref(options), let, keys.out, distances.out)
        return block_array(keys, np.int64), block_array(distances, np.float32) + np.float32(product)

    def filter(self, allowed: FilterLike) -> Filter:
        """A filter for many searches; to be made anew when the index changes."""
        if isinstance(allowed, Filter):
            return allowed
        if callable(allowed):
            ids = self._keys()
            wanted = ids[np.fromiter((bool(allowed(key)) for key in ids.tolist()), bool, ids.size)]
        else:
            given = np.asarray(list(allowed) if isinstance(allowed, (set, frozenset)) else allowed)
            if given.dtype == bool:
                ids = self._keys()
                if given.shape != ids.shape:
                    raise ValueError(f"{given.size} truth values for {ids.size} objects")
                wanted = ids[given]
            else:
                wanted = given.astype(np.int64)
        wanted = np.ascontiguousarray(wanted)
        made = Handle(lib.gm_filter_free)
        call(lib.gm_index_filter, self._made, wanted.ctypes.data, wanted.size, made.out)
        return Filter(made)

    def quantize(self, form: str | None = "uint8", *, threads: int | None = None) -> None:
        """Adds short codes, which searches walk on before the best are ranked by exact distances: "uint8", "float16",
        "bfloat16" or "bit". None removes them."""
        if form is not None and form not in _TYPES:
            raise ValueError(f"there are no codes {form!r}")
        run(
            lib.gm_index_quantize, self._made, None if form is None else _TYPES[form].encode(), CONTEXT,
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
        self.dim, self.dtype = info.dimension, _TYPE_NAMES[info.type.decode()]
        metric = info.metric.decode()
        self.space = "cosine" if metric == "cos" else metric

    def _info(self) -> IndexInfo:
        info = IndexInfo()
        call(lib.gm_index_get_info, self._made, ctypes.byref(info))
        return info

    def _keys(self) -> Array:
        keys = np.empty(self.element_count, np.int64)
        call(lib.gm_index_keys, self._made, keys.ctypes.data, keys.size)
        return keys

    def _threads(self, num_threads: int) -> int | None:
        chosen = self.num_threads if num_threads == -1 else num_threads
        return None if chosen == -1 else chosen

    def _rows(self, data: Any) -> Array:
        """Vectors as the library takes them, one a row."""
        rows = np.asarray(data)
        rows = rows.reshape(1, -1) if rows.ndim == 1 else rows
        if rows.ndim != 2 or rows.shape[1] != self.dim:
            raise ValueError(f"vectors of {self.dim} elements are an array of shape (n, {self.dim}), not {rows.shape}")
        if self.dtype == "bit":
            return _bits(rows)
        if self.dtype == "uint8" and rows.dtype != np.uint8:
            if not np.array_equal(rows, rows.astype(np.uint8)):
                raise ValueError("vectors of bytes are whole numbers from 0 to 255")
            rows = rows.astype(np.uint8)
        elif self.dtype == "float16" and rows.dtype != np.float16:
            rows = rows.astype(np.float16)
        elif self.dtype in ("float32", "bfloat16") and rows.dtype != np.float32:
            rows = rows.astype(np.float32)
        contiguous = rows.size == 0 or rows.strides[1] == rows.itemsize and rows.strides[0] >= rows.shape[1] * rows.itemsize
        return rows if contiguous else np.ascontiguousarray(rows)

    def __reduce__(self) -> tuple[Any, ...]:
        state = (self.space, self.dim, self.dtype, self.ef, self.num_threads, self.max_elements)
        options = (self._options.m, self._options.ef_construction, self._options.seed)
        if self._handle is None:
            return _index_of_bytes, (state, options, None)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "index.gmx"
            self.save(path)
            return _index_of_bytes, (state, options, path.read_bytes())

    def __len__(self) -> int:
        return self.element_count

    def __repr__(self) -> str:
        return f"<graphmill.Index: {self.element_count:,} × {self.dim} {self.dtype}, {self.space}, M={self.M}>"


def _bits(rows: Array) -> Array:
    """Truth values as bits in words of eight bytes, the first bit lowest."""
    packed = np.packbits(rows.astype(bool), axis=1, bitorder="little")
    width = (rows.shape[1] + 63) // 64 * 8
    words = np.zeros((len(rows), width), np.uint8)
    words[:, : packed.shape[1]] = packed
    return words


def _struct(rows: Array, dtype: str, dimension: int) -> Rows:
    # bfloat16 is what the library makes of floats.
    kind = "f32" if rows.dtype == np.float32 else _TYPES[dtype]
    return Rows(rows.ctypes.data, len(rows), dimension, rows.strides[0] if len(rows) > 1 else rows.nbytes, kind.encode())


def _index_of_bytes(state: tuple[Any, ...], options: tuple[int, int, int], content: bytes | None) -> Index:
    index = Index(*state[:3])
    index._options = IndexOptions(m=options[0], ef_construction=options[1], seed=options[2])
    if content is not None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "index.gmx"
            path.write_bytes(content)
            index.load_index(path)
    index.ef, index.num_threads, index.max_elements = state[3:]
    return index
