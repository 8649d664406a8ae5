# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from .conftest import CONFIG, Host


def handler(host: Host, socket: str, **arguments: Any) -> dict[str, Any]:
    return host.module("click_handler", socket=socket, **arguments)


def test_several_handlers_are_read_at_once(control_node: Host, socket: str) -> None:
    answer = handler(control_node, socket, read=["queue.capacity", "config", "counter.count"])
    assert answer["changed"] is False
    assert answer["values"]["queue.capacity"].strip() == "1000"
    assert answer["values"]["config"].strip() == CONFIG.strip()
    assert answer["values"]["counter.count"].strip().isdigit()


def test_a_write_is_predicted_done_and_then_left_alone(control_node: Host, socket: str) -> None:
    write = {"write": "queue.capacity", "value": "2000", "read_back": "queue.capacity"}
    predicted = handler(control_node, socket, **write, check=True)
    assert handler(control_node, socket, read=["queue.capacity"])["values"]["queue.capacity"].strip() == "1000"
    done = handler(control_node, socket, **write)
    repeated = handler(control_node, socket, **write)

    assert done["changes"] == predicted["changes"] == ["write queue.capacity 2000"]
    assert done["diff"] == predicted["diff"] == {"before": "1000\n", "after": "2000\n"}
    assert done["value"].strip() == "2000"
    assert repeated["changed"] is False


def test_a_write_without_a_value_to_look_at_happens_each_time(control_node: Host, socket: str) -> None:
    for _ in range(2):
        assert handler(control_node, socket, write="counter.reset_counts")["changes"] == ["write counter.reset_counts"]


@pytest.mark.parametrize("check", [False, True])
def test_a_handler_that_does_not_exist_is_an_error_also_in_check_mode(
    control_node: Host, socket: str, check: bool
) -> None:
    assert handler(control_node, socket, write="queue.nothing", check=check)["failed"] is True
    failed = handler(control_node, socket, read=["nothing.count"], check=check)
    assert failed["msg"].startswith(f"cannot read handler 'nothing.count' of {socket}: ")


def test_reading_and_writing_in_one_task_is_refused(control_node: Host, socket: str) -> None:
    failed = handler(control_node, socket, read=["config"], write="counter.reset_counts")
    assert failed["msg"] == "parameters are mutually exclusive: read|write"
