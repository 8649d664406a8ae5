# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.lab.actions import (
    Change,
    CloseConnection,
    Command,
    KillMachine,
    KillNamespace,
    RemoveInterface,
    RemovePath,
    SeedDisk,
    StartWire,
    WriteText,
)
from ansible.module_utils.flowstream.lab.interface import Interface
from ansible.module_utils.flowstream.lab.state import Disk, Found, LabState, Life, Namespace
from ansible.module_utils.flowstream.lab.steps import changes_to_build, changes_to_remove
from ansible.module_utils.flowstream.lab.topology import Topology, parse_topology

DIRECTORY = Path("/run/flowstream/lab7")
ROOT = DIRECTORY / "machines/sw1/root"
ALIVE = Life(processes=9, supervised=True, wired=True, answers=True)


def lab(**changed: Any) -> Topology:
    whole = {
        "prefix": "fs7",
        "directory": str(DIRECTORY),
        "image": "/cache/bookworm-1",
        "management_address": "198.18.7.254/24",
        "machines": [{"name": "sw1", "address": "198.18.7.10"}],
        "endpoints": [
            {
                "name": "ep0",
                "interfaces": [{"name": "eth0", "addresses": ["192.168.5.1/24"]}],
                "routes": [{"to": "default", "via": "192.168.5.254", "source": "192.168.5.1"}],
            }
        ],
        "links": [{"ends": ["sw1:p1", "ep0:eth0"]}],
    }
    return parse_topology({**whole, **changed})


def found(interface: Interface, index: int, peer: int | None) -> Found:
    return Found(interface, index, peer, up=True, link_local=False)


def built(want: Topology) -> LabState:
    """The state that a run leaves behind."""
    inside: dict[str | None, dict[str, Found]] = {None: {want.bridge.name: found(want.bridge, 1, None)}}
    pairs = [machine.link for machine in want.machines] + list(want.links)
    for number, link in enumerate(pairs):
        first, second = link.ends
        here, there = 10 + 2 * number, 11 + 2 * number
        inside.setdefault(first.namespace, {})[first.name] = found(first, here, there)
        inside.setdefault(second.namespace, {})[second.name] = found(second, there, here)
    for tunnel in want.tunnels:
        ended = replace(found(tunnel.end, 99, None), vxlan=tunnel.vxlan)
        inside.setdefault(tunnel.end.namespace, {})[tunnel.end.name] = ended
    routes = {endpoint.namespace: endpoint.routes for endpoint in want.endpoints}
    nodes = [node.namespace for node in (*want.machines, *want.wires)] + list(routes)
    return LabState(
        directory_exists=True,
        directory_complete=True,
        key_exists=True,
        known_hosts_current=True,
        host_interfaces=inside[None],
        namespaces={name: Namespace(True, True, inside.get(name, {}), routes.get(name, ())) for name in nodes},
        disks={machine.name: Disk(str(want.image), True, True) for machine in want.machines},
        lives={
            **{machine.namespace: ALIVE for machine in want.machines},
            **{wire.namespace: Life(processes=1) for wire in want.wires},
        },
        mounts=tuple(machine.root for machine in want.machines),
        wires={wire.name: wire.configuration for wire in want.wires},
    )


def texts(changes: list[Change]) -> list[str]:
    return [str(change) for change in changes]


def commands(changes: list[Change]) -> list[str]:
    return [" ".join(step.argv) for change in changes for step in change.steps if isinstance(step, Command)]


def without_namespace(have: LabState, name: str) -> LabState:
    return replace(have, namespaces={key: value for key, value in have.namespaces.items() if key != name})


def test_a_lab_that_is_there_needs_no_change() -> None:
    assert changes_to_build(lab(), built(lab())) == []


def test_a_lab_is_made_from_nothing_in_an_order_that_works() -> None:
    assert texts(changes_to_build(lab(), LabState())) == [
        "make directory /run/flowstream/lab7",
        "make key /run/flowstream/lab7/id_ed25519",
        "add host:fs7-mgmt",
        "add namespace fs7-sw1",
        "add namespace fs7-ep0",
        "connect host:fs7-sw1 to fs7-sw1:mgmt0",
        "connect fs7-sw1:p1 to fs7-ep0:eth0",
        "add route of ep0: default via 192.168.5.254 from 192.168.5.1",
        "make disk of sw1",
        "start machine sw1",
        "write /run/flowstream/lab7/known_hosts",
    ]


