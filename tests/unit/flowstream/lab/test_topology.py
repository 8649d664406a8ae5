# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.lab.interface import derived_mac
from ansible.module_utils.flowstream.lab.topology import parse_topology

SW1 = {"name": "sw1", "address": "198.18.7.10"}
EP0 = {"name": "ep0", "interfaces": [{"name": "eth0", "addresses": ["192.168.5.1/24"]}]}
PLUG = {"ends": ["sw1:p1", "ep0:eth0"]}
AWAY = {"ends": ["sw1:x1"]}
FAR = {"vni": 42, "remote": "203.0.113.2"}


def declared(**changed: Any) -> dict[str, Any]:
    whole = {
        "prefix": "fs7",
        "directory": "/run/flowstream/lab7",
        "image": "/cache/bookworm-1",
        "management_address": "198.18.7.254/24",
        "machines": [SW1],
        "endpoints": [EP0],
        "links": [PLUG],
    }
    return {**whole, **changed}


def test_names_and_addresses_follow_from_the_prefix() -> None:
    lab = parse_topology(declared())
    (machine,) = lab.machines
    host_end, machine_end = machine.link.ends
    assert (machine.namespace, str(machine.root)) == ("fs7-sw1", "/run/flowstream/lab7/machines/sw1/root")
    assert (host_end.namespace, host_end.name, host_end.bridge) == (None, "fs7-sw1", "fs7-mgmt")
    assert (machine_end.namespace, machine_end.name, machine_end.addresses) == ("fs7-sw1", "mgmt0", ("198.18.7.10/24",))
    assert machine.power is True
    assert lab.endpoints[0].namespace == "fs7-ep0"


def test_only_an_endpoint_sums_up_in_software_and_only_it_is_addressed() -> None:
    switch_end, endpoint_end = parse_topology(declared()).links[0].ends
    assert (switch_end.software_checksums, switch_end.addresses) == (False, ())
    assert (endpoint_end.software_checksums, endpoint_end.addresses) == (True, ("192.168.5.1/24",))


def test_an_interface_has_the_same_address_in_every_run_and_in_no_other_lab() -> None:
    assert derived_mac("fs0-ep0", "eth0") == "02:6a:f4:cb:db:2f"
    assert derived_mac("fs1-ep0", "eth0") != derived_mac("fs0-ep0", "eth0")


