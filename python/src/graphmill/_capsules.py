"""Capsules of the Arrow PyCapsule interface, in which tables are handed over."""

from __future__ import annotations

import ctypes
from typing import Any

from ._library import RELEASE, ArrowArrayStream

_NAME = b"arrow_array_stream"

_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_pointer.restype = ctypes.c_void_p

_new = ctypes.pythonapi.PyCapsule_New
_new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_new.restype = ctypes.py_object

# A capsule that ends must not be counted again: here it is an address.
_DESTRUCTOR = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
_pointer_of_ending = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi))

#: Streams whose capsules live, by their addresses.
_streams: dict[int, ArrowArrayStream] = {}


def stream_address(capsule: Any) -> int:
    """Where the stream of a capsule lies."""
    return int(_pointer(capsule, _NAME) or 0)


def stream_capsule(stream: ArrowArrayStream) -> Any:
    """A capsule that owns a stream: released with it, unless somebody has taken it over."""
    address = ctypes.addressof(stream)
    _streams[address] = stream
    return _new(address, _NAME, ctypes.cast(_ended, ctypes.c_void_p))


def _end(capsule: int) -> None:
    stream = _streams.pop(_pointer_of_ending(capsule, _NAME), None)
    if stream is not None and stream.release:
        RELEASE(stream.release)(ctypes.addressof(stream))


_ended = _DESTRUCTOR(_end)
