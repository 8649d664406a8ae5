# SPDX-License-Identifier: Apache-2.0
"""What a switch does with labels whose link is down, and the proof that finds it where that is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.fabric.fabric import Fabric, Node
from ansible.module_utils.flowstream.fabric.failures import astray
from ansible.module_utils.flowstream.fabric.share import Place, Share
from hypothesis import given

from .test_fabric import fabrics


def ring(count: int) -> Fabric:
    """Switches s1, s2... with a link by port 1 to the next one's port 2, and a host at port 100."""
    names = [f"s{at + 1}" for at in range(count)]
    nodes = {
        name: Node(
            at + 1,
            {1: Place(names[(at + 1) % count], 2), 2: Place(names[at - 1], 1)},
            {100: "a host"},
        )
        for at, name in enumerate(names)
    }
    return Fabric(nodes)


def shares(fabric: Fabric) -> dict[str, Share]:
    return {name: fabric.share(name) for name in fabric.nodes}


def proved(found: dict[str, Share]) -> tuple[str, ...]:
    return astray(tuple(found.items()))


def test_of_a_ring_one_turns_aside_and_takes_back_what_it_was_sent_and_the_one_below_leads_on() -> None:
    fabric = ring(5)
    entries = {
        name: [str(flow).partition("table=200,")[2] for flow in fabric.share(name).flows if "for s1" in flow.why]
        for name in ("s2", "s3")
    }
    assert entries["s2"] == [
        "priority=1200,vlan_tci=0x3080/0xff80 actions=output:2",
        "priority=1000,vlan_tci=0x1080/0x1f80 actions=group:4205838338",
        "priority=1100,in_port=1,vlan_tci=0x1080/0x1f80 actions=group:4205838339",
    ]
    assert entries["s3"] == [
        "priority=1300,in_port=2,vlan_tci=0x3080/0xff80 actions=output:1",
        "priority=1200,vlan_tci=0x3080/0xff80 actions=output:2",
        "priority=1000,vlan_tci=0x1080/0x1f80 actions=group:4205838338",
    ]
    found = [str(group) for group in fabric.share("s2").groups if "for s1" in group.why]
    usual = "type=fast_failover,bucket=watch_port:2,actions=output:2,bucket=watch_port:1,actions=set_field:1->vlan_pcp"
    assert found == [f"group_id=4205838338,{usual},output:1", f"group_id=4205838339,{usual},IN_PORT"]


def test_a_way_round_is_told_port_by_port() -> None:
    fabric = ring(5)
    assert fabric.way("s3", "s1") == ["s3", "s2", "s1"]
    # s2 sends back to s3, which it has it from, and that over the other half of the ring.
    assert fabric.way_round(Place("s2", 2), "s1") == [Place("s2", 1), Place("s3", 1), Place("s4", 1), Place("s5", 1)]
    line = Fabric({"a": Node(1, {2: Place("b", 3)}, {1: "x"}), "b": Node(2, {3: Place("a", 2)}, {1: "y"})})
    assert line.way_round(Place("a", 2), "b") == []
    assert line.share("a").groups == ()


@given(fabrics())
def test_whatever_link_is_down_labels_get_to_their_port_or_have_no_way(fabric: Fabric) -> None:
    assert proved(shares(fabric)) == ()


@given(fabrics())
def test_a_way_round_avoids_the_link_and_ends_at_the_switch(fabric: Fabric) -> None:
    for to in fabric.nodes:
        for name in fabric.nodes.keys() - {to}:
            down = Place(name, fabric.next_port(name, to))
            far = fabric.nodes[name].links[down.port]
            way = fabric.way_round(down, to)
            assert down not in way
            assert far not in way
            assert not way or fabric.nodes[way[-1].switch].links[way[-1].port].switch == to


def without(share: Share, priority: int) -> Share:
    return replace(share, flows=tuple(flow for flow in share.flows if flow.priority != priority))


@pytest.mark.parametrize("priority", [1300, 1100])
def test_the_proof_finds_what_is_missing(priority: int) -> None:
    found = shares(ring(5))
    assert proved(found) == ()
    found["s3"] = without(found["s3"], priority)
    assert any("while the link from" in text and "it should reach" in text for text in proved(found))


def test_the_proof_finds_a_circle_a_tag_and_a_wrong_way() -> None:
    found = shares(ring(4))
    # A switch that sends back what it cannot send on, and does not say that it was turned aside.
    flows = tuple(
        replace(flow, actions=("IN_PORT",)) if flow.priority in (1000, 1200, 1300) else flow
        for flow in found["s3"].flows
    )
    assert any("s1 again" in text for text in proved({**found, "s3": replace(found["s3"], flows=flows)}))
    kept = tuple(
        replace(flow, actions=flow.actions[1:]) if flow.actions[0] == "pop_vlan" else flow for flow in found["s1"].flows
    )
    assert any("s1 with its tag/100" in text for text in proved({**found, "s1": replace(found["s1"], flows=kept)}))
    lost = replace(found["s4"], flows=tuple(flow for flow in found["s4"].flows if flow.table == 0))
    assert any(text.startswith("a packet with label") and "nothing" in text for text in proved({**found, "s4": lost}))