def test_a_declared_mac_address_is_taken() -> None:
    endpoint = {"name": "ep0", "interfaces": [{"name": "eth0", "mac": "02:00:00:00:00:0A"}]}
    assert parse_topology(declared(endpoints=[endpoint])).links[0].ends[1].mac == "02:00:00:00:00:0a"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"prefix": "lab7"}, "prefix: got 'lab7'; write fs and the number of the lab, as fs0"),
    ({"directory": "lab7"}, "directory: got 'lab7'; write an absolute path"),
    (
        {"management_address": "198.18.7/24"},
        "management_address: got '198.18.7/24'; write an address with its prefix length, as 198.18.0.10/24",
    ),
    (
        {"machines": [SW1, {"name": "SW_2", "address": "198.18.7.11"}]},
        "machine 'SW_2': name is not usable; write a letter and up to 8 letters or digits, all lower case, not mgmt",
    ),
    (
        {"endpoints": [EP0, {"name": "sw1"}]},
        "endpoint 'sw1': there is a machine of this name; choose another name",
    ),
    (
        {"machines": [{"name": "sw1", "address": "ten"}]},
        "machine 'sw1': address: got 'ten'; write an IP address",
    ),
    (
        {"machines": [{"name": "sw1", "address": "198.18.8.10"}]},
        "machine 'sw1': address 198.18.8.10 is outside 198.18.7.0/24; write one of the management network",
    ),
    (
        {"machines": [SW1, {"name": "mh1", "address": "198.18.7.10"}]},
        "machine 'mh1': address 198.18.7.10 is that of 'sw1'; choose another one",
    ),
    (
        {"links": [PLUG, {"ends": ["sw1:p2"]}]},
        "links[1]: has 1 ends, got ['sw1:p2']; write two, as [sw1:p1, ep0:eth0]",
    ),
    (
        {"links": [PLUG, {"ends": ["sw1:p2", "sw1:p3"]}]},
        "links[1]: both ends are on one node, got ['sw1:p2', 'sw1:p3']; write two nodes",
    ),
    ({"links": [{**PLUG, "mtu": 67}]}, "links[0]: mtu 67 is outside 68..65535"),
    ({"click": "/click", "links": [{**PLUG, "loss_percent": 101}]}, "links[0]: loss_percent 101 is outside 0..100"),
    ({"click": "/click", "links": [{**PLUG, "delay_ms": -1}]}, "links[0]: delay_ms -1 is outside 0..10000"),
    (
        {"links": [{**PLUG, "rate_mbps": 10}]},
        "links[0]: needs the engine for what it does to frames; name its program in click",
    ),
    (
        {"links": [PLUG, {"ends": ["sw1:p2", "sw1:p3"], "vxlan": FAR}]},
        "links[1]: has 2 ends, got ['sw1:p2', 'sw1:p3']; write one, as [sw1:p1]; vxlan leads to the other",
    ),
    (
        {"links": [PLUG, {**AWAY, "vxlan": {**FAR, "vni": 1 << 24}}]},
        "links[1]: vxlan: vni 16777216 is outside 1..16777215",
    ),
    ({"links": [PLUG, {**AWAY, "vxlan": {**FAR, "port": 65536}}]}, "links[1]: vxlan: port 65536 is outside 1..65535"),
    (
        {"links": [PLUG, {**AWAY, "vxlan": {**FAR, "remote": "there"}}]},
        "links[1]: vxlan: remote: got 'there'; write the IP address of a machine that carries a lab",
    ),
    (
        {"links": [PLUG, {**AWAY, "vxlan": {**FAR, "remote": "239.0.0.1"}}]},
        "links[1]: vxlan: remote: got '239.0.0.1'; write the address of one machine",
    ),
    (
        {"links": [PLUG, {**AWAY, "vxlan": {**FAR, "local": "2001:db8::1"}}]},
        "links[1]: vxlan: local 2001:db8::1 and remote 203.0.113.2 are of two kinds; write two of IPv4 or two of IPv6",
    ),
    (
        {"links": [PLUG, {**AWAY, "vxlan": {**FAR, "underlay": "a b"}}]},
        "links[1]: vxlan: underlay: got 'a b'; write the name of a network namespace, as ip netns lists them",
    ),
    (
        {"links": [PLUG, {"ends": ["sw2:p1", "ep0:eth1"]}]},
        "links[1]: end 'sw2:p1': there is no machine or endpoint 'sw2'",
    ),
    (
        {"links": [PLUG, {"ends": ["sw1:mgmt0", "ep0:eth1"]}]},
        "links[1]: end 'sw1:mgmt0': 'mgmt0' cannot be an interface's name; write node:interface, as sw1:p1",
    ),
    (
        {"links": [PLUG, {"ends": ["sw1:p1", "ep0:eth1"]}]},
        "links[1]: end 'sw1:p1': is the end of another link already",
    ),
    (
        {"endpoints": [{"name": "ep0", "interfaces": [{"name": "eth0", "mac": "03:00:00:00:00:01"}]}]},
        "links[0]: end 'ep0:eth0': mac: got '03:00:00:00:00:01'; write a unicast address as 02:00:00:00:00:01",
    ),
    (
        {"endpoints": [{"name": "ep0", "interfaces": [{"name": "eth0"}, {"name": "eth9"}]}]},
        "endpoint 'ep0': interface 'eth9' has no link; add one to links",
    ),
    (
        {"endpoints": [{**EP0, "routes": [{"to": "10.0.0.1/8", "via": "192.168.5.254"}]}]},
        "endpoint 'ep0': route to '10.0.0.1/8': write a prefix without host bits, or default",
    ),
    (
        {"endpoints": [{**EP0, "routes": [{"to": "default", "via": "gateway"}]}]},
        "endpoint 'ep0': route to default: via: got 'gateway'; write an IP address",
    ),
    (
        {"endpoints": [{**EP0, "neighbours": [{"address": "10.0.0.1", "mac": "x", "interface": "eth0"}]}]},
        "endpoint 'ep0': neighbour 10.0.0.1: mac: got 'x'; write a unicast address as 02:00:00:00:00:01",
    ),
]


@pytest.mark.parametrize(("changed", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
def test_a_wrong_declaration_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(FlowstreamError) as caught:
        parse_topology(declared(**changed))
    assert str(caught.value) == message


def test_every_error_is_reported_at_once() -> None:
    with pytest.raises(FlowstreamError) as caught:
        parse_topology(declared(directory="here", links=[{**PLUG, "mtu": 1}]))
    assert caught.value.messages == (
        "directory: got 'here'; write an absolute path",
        "links[0]: mtu 1 is outside 68..65535",
    )


def test_a_link_that_does_something_to_frames_has_the_engine_in_its_middle() -> None:
    lab = parse_topology(declared(click="/click", links=[{**PLUG, "delay_ms": 20}]))
    assert sorted(map(str, lab.links)) == ["fs7-sw1-p1:far to fs7-ep0:eth0", "fs7-sw1:p1 to fs7-sw1-p1:near"]
    (wire,) = lab.wires
    assert (wire.namespace, str(wire.file)) == ("fs7-sw1-p1", "/run/flowstream/lab7/machines/sw1-p1/wire.click")
    (switch_end,) = (end for link in lab.links for end in link.ends if end.namespace == "fs7-sw1")
    assert switch_end == parse_topology(declared()).links[0].ends[0]
    assert parse_topology(declared(links=[{**PLUG, "delay_ms": 0}])).wires == ()


def test_a_link_to_another_lab_has_one_end_here_and_what_it_does_to_frames_is_done_before() -> None:
    lab = parse_topology(declared(links=[PLUG, {**AWAY, "vxlan": {**FAR, "port": 14789}}]))
    assert list(map(str, lab.tunnels)) == ["fs7-sw1:x1 to VNI 42 at 203.0.113.2 port 14789"]
    slow = parse_topology(declared(click="/click", links=[PLUG, {**AWAY, "vxlan": FAR, "delay_ms": 20}]))
    assert list(map(str, slow.tunnels)) == ["fs7-sw1-x1:far to VNI 42 at 203.0.113.2"]
    assert "fs7-sw1:x1 to fs7-sw1-x1:near" in map(str, slow.links)
