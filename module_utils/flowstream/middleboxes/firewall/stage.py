# SPDX-License-Identifier: Apache-2.0
"""The firewall as a stage: it stands at a platform port and judges what passes, without an address and without a route."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ansible.module_utils.flowstream.addresses import EVERYTHING6, IPV4, IPV6
from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import UNREAD_NUMBER, Allocation, Stage
from ansible.module_utils.flowstream.allocation.rules import stage_label
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.firewall.bypass import BYPASS, check_bypass, read_bypass
from ansible.module_utils.flowstream.middleboxes.firewall.configuration import WITHIN, firewall_of
from ansible.module_utils.flowstream.middleboxes.firewall.expectations import EXTENDED6, REFUSED, REJECTED
from ansible.module_utils.flowstream.middleboxes.firewall.policy import FIREWALL, RULE, Policy, read_policy
from ansible.module_utils.flowstream.middleboxes.firewall.rule import Rule
from ansible.module_utils.flowstream.middleboxes.middlebox import Cost, Counters
from ansible.module_utils.flowstream.middleboxes.stage import COUNTERS, COUNTERS6, TITLES
from ansible.module_utils.flowstream.plan.bypass import FACT, VERDICT_TAG, Bypass
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.frames import UDP_PORT
from ansible.module_utils.flowstream.traffic.probe import Probe


@dataclass(frozen=True, slots=True)
class StageBody:
    """What passes, and what the module need not see of that."""

    policy: Policy
    bypass: Bypass | None = None


class FirewallStage:
    """The StageType `firewall`."""

    declaration = Declaration(
        type="firewall",
        subtypes={},
        text="A stateful firewall for what comes in by a platform port, and out by it. What leaves may begin connections, what comes"
        " in may not, unless rules say so. A rule is for both directions, or with `from`, which can only be the port of the stage,"
        " for what comes in.",
        single={"firewall": "the policy"},
        carries_ipv6=True,
        optional={
            BYPASS.name: "which packets go past the module once it has accepted their connection; without it none"
        },
        shapes=(FIREWALL, RULE, BYPASS),
        limits=(
            "It cannot tell by which other port a packet came in that leaves by its own.",
            "Further fragments have no ports, belong to no connection, and do not pass. Of IPv6, packets with extension headers (hop-by-hop,"
            " routing, fragment, destination options) do not pass, as no rule sees what is behind them: `extended6.count` has them.",
            "A firewall that judges each packet alone is no stage.",
            "With a `bypass`, what goes past the module is not held to the windows of its connection, and nobody counts it but the"
            " switch; what is on its way through the module meanwhile is overtaken by what follows. A new policy holds for a"
            " connection that goes past once it comes back, as for every connection that was allowed. What it learns is of IPv4, so its"
            " allocation carries no IPv6.",
        ),
    )
    counters = Counters(
        always=(*COUNTERS, REFUSED, REJECTED, "firewall.connections", "firewall.evicted", "firewall.settled"),
        titles={
            **TITLES,
            REFUSED: "denied",
            REJECTED: "no connection",
            "firewall.connections": "connections",
            "firewall.evicted": "made room",
            "firewall.settled": "with verdict",
        },
    ).with_more(COUNTERS6.with_more(Counters((EXTENDED6,), titles={EXTENDED6: "extension headers"})))
    cost = Cost(memory_mib={"process": 96, "clickos": 64, "linux_guest": 160}, packet_ns=110)
    # The engine keeps connections when a module gets a new configuration, and cannot carry them to another module.
    state = ("firewall.state",)
    knows = "the connections that it has let in"
    learned: tuple[str, ...] = ()

    def read(self, pm: Element, values: Values) -> StageBody:
        """Read the policy of a module, and what it gives back."""
        return StageBody(read_policy(pm, values, keeps=True), read_bypass(pm, values))

    def check(self, stage: Stage, allocation: Allocation, findings: Findings) -> None:
        """Note rules for packets that never come to the stage, and what it cannot give back."""
        check_bypass(stage, allocation, findings)
        for pm in stage.pms:
            body: StageBody = pm.body
            for rule in body.policy.rules:
                if rule.entry is not None and UNREAD_NUMBER != stage.port != rule.entry:
                    text = f"{RULE.name} is for another port, got from {rule.entry}"
                    findings.error(rule.line, stage_label(stage), f"{text}; write {stage.port}, or leave it out")
                if EVERYTHING6 not in allocation.behind(stage.port) and not rule.is_for(IPV4):
                    text = f"{RULE.name} is for IPv6, of which port {stage.port} has no address"
                    advice = f"got {rule.pattern(IPV6)}; give the port an address6, or remove the rule"
                    findings.error(rule.line, stage_label(stage), f"{text}, {advice}")

    def plan(self, body: StageBody, port: PlannedPort) -> Mapping[str, object]:
        """Keep the policy, and what it gives back."""
        given_back = {} if body.bypass is None else {FACT: body.bypass._asdict()}
        return {"policy": body.policy.to_dict(), **given_back}

    def configuration(self, pm: PlannedPm, port: PlannedPort) -> Mapping[str, object]:
        """Lay out what becomes of packets in each direction."""
        firewall = firewall_of(_policy(pm, port.portid), WITHIN, [port.portid, WITHIN], has_ipv6=bool(port.addresses6))
        bypass = Bypass.of(pm.facts)
        return {
            "firewall": firewall if bypass is None else replace(firewall, settles_after=bypass.after),
            "tag": VERDICT_TAG,
        }

    def admits(self, pm: PlannedPm, probe: Probe, *, inward: bool) -> bool:
        """Ask the policy; what belongs to a connection is no probe."""
        portid = probe.source_port if inward else probe.output_port
        if portid is None or probe.source_address is None:
            return True
        entry = portid if inward else WITHIN
        ends = (probe.source_address, probe.destination)
        return _policy(pm, portid).allows_udp(entry, WITHIN, *ends, UDP_PORT, probe.family)


def _policy(pm: PlannedPm, portid: int) -> Policy:
    policy = Policy.from_dict(pm.facts["policy"])
    return replace(policy, rules=tuple(one for rule in policy.rules for one in _both_ways(rule, portid)))


def _both_ways(rule: Rule, portid: int) -> Iterator[Rule]:
    yield replace(rule, entry=portid)
    if rule.entry is None:
        yield replace(rule, entry=WITHIN)
