"""The bytes of what the library keeps in files, for pickles."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")


def written(ending: str, write: Callable[[Path], None]) -> bytes:
    """What is written to a file with this ending."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"object.{ending}"
        write(path)
        return path.read_bytes()


def read_back(content: bytes, ending: str, read: Callable[[Path], Made]) -> Made:
    """What is read from a file of these bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"object.{ending}"
        path.write_bytes(content)
        return read(path)
