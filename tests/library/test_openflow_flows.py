# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Host, wait_until

pytestmark = pytest.mark.live

COOKIE = "0x5eed000000000001"
FOREIGN = "0x66"
FLOWS: list[Any] = [
    "priority=108,in_port=1,dl_dst=00:15:17:15:5D:20,ip,nw_dst=10.0.0.0/255.0.0.0 actions=2",
    {"priority": 100, "match": {"in_port": 2, "eth_src": "00:15:17:15:5d:20"}, "actions": ["output:1"]},
]
ADDED = [
    "add flow table=0,priority=100,in_port=2,dl_src=00:15:17:15:5d:20 actions=output:1",
    "add flow table=0,priority=108,in_port=1,dl_dst=00:15:17:15:5d:20,ip,nw_dst=10.0.0.0/8 actions=output:2",
]


def dump(host: Host, what: str = "dump-flows") -> list[str]:
    options = ["--no-stats", "--no-names"] if what == "dump-flows" else []
    lines = host.run("ovs-ofctl", "-O", "OpenFlow13", what, "br0", *options).stdout.splitlines()
    return sorted(line.strip() for line in lines if "actions=" in line)


def flows(host: Host, wanted: list[Any], **arguments: Any) -> dict[str, Any]:
    return host.module("openflow_flows", **{"bridge": "br0", "cookie": COOKIE, "flows": wanted, **arguments})


@pytest.fixture
def foreign_flow(open_vswitch: Host, bridge: str) -> str:
    flow = f"cookie={FOREIGN},priority=7,arp,actions=NORMAL"
    open_vswitch.run("ovs-ofctl", "-O", "OpenFlow13", "add-flow", bridge, flow)
    return "cookie=0x66, priority=7,arp actions=NORMAL"


def test_predict_then_do_then_nothing_is_left(open_vswitch: Host, foreign_flow: str) -> None:
    predicted = flows(open_vswitch, FLOWS, check=True)
    assert dump(open_vswitch) == [foreign_flow]
    done = flows(open_vswitch, FLOWS)
    repeated = flows(open_vswitch, FLOWS)

    assert predicted == done
    assert done["changed"] is True
    assert done["changes"] == ADDED
    assert (done["flows_added"], done["flows_changed"], done["flows_removed"]) == (2, 0, 0)
    assert done["diff"]["before"] == ""
    assert done["diff"]["after"] == "".join(f"{line.replace('add flow ', f'cookie={COOKIE},')}\n" for line in ADDED)
    assert (repeated["changed"], repeated["changes"]) == (False, [])
    assert repeated["diff"]["before"] == repeated["diff"]["after"] == done["diff"]["after"]
    assert dump(open_vswitch) == [
        f"cookie={COOKIE}, priority=100,in_port=2,dl_src=00:15:17:15:5d:20 actions=output:1",
        f"cookie={COOKIE}, priority=108,ip,in_port=1,dl_dst=00:15:17:15:5d:20,nw_dst=10.0.0.0/8 actions=output:2",
        foreign_flow,
    ]


def test_absent_removes_only_the_owners_flows(open_vswitch: Host, foreign_flow: str) -> None:
    flows(open_vswitch, FLOWS)
    predicted = flows(open_vswitch, [], state="absent", check=True)
    done = flows(open_vswitch, [], state="absent")
    repeated = flows(open_vswitch, [], state="absent")

    assert predicted == done
    assert done["changes"] == [line.replace("add", "remove", 1) for line in ADDED]
    assert done["flows_removed"] == 2
    assert repeated["changed"] is False
    assert dump(open_vswitch) == [foreign_flow]


def test_a_flow_with_other_actions_changes_in_place_and_keeps_its_counters(open_vswitch: Host, bridge: str) -> None:
    match = "table=0,priority=5,in_port=1,dl_type=0x88b5"
    flows(open_vswitch, [f"{match} actions=drop"])
    frame = "ff" * 6 + "02" * 6 + "88b5" + "00" * 46
    open_vswitch.run("ovs-ofctl", "-O", "OpenFlow13", "packet-out", bridge, f"in_port=1,packet={frame},actions=TABLE")
    read = {"bridge": bridge, "cookie": COOKIE}
    wait_until(lambda: open_vswitch.module("openflow_stats", **read)["packets"] == 1, "the packet is counted")

    changed = flows(open_vswitch, [f"{match} actions=output:2"])

    assert changed["changes"] == [f"change flow {match} actions=drop to {match} actions=output:2"]
    assert changed["flows_changed"] == 1
    assert open_vswitch.module("openflow_stats", **read)["packets"] == 1


