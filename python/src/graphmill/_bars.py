"""Progress as bars: by tqdm where it is installed, which also draws in notebooks; else a line on standard error."""

from __future__ import annotations

import sys
from typing import Any


class Bars:
    """One bar a stage."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: Any = None
        self._written = False
        try:
            from tqdm.auto import tqdm

            self._make: Any = tqdm
        except ImportError:
            self._make = None

    def tell(self, stage: str, done: int, total: int | None) -> None:
        """Shows how far a stage is."""
        if self._make is None:
            share = f" {100 * done // total} %" if total else f" {done}"
            sys.stderr.write(f"\r{stage}{share}\x1b[K")
            sys.stderr.flush()
            self._written = True
            return
        if stage != self._stage or self._bar is None:
            self.close(True)
            self._stage = stage
            self._bar = self._make(desc=stage, total=total, unit_scale=True)
        self._bar.update(done - self._bar.n)

    def close(self, is_done: bool) -> None:
        """Ends the last bar, full where the run went well."""
        if self._bar is not None:
            if is_done and self._bar.total:
                self._bar.update(self._bar.total - self._bar.n)
            self._bar.close()
            self._bar = None
        if self._written:
            sys.stderr.write("\r\x1b[K")
            self._written = False
