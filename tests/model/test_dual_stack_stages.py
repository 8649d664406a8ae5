# SPDX-License-Identifier: Apache-2.0
"""Stages that carry IPv6 beside IPv4: nothing that a module passes on goes around them, and what neighbours say to one another does."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    ICMPv6ND_NA,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
)
from scapy.packet import Packet as Frame
from scapy.packet import Raw

from .allocations import mac, platforms
from .network import Arrival, Network
from .openflow_switch import Packet
from .played_modules import ROOT, PlayedModules, plan_of

RENDER = renderer(ROOT / "templates" / "click")
EXAMPLE = ROOT / "examples" / "dual-stack-stages" / "allocation.xml"
NEIGHBOUR, OTHER = "06:00:00:00:00:01", "06:00:00:00:00:02"
IPV4, IPV6, ICMP6 = 0x0800, 0x86DD, 58
SOLICITATION, ADVERTISEMENT, PING = 135, 136, 128
FROM_THE_LINK = 255
PORTS = (0, 1, 2)
HALVES = (IPv4Network("0.0.0.0/1"), IPv4Network("128.0.0.0/1"))
HALVES6 = (IPv6Network("::/1"), IPv6Network("8000::/1"))
ADDRESSES = st.one_of(
    st.integers(0, 2**32 - 1).map(IPv4Address),
    st.integers(0, 2**128 - 1).map(IPv6Address),
    st.integers(0, 3).map(lambda port: address_of(port)),
)
EXAMPLE_PACKETS = 600


def address_of(port: int) -> IPv6Address:
    return IPv6Address(f"fd00:{port + 1:x}::fe")


def prefix(network: IPv4Network | IPv6Network) -> dict[str, Any]:
    return {"addr": str(network.network_address), "mask": network.prefixlen}


@st.composite
def staged(draw: st.DrawFn) -> dict[str, Any]:
    """A router of two modules, each with a half of either family; up to two stages at each port, of one module or of two, crosswise.

    The last port may have no address of IPv6.
    """
    speaks = [True, True, draw(st.booleans())]
    stages: list[dict[str, Any]] = []
    number = 10
    for port in PORTS:
        for _ in range(draw(st.integers(0 if port else 1, 2))):
            pms = []
            for part in draw(st.sampled_from([(None,), (0, 1)])):
                networks = [] if part is None else [HALVES[part], *([HALVES6[1 - part]] if speaks[port] else [])]
                named = {"network": [prefix(network) for network in networks]} if networks else {}
                pms.append({"id": number, "firewall": {"inward": "allow"}, **named})
                number += 1
            stages.append({"id": f"s{number}", "type": "firewall", "port": port, "pm": pms})
    modules = [
        {
            "id": at,
            "prefix": [prefix(half), prefix(half6)],
            "forwardingtable": {
                "forwardingentry": [{**prefix(network), "outputport": 0} for network in (half, half6)],
            },
        }
        for at, (half, half6) in enumerate(zip(HALVES, HALVES6, strict=True))
    ]
    ports = [
        {
            "portid": port,
            "mac": mac(port),
            "switchport": port + 1,
            **({"address6": [f"{address_of(port)}/64"]} if speaks[port] else {}),
        }
        for port in PORTS
    ]
    named = {"id": "model", "type": "fastiprouter", "subtype": "prefixlb"}
    return {
        **named,
        "portmacmappings": {"portmacmapping": ports},
        "pm": modules,
        "stage": stages,
    }


def network_of(asked: dict[str, Any], facts: dict[str, Any]) -> Network:
    source = json.dumps(asked).encode()
    return Network(plan_allocation(parse(source, "model.yml").allocation, Platform.from_facts(facts), RENDER).files())


def speaks(asked: dict[str, Any], port: int) -> bool:
    return "address6" in asked["portmacmappings"]["portmacmapping"][port]


def stages_at(asked: dict[str, Any], port: int) -> list[dict[str, Any]]:
    return [stage for stage in asked["stage"] if stage["port"] == port]


def way(asked: dict[str, Any], port: int, behind: IPv4Address | IPv6Address) -> list[str] | None:
    """The modules that a packet from or to an address behind a port passes, from the port on; None where it passes none of a stage."""
    names = []
    for stage in stages_at(asked, port):
        if behind.version == 6 and not speaks(asked, port):
            return None
        for pm in stage["pm"]:
            networks = [ip_network(f"{each['addr']}/{each['mask']}") for each in pm.get("network", ())]
            if not networks or any(behind in network for network in networks):
                names.append(f"model-pm{pm['id']}")
    return names


def owner(destination: IPv4Address | IPv6Address) -> str:
    halves = HALVES if destination.version == 4 else HALVES6
    return f"model-pm{next(at for at, half in enumerate(halves) if destination in half)}"


def packet_of(
    data: st.DataObject,
    source: IPv4Address | IPv6Address,
    destination: IPv4Address | IPv6Address,
    macs: tuple[str, str],
) -> Packet:
    """A packet that no neighbour has sent to a router: of what looks like discovery, one that another router has passed on."""
    if isinstance(destination, IPv4Address):
        return Packet(*macs, IPV4, destination, ip_src=source)
    protocol = data.draw(st.sampled_from([6, ICMP6]))
    kind = data.draw(st.sampled_from([SOLICITATION, ADVERTISEMENT, PING]))
    ttl = data.draw(st.sampled_from([64, 254] if kind != PING else [64, FROM_THE_LINK]))
    target = data.draw(ADDRESSES.filter(lambda address: address.version == 6))
    return Packet(
        *macs, IPV6, destination, ip_src=source, ip_proto=protocol, port_src=kind, port_dst=0, ttl=ttl, nd_target=target
    )


@given(asked=staged(), facts=platforms(), data=st.data(), port=st.sampled_from(PORTS))
@settings(max_examples=20, deadline=None)
def test_a_packet_of_either_family_passes_the_stages_of_its_port_and_comes_to_its_module_as_it_was(
    asked: dict[str, Any], facts: dict[str, Any], data: st.DataObject, port: int
) -> None:
    network, destination = network_of(asked, facts), data.draw(ADDRESSES)
    source = data.draw(ADDRESSES.filter(lambda address: address.version == destination.version))
    packet = packet_of(data, source, destination, (NEIGHBOUR, mac(port)))
    arrived, passed = network.enter(packet, port + 1), way(asked, port, source)
    for name in [*passed, owner(destination)] if passed is not None else []:
        assert [(each.pm, each.packet) for each in arrived] == [(name, packet)]
        arrived = network.send(packet, name)
    assert passed is not None or arrived == []


@given(asked=staged(), facts=platforms(), data=st.data(), port=st.sampled_from(PORTS), at=st.integers(0, 1))
@settings(max_examples=20, deadline=None)
def test_what_a_module_sends_passes_them_in_reverse_and_leaves_as_it_was(
    asked: dict[str, Any], facts: dict[str, Any], data: st.DataObject, port: int, at: int
) -> None:
    network, destination = network_of(asked, facts), data.draw(ADDRESSES)
    source = IPv4Address("192.0.2.1") if destination.version == 4 else IPv6Address("2001:db8::1")
    packet = packet_of(data, source, destination, (mac(port), data.draw(st.sampled_from([OTHER, mac(1)]))))
    if packet.dst == packet.src:
        return  # is dropped where stages stand: nothing comes from a port and goes to it
    arrived, passed = network.send(packet, f"model-pm{at}"), way(asked, port, destination)
    for name in reversed(passed) if passed is not None else []:
        assert [(each.pm, each.packet) for each in arrived] == [(name, packet)]
        arrived = network.send(packet, name)
    assert [(each.switchport, each.packet) for each in arrived] == ([(port + 1, packet)] if passed is not None else [])


@given(asked=staged(), facts=platforms(), data=st.data(), port=st.sampled_from(PORTS[:2]))
@settings(max_examples=20, deadline=None)
def test_what_neighbours_say_goes_around_stages_and_what_only_looks_like_it_does_not(
    asked: dict[str, Any], facts: dict[str, Any], data: st.DataObject, port: int
) -> None:
    network, own = network_of(asked, facts), address_of(port)
    asks = Packet(
        NEIGHBOUR, mac(port), IPV6, own, ip_src=IPv6Address("fd00::9"), ip_proto=ICMP6, ttl=FROM_THE_LINK, port_dst=0
    )
    group = replace(asks, dst="33:33:ff:00:00:fe", ip_dst=IPv6Address("ff02::1:ff00:fe"))
    for packet in (asks, group):
        asking = replace(packet, port_src=SOLICITATION, nd_target=own)
        assert network.enter(asking, port + 1) == [Arrival(pm="model-pm0")]
        tagged = network.enter(replace(asking, tags=(data.draw(st.integers(0x1000, 0x100F)),)), port + 1)
        assert tagged == ([] if packet is group or stages_at(asked, port) else [Arrival(pm=owner(own))])
    told = replace(asks, port_src=ADVERTISEMENT, nd_target=IPv6Address("fd00::9"))
    assert sorted(arrival.pm or "" for arrival in network.enter(told, port + 1)) == ["model-pm0", "model-pm1"]
    if first := way(asked, port, IPv6Address("fd00::9")):
        # Whatever a switch takes it for behind an extension header, a module would pass on what is for somebody else.
        elsewhere = data.draw(ADDRESSES.filter(lambda address: address.version == 6 and address != own))
        for changed in (replace(told, ttl=254), replace(told, ip_dst=elsewhere), replace(told, port_dst=1)):
            assert network.enter(changed, port + 1) == [Arrival(pm=first[0])]
        for kind in (SOLICITATION, ADVERTISEMENT):
            sent = replace(told, src=mac(port), dst=NEIGHBOUR, port_src=kind)
            assert network.send(sent, "model-pm1") == [Arrival(switchport=port + 1)]
            assert network.send(replace(sent, tags=(data.draw(st.integers(0x1000, 0x100F)),)), "model-pm1") == []


@given(
    asked=staged(),
    facts=platforms(),
    data=st.data(),
    macs=st.tuples(*[st.sampled_from([*map(mac, PORTS), NEIGHBOUR])] * 2),
    tag=st.integers(0, 14),
    port=st.sampled_from(PORTS),
)
@settings(max_examples=12, deadline=None)
def test_no_forged_tag_or_address_leads_to_a_stage_by_another_way(
    asked: dict[str, Any], facts: dict[str, Any], data: st.DataObject, macs: tuple[str, str], tag: int, port: int
) -> None:
    network = network_of(asked, facts)
    six = ADDRESSES.filter(lambda address: address.version == 6)
    forged = replace(
        packet_of(data, data.draw(six), data.draw(six), macs),
        ttl=data.draw(st.sampled_from([64, FROM_THE_LINK])),
        tags=(0x1000 | tag,) if tag else (),
    )
    source, destination = forged.ip_src, forged.ip_dst
    assert source is not None
    assert destination is not None
    first = way(asked, port, source) or [None]
    stages = {f"model-pm{pm['id']}" for stage in asked["stage"] for pm in stage["pm"]}
    for arrival in network.enter(forged, port + 1):
        assert arrival.pm not in stages or (arrival.pm == first[0] and not tag and macs == (macs[0], mac(port)))
    for name in ("model-pm0", "model-pm1"):
        for arrival in network.send(forged, name):
            allowed = [(way(asked, each, destination) or [])[-1:] for each in PORTS if macs[0] == mac(each)]
            assert arrival.pm not in stages or (not tag and [arrival.pm] in allowed)
    for name in sorted(stages):
        assert network.send(replace(forged, src=NEIGHBOUR, dst=OTHER), name) == []


def rules_at(port: int, family: int) -> Any:
    """The policy of the example's stage at a port for a family, from the XML; None where it has no stage."""
    for stage in etree.parse(EXAMPLE).getroot().findall("stage"):
        for pm in stage.findall("pm") if int(stage.get("port")) == port else ():
            networks = [ip_network(f"{each.get('addr')}/{each.get('mask')}") for each in pm.findall("network")]
            if not networks or any(network.version == family for network in networks):
                return pm.find("firewall")
    return None