def test_without_purge_the_owners_other_flows_stay(open_vswitch: Host, bridge: str) -> None:
    flows(open_vswitch, FLOWS)
    added = flows(open_vswitch, ["arp actions=drop"], purge=False)
    assert added["changes"] == ["add flow table=0,priority=32768,arp actions=drop"]
    assert len(dump(open_vswitch)) == 3
    assert flows(open_vswitch, ["arp actions=drop"], purge=False)["changed"] is False
    assert flows(open_vswitch, ["arp actions=drop"])["flows_removed"] == 2


def test_a_flow_with_another_timeout_is_replaced(open_vswitch: Host, bridge: str) -> None:
    flows(open_vswitch, ["ip actions=drop"])
    changed = flows(open_vswitch, ["ip,hard_timeout=300 actions=drop"])
    assert changed["flows_changed"] == 1
    assert flows(open_vswitch, ["ip,hard_timeout=300 actions=drop"])["changed"] is False


def test_groups_come_before_their_flows_and_go_after_them(open_vswitch: Host, bridge: str) -> None:
    groups = ["group_id=5,type=select,bucket=output:1,bucket=weight:7,output:2"]
    wanted = ["ip,in_port=1 actions=group:5"]
    predicted = flows(open_vswitch, wanted, groups=groups, check=True)
    done = flows(open_vswitch, wanted, groups=groups)
    assert predicted == done
    assert [line.split(" ", 2)[:2] for line in done["changes"]] == [["add", "group"], ["add", "flow"]]
    assert flows(open_vswitch, wanted, groups=groups)["changed"] is False

    other = flows(open_vswitch, wanted, groups=["group_id=5,type=select,bucket=output:2"])
    assert [line.split(" ", 2)[:2] for line in other["changes"]] == [["change", "group"]]

    gone = flows(open_vswitch, [])
    assert [line.split(" ", 2)[:2] for line in gone["changes"]] == [["remove", "flow"], ["remove", "group"]]
    assert dump(open_vswitch, "dump-groups") == []


def test_a_flow_that_another_owner_has_is_an_error_and_nothing_is_touched(
    open_vswitch: Host, foreign_flow: str
) -> None:
    failed = flows(open_vswitch, [*FLOWS, "priority=7,arp actions=drop"])
    assert failed["failed"] is True
    assert failed["msg"] == (
        "cannot add flow table=0,priority=7,arp actions=drop to br0: "
        "cookie 0x66 owns table=0,priority=7,arp actions=NORMAL"
    )
    assert dump(open_vswitch) == [foreign_flow]


def test_a_flow_that_the_switch_refuses_leaves_the_whole_table_as_it_was(open_vswitch: Host, bridge: str) -> None:
    flows(open_vswitch, FLOWS)
    before = dump(open_vswitch)
    failed = flows(open_vswitch, ["ip actions=drop", "arp actions=meter:9,output:1"])
    assert failed["failed"] is True
    assert failed["msg"].startswith("cannot change the flows of br0: Error OFP")
    assert failed["rc"] == 1
    assert dump(open_vswitch) == before


def test_every_wrong_flow_is_named_at_once(open_vswitch: Host, bridge: str) -> None:
    failed = flows(open_vswitch, ["ip actions=drop", "ip", 5, {"actions": ["drop"], "colour": 1}])
    assert failed["msg"].splitlines() == [
        "flows[1]: flow 'ip': has no actions; write actions=drop to drop",
        "flows[2]: got 5; write text or a mapping",
        "flows[3]: flow {'actions': ['drop'], 'colour': 1}: flow has no 'colour'; it has actions, cookie, flags, "
        "hard_timeout, idle_timeout, match, priority, table, why",
    ]


def test_a_bridge_that_does_not_exist_is_named(open_vswitch: Host, bridge: str) -> None:
    failed = flows(open_vswitch, FLOWS, bridge="br-none")
    assert failed["msg"] == "cannot read the flows of br-none: br-none is not a bridge or a socket"


