# SPDX-License-Identifier: Apache-2.0
"""What runs where and what it counted, for people and for programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.module_utils.flowstream.fabric.links import LinkState
from ansible.module_utils.flowstream.flows.learn import taught_by
from ansible.module_utils.flowstream.tables import text_table

_PORT = re.compile(r"\d+(?=\.)")
"""A platform port's number in the name of a handler."""


def status_report(
    modules: Mapping[str, Mapping[str, Any]],
    bridges: Mapping[str, Mapping[str, Any]],
    titles: Mapping[str, str],
    links: Sequence[LinkState] = (),
) -> dict[str, Any]:
    """Return a report of processing modules and flows as plain data, with a table of each.

    `modules` has by module host what `click_process_info` or `click_domain_info` returned, `bridges` by switch or host
    what `openflow_stats` did. A result without modules or flows is that of a machine that could not be read: `missing`
    has it with the cause. What a bridge has taught itself is counted, not listed. A module or a flow may say `why` it is
    there; where none does, its table has no column for that. `links` are those between switches.
    """
    pms = [{"host": host, **pm} for host, result in sorted(modules.items()) for pm in result.get("pms", ())]
    flows, learned = _parted(bridges)
    missing = [*_missing(modules, "pms", "processing modules"), *_missing(bridges, "flows", "flows")]
    return {
        "modules": pms,
        "flows": flows,
        "learned": learned,
        "links": [link.to_dict() for link in links],
        "missing": missing,
        "modules_table": _modules_table(pms, titles),
        "flows_table": _flows_table(flows),
        "learned_table": text_table(
            [
                ("bridge", "owner", "table", "learned", "packets", "bytes"),
                *(tuple(str(one[column]) for column in _LEARNED) for one in learned),
            ],
            right=(2, 3, 4, 5),
        ),
        "links_table": text_table(
            [
                ("link", "state", "allocations", "while it is down"),
                *(
                    (one.link, one.state, ", ".join(one.allocations) or "-", "; ".join(one.instead) or "-")
                    for one in links
                ),
            ]
        ),
        "missing_table": text_table(
            [("machine", "not read", "cause"), *((one["machine"], one["what"], one["cause"]) for one in missing)]
        ),
    }


_LEARNED = ("bridge", "cookie", "table", "entries", "packets", "bytes")


def _parted(bridges: Mapping[str, Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The entries that somebody put there, and how many each bridge has taught itself, by owner and table."""
    flows: list[dict[str, Any]] = []
    learned: list[dict[str, Any]] = []
    for bridge, result in sorted(bridges.items()):
        read = result.get("flows", ())
        sums = {place: [0, 0, 0] for place in sorted(taught_by(tuple(flow["actions"]) for flow in read))}
        for flow in read:
            place = (flow.get("table", 0), int(str(flow["cookie"]), 0))
            if place in sums:
                found = (1, int(flow["packets"]), int(flow["bytes"]))
                sums[place] = [one + more for one, more in zip(sums[place], found, strict=True)]
            else:
                flows.append({"bridge": bridge, **flow})
        for (table, cookie), counted in sums.items():
            row = (bridge, f"{cookie:#018x}", table, *counted)
            learned.append(dict(zip(_LEARNED, row, strict=True)))
    return flows, learned


def _missing(results: Mapping[str, Mapping[str, Any]], key: str, what: str) -> Iterator[dict[str, str]]:
    """Yield a line for each machine without an answer; a question that was left out has its cause elsewhere."""
    for machine, result in sorted(results.items()):
        if key not in result and not result.get("skipped"):
            cause = " ".join(str(result.get("msg", "it was not asked")).split())
            yield {"machine": machine, "what": what, "cause": cause}


def _modules_table(pms: list[dict[str, Any]], titles: Mapping[str, str]) -> str:
    counters = sorted({name for pm in pms for name in pm.get("handlers", {})})
    columns: dict[str, list[str]] = {}
    for name in counters:
        columns.setdefault(_title(name, titles), []).append(name)
    because = _because(pms)
    rows = [("module host", "processing module", "state", *columns, *because)]
    for pm in pms:
        state = pm.get("error") or ("running" if pm["active"] else "stopped")
        counted = (_sum(pm.get("handlers", {}), of) for of in columns.values())
        rows.append((pm["host"], pm["name"], state, *counted, *(pm.get(why, "-") for why in because)))
    return text_table(rows, right=range(3, 3 + len(columns)))


def _because(found: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The column that says why things are there, if that is known of any."""
    return ("why",) if any("why" in one for one in found) else ()


def _title(name: str, titles: Mapping[str, str]) -> str:
    """What a column is called that shows a handler: its word, or that of the like handlers of all ports."""
    return titles.get(name) or titles.get(_PORT.sub("{port}", name)) or name.removesuffix(".count")


def _sum(handlers: Mapping[str, str], names: Sequence[str]) -> str:
    found = [handlers[name] for name in names if name in handlers]
    return found[0] if len(found) == 1 else str(sum(map(int, found))) if found else "-"


def _flows_table(flows: list[dict[str, Any]]) -> str:
    because = _because(flows)
    rows = [("bridge", "owner", "priority", "match", "actions", "packets", "bytes", *because)]
    for flow in flows:
        rows.append(
            (
                flow["bridge"],
                str(flow["cookie"]),
                str(flow["priority"]),
                flow["match_text"],
                ",".join(flow["actions"]) or "drop",
                str(flow["packets"]),
                str(flow["bytes"]),
                *(flow.get(why, "-") for why in because),
            )
        )
    return text_table(rows, right=(2, 5, 6))
