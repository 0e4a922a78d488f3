"""Vectors as the library takes them: rows of one type of element."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._call import holding
from ._library import Rows

Array = np.ndarray[Any, Any]

#: How vectors are stored, and what the library calls that.
TYPES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "uint8": "u8", "bit": "b1"}
TYPE_NAMES = {value: key for key, value in TYPES.items()}


#: What arrays of these types of element are called.
_LETTERS = {
    np.dtype(np.float32): "f32", np.dtype(np.float16): "f16", np.dtype(np.uint16): "bf16", np.dtype(np.uint8): "u8"}


def rows_of(data: Any, dtype: str, dimension: int, are_queries: bool = False) -> Array:
    """Vectors as the library takes them, one a row. Queries are floats where that is possible: they are not rounded."""
    rows = np.asarray(data)
    rows = rows.reshape(1, -1) if rows.ndim == 1 else rows
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise ValueError(f"vectors of {dimension} elements are an array of shape (n, {dimension}), not {rows.shape}")
    if dtype == "bit":
        return bits(rows)
    if dtype == "uint8" and rows.dtype == np.uint8:
        return _contiguous(rows)
    if dtype == "float16" and not are_queries:
        return _contiguous(rows.astype(np.float16))
    floats = _contiguous(rows.astype(np.float32, copy=False))
    if dtype == "bfloat16" and not are_queries:
        return _bfloat16(floats)
    if dtype == "uint8" and not are_queries:
        if not np.array_equal(floats, floats.astype(np.uint8)):
            raise ValueError("vectors of bytes are whole numbers from 0 to 255")
        return floats.astype(np.uint8)
    return floats


def _contiguous(rows: Array) -> Array:
    """Rows whose elements lie side by side; the rows themselves may be apart."""
    width = rows.shape[1] * rows.itemsize
    fits = rows.size == 0 or rows.strides[1] == rows.itemsize and rows.strides[0] >= width
    return rows if fits else np.ascontiguousarray(rows)


def _bfloat16(rows: Array) -> Array:
    """The upper halves of floats, rounded to the nearest, ties to even."""
    words = np.ascontiguousarray(rows).view(np.uint32)
    if not np.isfinite(rows).all():
        raise ValueError("vectors are finite")
    return ((words + np.uint32(0x7FFF) + ((words >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)).astype(np.uint16)


def bits(rows: Array) -> Array:
    """Truth values as bits in words of eight bytes, the first bit lowest."""
    packed = np.packbits(rows.astype(bool), axis=1, bitorder="little")
    width = (rows.shape[1] + 63) // 64 * 8
    words = np.zeros((len(rows), width), np.uint8)
    words[:, : packed.shape[1]] = packed
    return words


def struct(rows: Array, dtype: str, dimension: int) -> Rows:
    """The structure of some rows, which it keeps alive."""
    kind = "b1" if dtype == "bit" else _LETTERS[rows.dtype]
    stride = rows.strides[0] if len(rows) > 1 else rows.nbytes
    return holding(Rows(rows.ctypes.data, len(rows), dimension, stride, kind.encode()), rows)
