# SPDX-License-Identifier: Apache-2.0
"""Random allocations that keep every rule, as YAML text, and platforms to put them on."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from typing import Any

from hypothesis import strategies as st

FIRST_LINK = 100


def mac(number: int) -> str:
    return f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"


@st.composite
def prefixes(draw: st.DrawFn) -> list[IPv4Network]:
    """Disjoint prefixes: the leaves of a random tree of halvings, some of them left out."""
    leaves = [IPv4Network("0.0.0.0/0")]
    for _ in range(draw(st.integers(0, 9))):
        at = draw(st.integers(0, len(leaves) - 1))
        if leaves[at].prefixlen < 30:
            leaves[at : at + 1] = leaves[at].subnets()
    kept = [leaf for leaf in leaves if draw(st.integers(0, 4)) > 0]
    return kept or leaves


@st.composite
def inside(draw: st.DrawFn, prefix: IPv4Network) -> IPv4Network:
    length = draw(st.one_of(st.just(prefix.prefixlen), st.integers(prefix.prefixlen, 32)))
    offset = draw(st.integers(0, 2 ** (length - prefix.prefixlen) - 1))
    return IPv4Network((int(prefix.network_address) + offset * 2 ** (32 - length), length))


@st.composite
def allocations(draw: st.DrawFn) -> bytes:
    """The text of an allocation. Ports may have an address in 198.18.<n>.0/24 and a gateway there."""
    portids = draw(st.lists(st.integers(0, 300), min_size=1, max_size=4, unique=True))
    ports: list[dict[str, Any]] = []
    for index, portid in enumerate(portids):
        port: dict[str, Any] = {"portid": portid, "mac": mac(portid), "switchport": index + 1}
        if draw(st.booleans()):
            port["address"] = [f"198.18.{index}.1/24"]
        if draw(st.booleans()):
            port["gateway"] = f"198.18.{index}.2"
        ports.append(port)
    claimed = draw(prefixes())
    ids = draw(st.lists(st.integers(0, 1000), min_size=1, max_size=len(claimed), unique=True))
    pms = []
    for index, pm_id in enumerate(ids):
        own = claimed[index :: len(ids)]
        routes = draw(st.lists(st.sampled_from(own).flatmap(inside), min_size=1, max_size=6, unique=True))
        entries = [
            {
                "addr": str(route.network_address),
                "mask": draw(st.sampled_from([str(route.prefixlen), str(route.netmask)])),
                "outputport": draw(st.sampled_from(portids)),
            }
            for route in routes
            if not (route.prefixlen == 32 and str(route.network_address).startswith("198.18."))
        ]
        if entries:
            prefix = [{"addr": str(each.network_address), "mask": each.prefixlen} for each in own]
            pms.append({"id": pm_id, "prefix": prefix, "forwardingtable": {"forwardingentry": entries}})
    allocation = {
        "id": "model",
        "type": "fastiprouter",
        "subtype": "prefixlb",
        "portmacmappings": {"portmacmapping": ports},
        "pm": pms,
    }
    # JSON is YAML, and the allocation reader takes it as such.
    return json.dumps(allocation).encode() if pms else draw(allocations())


@st.composite
def platforms(draw: st.DrawFn) -> dict[str, Any]:
    capacity = {"pms": 64, "memory_mib": 8192, "vcpus": 4}
    hosts = {
        f"mh{number}": {
            "driver": draw(st.sampled_from(["process", "xen"])),
            "bridge": "br-pm",
            "uplink_port": draw(st.integers(1, 9)),
            "switch": "sw1",
            "switch_port": FIRST_LINK + number,
            "capacity": capacity,
        }
        for number in range(draw(st.integers(1, 4)))
    }
    return {"switches": {"sw1": {"bridge": "br-flow"}}, "hosts": hosts, "ports": {}}


@st.composite
def fabrics(draw: st.DrawFn) -> dict[str, Any]:
    """A platform of several switches: a random tree of links and some more, hosts anywhere, and a switch for every portid."""
    names = [f"sw{number}" for number in range(1, draw(st.integers(2, 5)) + 1)]
    pairs = [(draw(st.sampled_from(names[:at])), names[at]) for at in range(1, len(names))]
    pairs += draw(st.lists(st.sampled_from([(a, b) for a in names for b in names if a < b]), max_size=3))
    switches: dict[str, dict[str, Any]] = {
        name: {"bridge": "br-flow", "number": number, "links": {}, "outside": [1, 2, 3, 4]}
        for number, name in zip(draw(st.permutations(range(1, 32))), names, strict=False)
    }
    for number, (one, other) in enumerate(pairs):
        port, far = 20 + number, 40 + draw(st.integers(0, 1)) + 2 * number
        switches[one]["links"][port] = f"{other}/{far}"
        switches[other]["links"][far] = f"{one}/{port}"
    facts = draw(platforms())
    for host in facts["hosts"].values():
        host["switch"] = draw(st.sampled_from(names))
    homes = draw(st.lists(st.sampled_from(names), min_size=4, max_size=4))
    ports = {str(portid): {"switch": homes[portid % len(homes)]} for portid in range(301)}
    return {**facts, "switches": switches, "ports": ports}