def test_check_mode_predicts_for_a_bridge_that_an_earlier_task_would_make(open_vswitch: Host, bridge: str) -> None:
    assert flows(open_vswitch, FLOWS, bridge="br-none", check=True)["changes"] == ADDED


def test_where_no_bridge_is_nothing_is_to_be_removed(open_vswitch: Host, bridge: str) -> None:
    assert flows(open_vswitch, [], bridge="br-none", state="absent")["changed"] is False


def test_the_openflow_connection_does_the_same_over_tcp(open_vswitch: Host, bridge: str) -> None:
    open_vswitch.run("ovs-vsctl", "set-controller", bridge, "ptcp:16653:127.0.0.1")
    over_tcp = {"connection": "openflow", "address": "tcp:127.0.0.1:16653"}
    wait_until(lambda: "failed" not in flows(open_vswitch, FLOWS, check=True, **over_tcp), "the switch listens")
    assert flows(open_vswitch, FLOWS, **over_tcp)["changes"] == ADDED
    assert flows(open_vswitch, FLOWS)["changed"] is False


@pytest.fixture
def ssh_server(open_vswitch: Host, bridge: str, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """An OpenSSH server in the switch's namespace, as on an appliance: ovs-ofctl is all that is asked of it."""
    for key in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / key)], check=True)
    (tmp_path / "authorized_keys").write_text((tmp_path / "user_key.pub").read_text())
    settings = [
        "Port 10022",
        "ListenAddress 127.0.0.1",
        f"HostKey {tmp_path}/host_key",
        f"AuthorizedKeysFile {tmp_path}/authorized_keys",
        f"PidFile {tmp_path}/sshd.pid",
        "StrictModes no",
        "PermitRootLogin prohibit-password",
        f"SetEnv OVS_RUNDIR={open_vswitch.environment['OVS_RUNDIR']}",
    ]
    (tmp_path / "sshd_config").write_text("".join(f"{line}\n" for line in settings))
    host_key = " ".join((tmp_path / "host_key.pub").read_text().split()[:2])
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:10022 {host_key}\n")
    (tmp_path / "empty").touch()
    Path("/run/sshd").mkdir(exist_ok=True)
    open_vswitch.run("/usr/sbin/sshd", "-f", str(tmp_path / "sshd_config"))
    pid_file = tmp_path / "sshd.pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text().strip(), "sshd is up")
    yield {
        "connection": "ssh",
        "ssh_host": "127.0.0.1",
        "ssh_port": 10022,
        "ssh_key_file": str(tmp_path / "user_key"),
        "ssh_known_hosts": str(tmp_path / "known_hosts"),
    }
    os.kill(int(pid_file.read_text()), signal.SIGTERM)


def test_the_ssh_connection_does_the_same_with_the_appliances_own_tool(
    open_vswitch: Host, ssh_server: dict[str, Any]
) -> None:
    assert flows(open_vswitch, FLOWS, **ssh_server)["changes"] == ADDED
    assert flows(open_vswitch, FLOWS)["changed"] is False
    assert flows(open_vswitch, FLOWS, **ssh_server)["changed"] is False


def test_an_appliance_whose_key_nobody_recorded_is_refused(
    open_vswitch: Host, ssh_server: dict[str, Any], tmp_path: Path
) -> None:
    nobody = {**ssh_server, "ssh_known_hosts": str(tmp_path / "empty")}
    failed = flows(open_vswitch, FLOWS, **nobody)
    assert failed["msg"] == (
        "cannot log in to root@127.0.0.1:10022: Server '[127.0.0.1]:10022' not found in known_hosts"
    )
    assert flows(open_vswitch, FLOWS, **nobody, ssh_host_key_policy="accept_new")["changes"] == ADDED
    assert flows(open_vswitch, FLOWS, **nobody)["changed"] is False


def test_an_appliance_with_another_key_than_recorded_is_always_refused(
    open_vswitch: Host, ssh_server: dict[str, Any], tmp_path: Path
) -> None:
    other = " ".join((tmp_path / "user_key.pub").read_text().split()[:2])
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:10022 {other}\n")
    failed = flows(open_vswitch, FLOWS, **ssh_server, ssh_host_key_policy="accept_new")
    assert failed["msg"].startswith("cannot log in to root@127.0.0.1:10022: Host key for server")
    assert dump(open_vswitch) == []
