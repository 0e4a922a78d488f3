"""The memory of the library's arrays."""

from __future__ import annotations

import os

from ._call import call, encoded
from ._library import lib


def set_memory_limit(bytes: int | None) -> None:
    """Limits all arrays of the library together; what would take more raises OverBudgetError. None: no limit."""
    call(lib.gm_memory_set_limit, bytes or 0)


def set_spill_folder(path: str | os.PathLike[str] | None) -> None:
    """A folder for large arrays that the limit has no room for: they live in files there. None: they are refused."""
    call(lib.gm_memory_set_spill_folder, encoded(path))


def memory_used() -> int:
    """Bytes that arrays of the library take now."""
    return int(lib.gm_memory_used())


def memory_peak() -> int:
    """The most that they took."""
    return int(lib.gm_memory_peak())
