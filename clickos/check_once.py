#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run a checker over C++ sources, but not over what it has found clean before.

What it was then is told by contents, not by dates: the source, every header that it can include (the system's too), the
command with its version, and the files of --with. So a fresh clone, or another branch, asks only for what differs.
The answers lie in $FLOWSTREAM_CACHE/checks, and go when nobody has asked for them for a month. `{}` in the command is the
source. Only what is clean is remembered.

With --together N, up to N sources are checked as one that includes them: most of a checker's time goes to the headers that
they share. What is not clean in company, if only as two sources give a name to two things, is asked again in halves, and
in the end alone; that answer counts.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include(?:_next)?[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
KEPT_SECONDS = 30 * 86400


def cache_folder() -> Path:
    """The toolkit's cache, outside of the tree."""
    caches = os.environ.get("XDG_CACHE_HOME") or f"{Path.home()}/.cache"
    return Path(os.environ.get("FLOWSTREAM_CACHE") or f"{caches}/flowstream") / "checks"


def system_folders() -> list[Path]:
    """Where the compiler looks for <headers>."""
    argv = ["g++", "-x", "c++", "-E", "-v", "/dev/null"]
    said = subprocess.run(argv, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stderr
    listed = said.partition("search starts here:\n#include <...>")[2].partition("End of search list.")[0]
    return [Path(line.strip()) for line in listed.splitlines()[1:]]


class Sources:
    """Digests of sources with all that they include; each file is read once."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self.own = cache(self._own)

    def _own(self, path: Path) -> tuple[str, list[Path]]:
        """The digest of a file alone, and the files that its #include lines may mean: of all that are so named."""
        data = path.read_bytes()
        included = [
            found
            for name in INCLUDE.findall(data)
            for folder in (path.parent, *self._folders)
            if (found := Path(os.path.normpath(folder / os.fsdecode(name)))).is_file()
        ]
        return hashlib.sha256(data).hexdigest(), included

    def digests(self, source: Path) -> list[str]:
        """The digests of a source and of everything below it, each with its path."""
        seen: dict[Path, str] = {}
        left = [source]
        while left:
            path = left.pop()
            if path not in seen:
                seen[path], included = self.own(path)
                left += included
        return sorted(f"{path} {digest}" for path, digest in seen.items())


def forget_old(answers: Path) -> None:
    """Remove the answers that nobody has asked for."""
    for answer in answers.iterdir():
        if time.time() - answer.stat().st_mtime > KEPT_SECONDS:
            answer.unlink(missing_ok=True)


def main() -> int:
    """Check what is not known to be clean; 1 when something is not."""
    own, command = sys.argv[1:], []
    if "--" in own:
        own, command = own[: own.index("--")], own[own.index("--") + 1 :]
    parser = argparse.ArgumentParser(description=__doc__, usage="%(prog)s [options] SOURCE... -- COMMAND WITH {}")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="how many at once")
    parser.add_argument("--together", type=int, default=1, metavar="N", help="how many sources are checked as one")
    parser.add_argument("--with", type=Path, action="append", default=[], dest="also", help="a file that it depends on")
    parser.add_argument("sources", type=Path, nargs="+", metavar="SOURCE")
    options = parser.parse_args(own)
    if not command:
        parser.error("cannot check: there is no command after --")

    answers = cache_folder()
    answers.mkdir(parents=True, exist_ok=True)
    forget_old(answers)
    folders = [Path(word[2:]) for word in command if word.startswith("-I")]
    sources = Sources(folders + system_folders())
    version = subprocess.run([command[0], "--version"], check=True, capture_output=True, text=True).stdout
    about = [version, *command, *(f"{path} {sources.own(path)[0]}" for path in options.also)]

    def answer(source: Path) -> Path:
        return answers / hashlib.sha256("\0".join([*about, *sources.digests(source)]).encode()).hexdigest()

    wanted = {source: answer(source) for source in dict.fromkeys(options.sources)}
    unknown = [source for source, known in wanted.items() if not known.exists()]
    for source in wanted.keys() - set(unknown):
        wanted[source].touch()

    def check(group: Sequence[Path], folder: Path) -> int:
        """How many of a group are not clean."""
        checked = group[0]
        if len(group) > 1:
            checked = folder / f"{hashlib.sha256(str(group).encode()).hexdigest()}{group[0].suffix}"
            checked.write_text("".join(f'#include "{source.absolute()}"\n' for source in group))
        argv = [str(checked) if word == "{}" else word for word in command]
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
        if done.returncode == 0:
            for source in group:
                wanted[source].touch()
            return 0
        if len(group) > 1:
            half = len(group) // 2
            return check(group[:half], folder) + check(group[half:], folder)
        print(f"{group[0]}:\n{done.stdout}{done.stderr}", end="", flush=True)
        return 1

    groups = [unknown[at : at + options.together] for at in range(0, len(unknown), options.together)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        unclean = sum(pool.map(lambda group: check(group, Path(folder)), groups))
    name = Path(command[0]).name
    print(f"{name}: {len(wanted)} files, {len(unknown)} not seen before, {unclean} not clean")
    return 1 if unclean else 0


if __name__ == "__main__":
    sys.exit(main())
