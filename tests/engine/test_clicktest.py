# SPDX-License-Identifier: Apache-2.0
"""The runner of .clicktest files fails what has to fail; the tests themselves run by `make -C clickos check`."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def load_runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("clicktest", ROOT / "clickos" / "clicktest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["clicktest"] = module
    spec.loader.exec_module(module)
    return module


clicktest = load_runner()

Outcome = Callable[[str], tuple[str, str]]


@pytest.fixture
def outcome(tmp_path: Path) -> Outcome:
    """Run the text of a .clicktest file; `click` is `echo click`."""
    program = tmp_path / "click"
    program.write_text('#!/bin/sh\necho click "$@"\n')
    program.chmod(0o755)

    def run(text: str) -> tuple[str, str]:
        path = tmp_path / "a.clicktest"
        path.write_text(text)
        result = clicktest.run_test(clicktest.read_test(path), program)
        return result.status, result.reason

    return run


def test_expected_output_passes(outcome: Outcome) -> None:
    assert outcome("%script\nclick a b; echo x >&2\n\n%expect stdout\nclick a b  \n\n%expect stderr\nx\n") == (
        "passed",
        "",
    )


def test_another_output_is_shown_as_a_difference(outcome: Outcome) -> None:
    status, reason = outcome("%script\necho 1; echo 2\n%expect stdout\n1\n3\n")
    assert status == "failed"
    assert reason.splitlines()[:2] == ["--- expected stdout", "+++ actual stdout"]
    assert reason.splitlines()[-2:] == ["-3", "+2"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 1; false", "the script ended with status 1"),
        ("echo 1; echo oops >&2", "--- expected stderr\n+++ actual stderr\n@@ -0,0 +1 @@\n+oops"),
        ("echo 1; echo 1", "--- expected stdout\n+++ actual stdout\n@@ -1 +1,2 @@\n 1\n+1"),
        ("true", "--- expected stdout\n+++ actual stdout\n@@ -1 +0,0 @@\n-1"),
    ],
)
def test_what_the_test_does_not_say_fails(outcome: Outcome, script: str, reason: str) -> None:
    assert outcome(f"%script\n{script}\n%expect stdout\n1\n") == ("failed", reason)


def test_regular_expressions_stand_inside_of_lines(outcome: Outcome) -> None:
    text = "%script\necho 'took 12.5 s (.)'\n%expect stdout\ntook {{[0-9]{1,2}\\.\\d}} s (.)\n"
    assert outcome(text) == ("passed", "")
    assert outcome(text.replace("12.5", "12x5"))[0] == "failed"
    assert outcome(text.replace("(.)'", "(x)'"))[0] == "failed"


def test_ignored_lines_and_streams_do_not_count(outcome: Outcome) -> None:
    text = "%script\necho noise 1; echo 1; echo x >&2\n%expect stdout\n1\n%ignore stdout\n^noise\n%ignore stderr\n"
    assert outcome(text) == ("passed", "")


def test_files_go_in_and_come_out(outcome: Outcome) -> None:
    text = "%file in\na\n\nb\n%script\ngrep . in > out\n%expect out\na\nb\n"
    assert outcome(text) == ("passed", "")
    assert outcome(text.replace("> out", "> other")) == ("failed", "the script made no file out")


def test_a_requirement_that_is_not_met_skips(outcome: Outcome) -> None:
    assert outcome("%require\nfalse\n%script\nfalse\n%expect stdout\nx\n") == ("skipped", "%require failed: false")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hello\n", "1: text before the first section"),
        ("%script\ntrue\n%what\n", "3: unknown section, got '%what'"),
        ("%script\ntrue\n%expect\n", "3: %expect takes a name"),
        ("%script x\n", "1: %script takes no name"),
        ("%script\n%script\n%expect stdout\n", "2: a second %script"),
        ("%expect stdout\nx\n", " no %script section"),
        ("%script\ntrue\n", " no %expect section: nothing would be tested"),
    ],
)
def test_a_file_that_is_no_test_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "a.clicktest"
    path.write_text(text)
    with pytest.raises(clicktest.MalformedTestError) as refused:
        clicktest.read_test(path)
    assert str(refused.value) == f"{path}:{problem}"


def test_what_scripts_run_ends_with_the_runner(tmp_path: Path) -> None:
    program = tmp_path / "click"
    program.symlink_to("/bin/true")
    (tmp_path / "a.clicktest").write_text(
        f"%script\nsleep 300 & echo $! > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; wait\n%expect stdout\n"
    )
    argv = [sys.executable, str(ROOT / "clickos" / "clicktest.py"), "--click", str(program), str(tmp_path)]
    with subprocess.Popen(argv) as runner:
        try:
            begun = await_file(tmp_path / "pid")
        finally:
            runner.send_signal(signal.SIGTERM)
        assert runner.wait(30) == 128 + signal.SIGTERM
    # Nobody waits for it but init, which may be a moment late.
    deadline = time.monotonic() + 10
    while lives(int(begun)):
        assert time.monotonic() < deadline, "it still runs"
        time.sleep(0.05)


def await_file(path: Path) -> str:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path}"
        time.sleep(0.05)
    return path.read_text()


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
