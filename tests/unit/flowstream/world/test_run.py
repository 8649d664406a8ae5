# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import NotInstalledError, Result, checked, local_run

RUN = local_run(5)


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_a_program_gets_its_input_and_gives_its_whole_answer() -> None:
    result = RUN(python("import sys; print(sys.stdin.read()); print('why', file=sys.stderr); sys.exit(3)"), "hello")
    assert (result.rc, result.stdout, result.stderr) == (3, "hello\n", "why\n")
    assert result.details["rc"] == 3


def test_a_program_speaks_the_c_locale() -> None:
    assert RUN(python("import os; print(os.environ['LC_ALL'])")).stdout == "C\n"


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(NotInstalledError) as error:
        RUN(["no-such-program", "x"])
    assert str(error.value) == "cannot run no-such-program: it is not installed"


def test_a_program_that_may_not_be_run_is_named(tmp_path: Path) -> None:
    program = tmp_path / "data"
    program.touch()
    with pytest.raises(FlowstreamError) as error:
        RUN([str(program)])
    assert str(error.value) == f"cannot run {program}: Permission denied"


def test_a_program_that_takes_too_long_is_ended() -> None:
    with pytest.raises(FlowstreamError) as error:
        local_run(0.2)(["sleep", "5"])
    assert str(error.value) == "cannot run sleep: no answer in 0.2 s"


@pytest.mark.parametrize(
    ("stderr", "cause"),
    [
        ("ovs-ofctl: br9 is not a bridge or a socket\n", "br9 is not a bridge or a socket"),
        ("2026-01-31T12:00:00Z|00001|vconn|WARN|no luck\novs-ofctl: really\n", "really"),
        ("2026-01-31T12:00:00Z|00001|vconn|WARN|no luck\n", "no luck"),
        ("", "ovs-ofctl ended with code 1"),
    ],
)
def test_the_cause_is_the_first_line_that_is_no_log_line(stderr: str, cause: str) -> None:
    assert Result(("ovs-ofctl",), 1, "", stderr).cause == cause


def test_a_failure_is_one_sentence_with_its_details_beside_it() -> None:
    with pytest.raises(FlowstreamError) as error:
        checked(RUN, python("import sys; sys.exit('no more')"), "do the thing")
    assert str(error.value) == "cannot do the thing: no more"
    assert error.value.details["rc"] == 1
