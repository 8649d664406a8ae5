#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run .clicktest files: shell scripts around the program `click`, with the output that they must give.

A file is a row of sections; each begins with a line `%name` at the left margin:

  %info            one sentence: what is tested
  %require         shell commands; the test is skipped when they fail
  %script          shell commands (sh -e), run in an empty folder with `click` in PATH; must succeed
  %file NAME       a file that the script finds in its folder
  %expect NAME     what `stdout`, `stderr` or a file must hold afterwards. White space at the ends of lines does not count;
                   {{regex}} in a line matches as that regular expression
  %ignore NAME     regular expressions, one a line: lines of NAME that they match do not count; none: NAME does not count

What the script writes to stdout or stderr with no section about it is a failure.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import difflib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

SECTION = re.compile(r"%(info|require|script|file|expect|ignore)(?:\s+(\S+))?\s*$")
NAMED = {"file", "expect", "ignore"}
TIMEOUT_SECONDS = 300


class MalformedTestError(Exception):
    """A .clicktest file that is none; the text says where and why."""


@dataclass(frozen=True)
class ClickTest:
    """One .clicktest file."""

    path: Path
    info: str
    script: str
    require: str = ""
    files: dict[str, str] = field(default_factory=dict)
    expected: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a test ended: the reason is empty when it passed."""

    test: Path
    status: str  # passed, failed, skipped
    reason: str = ""


def sections(path: Path, text: str) -> Iterator[tuple[str, str, str, int]]:
    """Yield name, argument, body and line number of each section."""
    name, argument, start = "", "", 0
    body: list[str] = []
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if not line.startswith("%"):
            if not name and line.strip():
                raise MalformedTestError(f"{path}:{number}: text before the first section")
            body.append(line)
            continue
        match = SECTION.match(line)
        if not match:
            raise MalformedTestError(f"{path}:{number}: unknown section, got {line.strip()!r}")
        if name:
            yield name, argument, "".join(body), start
        name, argument, start = match.group(1), match.group(2) or "", number
        body = []
        if (name in NAMED) != bool(argument):
            needs = "a name" if name in NAMED else "no name"
            raise MalformedTestError(f"{path}:{number}: %{name} takes {needs}")
    if name:
        yield name, argument, "".join(body), start


def read_test(path: Path) -> ClickTest:
    """Read one file; MalformedTestError when it is no test."""
    single: dict[str, str] = {}
    tables: dict[str, dict[str, str]] = {name: {} for name in NAMED}
    for name, argument, body, line in sections(path, path.read_text(encoding="utf-8", errors="surrogateescape")):
        table = tables.get(name, single)
        key = argument if name in NAMED else name
        if key in table:
            raise MalformedTestError(f"{path}:{line}: a second %{name} {argument}".rstrip())
        # The blank line before the next section is there for the reader.
        table[key] = body.rstrip("\n") + "\n" if body.strip("\n") else ""
    if "script" not in single:
        raise MalformedTestError(f"{path}: no %script section")
    if not tables["expect"]:
        raise MalformedTestError(f"{path}: no %expect section: nothing would be tested")
    return ClickTest(
        path=path,
        info=single.get("info", "").strip(),
        script=single["script"],
        require=single.get("require", ""),
        files=tables["file"],
        expected=tables["expect"],
        ignored={name: body.split("\n")[:-1] for name, body in tables["ignore"].items()},
    )


def line_pattern(line: str) -> re.Pattern[str]:
    """Compile a line of an %expect section: literal text, and regular expressions between {{ and }}."""
    parts = re.split(r"\{\{(.*?)\}\}(?!\})", line)
    return re.compile("".join(f"(?:{part})" if index % 2 else re.escape(part) for index, part in enumerate(parts)))


def difference(name: str, expected: str, actual: str, ignored: list[str]) -> str:
    """Return a diff of what was expected and what came, or an empty string."""
    skip = [re.compile(pattern) for pattern in ignored]
    wanted = [line.rstrip() for line in expected.rstrip().splitlines()]
    got = [line.rstrip() for line in actual.rstrip().splitlines()]
    got = [line for line in got if not any(pattern.search(line) for pattern in skip)]
    # Lines that match stand in the diff as they came.
    wanted_text = [
        have if have is not None and line_pattern(want).fullmatch(have) else want
        for want, have in zip(wanted, [*got, *[None] * len(wanted)], strict=False)
    ]
    if wanted_text == got:
        return ""
    return "\n".join(difflib.unified_diff(wanted_text, got, f"expected {name}", f"actual {name}", lineterm=""))


running: set[int] = set()
"""The process groups of scripts."""


def end(group: int) -> None:
    """End what is left of a script."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def end_all(number: int, _frame: FrameType | None) -> NoReturn:
    """End every script, and this program with them: whoever bounds its time is not left with what it ran."""
    for group in list(running):
        end(group)
    os._exit(128 + number)


