"""The command, from Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def command() -> str:
    """The path of the command: of ``graphmill-cli`` in this environment, else the one on the path.

    Raises:
        FileNotFoundError: there is none.
    """
    own = Path(sysconfig.get_path("scripts")) / "graphmill"
    found = str(own) if own.exists() else shutil.which("graphmill")
    if found is None:
        raise FileNotFoundError("the command is not installed: pip install graphmill-cli")
    return found


def environment() -> dict[str, str]:
    """What the command is told: this interpreter reads Parquet for it."""
    return {"GRAPHMILL_PYTHON": sys.executable, **os.environ}


def run(args: Sequence[str | os.PathLike[str]], **options: Any) -> subprocess.CompletedProcess[Any]:
    """Runs the command, ``graphmill.run(["convert", "edges.tsv", "graph.gmg"])``.

    Args:
        args: what stands behind ``graphmill``.
        **options: as for ``subprocess.run``, such as ``capture_output=True, text=True, check=True``.

    Raises:
        FileNotFoundError: the command is not installed (``pip install graphmill-cli``).
    """
    options.setdefault("env", environment())
    return subprocess.run([command(), *(os.fspath(argument) for argument in args)], **options)
