"""Vectors as the library takes them: rows of one type of element."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._library import Rows

Array = np.ndarray[Any, Any]

#: How vectors are stored, and what the library calls that.
TYPES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "uint8": "u8", "bit": "b1"}
TYPE_NAMES = {value: key for key, value in TYPES.items()}


def rows_of(data: Any, dtype: str, dimension: int) -> Array:
    """Vectors as the library takes them, one a row."""
    rows = np.asarray(data)
    rows = rows.reshape(1, -1) if rows.ndim == 1 else rows
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise ValueError(f"vectors of {dimension} elements are an array of shape (n, {dimension}), not {rows.shape}")
    if dtype == "bit":
        return bits(rows)
    if dtype == "uint8" and rows.dtype != np.uint8:
        if not np.array_equal(rows, rows.astype(np.uint8)):
            raise ValueError("vectors of bytes are whole numbers from 0 to 255")
        rows = rows.astype(np.uint8)
    elif dtype == "float16" and rows.dtype != np.float16:
        rows = rows.astype(np.float16)
    elif dtype in ("float32", "bfloat16") and rows.dtype != np.float32:
        rows = rows.astype(np.float32)
    contiguous = rows.size == 0 or rows.strides[1] == rows.itemsize and rows.strides[0] >= rows.shape[1] * rows.itemsize
    return rows if contiguous else np.ascontiguousarray(rows)


def bits(rows: Array) -> Array:
    """Truth values as bits in words of eight bytes, the first bit lowest."""
    packed = np.packbits(rows.astype(bool), axis=1, bitorder="little")
    width = (rows.shape[1] + 63) // 64 * 8
    words = np.zeros((len(rows), width), np.uint8)
    words[:, : packed.shape[1]] = packed
    return words


def struct(rows: Array, dtype: str, dimension: int) -> Rows:
    """The structure of some rows, which must outlive it."""
    # bfloat16 is what the library makes of floats.
    kind = "f32" if rows.dtype == np.float32 else TYPES[dtype]
    stride = rows.strides[0] if len(rows) > 1 else rows.nbytes
    return Rows(rows.ctypes.data, len(rows), dimension, stride, kind.encode())
