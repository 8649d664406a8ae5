# SPDX-License-Identifier: Apache-2.0
"""What a firewall in a stage gives back to the switch: its element, reading it, and what must hold for it."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import BYPASS as NAME
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import UNREAD_NUMBER, Allocation, Stage
from ansible.module_utils.flowstream.allocation.rules import stage_label
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape
from ansible.module_utils.flowstream.allocation.values import Values, whole
from ansible.module_utils.flowstream.plan.bypass import MOST_STAGES, Bypass

MOST_PACKETS = 10_000
MOST_SECONDS = 180
"""Less than the module keeps a connection of which it sees nothing: 240 s (RFC 5382 REQ-5)."""
MOST_FLOWS = 30_000
_USUAL = Bypass(after=8, idle=10, hard=120, limit=4096)

BYPASS = Shape(
    NAME,
    "In a stage of type `firewall` that stands alone at its port: of a TCP or UDP connection that both sides have spoken in, the"
    " module sees the first packets and those that begin or end it. The switch lets all others go past it, until there is none for a"
    " while; then the connection comes back to the module. [How](paths.md)",
    attributes=(
        Attribute(
            "after", whole("bypassafter", MOST_PACKETS), "how many packets of a connection it sees; without it 8"
        ),
        Attribute(
            "idle",
            whole("bypassidle", MOST_SECONDS, "seconds"),
            "without a packet for so long, a connection comes back; without it 10",
        ),
        Attribute(
            "hard", whole("bypasshard", MOST_SECONDS, "seconds"), "and so does every one after so long; without it 120"
        ),
        Attribute(
            "limit",
            whole("bypasslimit", MOST_FLOWS),
            "how many connections go past the stage at once, the others pass the module; without it 4096",
        ),
    ),
)


def read_bypass(pm: Element, values: Values) -> Bypass | None:
    """Read the element `bypass` of a module, if it has one."""
    element = values.only(pm, NAME)
    if element is None:
        return None
    idle = values.whole(element, "idle", 1, MOST_SECONDS)
    hard = values.whole(element, "hard", 1, MOST_SECONDS)
    bypass = Bypass(
        values.whole(element, "after", 1, MOST_PACKETS) or _USUAL.after,
        min(_USUAL.idle, hard or MOST_SECONDS) if idle is None else idle,
        max(_USUAL.hard, idle or 1) if hard is None else hard,
        values.whole(element, "limit", 1, MOST_FLOWS) or _USUAL.limit,
    )
    if bypass.hard < bypass.idle:
        text = f"hard is less than idle, got {bypass.hard} and {bypass.idle}; give it {bypass.idle} or more"
        values.error(element, "hard", text)
    return bypass


def check_bypass(stage: Stage, allocation: Allocation, findings: Findings) -> None:
    """Note where a stage cannot give flows back: it shares its port, its modules differ, or there are too many such stages."""
    bypasses = {pm.body.bypass for pm in stage.pms}
    if bypasses == {None}:
        return
    if allocation.has_ipv6:
        text = f"with a {NAME} gives back flows of IPv4 alone, got IPv6 in its allocation"
        findings.error(stage.line, stage_label(stage), f"{text}; remove the {NAME}, or IPv6")
    others = [other for other in allocation.stages if other.port == stage.port and other is not stage]
    if others and stage.port != UNREAD_NUMBER:
        text = f"with a {NAME} stands alone at its port, got stage {others[0].stage_id} at port {stage.port} besides"
        findings.error(stage.line, stage_label(stage), f"{text}; remove the {NAME}, or the other stage")
    if len(bypasses) > 1:
        first = next(pm for pm in stage.pms if pm.body.bypass != stage.pms[0].body.bypass)
        text = f"has modules with another {NAME}, got pm {stage.pms[0].pm_id} and pm {first.pm_id}; give all the same"
        findings.error(first.line, stage_label(stage), text)
    giving = [other for other in allocation.stages if any(getattr(pm.body, NAME, None) for pm in other.pms)]
    if stage in giving[MOST_STAGES:]:
        text = f"is one too many with a {NAME}, got {len(giving)}; keep {MOST_STAGES}, a switch has a table for each"
        findings.error(stage.line, stage_label(stage), text)