def test_a_link_is_made_quiet_and_unnumbered_at_the_machine_and_complete_at_the_endpoint() -> None:
    have = replace(built(lab()), namespaces={name: Namespace(True, True) for name in ("fs7-sw1", "fs7-ep0")})
    (connect,) = [change for change in changes_to_build(lab(), have) if "eth0" in change.text]
    assert commands([connect]) == [
        "ip -n fs7-sw1 link add name p1 type veth peer name eth0 netns fs7-ep0",
        "ip -n fs7-sw1 link set dev p1 addrgenmode none",
        f"ip -n fs7-sw1 link set dev p1 address {lab().links[0].ends[0].mac}",
        "ip -n fs7-sw1 link set dev p1 mtu 1500",
        "ip -n fs7-sw1 link set dev p1 up",
        "ip -n fs7-ep0 link set dev eth0 addrgenmode none",
        f"ip -n fs7-ep0 link set dev eth0 address {lab().links[0].ends[1].mac}",
        "ip -n fs7-ep0 link set dev eth0 mtu 1500",
        "ip netns exec fs7-ep0 ethtool --offload eth0 tx off",
        "ip -n fs7-ep0 address add 192.168.5.1/24 dev eth0",
        "ip -n fs7-ep0 link set dev eth0 up",
    ]


def test_a_killed_machine_is_only_started_again() -> None:
    have = replace(built(lab()), lives={"fs7-sw1": Life()})
    assert texts(changes_to_build(lab(), have)) == ["start machine sw1"]


def test_processes_without_their_supervisor_are_ended_before_the_start() -> None:
    have = replace(built(lab()), lives={"fs7-sw1": Life(processes=3)})
    changes = changes_to_build(lab(), have)
    assert texts(changes) == ["stop machine sw1", "start machine sw1"]
    assert KillMachine("fs7-sw1", orderly=False) in changes[0].steps


def test_a_machine_whose_namespace_was_taken_from_it_is_started_in_the_new_one() -> None:
    have = without_namespace(built(lab()), "fs7-sw1")
    have = replace(have, lives={"fs7-sw1": replace(ALIVE, wired=False, answers=False)}, host_interfaces={})
    assert texts(changes_to_build(lab(), have)) == [
        "add host:fs7-mgmt",
        "add namespace fs7-sw1",
        "connect host:fs7-sw1 to fs7-sw1:mgmt0",
        "connect fs7-sw1:p1 to fs7-ep0:eth0",
        "add route of ep0: default via 192.168.5.254 from 192.168.5.1",
        "stop machine sw1",
        "start machine sw1",
    ]


def test_a_namespace_of_which_only_the_name_is_left_is_made_anew() -> None:
    have = built(lab())
    have = replace(have, namespaces={**have.namespaces, "fs7-ep0": Namespace(alive=False)})
    (change,) = [change for change in changes_to_build(lab(), have) if change.text == "add namespace fs7-ep0"]
    assert change.steps[:2] == (
        RemovePath(Path("/run/netns/fs7-ep0")),
        Command(("ip", "netns", "add", "fs7-ep0")),
    )


def test_a_cut_link_is_removed_at_the_end_that_is_left_and_the_routes_come_back() -> None:
    have = built(lab())
    switch = have.namespaces["fs7-sw1"]
    other = {**switch.interfaces, "p1": replace(switch.interfaces["p1"], peer=99)}
    have = replace(have, namespaces={**have.namespaces, "fs7-sw1": replace(switch, interfaces=other)})
    connect, route = changes_to_build(lab(), have)
    assert connect.steps[:2] == (RemoveInterface("fs7-sw1", "p1"), RemoveInterface("fs7-ep0", "eth0"))
    assert route.text == "add route of ep0: default via 192.168.5.254 from 192.168.5.1"


def test_only_what_differs_of_an_interface_is_set() -> None:
    have = built(lab())
    endpoint = have.namespaces["fs7-ep0"]
    eth0 = endpoint.interfaces["eth0"]
    changed = replace(eth0, interface=replace(eth0.interface, mtu=1400, addresses=("192.168.5.9/24",)), up=False)
    have = replace(have, namespaces={**have.namespaces, "fs7-ep0": replace(endpoint, interfaces={"eth0": changed})})
    assert commands(changes_to_build(lab(), have)) == [
        "ip -n fs7-ep0 link set dev eth0 mtu 1500",
        "ip -n fs7-ep0 address delete 192.168.5.9/24 dev eth0",
        "ip -n fs7-ep0 address add 192.168.5.1/24 dev eth0",
        "ip -n fs7-ep0 link set dev eth0 up",
        "ip -n fs7-ep0 route replace default via 192.168.5.254 src 192.168.5.1",
    ]


