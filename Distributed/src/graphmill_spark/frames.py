"""Columns between a task and its worker: frames of NumPy arrays, and an end that says how many there were."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np

from .errors import FrameError

TYPES = ("<i8", "<i4", "<i2", "<u8", "<u4", "|u1", "<f8", "<f4")
LARGEST_BODY, LARGEST_ROWS, LARGEST_COLUMNS = 1 << 30, 1 << 31, 64

_HEAD = struct.Struct("<4sHHQQQ")
_MAGIC, _DATA, _END = b"GMF1", 1, 2
_HEADER, _ALIGNMENT = 128, 64


def header(dtype: str, shape: tuple[int, ...]) -> bytes:
    """The header of a column, as NumPy writes it, always of 128 bytes."""
    lengths = f"{shape[0]}," if len(shape) == 1 else ", ".join(map(str, shape))
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({lengths}), }}"
    return b"\x93NUMPY\x01\x00\x76\x00" + text.ljust(_HEADER - 11).encode() + b"\n"


def write_frame(stream: IO[bytes], number: int, columns: Sequence[np.ndarray]) -> None:
    """Writes columns of equal length, which stand one after the other in memory."""
    rows = len(columns[0])
    if any(len(column) != rows for column in columns):
        raise FrameError("columns of different lengths")
    padding = [-column.nbytes % _ALIGNMENT for column in columns]
    body = sum(_HEADER + column.nbytes + zeros for column, zeros in zip(columns, padding, strict=True))
    if body > LARGEST_BODY or rows > LARGEST_ROWS or len(columns) > LARGEST_COLUMNS:
        raise FrameError(f"a frame of {len(columns)} columns, {rows} rows and {body} bytes is too large")
    stream.write(_HEAD.pack(_MAGIC, _DATA, len(columns), rows, body, number))
    for column, zeros in zip(columns, padding, strict=True):
        if column.dtype.str not in TYPES:
            raise FrameError(f"columns of type {column.dtype} do not travel")
        stream.write(header(column.dtype.str, column.shape))
        stream.write(np.ascontiguousarray(column).data.cast("B") if column.size else b"")
        stream.write(bytes(zeros))


def write_end(stream: IO[bytes], frames: int, rows: int) -> None:
    """Writes the end of a stream."""
    stream.write(_HEAD.pack(_MAGIC, _END, 0, rows, 0, frames))


def read_frames(stream: IO[bytes]) -> Iterator[list[np.ndarray]]:
    """The columns of every frame; they are views of the bytes that were read.

    Raises FrameError for a stream that is damaged, ends without its end frame, or goes on behind it.
    """
    frames = rows = 0
    while True:
        magic, kind, columns, count, body, number = _HEAD.unpack(_exactly(stream, _HEAD.size))
        if magic != _MAGIC or kind not in (_DATA, _END):
            raise FrameError("not the head of a frame of columns")
        if kind == _END:
            if (columns, body, count, number) != (0, 0, rows, frames):
                raise FrameError(f"the end tells of {count} rows in {number} frames; there were {rows} in {frames}")
            if stream.read(1):
                raise FrameError("the stream goes on behind its end")
            return
        if number != frames:
            raise FrameError(f"frame {number} where {frames} must come")
        if not 1 <= columns <= LARGEST_COLUMNS or count > LARGEST_ROWS or body > LARGEST_BODY:
            raise FrameError(f"a frame of {columns} columns, {count} rows and {body} bytes is not possible")
        yield _columns(_exactly(stream, body), columns, count)
        frames, rows = frames + 1, rows + count


def _columns(body: bytearray, columns: int, rows: int) -> list[np.ndarray]:
    found, place = [], 0
    for _ in range(columns):
        dtype, shape = _form(bytes(body[place : place + _HEADER]), rows)
        begin = place + _HEADER
        items = rows * (shape[1] if len(shape) == 2 else 1)
        size = items * np.dtype(dtype).itemsize
        place = begin + size + -size % _ALIGNMENT
        if place > len(body) or any(body[begin + size : place]):
            raise FrameError("a column does not fit into its frame")
        found.append(np.frombuffer(body, dtype, items, begin).reshape(shape))
    if place != len(body):
        raise FrameError("a frame is longer than its columns")
    return found


def _form(given: bytes, rows: int) -> tuple[str, tuple[int, ...]]:
    """Type and shape of a column of so many rows; only a header is taken that we would write."""
    dtype = given[21:24].decode("latin-1")
    inside = given[given.find(b"(") + 1 : max(0, given.find(b")"))].split(b", ")
    shape: tuple[int, ...] = (rows,)
    if len(inside) == 2 and inside[1].isdigit() and len(inside[1]) < 6:
        shape = (rows, int(inside[1]))
    if dtype not in TYPES or header(dtype, shape) != given or 0 in shape[1:]:
        raise FrameError(f"not the header of a column of {rows} rows")
    return dtype, shape


def _exactly(stream: IO[bytes], count: int) -> bytearray:
    """So many bytes; memory grows with what comes, not with what was announced."""
    found = bytearray()
    while len(found) < count:
        part = stream.read(min(count - len(found), 1 << 24))
        if not part:
            raise FrameError("the stream ends before its end frame")
        found += part
    return found
