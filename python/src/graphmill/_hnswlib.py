"""The names of hnswlib's index."""

from __future__ import annotations

import ctypes
import os
from abc import abstractmethod
from typing import Any

import numpy as np

from ._call import CONTEXT, Handle, ProgressLike, address, call, encoded, run
from ._filters import FilterLike
from ._library import IndexOptions, lib
from ._vectors import TYPES, rows_of, struct

Array = np.ndarray[Any, Any]

#: The distances, and what the library calls them.
SPACES = {
    "l2": "l2", "ip": "ip", "cosine": "cos", "cos": "cos", "l1": "l1", "chebyshev": "chebyshev", "hamming": "hamming",
    "jaccard": "jaccard", "js": "js", "jeffreys": "jeffreys",
}


class HnswlibNames:
    """The methods of hnswlib's Index, for code that moves over."""

    space: str
    dim: int
    dtype: str
    ef: int
    num_threads: int
    max_elements: int
    _options: IndexOptions
    _handle: Handle | None

    @property
    @abstractmethod
    def element_count(self) -> int:
        """The number of objects that can be found."""

    @property
    @abstractmethod
    def _made(self) -> Handle: ...
    @abstractmethod
    def _take(self, made: Handle) -> None: ...
    @abstractmethod
    def _keys(self) -> Array: ...
    @abstractmethod
    def _threads(self, num_threads: int) -> int | None: ...
    @abstractmethod
    def save(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Writes the index."""

    @abstractmethod
    def search(self, data: Any, k: int = 10, **options: Any) -> tuple[Array, Array]:
        """The k nearest objects to each vector."""

    def init_index(
        self, max_elements: int = 0, M: int = 16, ef_construction: int = 200, random_seed: int = 100,
        allow_replace_deleted: bool = False,
    ) -> None:
        """Begins an empty index. ``max_elements`` reserves nothing: an index grows as it must."""
        self._options = IndexOptions(m=M, ef_construction=ef_construction, seed=random_seed)
        self.max_elements = max_elements
        made = Handle(lib.gm_index_free)
        call(
            lib.gm_index_new, self.dim, TYPES[self.dtype].encode(), SPACES[self.space].encode(),
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
        rows = rows_of(data, self.dtype, self.dim)
        keys = None if ids is None else np.ascontiguousarray(np.atleast_1d(ids), np.int64)
        if keys is not None and keys.shape != (len(rows),):
            raise ValueError(f"{keys.size} ids for {len(rows)} vectors")
        place = address(keys)
        given, threads = struct(rows, self.dtype, self.dim), self._threads(num_threads)
        if self._handle is None or self.element_count == 0 and len(rows) > 1:
            made = Handle(lib.gm_index_free)
            run(
                lib.gm_index_build, ctypes.byref(given), SPACES[self.space].encode(), place,
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
        call(lib.gm_index_vectors, self._made, address(keys), keys.size, address(vectors), self.dim)
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
