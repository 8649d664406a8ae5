# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json

import pytest
from ansible.module_utils.flowstream.openvswitch.bridge import Bridge, BridgePort, bridge_changes
from ansible.module_utils.flowstream.openvswitch.observe import observe_bridge
from ansible.module_utils.flowstream.world.run import Result

from ..conftest import messages

PROBED = BridgePort("d1", 21, bfd_interval=200)


def bridge(port: BridgePort) -> Bridge:
    return Bridge("br-flow", {}, {port.name: port})


def test_a_port_is_probed_as_often_as_is_said_and_not_probed_any_more() -> None:
    (change,) = bridge_changes(bridge(PROBED), bridge(BridgePort("d1", 21, bfd_interval=0)))
    assert change.command[:3] == ("set", "interface", "d1")
    assert change.command[-3:] == ("bfd:enable=true", "bfd:min_rx=200", "bfd:min_tx=200")
    assert str(change) == ("change port d1 (OpenFlow port 21) to port d1 (OpenFlow port 21, BFD every 200 ms)")
    (change,) = bridge_changes(bridge(BridgePort("d1", 21, bfd_interval=0)), bridge(PROBED))
    assert change.command[-1] == "bfd:enable=false"


@pytest.mark.parametrize("interval", [None, 200])
def test_a_port_that_is_as_wanted_or_of_which_nobody_spoke_stays(interval: int | None) -> None:
    assert bridge_changes(bridge(BridgePort("d1", 21, bfd_interval=interval)), bridge(PROBED)) == []


@pytest.mark.parametrize("interval", [-1, 9, 60_001])
def test_an_interval_that_no_switch_has_is_refused(interval: int) -> None:
    assert messages(lambda: BridgePort("d1", 21, bfd_interval=interval)) == [
        f"port d1: bfd_interval must be 0 or from 10 to 60000 ms, got {interval}"
    ]


@pytest.mark.parametrize(
    ("settings", "interval"),
    [
        ([["enable", "true"], ["min_rx", "200"], ["min_tx", "200"]], 200),
        ([["enable", "false"], ["min_rx", "200"], ["min_tx", "200"]], 0),
        ([["enable", "true"], ["min_rx", "1000"], ["min_tx", "200"]], 0),
        ([["enable", "true"]], 0),
        ([], 0),
    ],
)
def test_what_the_switch_has_is_read(settings: list[list[str]], interval: int) -> None:
    interfaces = {
        "headings": ["name", "ofport", "type", "external_ids", "bfd"],
        "data": [["d1", 21, "", ["map", []], ["map", settings]]],
    }
    found = {"headings": ["datapath_type", "fail_mode", "protocols"], "data": [["netdev", "secure", "OpenFlow13"]]}

    def run(argv: list[str], stdin: str = "") -> Result:
        text = "d1\n" if "list-ports" in argv else json.dumps(found if "find" in argv else interfaces)
        return Result(tuple(argv), 0, text, "")

    have = observe_bridge(run, "br-flow")
    assert have is not None
    assert have.ports["d1"].bfd_interval == interval
