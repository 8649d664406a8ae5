# SPDX-License-Identifier: Apache-2.0
"""The NAT: who has which ports, by arithmetic, and the example's modules in the engine, with random packets."""

from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.addresses import Prefix, parse_prefix_text
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.filters.observation import flowstream_subscriber
from ansible.module_utils.flowstream.middleboxes.nat.blocks import Block, blocks, count_blocks, count_subscribers
from hypothesis import assume, given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPerror, UDPerror
from scapy.packet import Packet, Raw

from .played_modules import ROOT, PlayedModules, plan_of, planned_from

EXAMPLE = ROOT / "examples" / "nat" / "allocation.xml"
SUBSCRIBER, SERVER = "192.168.5.7", "192.168.6.1"
# Of the example's module 0, 240 ports for each address: the eighth block of the first public address is that of .7.
PUBLIC, FIRST, LAST = "203.0.113.0", 1024 + 7 * 240, 1024 + 8 * 240 - 1
PACKETS = 800


@given(
    networks=st.lists(st.integers(0, 200), min_size=1, max_size=4, unique=True),
    length=st.integers(24, 32),
    pools=st.lists(st.integers(0, 50), min_size=1, max_size=4, unique=True),
    size=st.integers(200, 64512),
)
def test_no_port_is_that_of_two_subscribers_and_each_subscriber_has_one_block(
    networks: list[int], length: int, pools: list[int], size: int
) -> None:
    inside = [Prefix(0x0A000000 + number * 256, 24) for number in networks]
    public = [Prefix(0xCB007100 + number * 8, 29) for number in pools]
    assume(count_subscribers(inside, length) <= count_blocks(public, size))
    given_out = list(blocks(inside, length, public, size))
    assert len({block.subscriber for block in given_out}) == len(given_out) == count_subscribers(inside, length)
    assert {(block.subscriber.length, block.last - block.first + 1) for block in given_out} == {(length, size)}
    assert all(any(network.contains(block.subscriber) for network in inside) for block in given_out)
    assert all(any(pool.holds(block.address) for pool in public) for block in given_out)
    ends: dict[int, int] = {}
    for block in sorted(given_out, key=lambda block: (block.address, block.first)):
        assert 1023 <= ends.get(block.address, 1023) < block.first <= block.last <= 65535
        ends[block.address] = block.last
    assert [Block.parse(str(block)) for block in given_out] == given_out


def test_the_plan_names_the_subscriber_of_an_address_and_a_port_among_ten_thousand() -> None:
    text = EXAMPLE.read_text()
    (start, end) = text.index('  <pm id="0">'), text.index("</allocationdescription>")
    modules = "".join(
        f"""<pm id="{number}"><networks port="0"><subnet addr="100.64.{number * 16}.0" mask="20"/></networks>
        <nat ports="500"><pool addr="203.0.113.{number * 32}" mask="27"/></nat>
        <forwardingtable><forwardingentry addr="100.64.{number * 16}.0" mask="20" outputport="0"/>
        <forwardingentry addr="0.0.0.0" mask="0" outputport="1"/></forwardingtable></pm>"""
        for number in range(3)
    )
    plan = planned_from((text[:start] + modules + text[end:]).encode())
    table = [Block.parse(row) for host in plan.hosts.values() for pm in host.pms for row in pm.facts["blocks"]]
    assert len(table) == 3 * 4096
    asked = [
        block
        for block in table
        if block.address == int(IPv4Address("203.0.113.33")) and block.first <= 2000 <= block.last
    ]
    found = flowstream_subscriber(plan.to_dict(), "203.0.113.33", 2000)
    assert (found["subscriber"], found["ports"], found["module"]) == ("100.64.16.130/32", "1524-2023", "nat-pm1")
    # Of module 1: 129 blocks of an address, so the second one's second block is that of subscriber 130.
    assert [str(block) for block in asked] == ["100.64.16.130/32 203.0.113.33 1524-2023"]


def test_a_port_that_no_subscriber_has_is_nobodys_and_other_types_share_none() -> None:
    plan = plan_of("nat").to_dict()
    household = {"subscriber": "10.0.5.240/28", "ports": "1024-5119", "module": "nat-pm1", "host": "mh2"}
    assert flowstream_subscriber(plan, "203.0.113.5", 1024) == household
    for address, port in (("203.0.113.5", 1023), ("203.0.113.5", 5120), ("203.0.113.6", 1024), ("192.168.5.1", 1024)):
        assert flowstream_subscriber(plan, address, port) == {}
    for asked, address, port, text in (
        (plan, "203.0.113.5", 65536, "port is outside 0..65535, got 65536; write one inside"),
        (plan, "203.0.113", 1, "address is not an IPv4 address, got 203.0.113; write four numbers 0..255 with dots"),
        (
            plan_of("firewall").to_dict(),
            "203.0.113.5",
            1,
            "allocation firewall: type firewall shares no addresses; ask of one that does",
        ),
    ):
        with pytest.raises(FlowstreamError) as caught:
            flowstream_subscriber(asked, address, port)
        assert caught.value.messages == (text,)


