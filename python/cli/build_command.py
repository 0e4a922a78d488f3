"""Builds the command of the wheel with Swift, and tags the wheel: one for all versions of CPython."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildCommand(BuildHookInterface):
    """The command comes from GRAPHMILL_COMMAND where that names one, else from Scripts/static-command."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["shared_scripts"][os.environ.get("GRAPHMILL_COMMAND") or self._built()] = "graphmill"

    def _built(self) -> str:
        script = Path(self.root).parents[1] / "Scripts" / "static-command"
        if not script.exists():
            raise SystemExit("the sources of the command are not here: install a wheel, or a clone of the repository")
        if shutil.which("swift") is None:
            raise SystemExit("building graphmill needs Swift 6.3 or later: https://www.swift.org/install/linux/")
        folder = tempfile.mkdtemp(prefix="graphmill-")
        if subprocess.run([str(script), folder]).returncode != 0:
            raise SystemExit("the command of graphmill does not build: see the messages above")
        return str(Path(folder) / "graphmill")
