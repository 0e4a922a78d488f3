"""Calls into the library: handles that free themselves, errors as exceptions, runs that can be stopped and watched."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar, Union

import numpy as np

from ._errors import taken
from ._library import Progress, lib

#: ``progress=``: True for a bar (tqdm, where it is installed), or a function of stage, units done, and units in all
#: (None where that is not known).
ProgressLike = Union[bool, Callable[[str, int, Union[int, None]], object], None]

#: Stands for the context among the arguments of :func:`run`.
CONTEXT = object()


class Handle:
    """What the library made: freed with its last user."""

    __slots__ = ("value", "_free", "__weakref__")

    def __init__(self, free: Callable[[ctypes.c_void_p], None]) -> None:
        self.value = ctypes.c_void_p()
        self._free = free

    @property
    def _as_parameter_(self) -> ctypes.c_void_p:
        """What ctypes hands over: so the arguments of a call keep the handle alive while it runs."""
        return self.value

    @property
    def out(self) -> Any:
        """Where a call puts the handle."""
        return ctypes.byref(self.value)

    def __del__(self) -> None:
        if self.value:
            self._free(self.value)


def call(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function that takes its error last."""
    error = ctypes.c_void_p()
    code = function(*arguments, ctypes.byref(error))
    if code:
        raise taken(code, error)


def run(
    function: Callable[..., int], *arguments: Any, threads: int | None = None, progress: ProgressLike = None
) -> None:
    """Calls a function that may take long, where CONTEXT is among its arguments.

    The work is done by a thread of its own, so that this one can hear of Ctrl-C: then the run is asked to stop, and the
    exception goes on when it has. The same holds for an exception of ``progress``, which is called by this thread.

    The thread holds the arguments, so they are handles, structures by reference, and pointers of :func:`address`: an
    exception that comes where none is caught must not take memory away that the library still uses.
    """
    context = Handle(lib.gm_context_free)
    call(lib.gm_context_new, thread_count(threads), context.out)
    given = [context if argument is CONTEXT else argument for argument in arguments]
    error = ctypes.c_void_p()
    codes: list[int] = []
    done = threading.Event()

    def work() -> None:
        codes.append(function(*given, ctypes.byref(error)))
        done.set()

    # A daemon: a run that cannot stop at once must not keep an interpreter that is told to go.
    worker = threading.Thread(target=work, name="graphmill", daemon=True)
    watcher = _watcher(progress)
    stopped: BaseException | None = None
    worker.start()
    # Not by `join`, which takes a thread for ended when an exception comes in between.
    while not done.is_set():
        try:
            if not done.wait(0.1) and watcher and not stopped:
                watcher.look(context)
        except BaseException as exception:  # noqa: B036 - it goes on below, when nobody uses our memory any more
            stopped = stopped or exception
            lib.gm_context_cancel(context)
    # What the thread held is given back now, not a little later.
    worker.join()
    if watcher:
        watcher.close(not stopped and codes[0] == 0)
    if stopped:
        if codes[0]:
            lib.gm_error_free(error)
        raise stopped
    if codes[0]:
        raise taken(codes[0], error)


def thread_count(threads: int | None) -> int:
    """The number for the library: 0 for all cores; -1, as others write it, too."""
    return 0 if threads is None or threads == -1 else threads


class _Watcher:
    """Asks a run how far it is, and tells a function of that."""

    def __init__(self, tell: Callable[[str, int, int | None], object], close: Callable[[bool], None]) -> None:
        self._tell = tell
        self.close = close

    def look(self, context: Handle) -> None:
        state = Progress()
        lib.gm_context_progress(context, ctypes.byref(state))
        if state.stage:
            self._tell(state.stage.decode(), state.done, None if state.total < 0 else state.total)


def _watcher(progress: ProgressLike) -> _Watcher | None:
    if progress is None or progress is False:
        return None
    if progress is not True:
        return _Watcher(progress, lambda _: None)
    from ._bars import Bars

    bars = Bars()
    return _Watcher(bars.tell, bars.close)


def address(array: np.ndarray[Any, Any] | None) -> ctypes.c_void_p | None:
    """Where an array lies: a pointer that keeps it alive, as arguments must while a thread works on them."""
    return None if array is None else array.ctypes.data_as(ctypes.c_void_p)


Structure = TypeVar("Structure", bound=ctypes.Structure)


def holding(structure: Structure, *arrays: np.ndarray[Any, Any] | None) -> Structure:
    """A structure that keeps the arrays alive to which its fields point."""
    structure.arrays = arrays
    return structure


def encoded(text: str | os.PathLike[str] | None) -> bytes | None:
    """A text or path for the library."""
    if text is None:
        return None
    encoded = os.fsencode(text)
    if b"\0" in encoded:
        raise ValueError("embedded null byte")
    return encoded


class _Memory:
    """Memory of a handle, as numpy takes it."""

    def __init__(self, address: int, shape: tuple[int, ...], dtype: np.dtype[Any], owner: object) -> None:
        self._owner = owner
        self.__array_interface__ = {
            "data": (address, True), "shape": shape, "typestr": dtype.str, "version": 3,
        }


def view(address: int | None, shape: tuple[int, ...], dtype: Any, owner: object) -> np.ndarray[Any, Any]:
    """A read-only array over memory that ``owner`` holds."""
    wanted = np.dtype(dtype)
    if not address or 0 in shape:
        empty = np.empty(shape, wanted)
        empty.flags.writeable = False
        return empty
    return np.asarray(_Memory(address, shape, wanted, owner))


def block(function: Callable[..., int], *arguments: Any, dtype: Any) -> np.ndarray[Any, Any]:
    """The result of a function that makes a block."""
    made = Handle(lib.gm_block_free)
    call(function, *arguments, made.out)
    return block_array(made, dtype)


def block_array(made: Handle, dtype: Any) -> np.ndarray[Any, Any]:
    """A block as an array."""
    size = lib.gm_block_size(made) // np.dtype(dtype).itemsize
    return view(lib.gm_block_data(made), (size,), dtype, made)


def node_named(function: Callable[..., int], handle: Handle, name: int | str) -> int:
    """The number of the node that has a name.

    Raises:
        KeyError: where no node has it.
    """
    found = ctypes.c_int64()
    text = str(name).encode()
    if b"\0" not in text:
        call(function, handle, text, ctypes.byref(found))
    if b"\0" in text or found.value < 0:
        raise KeyError(name)
    return found.value


def names_table(names: Any) -> tuple[np.ndarray[Any, Any], bytes]:
    """Names as offsets and bytes."""
    texts = [str(name).encode() for name in names]
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return offsets, b"".join(texts)


