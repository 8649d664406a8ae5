# SPDX-License-Identifier: Apache-2.0
"""A stage that looks for texts in what passes, reports what it finds, and drops what rules say is to be dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, Stage
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value
from ansible.module_utils.flowstream.allocation.values import Values, whole
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.ids.rule import UNREAD
from ansible.module_utils.flowstream.middleboxes.ids.rules import searches_of
from ansible.module_utils.flowstream.middleboxes.middlebox import Cost, Counters
from ansible.module_utils.flowstream.middleboxes.stage import COUNTERS, TITLES
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.probe import Probe

_FILE = re.compile(r"([A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.rules", re.ASCII)
_RULES = Value(
    "rulefile", "`web.rules`, or in a folder", facets=(("pattern", r"([A-Za-z0-9_\-]+/)*[A-Za-z0-9_\-]+\.rules"),)
)
DEFAULT_REPORTS, MOST_REPORTS = 10, 1000
_unread = ", ".join(f"`{name}`" for name in UNREAD)

IDS = Shape(
    "ids",
    "What is looked for: a file of rules in a part of the language of Snort and Suricata, one a line:"
    ' `alert tcp any any -> 192.0.2.0/24 80 (msg:"A shell"; content:"/bin/sh"; nocase; sid:1000001;)`. A rule is for packets of its'
    " protocol (`tcp`, `udp`, `icmp`, `ip`) between two addresses and ports, `->` one way or `<>` both; `any` is every one, a network is"
    " `192.0.2.0/24`, ports are `80` or `1024:2047`. It has one `content`, in which bytes between bars are hex (`|0d 0a|`), a `msg`, and a"
    f" `sid` that no other rule has. {_unread} are passed over; any other option is refused.",
    attributes=(
        Attribute("file", _RULES, "its name, seen from the allocation file", "the name of a .rules file"),
        Attribute(
            "reports",
            whole("reports", MOST_REPORTS),
            f"how many alerts a second are written to the module's log at most by each search; without it {DEFAULT_REPORTS}. All are counted",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class IdsBody:
    """What the allocation says. The file is read when the configuration is made of it."""

    file: str
    reports: int


class Ids:
    """The StageType `ids`."""

    declaration = Declaration(
        type="ids",
        subtypes={},
        unpassable="a text that it looks for can stand in any packet",
        text="Looks for texts in the payload of packets of both directions. Rules that `alert` let packets pass and report them, those"
        " that `drop` report and drop them. A report is a line of the module's log with the number of the rule (its `sid`) and the flow,"
        " `alert0: 1000001: TCP 192.0.2.7.4711 > 198.51.100.2.80`: of a process that is `journalctl -u flowstream-pm@NAME`, of a domain its"
        " console. Rules for the same packets that do the same are one search, whose price does not depend on how many they are;"
        " `alert0.rules`, `drop0.rules` and so on, read by `click_handler`, say how often each was found.",
        single={IDS.name: "what is looked for"},
        shapes=(IDS,),
        limits=(
            "A text that begins in one packet and ends in another is not found: streams are not put together.",
            "Further fragments have no ports: rules with ports are not for them.",
            "Packets that are encrypted between their ends have no texts to find.",
            "A dropped packet is not answered; TCP will send it again, and it is dropped again.",
            "A verification does not know the rules: one that drops what its packets carry makes it fail.",
        ),
    )
    counters = Counters(
        always=(*COUNTERS, "alerted.count", "dropped.count"),
        titles={**TITLES, "alerted.count": "alerts", "dropped.count": "dropped by rule"},
    )
    cost = Cost(memory_mib={"process": 64, "clickos": 48, "linux_guest": 128}, packet_ns=130)
    state: tuple[str, ...] = ()
    knows = ""
    learned: tuple[str, ...] = ()

    def read(self, pm: Element, values: Values) -> IdsBody:
        """Read the file's name."""
        own = next((child for child in pm.children if child.name == IDS.name), Element(IDS.name, pm.line))
        return IdsBody(
            file=values.attribute(own, "file", _parse_file) or "",
            reports=values.whole(own, "reports", 1, MOST_REPORTS) or DEFAULT_REPORTS,
        )

    def check(self, stage: Stage, allocation: Allocation, findings: Findings) -> None:
        """All there is to say, the file says."""

    def plan(self, body: IdsBody, port: PlannedPort) -> Mapping[str, object]:
        """Keep what was read."""
        return {"file": body.file, "reports": body.reports}

    def configuration(self, pm: PlannedPm, port: PlannedPort) -> Mapping[str, object]:
        """What the template makes searches of the file's text with."""
        return {"file": pm.facts["file"], "reports": pm.facts["reports"], "searches_of": searches_of}

    def admits(self, pm: PlannedPm, probe: Probe, *, inward: bool) -> bool:
        """Rules are about what people write to each other."""
        return True


def _parse_file(text: str) -> str:
    if not _FILE.fullmatch(text):
        raise FlowstreamError(
            f"file is no name beside the allocation file, got {shown(text)}; write NAME.rules or FOLDER/NAME.rules"
        )
    return text
