# SPDX-License-Identifier: Apache-2.0
"""What runs where and what it counted, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.flowstream.tables import text_table


def status_report(modules: Mapping[str, Mapping[str, Any]], bridges: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a report of processing modules and flows as plain data, with a table of each.

    `modules` has by module host what `click_process_info` or `click_domain_info` returned, `bridges` by switch or host what `openflow_stats`
    did.
    """
    pms = [{"host": host, **pm} for host, result in sorted(modules.items()) for pm in result["pms"]]
    flows = [{"bridge": host, **flow} for host, result in sorted(bridges.items()) for flow in result["flows"]]
    return {
        "modules": pms,
        "flows": flows,
        "modules_table": _modules_table(pms),
        "flows_table": _flows_table(flows),
    }


def _modules_table(pms: list[dict[str, Any]]) -> str:
    counters = sorted({name for pm in pms for name in pm.get("handlers", {})})
    rows = [("module host", "processing module", "state", *(name.removesuffix(".count") for name in counters))]
    for pm in pms:
        state = pm.get("error") or ("running" if pm["active"] else "stopped")
        rows.append((pm["host"], pm["name"], state, *(str(pm.get("handlers", {}).get(name, "-")) for name in counters)))
    return text_table(rows, right=range(3, 3 + len(counters)))


def _flows_table(flows: list[dict[str, Any]]) -> str:
    rows = [("bridge", "owner", "priority", "match", "actions", "packets", "bytes")]
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
            )
        )
    return text_table(rows, right=(2, 5, 6))