def run_shell(script: str, folder: Path, click: Path) -> subprocess.CompletedProcess[str]:
    """Run shell commands in `folder` with `click` first in PATH; what they leave running ends with them."""
    environment = {**os.environ, "PATH": f"{click.parent}:{os.environ['PATH']}", "LC_ALL": "C"}
    argv = ["sh", "-e", "-c", script]
    with subprocess.Popen(
        argv,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="surrogateescape",
        start_new_session=True,
    ) as shell:
        running.add(shell.pid)
        try:
            stdout, stderr = shell.communicate(timeout=TIMEOUT_SECONDS)
        finally:
            end(shell.pid)
            running.discard(shell.pid)
    return subprocess.CompletedProcess(argv, shell.returncode, stdout, stderr)


def run_test(test: ClickTest, click: Path) -> Outcome:
    """Run one test with a program `click` (a path that ends in /click)."""
    with tempfile.TemporaryDirectory(prefix="clicktest-") as name:
        folder = Path(name)
        if test.require and run_shell(test.require, folder, click).returncode != 0:
            return Outcome(test.path, "skipped", f"%require failed: {test.require.strip()}")
        for file, body in test.files.items():
            (folder / file).write_text(body, encoding="utf-8", errors="surrogateescape")
        try:
            result = run_shell(test.script, folder, click)
        except subprocess.TimeoutExpired as expired:
            return Outcome(test.path, "failed", f"still running after {expired.timeout:g} s")
        outputs = {"stdout": result.stdout, "stderr": result.stderr}
        problems = []
        for file in {**dict.fromkeys(outputs, ""), **test.expected}:
            if test.ignored.get(file) == []:
                continue
            if file not in outputs and not (folder / file).exists():
                problems.append(f"the script made no file {file}")
                continue
            actual = outputs.get(file)
            if actual is None:
                actual = (folder / file).read_text(encoding="utf-8", errors="surrogateescape")
            problems.append(difference(file, test.expected.get(file, ""), actual, test.ignored.get(file, [])))
        if result.returncode != 0:
            problems.append(f"the script ended with status {result.returncode}")
    reason = "\n".join(problem for problem in problems if problem)
    return Outcome(test.path, "failed" if reason else "passed", reason)


def find_tests(paths: list[Path]) -> list[Path]:
    """List the files that are named and those below the folders that are named, sorted; no build folders."""
    found: set[Path] = set()
    for path in paths:
        inside = path.rglob("*.clicktest") if path.is_dir() else [path]
        found.update(test for test in inside if not any(part.startswith("build") for part in test.parts))
    return sorted(found)


def program_named_click(program: Path, folder: Path) -> Path:
    """Return a path of the program whose last part is `click`, as scripts call it."""
    link = folder / "click"
    link.symlink_to(program.resolve(strict=True))
    return link


def run_tests(paths: list[Path], program: Path, jobs: int) -> list[Outcome]:
    """Read all tests, then run them, `jobs` at a time."""
    tests = [read_test(path) for path in find_tests(paths)]
    with tempfile.TemporaryDirectory(prefix="clicktest-bin-") as name:
        click = program_named_click(program, Path(name))
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(lambda test: run_test(test, click), tests))


def main() -> int:
    """Run the command line."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description="Run .clicktest files.")
    default = Path(os.environ.get("CLICK", here / "build" / "click"))
    parser.add_argument("--click", type=Path, default=default, help="the program to test (default: $CLICK)")
    parser.add_argument("--jobs", type=int, default=2, help="how many tests run at a time")
    parser.add_argument("paths", nargs="*", type=Path, default=[here], help="files or folders")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, end_all)
    try:
        outcomes = run_tests(options.paths, options.click, options.jobs)
    except (MalformedTestError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    for outcome in outcomes:
        if outcome.reason:
            print(f"{outcome.status}: {outcome.test}\n{outcome.reason}\n")
    counts = {
        status: sum(outcome.status == status for outcome in outcomes) for status in ("passed", "failed", "skipped")
    }
    print(", ".join(f"{count} {status}" for status, count in counts.items()))
    return 1 if counts["failed"] or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