def begins(number: int, choose: random.Random) -> Packet:
    """A packet of a session that is new, from any subscriber of module 0 or 1."""
    source = choose.choice([f"192.168.5.{host}" for host in (1, 7, 200)] + [f"10.0.5.{host}" for host in (1, 100)])
    kind = choose.choice(
        [
            UDP(sport=choose.randrange(1, 65536), dport=4000 + number),
            TCP(sport=choose.randrange(1, 65536), dport=4000 + number),
        ]
    )
    return IP(src=source, dst=SERVER if source.startswith("192") else "10.0.6.1", id=number + 1) / kind


def test_random_sessions_go_out_by_their_subscribers_address_and_ports(tmp_path: Path) -> None:
    plan = plan_of("nat")
    table = [Block.parse(row) for host in plan.hosts.values() for pm in host.pms for row in pm.facts["blocks"]]
    choose = random.Random(7)
    sent = [begins(number, choose) for number in range(PACKETS)]
    modules = PlayedModules(plan, tmp_path, {1: [SERVER, "10.0.6.1"]})
    left = modules.exchange([(0, packet) for packet in sent], ["flows.nmappings"])
    assert sorted(one.packet.id for one in left) == [packet.id for packet in sent]
    for one in left:
        packet = sent[one.packet.id - 1]
        (own,) = (block for block in table if block.subscriber.holds(int(IPv4Address(packet.src))))
        assert (one.portid, one.packet.dst, one.packet.dport) == (1, packet.dst, packet.dport)
        assert int(IPv4Address(one.packet.src)) == own.address
        assert own.first <= one.packet.sport <= own.last
    assert sum(int(values["flows.nmappings"]) for values in modules.values.values()) == PACKETS


def test_an_answer_finds_its_way_in_and_a_stranger_does_not(tmp_path: Path) -> None:
    port = FIRST + 5
    asked = IP(src=SUBSCRIBER, dst=SERVER, id=1) / UDP(sport=port, dport=53) / Raw(b"question")
    answer = IP(src=SERVER, dst=PUBLIC, id=2) / UDP(sport=53, dport=port) / Raw(b"answer")
    ping = IP(src=SUBSCRIBER, dst=SERVER, id=3) / ICMP(type=8, id=port, seq=1)
    pong = IP(src=SERVER, dst=PUBLIC, id=4) / ICMP(type=0, id=port, seq=1)
    strange = IP(src="192.168.6.2", dst=PUBLIC, id=5) / UDP(sport=53, dport=port) / Raw(b"strange")
    pinged = IP(src=SERVER, dst=PUBLIC, id=6) / ICMP(type=8, id=1)
    own = IP(src=SUBSCRIBER, dst=PUBLIC, id=7) / ICMP(type=8, id=port, seq=2)
    neighbour = IP(src=SUBSCRIBER, dst="192.168.5.9", id=8) / UDP(sport=port, dport=port)
    tunnel = IP(src=SUBSCRIBER, dst=SERVER, id=9, proto=47) / Raw(b"GRE")
    modules = PlayedModules(plan_of("nat"), tmp_path, {0: [SUBSCRIBER, "192.168.5.9"], 1: [SERVER]})
    packets = [(0, asked), (1, answer), (0, ping), (1, pong), (1, strange), (1, pinged), (0, own), (0, neighbour)]
    left = modules.exchange([*packets, (0, tunnel)], ["unasked.count", "untranslated.count"])
    assert {one.packet.id: (one.portid, one.packet.src, one.packet.dst) for one in left} == {
        1: (1, PUBLIC, SERVER),
        2: (0, SERVER, SUBSCRIBER),
        3: (1, PUBLIC, SERVER),
        4: (0, SERVER, SUBSCRIBER),
        8: (0, SUBSCRIBER, "192.168.5.9"),
    }
    assert modules.values["nat-pm0"] == {"unasked.count": "3", "untranslated.count": "1"}


