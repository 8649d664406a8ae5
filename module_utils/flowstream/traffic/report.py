# SPDX-License-Identifier: Apache-2.0
"""What an operator reads after a verification: the plan, what became of the traffic, and how much passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.tables import text_table


def report_text(plan: Plan, neighbours: str, traffic: str, measures: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Return the whole report.

    `neighbours` is the table of who answered for the router's addresses, empty when nobody asked; `traffic` that of outcomes; `measures` are names with
    what iperf3 printed.
    """
    sections = [("Plan", plan_table(plan)), ("Neighbours", neighbours), ("Traffic", traffic)]
    if measures:
        sections.append(("Throughput", throughput_table(measures)))
    return "\n".join(f"{title} of {plan.allocation_id}\n\n{table}\n" for title, table in sections if table)


def plan_table(plan: Plan) -> str:
    """Return one line for each kind of packets: the processing module that serves it, and where that runs."""
    rows = [
        (packets, pm.name, pm.kind, host_name, f"{host.switch} port {host.switch_port}", str(len(pm.routes)))
        for host_name, host in sorted(plan.hosts.items())
        for pm in host.pms
        for packets in pm.gets
    ]
    heading = ("destinations", "processing module", "kind", "module host", "behind", "routes")
    return text_table([heading, *rows], right=(5,))


def throughput_table(measures: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Return one line for each measurement, of the JSON that `iperf3 --json` printed for it."""
    rows = []
    for name, measured in measures:
        end = measured.get("end", {})
        if fault := measure_fault(measured):
            rows.append((name, "-", fault))
            continue
        if "retransmits" in end["sum_sent"]:
            remark = f"{end['sum_sent']['retransmits']} segments sent again"
        else:
            remark = f"{end['sum']['lost_packets']} of {end['sum']['packets']} packets lost"
        rows.append((name, f"{end['sum_received']['bits_per_second'] / 1e6:.1f}", remark))
    return text_table([("protocol", "Mbit/s", ""), *rows], right=(1,))


def measure_fault(measured: Mapping[str, Any]) -> str:
    """Return why iperf3 measured nothing, in its own words; empty when it did."""
    if measured.get("end", {}).get("sum_received"):
        return ""
    return str(measured.get("error", "iperf3 said nothing"))
