# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Host, wait_until

pytestmark = pytest.mark.live

ALLOCATION = "lib"
OLD = "source :: RatedSource(RATE 100) -> counter :: Counter -> Discard;\n"
NEW = "source :: RatedSource(RATE 100) -> counter :: Counter -> other :: Counter -> Discard;\n"


def pm(number: int, config: str = OLD, **vif: Any) -> dict[str, Any]:
    """A processing module as a plan has it."""
    arm = {
        "device": f"pm0000000{number}",
        "interface": "eth0",
        "mac": f"02:00:00:00:00:0{number}",
        "ofport": 300 + number,
        "rate_mbps": None,
    }
    return {
        "name": f"{ALLOCATION}-pm{number}",
        "id": number,
        "kind": "process",
        "memory_mib": 64,
        "vcpus": 1,
        "prefixes": [],
        "routes": [],
        "vifs": [{**arm, **vif}],
        "config": config,
    }


def process(machine: Host, pms: list[dict[str, Any]], **arguments: Any) -> dict[str, Any]:
    return machine.module("click_process", **{"allocation": ALLOCATION, "pms": pms, **arguments})


def count(machine: Host, name: str, handler: str = "counter.count") -> int:
    info = machine.module("click_process_info", allocation=ALLOCATION, handlers=[handler])
    (found,) = [entry for entry in info["pms"] if entry["name"] == name]
    assert found["error"] == ""
    return int(found["handlers"][handler])


def traces(machine: Host) -> list[str]:
    """Everything of processing modules that is on the machine, by whatever tool shows it."""
    command = (
        "ip netns list; ip -brief link show type veth | grep -o '^pm[^ @]*'; ovs-vsctl list-ports br-pm;"
        "ls -d /etc/flowstream /run/flowstream 2>/dev/null; ls /etc/systemd/system | grep flowstream;"
        "ls /etc/systemd/system/*.wants | grep flowstream; systemctl list-units --plain --no-legend 'flowstream-pm@*';"
        "pgrep -x click"
    )
    return machine.run("sh", "-c", f"{{ {command}; }} | sort").stdout.splitlines()


@pytest.fixture(autouse=True)
def nothing_left(machine: Host) -> Iterator[None]:
    yield
    process(machine, [], state="absent")
    assert traces(machine) == []


def test_predict_then_do_then_nothing_is_left_to_do(machine: Host) -> None:
    declared = [pm(0), pm(1)]
    predicted = process(machine, declared, check=True)
    assert traces(machine) == []
    done = process(machine, declared)
    repeated = process(machine, declared)

    assert predicted["changes"] == done["changes"] == [
        "create pm lib-pm0: interface pm00000000, OpenFlow port 300",
        "start pm lib-pm0",
        "enable pm lib-pm0",
        "create pm lib-pm1: interface pm00000001, OpenFlow port 301",
        "start pm lib-pm1",
        "enable pm lib-pm1",
    ]  # fmt: skip
    assert predicted["diff"] == done["diff"]
    assert [entry["after_header"] for entry in done["diff"]][:2] == [
        "/etc/systemd/system/flowstream-pm@lib-pm0.service",
        "/etc/flowstream/pm/lib-pm0.click",
    ]
    assert done["diff"][1]["after"] == OLD
    assert (repeated["changed"], repeated["changes"], repeated["diff"]) == (False, [], [])
    assert [(entry["name"], entry["active"], entry["ofport"]) for entry in repeated["pms"]] == [
        ("lib-pm0", True, 300),
        ("lib-pm1", True, 301),
    ]
    assert machine.run("ovs-vsctl", "get", "Interface", "pm00000000", "ofport").stdout.strip() == "300"
    assert "02:00:00:00:00:00" in machine.run("ip", "-n", "lib-pm0", "link", "show", "eth0").stdout
    wait_until(lambda: count(machine, "lib-pm0") > 0, "the module runs")


def test_a_new_configuration_reaches_a_running_module_without_a_restart(machine: Host) -> None:
    before = process(machine, [pm(0)])["pms"][0]["pid"]
    predicted = process(machine, [pm(0, NEW)], check=True)
    done = process(machine, [pm(0, NEW)])

    assert predicted["changes"] == done["changes"] == ["replace the configuration of pm lib-pm0: without a restart"]
    assert predicted["diff"] == done["diff"]
    assert done["diff"] == [
        {
            "before_header": "/etc/flowstream/pm/lib-pm0.click",
            "after_header": "/etc/flowstream/pm/lib-pm0.click",
            "before": OLD,
            "after": NEW,
        }
    ]
    assert done["pms"][0]["pid"] == before
    wait_until(lambda: count(machine, "lib-pm0", "other.count") > 0, "the new configuration runs")
    assert process(machine, [pm(0, NEW)])["changed"] is False
    machine.run("systemctl", "restart", "flowstream-pm@lib-pm0")
    assert process(machine, [pm(0, NEW)])["changed"] is False


