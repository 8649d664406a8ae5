# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import CONFIG, Host

NEW = "source :: RatedSource(RATE 100) -> other :: Counter -> Discard;\n"


def running(host: Host, socket: str, name: str = "config") -> str:
    return host.module("click_handler", socket=socket, read=[name])["values"][name].strip()


def configuration(host: Host, socket: str, **arguments: Any) -> dict[str, Any]:
    return host.module("click_config", socket=socket, **arguments)


def test_a_configuration_is_predicted_swapped_and_then_left_alone(control_node: Host, socket: str, click: Path) -> None:
    declared = {"content": NEW, "click": str(click)}
    predicted = configuration(control_node, socket, **declared, check=True)
    assert running(control_node, socket) == CONFIG.strip()
    done = configuration(control_node, socket, **declared)
    repeated = configuration(control_node, socket, **declared)

    assert predicted == done
    assert done["changes"] == [f"replace the configuration of {socket}"]
    assert (done["diff"]["before"], done["diff"]["after"]) == (CONFIG, NEW)
    assert repeated["changed"] is False
    assert running(control_node, socket, "other.count").isdigit()


def test_a_configuration_comes_from_a_file_as_well(control_node: Host, socket: str, tmp_path: Path) -> None:
    (tmp_path / "new.click").write_text(NEW)
    assert configuration(control_node, socket, src=str(tmp_path / "new.click"))["changed"] is True
    failed = configuration(control_node, socket, src=str(tmp_path / "none.click"))
    assert failed["msg"] == f"cannot read {tmp_path}/none.click: No such file or directory"


@pytest.mark.parametrize("checked", [False, True])
def test_a_refused_configuration_says_where_and_the_old_one_keeps_running(
    control_node: Host, socket: str, click: Path, checked: bool
) -> None:
    engine = {"click": str(click)} if checked else {}
    failed = configuration(control_node, socket, content="Idle ->\nNoSuchElement -> Discard;\n", **engine)
    assert failed["failed"] is True
    assert ("content:2: " if checked else ":2: ") in failed["msg"]
    assert "NoSuchElement" in failed["msg"]
    assert running(control_node, socket) == CONFIG.strip()