def lets_begin(policy: Any, frame: Frame, portid: int, *, inward: bool) -> bool:
    """Whether a policy lets a packet begin a connection."""
    name = "tcp" if TCP in frame else "udp" if UDP in frame else "icmp6"
    for rule in policy.findall("rule"):
        said = rule.attrib
        if (
            (not inward and "from" in said)
            or said.get("protocol", name) != name
            or ("dst" in said and ip_address(frame.dst) != ip_address(said["dst"]))
            or ("dstport" in said and frame.dport not in map(int, said["dstport"].split()))
            or ("icmptype" in said and frame.payload.type != int(said["icmptype"]))
        ):
            continue
        return bool(said["action"] == "allow")
    return bool(policy.get("inward", "deny") == "allow") if inward else True


def begins(number: int, choose: random.Random) -> tuple[int, int, Frame]:
    """Where a packet enters, where it is to leave, and the packet: it belongs to nothing that there was before."""
    networks = {4: ("192.168.5.", "192.168.6.", "192.168.7."), 6: ("2001:db8:5::", "2001:db8:6::", "fd00:db8:7::")}
    family, (entry, out) = choose.choice([4, 6, 6]), choose.sample(PORTS, 2)
    source, destination = (f"{networks[family][at]}{choose.choice([1, 2])}" for at in (entry, out))
    layers: list[Frame] = [
        TCP(sport=10_000 + number, dport=choose.choice([22, 25, 80, 443]), flags="S"),
        UDP(sport=10_000 + number, dport=53),
    ]
    header = IP(src=source, dst=destination) if family == 4 else IPv6(src=source, dst=destination)
    ping = [ICMPv6EchoRequest(id=number)] if family == 6 else []
    return entry, out, header / choose.choice([*layers, *ping]) / Raw(number.to_bytes(4, "big"))