def test_subscribers_reach_each_other_by_their_public_addresses_when_both_ask(tmp_path: Path) -> None:
    other, its = "192.168.5.9", 1024 + 9 * 240 + 7
    port = FIRST + 5
    there = [
        IP(src=SUBSCRIBER, dst=PUBLIC, id=number) / UDP(sport=port, dport=its) / Raw(b"there") for number in (1, 3)
    ]
    back = IP(src=other, dst=PUBLIC, id=2) / UDP(sport=its, dport=port) / Raw(b"back")
    # What the other one says to the first, its module has to know from where; and to itself, by its own public address.
    delivered = IP(src=PUBLIC, dst=other, id=3, ttl=63) / UDP(sport=port, dport=its) / Raw(b"there")
    refused = IP(src=other, dst=PUBLIC, id=4) / ICMP(type=3, code=3) / Raw(bytes(delivered)[:28])
    alone = IP(src=SUBSCRIBER, dst=PUBLIC, id=5) / UDP(sport=port, dport=port) / Raw(b"own")
    stranger = IP(src="192.168.5.8", dst=PUBLIC, id=6) / UDP(sport=2000, dport=its)
    modules = PlayedModules(plan_of("nat"), tmp_path, {0: [SUBSCRIBER, other], 1: [SERVER]})
    packets = [there[0], back, there[1], refused, alone, stranger]
    came = modules.exchange([(0, packet) for packet in packets], ["unasked.count", "hairpins.count"])
    left = sorted(came, key=lambda one: one.packet.id)
    assert [(one.portid, one.packet.id, one.packet.src, one.packet.dst) for one in left] == [
        (0, 2, PUBLIC, SUBSCRIBER),
        (0, 3, PUBLIC, other),
        (0, 4, PUBLIC, SUBSCRIBER),
        (0, 5, PUBLIC, SUBSCRIBER),
    ]
    assert [(one.packet[UDP].sport, one.packet[UDP].dport) for one in left if UDP in one.packet] == [
        (its, port),
        (port, its),
        (port, port),
    ]
    (error,) = (one.packet[IPerror] for one in left if ICMP in one.packet)
    assert (error.src, error.dst, error[UDPerror].sport, error[UDPerror].dport) == (SUBSCRIBER, PUBLIC, port, its)
    # The first that the other did not expect yet, and the stranger's.
    assert modules.values["nat-pm0"] == {"unasked.count": "2", "hairpins.count": "6"}


def test_errors_about_translated_packets_reach_the_subscriber_from_afar_and_from_the_router_itself(
    tmp_path: Path,
) -> None:
    port = FIRST + 5
    asked = IP(src=SUBSCRIBER, dst=SERVER, id=1) / UDP(sport=port, dport=4242) / Raw(b"question")
    translated = IP(src=PUBLIC, dst=SERVER, id=1, ttl=63) / UDP(sport=port, dport=4242) / Raw(b"question")
    error = IP(src=SERVER, dst=PUBLIC, id=2) / ICMP(type=3, code=3) / Raw(bytes(translated)[:28])
    tired = IP(src=SUBSCRIBER, dst=SERVER, id=3, ttl=1) / UDP(sport=port, dport=4243) / Raw(b"question")
    modules = PlayedModules(plan_of("nat"), tmp_path, {0: [SUBSCRIBER], 1: [SERVER]})
    left = [one for one in modules.exchange([(0, asked), (1, error), (0, tired)]) if ICMP in one.packet]
    assert sorted((one.portid, one.packet.src, one.packet.dst, one.packet[ICMP].type) for one in left) == [
        (0, "192.168.5.254", SUBSCRIBER, 11),
        (0, SERVER, SUBSCRIBER, 3),
    ]
    for one in left:
        quoted = one.packet[IPerror]
        assert (quoted.src, quoted.dst, quoted[UDPerror].sport) == (SUBSCRIBER, SERVER, port)


def test_a_subscriber_has_no_more_sessions_to_one_server_than_ports_and_leaves_others_theirs(tmp_path: Path) -> None:
    many = [IP(src=SUBSCRIBER, dst=SERVER, id=number) / UDP(sport=2000 + number, dport=53) for number in range(1, 301)]
    other = IP(src="192.168.5.8", dst=SERVER, id=1000) / UDP(sport=2000, dport=53)
    modules = PlayedModules(plan_of("nat"), tmp_path, {1: [SERVER]})
    left = modules.exchange([(0, packet) for packet in [*many, other]], ["flows.mapping_failures"])
    own = [one.packet.sport for one in left if one.packet.id < 1000]
    assert sorted(own) == list(range(FIRST, LAST + 1))
    assert [LAST < one.packet.sport <= LAST + 240 for one in left if one.packet.id == 1000] == [True]
    assert modules.values["nat-pm0"] == {"flows.mapping_failures": "60"}


def test_the_example_has_the_blocks_that_its_comment_says() -> None:
    pms = {pm.name: pm for host in plan_of("nat").hosts.values() for pm in host.pms}
    first, second = (list(map(Block.parse, pms[name].facts["blocks"])) for name in ("nat-pm0", "nat-pm1"))
    assert len(first) == 256
    assert str(first[7]) == f"{SUBSCRIBER}/32 {PUBLIC} {FIRST}-{LAST}"
    assert [block.subscriber for block in second][:2] == [
        parse_prefix_text("10.0.5.0/28"),
        parse_prefix_text("10.0.5.16/28"),
    ]
    assert len(second) == len(list(IPv4Network("10.0.5.0/24").subnets(new_prefix=28)))
