# SPDX-License-Identifier: Apache-2.0
"""A plan whose modules share every flow between two platform ports."""

from __future__ import annotations

from ansible.module_utils.flowstream.addresses import Interface, parse_prefix_text
from ansible.module_utils.flowstream.offload.spare import FACT, Spare
from ansible.module_utils.flowstream.paths import host_offload
from ansible.module_utils.flowstream.paths.parallel_by_prefix import Arm
from ansible.module_utils.flowstream.paths.spread_by_flow import host_flows, switch_flows
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan, PlannedPm, PlannedPort, SwitchPlan
from ansible.module_utils.flowstream.plan.vif import Vif

COOKIE = 0x5EED0000_00000001
PORTS = (
    PlannedPort(0, "02:00:00:00:00:00", 1, (Interface(0xC0000201, 24),), None),
    PlannedPort(1, "02:00:00:00:00:01", 2, (), None),
)
INSIDE, OUTSIDE = parse_prefix_text("10.0.0.0/8"), parse_prefix_text("0.0.0.0/0")
CLAIMS = (Claim(OUTSIDE, INSIDE, entry=0, dealt=True), Claim(INSIDE, entry=1, dealt=True))

SPARE = Spare("packets", ("in0.count", "in1.count"), 2000, 500)


def plan_of(*homes: str) -> Plan:
    """A module on each of these hosts, in this order, that share all flows between 10.0.0.0/8 at port 0 and port 1; with * a spare."""
    spares = [home.endswith("*") for home in homes]
    homes = tuple(home.removesuffix("*") for home in homes)
    hosts = sorted(set(homes))
    links = {host: 11 + number for number, host in enumerate(hosts)}
    arms = [
        Arm(number, CLAIMS, host, links[host], 300 + number, spare=spares[number]) for number, host in enumerate(homes)
    ]
    spilled = {f"fw-pm{number}": flow for number, flow in host_offload.spilled(PORTS, arms, COOKIE).items()}
    pms = [
        PlannedPm(
            f"fw-pm{n}",
            n,
            "process",
            64,
            1,
            CLAIMS,
            (),
            (Vif(f"pm{n}", "eth0", "02:00:00:00:01:00", 300 + n, None),),
            "",
            facts={FACT: SPARE.to_dict()} if spares[n] else {},
        )
        for n in range(len(homes))
    ]
    return Plan(
        "fw", "firewall", "", "0" * 64, PORTS, COOKIE,
        {"sw1": SwitchPlan("br-flow", switch_flows(PORTS, arms, COOKIE), spilled=spilled)},
        {
            host: HostPlan("process", "br-pm", 1, "sw1", links[host], host_flows(PORTS, arms, host, 1, COOKIE),
                           tuple(pm for pm, home in zip(pms, homes, strict=True) if home == host))
            for host in hosts
        },
    )  # fmt: skip
