"""What may go wrong, each with the exit code of the command."""

from __future__ import annotations

import re


class MillError(Exception):
    """A refusal with its exit code: 64 usage, 65 bad data, 66 no input, 69 not offered, 71 memory, 73 cannot create."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class FrameError(Exception):
    """A stream of columns that is damaged."""


class WorkerError(Exception):
    """A worker that failed. Its text crosses process borders inside Spark's exceptions, and is found there again."""

    def __init__(self, operation: str, code: int, reason: str) -> None:
        super().__init__(f"[graphmill worker {operation}: exit {code}] {reason}")
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        return (Exception, (str(self),))


_FAILED = re.compile(r"\[graphmill worker (\S+): exit (-?\d+)\] ([^\n]*)")


def worker_failure(error: BaseException) -> MillError | None:
    """What a worker said in the depth of an exception of Spark; nothing where none failed."""
    found = _FAILED.search(str(error))
    if not found:
        return None
    code = int(found[2])
    return MillError(code if code > 0 else 70, f"worker {found[1]} (exit {code}): {found[3]}")