def test_an_address_that_a_role_gave_to_a_machine_stays() -> None:
    have = built(lab())
    switch = have.namespaces["fs7-sw1"]
    p1 = switch.interfaces["p1"]
    addressed = {**switch.interfaces, "p1": replace(p1, interface=replace(p1.interface, addresses=("10.1.1.1/24",)))}
    have = replace(have, namespaces={**have.namespaces, "fs7-sw1": replace(switch, interfaces=addressed)})
    assert changes_to_build(lab(), have) == []


def test_a_new_image_makes_a_new_disk() -> None:
    changes = changes_to_build(lab(image="/cache/bookworm-2"), built(lab()))
    assert texts(changes) == [
        "stop machine sw1",
        "make disk of sw1",
        "start machine sw1",
        "write /run/flowstream/lab7/known_hosts",
    ]
    assert KillMachine("fs7-sw1", orderly=False) in changes[0].steps
    assert changes[1].steps[0] == Command(("umount", "--lazy", str(ROOT)))
    assert RemovePath(DIRECTORY / "machines/sw1/upper") in changes[1].steps


def test_a_disk_that_is_only_not_mounted_keeps_its_content() -> None:
    have = replace(built(lab()), disks={"sw1": Disk("/cache/bookworm-1")}, lives={"fs7-sw1": Life()}, mounts=())
    changes = changes_to_build(lab(), have)
    assert texts(changes)[0] == "mount disk of sw1"
    assert RemovePath(DIRECTORY / "machines/sw1/upper") not in changes[0].steps


def test_a_disk_that_was_not_finished_is_made_again() -> None:
    have = replace(built(lab()), disks={"sw1": Disk(None, True)}, lives={})
    changes = changes_to_build(lab(), have)
    assert texts(changes)[:2] == ["make disk of sw1", "start machine sw1"]
    assert RemovePath(DIRECTORY / "machines/sw1/upper") in changes[0].steps


def test_a_new_key_is_let_into_a_machine_that_runs() -> None:
    have = replace(built(lab()), key_exists=False, disks={"sw1": Disk("/cache/bookworm-1", True, False)})
    changes = changes_to_build(lab(), have)
    assert texts(changes) == ["make key /run/flowstream/lab7/id_ed25519", "let the lab's key into sw1"]
    assert isinstance(changes[1].steps[0], SeedDisk)


def test_a_machine_is_switched_off_in_order_and_stays_off() -> None:
    off = lab(machines=[{"name": "sw1", "address": "198.18.7.10", "power": False}])
    changes = changes_to_build(off, built(lab()))
    assert texts(changes) == ["stop machine sw1"]
    assert KillMachine("fs7-sw1", orderly=True) in changes[0].steps
    assert changes_to_build(off, replace(built(lab()), lives={})) == []


def test_a_node_that_is_declared_no_more_goes() -> None:
    changes = changes_to_build(lab(endpoints=[], links=[]), built(lab()))
    assert texts(changes) == ["remove ep0"]
    assert changes[0].steps == (
        KillNamespace("fs7-ep0"),
        RemoveInterface("fs7-ep0", "eth0"),
        Command(("ip", "netns", "delete", "fs7-ep0")),
    )


def test_a_connection_to_a_machine_that_is_declared_no_more_is_closed() -> None:
    sockets = (DIRECTORY / "ssh/198.18.7.10", DIRECTORY / "ssh/198.18.7.99")
    changes = changes_to_build(lab(), replace(built(lab()), connections=sockets))
    assert texts(changes) == ["close connection 198.18.7.99"]
    assert changes[0].steps == (CloseConnection(sockets[1]),)


def test_removal_takes_everything_that_carries_the_prefix() -> None:
    have = replace(
        built(lab()),
        connections=(DIRECTORY / "ssh/198.18.7.10",),
        litter=(Path("/run/systemd/nspawn/propagate/fs7-sw1"),),
    )
    assert texts(changes_to_remove("fs7", DIRECTORY, have)) == [
        "close connection 198.18.7.10",
        "remove ep0",
        "remove sw1",
        "remove interface fs7-mgmt",
        "remove /run/systemd/nspawn/propagate/fs7-sw1",
        "remove directory /run/flowstream/lab7",
    ]


