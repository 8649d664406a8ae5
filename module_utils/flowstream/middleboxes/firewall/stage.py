# SPDX-License-Identifier: Apache-2.0
"""The firewall as a stage: it stands at a platform port and judges what passes, without an address and without a route."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import UNREAD_NUMBER, Allocation, Stage
from ansible.module_utils.flowstream.allocation.rules import stage_label
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.firewall.configuration import WITHIN, firewall_of
from ansible.module_utils.flowstream.middleboxes.firewall.expectations import REFUSED, REJECTED
from ansible.module_utils.flowstream.middleboxes.firewall.policy import FIREWALL, RULE, Policy, read_policy
from ansible.module_utils.flowstream.middleboxes.firewall.rule import Rule
from ansible.module_utils.flowstream.middleboxes.middlebox import Cost, Counters
from ansible.module_utils.flowstream.middleboxes.stage import COUNTERS, TITLES
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.frames import UDP_PORT
from ansible.module_utils.flowstream.traffic.probe import Probe


class FirewallStage:
    """The StageType `firewall`."""

    declaration = Declaration(
        type="firewall",
        subtypes={},
        text="A stateful firewall for what comes in by a platform port, and out by it. What leaves may begin connections, what comes"
        " in may not, unless rules say so. A rule is for both directions, or with `from`, which can only be the port of the stage,"
        " for what comes in.",
        single={"firewall": "the policy"},
        shapes=(FIREWALL, RULE),
        limits=(
            "It cannot tell by which other port a packet came in that leaves by its own.",
            "Further fragments have no ports, belong to no connection, and do not pass.",
            "A firewall that judges each packet alone is no stage.",
        ),
    )
    counters = Counters(
        always=(*COUNTERS, REFUSED, REJECTED, "firewall.connections", "firewall.evicted"),
        titles={
            **TITLES,
            REFUSED: "denied",
            REJECTED: "no connection",
            "firewall.connections": "connections",
            "firewall.evicted": "made room",
        },
    )
    cost = Cost(memory_mib={"process": 96, "clickos": 64, "linux_guest": 160}, packet_ns=110)
    # The engine keeps connections when a module gets a new configuration, and cannot carry them to another module.
    state = ("firewall.state",)
    learned: tuple[str, ...] = ()

    def read(self, pm: Element, values: Values) -> Policy:
        """Read the policy of a module."""
        return read_policy(pm, values, keeps=True)

    def check(self, stage: Stage, allocation: Allocation, findings: Findings) -> None:
        """Note rules for packets that never come to the stage."""
        for pm in stage.pms:
            policy: Policy = pm.body
            for rule in policy.rules:
                if rule.entry is not None and UNREAD_NUMBER != stage.port != rule.entry:
                    text = f"{RULE.name} is for another port, got from {rule.entry}"
                    findings.error(rule.line, stage_label(stage), f"{text}; write {stage.port}, or leave it out")

    def plan(self, body: Policy, port: PlannedPort) -> Mapping[str, object]:
        """Keep the policy."""
        return {"policy": body.to_dict()}

    def configuration(self, pm: PlannedPm, port: PlannedPort) -> Mapping[str, object]:
        """Lay out what becomes of packets in each direction."""
        return {"firewall": firewall_of(_policy(pm, port.portid), WITHIN, [port.portid, WITHIN])}

    def admits(self, pm: PlannedPm, probe: Probe, *, inward: bool) -> bool:
        """Ask the policy; what belongs to a connection is no probe."""
        portid = probe.source_port if inward else probe.output_port
        if portid is None or probe.source_address is None:
            return True
        entry = portid if inward else WITHIN
        return _policy(pm, portid).allows_udp(entry, WITHIN, probe.source_address, probe.destination, UDP_PORT)


def _policy(pm: PlannedPm, portid: int) -> Policy:
    policy = Policy.from_dict(pm.facts["policy"])
    return replace(policy, rules=tuple(one for rule in policy.rules for one in _both_ways(rule, portid)))


def _both_ways(rule: Rule, portid: int) -> Iterator[Rule]:
    yield replace(rule, entry=portid)
    if rule.entry is None:
        yield replace(rule, entry=WITHIN)
