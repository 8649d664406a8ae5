# SPDX-License-Identifier: Apache-2.0
"""A real Open vSwitch does to random packets what the proof says that it does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.flows.fields import match_text
from ansible.module_utils.flowstream.paths.parallel_by_prefix import Arm
from ansible.module_utils.flowstream.paths.spread_by_flow import switch_flows
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPort

from ..model.both_switches import every_way_by_proof, model_packet, values_of
from ..model.openflow_switch import Switch
from ..model.random_tables import PORTS, packet, tables
from .private_switch import PrivateSwitch
from .router_lab import ROOT

pytestmark = pytest.mark.live

DOWN = (5,)
ROUNDS, PACKETS = 60, 5


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSwitch]:
    private = PrivateSwitch(tmp_path_factory.mktemp("ovs"), len(PORTS), DOWN)
    yield private
    private.stop()


def test_open_vswitch_sends_the_same_copies_of_random_packets_through_random_tables(switch: PrivateSwitch) -> None:
    random = Random(3)
    copies = 0
    for _ in range(ROUNDS):
        made = tables(random)
        switch.replace(map(str, made.flows), map(str, made.groups))
        for _ in range(PACKETS):
            fields = packet(random)
            sent = switch.trace(fields)
            # Which bucket a packet's hash takes is the switch's secret: one of the ways must be what it did.
            assert sent in every_way_by_proof(made, fields, DOWN), (fields, sent, made)
            copies += len(sent)
    assert copies > ROUNDS


INSIDE, OUTSIDE = "02:00:00:00:00:00", "02:00:00:00:00:01"
SHARING = 5


def both_directions(random: Random, kind: str) -> list[dict[str, str]]:
    """A packet from inside to outside, and the answer: each by its platform port, with the neighbours' addresses there."""
    addresses = [f"10.0.{random.randrange(256)}.{random.randrange(1, 255)}", f"198.51.100.{random.randrange(1, 255)}"]
    ports = [str(random.randrange(1, 65536)), str(random.choice((53, 80, 443)))]
    protocol = {"tcp": "6", "udp": "17", "icmp": "1"}.get(kind, "17")
    packets = []
    for way, (in_port, mac) in ((1, ("1", INSIDE)), (-1, ("2", OUTSIDE))):
        fields = {"in_port": in_port, "dl_src": f"06:00:00:00:00:0{in_port}", "dl_dst": mac, "dl_type": "0x0800"}
        fields |= dict(zip(("nw_src", "nw_dst"), addresses[::way], strict=True)) | {
            "nw_proto": protocol,
            "nw_ttl": "64",
        }
        if kind in ("tcp", "udp"):
            fields |= dict(zip(("tp_src", "tp_dst"), ports[::way], strict=True))
        elif kind == "icmp":
            fields |= {"icmp_type": "8" if way == 1 else "0"}
        packets.append(fields | ({"nw_frag": "later"} if kind == "fragment" else {}))
    return packets


def test_open_vswitch_deals_both_directions_of_a_flow_to_one_module(switch: PrivateSwitch) -> None:
    ports = [PlannedPort(0, INSIDE, 1, (), None), PlannedPort(1, OUTSIDE, 2, (), None)]
    claims = (Claim(Prefix(0, 0), dealt=True),)
    arms = [Arm(number, claims, f"mh{number}", 3 + number % 2, 300 + number) for number in range(SHARING)]
    flows = switch_flows(ports, arms, 0x5EED0000_00000001)
    switch.replace(map(str, flows), [])
    random = Random(5)
    shares: Counter[int] = Counter()
    for kind in ("tcp", "udp", "icmp", "fragment"):
        for _ in range(20):
            there, back = (switch.trace(packet) for packet in both_directions(random, kind))
            ((port, copy),) = there
            tags = [(out, again["vlan_tci"] & 0xFFF) for out, again in (*there, *back)]
            assert tags[0] == tags[1], (kind, there, back)
            assert port == arms[(copy["vlan_tci"] & 0xFFF) - 1].switch_port
            shares[copy["vlan_tci"] & 0xFFF] += 1
    assert sorted(shares) == list(range(1, SHARING + 1))


DOOR_LINKS = {"11": "3", "12": "4"}
"""Ports of the example's switch, and those of this one that stand for them."""


def renumbered(text: str) -> str:
    return re.sub(r"(in_port=|output:)(11|12)\b", lambda found: found[1] + DOOR_LINKS[found[2]], text)


