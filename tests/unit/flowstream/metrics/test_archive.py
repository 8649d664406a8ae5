# SPDX-License-Identifier: Apache-2.0
"""The exporter as one file, run by the system's Python as hosts run it, without this tree."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.metrics.archive import archive, closure
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed

from .test_answer import WHOLE, printing

CORE = Path(__file__).parents[4] / "module_utils" / "flowstream"
PYTHON = ("/usr/bin/python3", "-I")


def source(name: str) -> str | None:
    path = CORE.joinpath(*name.split(".")).with_suffix(".py")
    return path.read_text() if path.exists() else None


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("program") / "metrics.pyz"
    path.write_bytes(archive(source))
    return path


def test_the_same_tree_makes_the_same_bytes(program: Path) -> None:
    assert archive(source) == program.read_bytes()


def test_what_it_has_needs_nothing_of_the_control_node() -> None:
    names = set(closure(source))
    assert {
        "metrics.answer",
        "metrics.exporter",
        "hosts.process.driver",
        "hosts.xen.driver",
        "openflow.observe",
    } <= names
    assert not {name for name in names if name.startswith(("middleboxes", "planner", "allocation", "placement"))}


def test_one_part_answers_on_the_connection_that_it_was_given(program: Path, tmp_path: Path) -> None:
    client, server = socket.socketpair()
    with client, printing(tmp_path / "s", WHOLE) as path:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        with server:
            subprocess.run([*PYTHON, program, "answer", path], stdin=server, check=True, timeout=60)
        answered = b"".join(iter(lambda: client.recv(65536), b""))
    assert answered.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answered.endswith(WHOLE)


def test_the_other_part_prints_a_page_also_of_a_machine_that_cannot_be_read(program: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    bridges = [{"machine": "sw9", "bridge": "br-flow", "address": "tcp:127.0.0.1:1"}]
    settings.write_text(json.dumps({"machine": "mh1", "bridges": bridges, "seconds": 2}))
    argv = [*PYTHON, str(program), "read", str(settings)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    (up, *_) = parsed(done.stdout)
    assert {sample.labels["machine"]: sample.value for sample in up.samples} == {"mh1": 1, "sw9": 0}
    assert done.stderr.startswith("sw9: cannot read the flow counters of tcp:127.0.0.1:1: ")
