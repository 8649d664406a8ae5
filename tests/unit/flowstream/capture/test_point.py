# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.capture.observe import Bounds
from ansible.module_utils.flowstream.capture.point import ElementPoint, Point, points_of

from ..conftest import Planner, messages

FORMS = "port:NUMBER, uplink:HOST, vif:MODULE, vif:MODULE/INTERFACE or element:MODULE/ELEMENT"


def test_points_are_found_on_their_machines_each_once(plan_of: Planner) -> None:
    plan = plan_of()
    (vif,) = plan.hosts["mh1"].pms[0].vifs
    texts = ["port:0", " uplink:mh2", "vif:felipeiprouter-pm0", "vif:felipeiprouter-pm0/eth0", ""]
    assert points_of(plan, texts) == [
        Point("port:0", "sw1", "br-flow", 1),
        Point("uplink:mh2", "mh2", "br-pm", 1),
        Point("vif:felipeiprouter-pm0/eth0", "mh1", "br-pm", vif.ofport),
    ]


def test_an_element_is_on_the_host_of_its_module_unless_that_is_a_guest(plan_of: Planner) -> None:
    plan = plan_of()
    assert points_of(plan, ["element:felipeiprouter-pm1/in/rt[2]"]) == [
        ElementPoint("element:felipeiprouter-pm1/in/rt[2]", "mh2", "felipeiprouter-pm1", "in/rt[2]", 64)
    ]
    host = plan.hosts["mh1"]
    guest = replace(host, pms=(replace(host.pms[0], kind="clickos"),))
    guests = replace(plan, hosts={**plan.hosts, "mh1": guest})
    assert messages(lambda: points_of(guests, ["element:felipeiprouter-pm0/rt"])) == [
        "point element:felipeiprouter-pm0/rt: packets inside of felipeiprouter-pm0 cannot be had, got kind clickos; a guest has no file"
        " that its host can read. Capture the vif of it, or follow one packet through its elements with playbooks/trace.yml"
    ]


def test_all_that_is_no_point_is_told_at_once(plan_of: Planner) -> None:
    texts = [
        "port:9",
        "uplink:mh7",
        "vif:edge-pm0",
        "vif:felipeiprouter-pm1/eth7",
        "sw1",
        "element:edge-pm0/rt",
        "element:felipeiprouter-pm0",
        "element:felipeiprouter-pm0/rt[]",
    ]
    assert messages(lambda: points_of(plan_of(), texts)) == [
        "point port:9: is no platform port of felipeiprouter, got 9; use 0, 1, 2, 3",
        "point uplink:mh7: is no module host, got mh7; use mh1, mh2",
        "point vif:edge-pm0: is no module of felipeiprouter, got edge-pm0; use felipeiprouter-pm0, felipeiprouter-pm1",
        "point vif:felipeiprouter-pm1/eth7: is no interface of felipeiprouter-pm1, got eth7; use eth0",
        f"point sw1: is none, got sw1; write {FORMS}",
        "point element:edge-pm0/rt: is no module of felipeiprouter, got edge-pm0; use felipeiprouter-pm0, felipeiprouter-pm1",
        "point element:felipeiprouter-pm0: names no element; write one behind its module, as element:felipeiprouter-pm0/rt",
        "point element:felipeiprouter-pm0/rt[]: is no element or port of one, got rt[]; write rt, [0]rt or rt[1]",
    ]
    assert messages(lambda: points_of(plan_of(), [""])) == [
        f"points are missing; write some, as -e points=port:0,uplink:mh1, of the forms {FORMS}"
    ]


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ((0, 10, 100), "seconds are outside 1..600, got 0"),
        ((601, 10, 100), "seconds are outside 1..600, got 601"),
        ((1, 0, 100), "packets and snaplen have to be 1 at least, got 0 and 100"),
        (
            (1, 100000, 2048),
            "packets times snaplen is more than 16777216 bytes, got 100000 of 2048; ask for fewer packets or less of each",
        ),
    ],
)
def test_a_capture_without_bounds_is_refused(bounds: tuple[int, int, int], message: str) -> None:
    assert messages(lambda: Bounds(*bounds)) == [message]
