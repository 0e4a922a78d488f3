"""Errors: one class a family, each also the built-in one that Python programs expect."""

from __future__ import annotations

import ctypes

from ._library import lib


class GraphmillError(Exception):
    """What went wrong, with everything that is known of the place.

    Attributes:
        kind: a stable name, such as ``id-out-of-range``.
        message: one sentence.
        file: the file; None where there is none.
        line: counted from 1; None where there is none.
        byte: the offset in the decompressed file, from 0; None where there is none.
        field: the offending text; None where there is none.
        hint: what can be done; None where there is nothing to say.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        file: str | None = None,
        line: int | None = None,
        byte: int | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.kind, self.message, self.file, self.line = kind, message, file, line
        self.byte, self.field, self.hint = byte, field, hint
        super().__init__(str(self))

    def __str__(self) -> str:
        place = "" if self.file is None else f"{self.file}: " if self.line is None else f"{self.file}:{self.line}: "
        text = place + self.message
        if self.field is not None:
            text += f": '{self.field}'"
        if self.byte is not None:
            text += f" (byte {self.byte})"
        return text if self.hint is None else f"{text}\nhint: {self.hint}"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.kind, self.message, self.file, self.line, self.byte, self.field, self.hint)


class UsageError(GraphmillError, ValueError):
    """An argument that is not possible."""


class DataError(GraphmillError, ValueError):
    """An input that is not what its format promises."""


class MissingInputError(GraphmillError, FileNotFoundError):
    """A file that is not there, or may not be read."""


class UnsupportedError(GraphmillError, NotImplementedError):
    """A format or feature that there is not."""


class InternalError(GraphmillError, RuntimeError):
    """A fault of graphmill itself: please report it."""


class OverBudgetError(GraphmillError, MemoryError):
    """More memory than there is, or than was allowed."""


class OutputError(GraphmillError, OSError):
    """A file that could not be written or read to its end."""


class InterruptedRun(GraphmillError):
    """A run that was asked to stop."""


_CLASSES: dict[int, type[GraphmillError]] = {
    64: UsageError, 65: DataError, 66: MissingInputError, 69: UnsupportedError, 70: InternalError, 71: OverBudgetError,
    73: OutputError, 74: OutputError, 130: InterruptedRun, 141: OutputError,
}


def taken(code: int, error: ctypes.c_void_p) -> GraphmillError:
    """The error of a call that failed, whose handle is freed."""

    def text(value: bytes | None) -> str | None:
        return None if value is None else value.decode("utf-8", "replace")

    def number(value: int) -> int | None:
        return None if value < 0 else value

    try:
        return _CLASSES.get(code, GraphmillError)(
            text(lib.gm_error_kind(error)) or "unknown",
            text(lib.gm_error_message(error)) or f"failed with code {code}",
            text(lib.gm_error_file(error)),
            number(lib.gm_error_line(error)),
            number(lib.gm_error_byte(error)),
            text(lib.gm_error_field(error)),
            text(lib.gm_error_hint(error)),
        )
    finally:
        lib.gm_error_free(error)