def test_removal_works_on_what_a_crash_left() -> None:
    have = LabState(
        namespaces={"fs7-mh9": Namespace(alive=False)},
        lives={"fs7-mh8": Life(processes=1)},
        mounts=(DIRECTORY / "machines/mh7/root",),
    )
    changes = changes_to_remove("fs7", DIRECTORY, have)
    assert [(change.text, change.steps) for change in changes] == [
        ("remove mh8", (KillMachine("fs7-mh8", orderly=False),)),
        ("remove mh9", (RemovePath(Path("/run/netns/fs7-mh9")),)),
        (f"unmount {DIRECTORY}/machines/mh7/root", (Command(("umount", "--lazy", f"{DIRECTORY}/machines/mh7/root")),)),
    ]


def test_nothing_is_removed_where_nothing_is() -> None:
    assert changes_to_remove("fs7", DIRECTORY, LabState()) == []


def slow(delay: int) -> Topology:
    return lab(click="/click", links=[{"ends": ["sw1:p1", "ep0:eth0"], "delay_ms": delay}])


def test_a_slow_link_that_is_there_needs_no_change() -> None:
    assert changes_to_build(slow(20), built(slow(20))) == []


def test_a_link_that_becomes_slow_gets_a_middle_and_one_that_is_not_any_more_loses_it() -> None:
    began = texts(changes_to_build(slow(20), built(lab())))
    assert began[:3] == [
        "add namespace fs7-sw1-p1",
        "connect fs7-sw1-p1:far to fs7-ep0:eth0",
        "connect fs7-sw1:p1 to fs7-sw1-p1:near",
    ]
    assert "start link sw1-p1" in began
    ended = texts(changes_to_build(lab(), built(slow(20))))
    assert ended[:2] == ["remove sw1-p1", "connect fs7-sw1:p1 to fs7-ep0:eth0"]


def test_the_engine_of_a_link_starts_anew_for_another_delay_and_when_it_was_killed() -> None:
    (change,) = changes_to_build(slow(30), built(slow(20)))
    (wire,) = slow(30).wires
    assert change.steps[0] == KillMachine("fs7-sw1-p1", orderly=False)
    assert change.steps[2:] == (WriteText(wire.file, wire.configuration), StartWire(wire))
    killed = replace(built(slow(20)), lives={"fs7-sw1": ALIVE})
    assert texts(changes_to_build(slow(20), killed)) == ["start link sw1-p1"]


def away(**vxlan: Any) -> Topology:
    return lab(links=[{"ends": ["ep0:eth0"], "vxlan": {"vni": 42, "remote": "203.0.113.2", **vxlan}}])


def test_a_link_to_another_lab_is_made_where_frames_leave_and_put_where_it_ends() -> None:
    want = away(local="203.0.113.1", underlay="machine")
    made = commands(changes_to_build(want, without_namespace(built(want), "fs7-ep0")))
    assert made[2:5] == [
        "ip -n machine link add name eth0 netns fs7-ep0 type vxlan id 42 remote 203.0.113.2 local 203.0.113.1 dstport 4789",
        "ip -n fs7-ep0 link set dev eth0 alias link to another lab by machine",
        "ip -n fs7-ep0 link set dev eth0 addrgenmode none",
    ]
    assert changes_to_build(want, built(want)) == []


def test_a_link_that_leads_to_another_lab_elsewhere_is_made_anew_with_its_routes_and_one_of_none_goes() -> None:
    assert texts(changes_to_build(away(vni=43), built(away()))) == [
        "connect fs7-ep0:eth0 to VNI 43 at 203.0.113.2",
        "add route of ep0: default via 192.168.5.254 from 192.168.5.1",
    ]
    more = lab(links=[{"ends": ["sw1:p1", "ep0:eth0"]}, {"ends": ["sw1:x1"], "vxlan": {"vni": 1, "remote": "::2"}}])
    assert texts(changes_to_build(lab(), built(more))) == ["remove fs7-sw1:x1"]


def test_what_leads_to_another_lab_is_gone_before_its_namespace_is() -> None:
    gone = commands(changes_to_remove("fs7", DIRECTORY, built(away())))
    (change,) = (one for one in changes_to_remove("fs7", DIRECTORY, built(away())) if one.text == "remove ep0")
    assert change.steps[:2] == (KillNamespace("fs7-ep0"), RemoveInterface("fs7-ep0", "eth0"))
    assert "ip netns delete fs7-ep0" in gone
