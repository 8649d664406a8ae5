# SPDX-License-Identifier: Apache-2.0
"""What the playbook asks: from what it has read to the entries that the switch is to have."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.flowstream.filters.offload import flowstream_load_handlers, flowstream_offload

from ....model.sharing import plan_of

PLAN = plan_of("mh1", "mh2*")


def reads(name: str, packets: int) -> dict[str, Any]:
    """What a host has read: a module, that gets so many packets in two seconds, and one of another name."""
    pms = [
        [
            {"name": name, "active": True, "handlers": {"in0.count": str(1000 + more), "in1.count": "5"}},
            {"name": "stranger", "active": True, "handlers": {"in0.count": str(1000 * more), "in1.count": "5"}},
        ]
        for more in (0, packets)
    ]
    return {"offload_reads": [{"pms": pms[0], "at": 10.0}, {"pms": pms[1], "at": 12.0}]}


def offload(machines: dict[str, Any]) -> dict[str, Any]:
    return flowstream_offload(machines, ["sw1"], ["mh1", "mh2"], PLAN.to_dict())


def test_a_module_with_too_much_brings_the_entry_of_the_spare_and_its_silence_takes_it_back() -> None:
    assert flowstream_load_handlers(PLAN.to_dict()) == ["in0.count", "in1.count"]
    (entry,) = PLAN.switches["sw1"].spilled.values()
    machines = {"sw1": {}, "mh1": reads("fw-pm0", 5000), "mh2": reads("fw-pm1", 0)}
    assert offload(machines) == {
        "flows": {"sw1": [entry.to_dict()]},
        "changes": True,
        "lines": ["fw-pm0 on mh1 has 2500 packets/s, 2000 or more: fw-pm1 on mh2 gets its part, 1 of 2 flows"],
    }
    machines["sw1"] = {"flow_switch_counters": {"flows": [{**entry.to_dict(), "packets": 3, "bytes": 180}]}}
    assert offload(machines)["changes"] is False
    machines["mh2"] = {}
    assert offload(machines) == {
        "flows": {"sw1": []},
        "changes": True,
        "lines": ["fw-pm1 on mh2 does not answer: its flows go back to the others"],
    }


def test_a_module_that_stands_still_says_nothing() -> None:
    machines: dict[str, Any] = {"sw1": {}, "mh1": reads("fw-pm0", 5000), "mh2": reads("fw-pm1", 0)}
    for read in machines["mh1"]["offload_reads"]:
        read["pms"][0]["active"] = False
    assert offload(machines)["lines"] == ["no module says what it has: fw-pm1 on mh2 rests"]
