# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.lab.interface import Interface
from ansible.module_utils.flowstream.lab.observe import interfaces, require_tools
from ansible.module_utils.flowstream.lab.state import Found
from ansible.module_utils.flowstream.world.run import Result, Run

LIST = "ip -n fs7-ep0 -json -details address show"
FEATURES = "ip netns exec fs7-ep0 ethtool --show-features eth0"
ETH0: dict[str, Any] = {
    "ifindex": 2,
    "link_index": 5,
    "ifname": "eth0",
    "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
    "mtu": 1500,
    "address": "02:00:00:00:00:01",
    "link_netnsid": 0,
    "inet6_addr_gen_mode": "none",
    "linkinfo": {"info_kind": "veth"},
    "addr_info": [
        {"family": "inet", "local": "192.168.5.1", "prefixlen": 24, "scope": "global"},
        {"family": "inet6", "local": "fe80::1", "prefixlen": 64, "scope": "link"},
    ],
}


def answering(answers: dict[str, str]) -> Run:
    """A run that knows some commands; all others fail."""

    def run(argv: list[str], stdin: str = "") -> Result:
        command = " ".join(argv)
        if command in answers:
            return Result(tuple(argv), 0, answers[command], "")
        return Result(tuple(argv), 1, "", f"{argv[0]}: no such thing\n")

    return run


def test_an_interface_is_read_with_its_far_end_and_without_link_local_addresses() -> None:
    run = answering({LIST: json.dumps([ETH0]), FEATURES: "rx-checksumming: on\ntx-checksumming: off\n"})
    assert interfaces(run, "fs7-ep0", frozenset({"eth0"})) == {
        "eth0": Found(
            Interface("fs7-ep0", "eth0", "02:00:00:00:00:01", 1500, ("192.168.5.1/24",), None, software_checksums=True),
            index=2,
            peer=5,
            up=True,
            link_local=False,
        )
    }


def test_an_interface_that_is_down_makes_addresses_and_has_no_far_end_is_told_from_it() -> None:
    tap = {**ETH0, "flags": [], "linkinfo": {"info_kind": "tun"}, "inet6_addr_gen_mode": "eui64", "master": "br0"}
    found = interfaces(answering({LIST: json.dumps([tap])}), "fs7-ep0", frozenset())["eth0"]
    assert (found.up, found.link_local, found.peer, found.interface.bridge) == (False, True, None, "br0")


def test_a_namespace_that_cannot_be_read_is_named() -> None:
    with pytest.raises(FlowstreamError) as caught:
        interfaces(answering({}), "fs7-ep0", frozenset())
    assert str(caught.value) == "cannot list interfaces of fs7-ep0: no such thing"


def test_every_missing_program_is_named_with_its_package() -> None:
    run = answering({f"which {tool}": "" for tool in ("ip", "mount", "ssh-keygen")})
    with pytest.raises(FlowstreamError) as caught:
        require_tools(run, qemu=False)
    assert str(caught.value) == ("cannot run a lab: no systemd-nspawn, ethtool here; install ethtool systemd-container")
