"""Builds the library of the wheel with Swift, and tags the wheel: one for all versions of CPython."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildLibrary(BuildHookInterface):
    """The library comes from GRAPHMILL_LIBRARY where that names one, else from Scripts/c-library."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        library = os.environ.get("GRAPHMILL_LIBRARY") or self._built()
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
        # An editable install finds it beside the sources.
        if version == "editable":
            place = Path(self.root) / "src" / "graphmill" / "_native"
            place.mkdir(exist_ok=True)
            shutil.copy(library, place / "libgraphmill_c.so")
        else:
            build_data["force_include"][library] = "graphmill/_native/libgraphmill_c.so"

    def _built(self) -> str:
        script = Path(self.root).parent / "Scripts" / "c-library"
        if not script.exists():
            raise SystemExit("the sources of the library are not here: install a wheel, or a clone of the repository")
        if shutil.which("swift") is None:
            raise SystemExit("building graphmill needs Swift 6.3 or later: https://www.swift.org/install/linux/")
        folder = tempfile.mkdtemp(prefix="graphmill-")
        if subprocess.run([str(script), folder]).returncode != 0:
            raise SystemExit("the library of graphmill does not build: see the messages above")
        return str(Path(folder) / "libgraphmill_c.so")
