# SPDX-License-Identifier: Apache-2.0
"""Ways between switches against a slow search, and what each switch has of them."""

from __future__ import annotations

from ansible.module_utils.flowstream.fabric.fabric import TABLE, Fabric, Node
from ansible.module_utils.flowstream.fabric.share import COOKIE, UNLINKED, Place, Share
from hypothesis import given
from hypothesis import strategies as st

from ..conftest import messages


@st.composite
def fabrics(draw: st.DrawFn) -> Fabric:
    """Switches with a random tree of links and some more, two between the same at times."""
    names = [f"sw{number}" for number in range(draw(st.integers(2, 8)))]
    pairs = [(draw(st.sampled_from(names[:at])), names[at]) for at in range(1, len(names))]
    pairs += draw(st.lists(st.sampled_from([(a, b) for a in names for b in names if a < b]), max_size=6))
    links: dict[str, dict[int, Place]] = {name: {} for name in names}
    for number, (one, other) in enumerate(draw(st.permutations(pairs))):
        links[one][number + 1], links[other][number + 50] = Place(other, number + 50), Place(one, number + 1)
    return Fabric({name: Node(at + 1, links[name], {100: "a host"}) for at, name in enumerate(names)})


def steps(fabric: Fabric) -> dict[tuple[str, str], int]:
    """Links between each two switches, by Floyd and Warshall (R. W. Floyd, Algorithm 97, 1962)."""
    far = {(a, b): 0 if a == b else 99 for a in fabric.nodes for b in fabric.nodes}
    for name, node in fabric.nodes.items():
        far |= {(name, end.switch): 1 for end in node.links.values()}
    for over in fabric.nodes:
        far |= {(a, b): min(length, far[a, over] + far[over, b]) for (a, b), length in far.items()}
    return far


@given(fabrics())
def test_every_way_is_as_short_as_any(fabric: Fabric) -> None:
    for (one, other), length in steps(fabric).items():
        assert len(fabric.way(one, other)) == length + 1


@given(fabrics())
def test_entries_followed_by_hand_lead_every_label_from_every_switch_to_its_port_and_off(fabric: Fabric) -> None:
    shares = {name: fabric.share(name) for name in fabric.nodes}
    for start in fabric.nodes:
        for end in fabric.nodes:
            vlan, at = fabric.label(Place(end, 100)), start
            for _ in range(len(fabric.nodes)):
                _, actions = max(
                    (flow.priority, flow.actions) for flow in shares[at].flows if takes(dict(flow.match), vlan)
                )
                if actions[0] == "pop_vlan":
                    break
                (output,) = actions
                groups = {f"group:{group.group_id}": group for group in shares[at].groups}
                if output in groups:
                    (output,) = groups[output].buckets[0].actions
                at = fabric.nodes[at].links[int(output.removeprefix("output:"))].switch
            assert (at, actions) == (end, ("pop_vlan", "output:100"))


def takes(match: dict[str, str], vlan: int) -> bool:
    """Whether an entry takes a packet with this label that nobody has turned aside, and that comes by no link that entries ask for."""
    if "in_port" in match:
        return False
    if "vlan_tci" in match:
        value, mask = (int(part, 0) for part in match["vlan_tci"].split("/"))
        return (0x1000 | vlan) & mask == value
    return match.get("dl_vlan") == str(vlan)


def test_a_switch_has_an_entry_for_each_link_each_own_port_and_each_other_switch() -> None:
    links = {"sw1": {31: Place("sw2", 32)}, "sw2": {32: Place("sw1", 31), 33: Place("sw3", 31)}}
    nodes = {"sw3": Node(9, {31: Place("sw2", 33)}, {1: "what is outside"})}
    nodes |= {name: Node(at, ends, {1: "what is outside"}) for at, (name, ends) in enumerate(links.items(), 1)}
    flows = Fabric(nodes).share("sw1").flows
    assert [str(flow).partition(",")[2] for flow in flows] == [
        "table=0,priority=60000,in_port=31 actions=goto_table:200",
        "table=200,priority=2000,dl_vlan=129 actions=pop_vlan,output:1",
        "table=200,priority=1000,vlan_tci=0x1100/0x1f80 actions=output:31",
        "table=200,priority=1000,vlan_tci=0x1480/0x1f80 actions=output:31",
    ]
    assert [flow.why for flow in flows][-1] == "labelled for sw3: over sw2 and sw3"
    assert {flow.cookie for flow in flows} == {COOKIE}
    assert {flow.table for flow in flows} == {0, TABLE}


def test_a_share_reads_back_as_it_was_and_one_without_links_is_nothing() -> None:
    nodes = {"a": Node(1, {2: Place("b", 3)}, {1: "x"}), "b": Node(2, {3: Place("a", 2)}, {})}
    share = Fabric(nodes).share("a")
    assert Share.from_dict(share.to_dict()) == share
    assert share.to_dict()["fabric"]["links"] == {"2": "b/3"}
    assert UNLINKED.to_dict() == {}
    assert Share.from_dict({}) == UNLINKED


def test_a_place_is_a_switch_and_a_port() -> None:
    assert Place.parse("rack/sw1/31") == ("rack/sw1", 31)
    for text in ("sw1", "sw1/", "/3", "sw1/x"):
        assert messages(lambda: Place.parse(text)) == [f"is no port of a switch, got {text}; write SWITCH/PORT"]  # noqa: B023


def test_where_actions_lead_is_one_word_on_every_switch() -> None:
    nodes = {"a": Node(1, {2: Place("b", 3)}, {1: "x"}), "b": Node(2, {3: Place("a", 2)}, {1: "y"})}
    one, other = (Fabric(nodes).share(name) for name in "ab")
    pushed = "push_vlan:0x8100,set_field:4225->vlan_vid,goto_table:200"
    assert one.destination("output:1") == other.destination(pushed) == "label 129"
    assert other.destination("output:1") == "label 257"
    assert UNLINKED.destination("output:11") == "output:11"