def test_open_vswitch_learns_what_the_model_learns_and_lets_the_same_packets_past(switch: PrivateSwitch) -> None:
    flows = (ROOT / "examples" / "offloaded-router" / "expected" / "flows" / "sw1.flows").read_text()
    # What is learned stays here: the model knows no time.
    lines = [re.sub(r"(fin_)?(idle|hard)_timeout=\d+,", "", renumbered(line)) for line in flows.splitlines()]
    door, neighbour = "02:00:5e:00:59:01", "06:00:00:00:00:01"
    random = Random(7)
    for protocol in ("6", "17"):
        switch.replace(lines, [])
        model = Switch(lines)
        for _ in range(6):
            inside, outside = random.choice(("192.168.5.1", "10.0.5.1")), f"198.51.100.{random.randrange(1, 255)}"
            ports = {"tp_src": str(random.randrange(1024, 65536)), "tp_dst": str(random.choice((80, 5201)))}
            inward = {"in_port": "2", "dl_src": neighbour, "dl_dst": door, "dl_type": "0x0800", "nw_src": outside,
                      "nw_dst": inside, "nw_proto": protocol, "nw_ttl": "64", **ports}  # fmt: skip
            answer = inward | {"in_port": random.choice("34"), "dl_src": door, "dl_dst": neighbour, "vlan_tci": "0x1003",
                               "nw_src": inside, "nw_dst": outside, "tp_src": ports["tp_dst"], "tp_dst": ports["tp_src"]}  # fmt: skip
            verdict = random.choice((inward, answer)) | {"in_port": "3", "vlan_tci": "0x1ffe"}
            stranger = inward | {"tp_src": "7"}
            forged = random.choice((inward | {"vlan_tci": "0x1ffe"}, answer | {"in_port": "4", "vlan_tci": "0x1ffe"}))
            ends = [inward | {"tcp_flags": flag} for flag in ("1", "2", "4")] if protocol == "6" else []
            for fields in (inward, answer, forged, inward, verdict, inward, answer, stranger, *ends):
                sent = switch.trace(fields, learning=True)
                modelled = model.process(model_packet(fields), int(fields["in_port"]))
                assert sent == [(port, values_of(copy)) for port, copy in modelled], fields
        own = {frozenset(entry.words) - {"ip"} for entry in model.entries if entry.table == 100}
        words = {"6": {"tcp": "nw_proto=6"}, "17": {"udp": "nw_proto=17"}}[protocol]
        assert {
            frozenset(words.get(word, word) for word in match_text(flow.match).split(",")) for flow in switch.flows(100)
        } == own
        assert {flow.actions for flow in switch.flows(100)} == {("set_field:0x1->reg0",)}


@pytest.mark.parametrize(("outside", "goes_into"), [("1", True), ("5", False)])
def test_open_vswitch_leads_into_a_device_and_past_one_whose_port_is_down(
    switch: PrivateSwitch, outside: str, goes_into: bool
) -> None:
    folder = ROOT / "examples" / "through-devices" / "expected" / "flows"
    # Port 5 is down here; 21 and 22 are those of the device in the example, 11 is the link of the host of the stage behind it.
    numbers = {"21": outside, "22": "4", "11": "3"}

    def here(name: str) -> list[str]:
        text = re.sub(r"in_port=1,|in_port=12,", "in_port=99,", (folder / name).read_text())
        ports = r"(in_port=|output:|watch_port:)(21|22|11)\b"
        text = re.sub(r"set_field:(21|22)->in_port", lambda found: f"set_field:{numbers[found[1]]}->in_port", text)
        return re.sub(ports, lambda found: found[1] + numbers[found[2]], text).splitlines()

    flows = [line for line in here("sw1.flows") if "02:00:5e:00:5a:01" in line]
    switch.replace(flows, here("sw1.groups"))
    own, neighbour = "02:00:5e:00:5a:01", "06:00:00:00:00:01"
    inward = {"in_port": "2", "dl_src": neighbour, "dl_dst": own, "dl_type": "0x0800", "nw_src": "192.168.6.1",
              "nw_dst": "192.168.5.1", "nw_proto": "17", "nw_ttl": "64"}  # fmt: skip
    outward = inward | {"in_port": "3", "vlan_tci": "0x1003", "dl_src": own, "dl_dst": neighbour}
    found = [[(port, copy.get("vlan_tci", 0)) for port, copy in switch.trace(each)] for each in (inward, outward)]
    assert found == ([[(int(outside), 0)], [(4, 0)]] if goes_into else [[(3, 0x1004)], [(2, 0)]])