def test_what_begins_passes_the_examples_stages_as_their_policies_say_whichever_family_it_is_of(tmp_path: Path) -> None:
    choose = random.Random(14)
    sent = [begins(number, choose) for number in range(EXAMPLE_PACKETS)]
    hosts = {
        0: ["192.168.5.1", "192.168.5.2", "2001:db8:5::1", "2001:db8:5::2"],
        1: ["192.168.6.1", "192.168.6.2", "2001:db8:6::1", "2001:db8:6::2"],
        2: ["192.168.7.1", "192.168.7.2", "fd00:db8:7::1", "fd00:db8:7::2"],
    }
    expected = {}
    for number, (entry, out, frame) in enumerate(sent):
        family = 6 if IPv6 in frame else 4
        met = [(rules_at(entry, family), True), (rules_at(out, family), False)]
        if all(lets_begin(policy, frame, entry, inward=inward) for policy, inward in met if policy is not None):
            expected[number] = out
    left = PlayedModules(plan_of("dual-stack-stages"), tmp_path, hosts).exchange(
        [(entry, frame) for entry, _, frame in sent]
    )
    assert {int.from_bytes(bytes(one.packet)[-4:], "big"): one.portid for one in left} == expected
    of_ipv6 = {number for number, (_, _, frame) in enumerate(sent) if IPv6 in frame}
    assert 50 < len(of_ipv6 & expected.keys()) < len(of_ipv6) - 50


def test_nothing_behind_an_extension_header_passes_a_stage_nor_goes_around_it_as_discovery(tmp_path: Path) -> None:
    there = IPv6(src="2001:db8:6::1", dst="2001:db8:5::1", hlim=FROM_THE_LINK)
    sent: list[tuple[int, Frame]] = [
        (1, there / ICMPv6ND_NA(tgt="2001:db8:6::1")),
        (1, there / IPv6ExtHdrDestOpt() / ICMPv6ND_NA(tgt="2001:db8:6::1")),
        (1, there / IPv6ExtHdrHopByHop() / TCP(dport=80, flags="S")),
        (1, there / IPv6ExtHdrFragment(m=1) / TCP(dport=80, flags="S")),
        (0, IPv6(src="2001:db8:5::1", dst="2001:db8:6::1") / IPv6ExtHdrDestOpt() / UDP(dport=53)),
    ]
    modules = PlayedModules(plan_of("dual-stack-stages"), tmp_path, {0: ["2001:db8:5::1"], 1: ["2001:db8:6::1"]})
    assert modules.exchange(sent, ["extended6.count"]) == []
    assert modules.values["doors-pm1"] == {"extended6.count": "4"}
