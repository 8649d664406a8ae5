# SPDX-License-Identifier: Apache-2.0
"""This tree as a collection that somebody has installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


class InstalledCollection:
    """A folder of nobody's, with the collection somewhere else."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "collections" / "ansible_collections" / "flowstream" / "platform"
        self._here = folder / "here"
        self._here.mkdir()
        built = subprocess.run(
            ["python", str(ROOT / "collection" / "build.py"), str(folder / "built")],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        self.run("ansible-galaxy", "collection", "build", built, "--output-path", str(folder))
        archive = next(folder.glob("*.tar.gz"))
        self.run("ansible-galaxy", "collection", "install", str(archive), "-p", str(folder / "collections"))

    def run(self, *argv: str) -> str:
        """Run a command that must succeed in a folder with nothing in it; return what it printed."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment = {**kept, "ANSIBLE_COLLECTIONS_PATH": str(self.root.parents[2]), "ANSIBLE_HOME": str(self._here)}
        done = subprocess.run(
            argv, cwd=self._here, env=environment, check=False, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
