# SPDX-License-Identifier: Apache-2.0
"""What is said of links: whose they are, how they are, and what is so while they are down."""

from __future__ import annotations

from ansible.module_utils.flowstream.fabric.fabric import Fabric, Node
from ansible.module_utils.flowstream.fabric.links import link_states
from ansible.module_utils.flowstream.fabric.share import Place

from .test_detour import ring

PUSHED = ("push_vlan:0x8100", "set_field:4452->vlan_vid", "goto_table:200")
"""To port 100 of the switch with number 2."""
UP = {Place(f"s{at}", port): True for at in (1, 2, 3) for port in (1, 2)}


def instead(fabric: Fabric, *down: Place) -> dict[str, tuple[str, ...]]:
    states = link_states(fabric, dict.fromkeys(down, False), ())
    return {one.link: one.instead for one in states if one.state == "down"}


def test_a_link_is_used_by_those_whose_labels_go_over_it() -> None:
    entries = [("s1", "campus", PUSHED), ("s3", "lodge", PUSHED), ("s2", "inn", ("output:1",))]
    assert {one.link: one.allocations for one in link_states(ring(3), UP, entries)} == {
        "s1/1 to s2/2": ("campus",),
        "s1/2 to s3/1": (),
        "s2/1 to s3/2": ("lodge",),
    }


def test_a_link_is_down_where_either_end_says_so_and_unknown_where_nobody_was_asked() -> None:
    seen = {place: place != Place("s2", 2) for place in UP if place.switch != "s3"}
    assert [one.state for one in link_states(ring(3), seen, ())] == ["down", "up", "up"]
    assert {one.state for one in link_states(ring(3), {}, ())} == {"unknown"}


def test_a_port_that_is_no_link_says_nothing_of_links() -> None:
    assert {one.state for one in link_states(ring(3), {**UP, Place("s1", 100): False}, ())} == {"up"}


def test_it_is_said_where_packets_go_while_a_link_is_down() -> None:
    assert instead(ring(3), Place("s1", 1)) == {"s1/1 to s2/2": ("s1 to s2 over s3", "s2 to s1 over s3")}
    double = {3: Place("b", 4), 5: Place("b", 6)}, {4: Place("a", 3), 6: Place("a", 5)}
    fabric = Fabric(
        {name: Node(at, ends, {100: "x"}) for at, (name, ends) in enumerate(zip("ab", double, strict=True), 1)}
    )
    assert instead(fabric, Place("a", 3)) == {"a/3 to b/4": ("a to b by port 5", "b to a by port 6")}


def test_it_is_said_what_is_lost() -> None:
    assert instead(ring(3), Place("s1", 1), Place("s3", 1))["s1/1 to s2/2"] == (
        "s1 to s2 lost, s1/2 is down as well",
        "s2 to s1 lost, s3/1 is down as well",
    )
    line = Fabric({"a": Node(1, {2: Place("b", 3)}, {1: "x"}), "b": Node(2, {3: Place("a", 2)}, {1: "y"})})
    assert instead(line, Place("a", 2)) == {
        "a/2 to b/3": ("a to b lost, there is no other way", "b to a lost, there is no other way")
    }
