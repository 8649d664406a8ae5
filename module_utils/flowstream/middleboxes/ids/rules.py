# SPDX-License-Identifier: Apache-2.0
"""The rules of a file, and how a configuration has them: one search for all that are for the same packets and do the same."""

from __future__ import annotations

from dataclasses import dataclass

from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.ids.rule import ACTIONS, Header, Rule, parse_rule

MOST_RULES = 2000
MOST_SEARCHES = 64
"""A packet passes one after the other."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for at once, in packets of `header`; `name` is that of its element, which says what is done with what is found."""

    name: str
    action: str
    header: Header
    rules: tuple[Rule, ...]

    @property
    def entry(self) -> str:
        """The element that packets come to: the search's own, or one that chooses those that it is for."""
        return self.name if self.header.pattern == "true" else f"packets_of_{self.name}"


def searches_of(file: str, text: str) -> tuple[Search, ...]:
    """Read a rule file. What alerts comes before what drops, so that nothing is dropped unseen; `file` is its name in errors."""
    findings = Findings(file)
    lines: dict[int, int] = {}
    rules: list[Rule] = []
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line or line.startswith("#"):
            continue
        try:
            rule = parse_rule(line)
        except FlowstreamError as error:
            findings.error(number, "rule", str(error))
            continue
        if rule.sid in lines:
            said = f"sid is that of the rule on line {lines[rule.sid]}, got {rule.sid}"
            findings.error(number, "rule", f"{said}; give every rule one of its own")
        elif len(rules) == MOST_RULES:
            findings.error(number, "rule", f"is one too many, got {MOST_RULES + 1}; keep {MOST_RULES}")
            break
        else:
            lines[rule.sid] = number
            rules.append(rule)
    together: dict[tuple[str, Header], list[Rule]] = {}
    for rule in rules:
        together.setdefault((rule.action, rule.header), []).append(rule)
        if len(together) > MOST_SEARCHES:
            said = f"is for one kind of packets too many, got {MOST_SEARCHES + 1}"
            advice = f"use at most {MOST_SEARCHES} actions, protocols, addresses and ports that differ: a packet meets one after the other"
            findings.error(lines[rule.sid], "rule", f"{said}; {advice}")
            break
    if not rules and not findings.errors:
        findings.error(1, "rules", "has none, got a file without a rule; write one")
    if findings.errors:
        raise findings.as_error()
    return tuple(
        Search(f"{action}{place}", action, header, tuple(together[action, header]))
        for action in ACTIONS
        for place, header in enumerate(header for done, header in together if done == action)
    )