def test_a_module_whose_port_number_changes_is_restarted_and_says_why(machine: Host) -> None:
    process(machine, [pm(0)])
    done = process(machine, [pm(0, ofport=444)])
    assert done["changes"] == ["write the files of pm lib-pm0", "restart pm lib-pm0: its unit changed"]
    assert done["pms"][0]["ofport"] == 444
    assert process(machine, [pm(0, ofport=444)])["changed"] is False


def test_a_new_engine_restarts_what_runs_the_old_one(machine: Host) -> None:
    process(machine, [pm(0)])
    machine.run(
        "sh", "-c", "cp /usr/local/bin/click /usr/local/bin/click.new && cd /usr/local/bin && mv click.new click"
    )
    done = process(machine, [pm(0)])
    assert done["changes"] == ["restart pm lib-pm0: its engine was replaced"]
    assert process(machine, [pm(0)])["changed"] is False


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (("ovs-vsctl", "del-port", "pm00000000"), "its port is gone"),
        (("ip", "netns", "delete", "lib-pm0"), "its network namespace is gone"),
    ],
)
def test_what_somebody_took_from_a_running_module_is_made_again(
    machine: Host, damage: tuple[str, ...], reason: str
) -> None:
    process(machine, [pm(0)])
    machine.run(*damage)
    assert process(machine, [pm(0)])["changes"] == [f"restart pm lib-pm0: {reason}"]
    assert process(machine, [pm(0)])["changed"] is False


def test_a_killed_module_comes_back_by_itself_and_whole(machine: Host) -> None:
    first = process(machine, [pm(0)])["pms"][0]["pid"]
    machine.run("kill", "-KILL", str(first))
    wait_until(lambda: traces_of_running(machine) not in ([], [first]), "systemd started it again")
    wait_until(lambda: process(machine, [pm(0)], check=True)["changed"] is False, "it is whole")


def traces_of_running(machine: Host) -> list[int]:
    info = machine.module("click_process_info", allocation=ALLOCATION)
    return [entry["pid"] for entry in info["pms"] if entry["active"]]


def test_stopped_leaves_the_files_and_started_takes_them_up(machine: Host) -> None:
    process(machine, [pm(0)])
    assert process(machine, [pm(0)], state="stopped")["changes"] == ["stop pm lib-pm0"]
    assert process(machine, [pm(0)], state="stopped")["changed"] is False
    assert traces(machine) == ["/etc/flowstream", "/run/flowstream", "flowstream-pm@lib-pm0.service"]
    assert process(machine, [pm(0)], state="present")["changed"] is False
    assert process(machine, [pm(0)])["changes"] == ["start pm lib-pm0", "enable pm lib-pm0"]


def test_exclusive_removes_the_allocations_other_modules_and_nobody_elses(machine: Host) -> None:
    process(machine, [pm(0), pm(1)])
    other = {**pm(2), "name": "theirs-pm0"}
    process(machine, [other], allocation="theirs")
    predicted = process(machine, [pm(1)], exclusive=True, check=True)
    done = process(machine, [pm(1)], exclusive=True)
    assert predicted["changes"] == done["changes"] == ["remove pm lib-pm0"]
    assert [entry["name"] for entry in done["pms"]] == ["lib-pm1"]
    everything = machine.module("click_process_info")["pms"]
    assert [(entry["name"], entry["allocation"]) for entry in everything] == [
        ("lib-pm1", "lib"),
        ("theirs-pm0", "theirs"),
    ]
    assert process(machine, [], allocation="theirs", state="absent")["changes"] == ["remove pm theirs-pm0"]


def test_absent_removes_what_is_named(machine: Host) -> None:
    process(machine, [pm(0), pm(1)])
    assert process(machine, [pm(0)], state="absent")["changes"] == ["remove pm lib-pm0"]
    assert process(machine, [pm(0)], state="absent")["changed"] is False
    assert [entry["name"] for entry in process(machine, [pm(1)])["pms"]] == ["lib-pm1"]


def test_a_configuration_that_the_engine_refuses_touches_no_module(machine: Host) -> None:
    process(machine, [pm(0)])
    broken = "source :: RatedSource ->\nNoSuchElement -> Discard;\n"
    failed = process(machine, [pm(0, NEW), pm(1, broken)])
    assert failed["failed"] is True
    assert "lib-pm1:2:" in failed["msg"]
    assert "NoSuchElement" in failed["msg"]
    assert process(machine, [pm(0)])["changed"] is False


def test_a_module_that_cannot_start_is_named_with_its_last_words(machine: Host) -> None:
    failed = process(machine, [pm(0, "FromDevice(eth9) -> Discard;\n")], timeout=3)
    assert failed["failed"] is True
    assert failed["msg"].startswith("cannot start pm lib-pm0: ")
    assert "eth9" in failed["msg"]


def test_a_bounded_module_gets_a_shaper(machine: Host) -> None:
    process(machine, [pm(0, rate_mbps=50)])
    assert "tbf" in machine.run("ip", "netns", "exec", "lib-pm0", "tc", "qdisc", "show", "dev", "eth0").stdout
