"""Filters: which objects of an index may be returned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Union

import numpy as np

from ._call import Handle

Array = np.ndarray[Any, Any]


class Filter:
    """Which objects may be returned; made by :meth:`Index.filter` for use in many searches."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a filter is not pickled: make it anew")


#: ``filter=``: a function of an id, called once an object; an array of truth values in the order of
#: :meth:`Index.get_ids_list`; a set, list or array of ids; or a :class:`Filter`.
FilterLike = Union[Filter, Callable[[int], bool], Array, set[int], list[int], None]


def allowed_ids(allowed: Any, ids: Callable[[], Array]) -> Array:
    """The ids that a filter lets through.

    Args:
        ids: gives the ids of all objects, for filters that need them.
    """
    if callable(allowed):
        known = ids()
        chosen = known[np.fromiter((bool(allowed(key)) for key in known.tolist()), bool, known.size)]
        return np.ascontiguousarray(chosen)
    given = np.asarray(list(allowed) if isinstance(allowed, (set, frozenset)) else allowed)
    if given.dtype != bool:
        return np.ascontiguousarray(given, np.int64)
    known = ids()
    if given.shape != known.shape:
        raise ValueError(f"{given.size} truth values for {known.size} objects")
    return np.ascontiguousarray(known[given])
