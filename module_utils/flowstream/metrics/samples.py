# SPDX-License-Identifier: Apache-2.0
"""Samples of what was read: of modules, of their host, of a bridge. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.flowstream.flows.learn import taught_by
from ansible.module_utils.flowstream.metrics.catalogue import Sample
from ansible.module_utils.flowstream.plan.plan import cookie_of

MOST_PATHS = 1000
"""How many paths of a bridge have samples of their own: the first by cookie, table and ports. All others are one, in each table of an owner."""
_OTHER = "other"
_MIB = 1024 * 1024

Flow = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModuleState:
    """A module as its driver describes it; `answers` says whether it was read, `counted` what it said."""

    about: Mapping[str, Any]
    answers: bool = False
    counted: Sequence[Sample] = field(default_factory=tuple)

    @property
    def labels(self) -> tuple[str, str, str]:
        """Its name, allocation and tenant."""
        return self.about["name"], self.about["allocation"] or "", self.about["tenant"]

    @property
    def state(self) -> str:
        """In one word."""
        return "stopped" if not self.about["active"] else "up" if self.answers else "silent"


def host_samples(machine: str, modules: Sequence[ModuleState], capacity: Mapping[str, int]) -> Iterator[Sample]:
    """A host and its modules; `capacity` is what the inventory says."""
    states = Counter(module.state for module in modules)
    for state in ("up", "silent", "stopped"):
        yield Sample("flowstream_host_modules", (machine, state), states[state])
    for name, metric, unit in (("pms", "modules", 1), ("memory_mib", "memory_bytes", _MIB), ("vcpus", "vcpus", 1)):
        if name in capacity:
            yield Sample(f"flowstream_host_capacity_{metric}", (machine,), capacity[name] * unit)
    for name, metric, unit in (("memory_mib", "memory_bytes", _MIB), ("vcpus", "vcpus", 1)):
        reserved = sum(module.about[name] for module in modules) * unit
        yield Sample(f"flowstream_host_reserved_{metric}", (machine,), reserved)
    for allocation in sorted({module.about["allocation"] for module in modules} - {None}):
        yield Sample("flowstream_allocation_info", (machine, allocation, f"{cookie_of(allocation):#018x}"), 1)
    for module in modules:
        labels = (machine, *module.labels)
        yield Sample("flowstream_module_up", labels, float(module.answers))
        for sample in module.counted:
            yield Sample(sample.metric, (*labels, *sample.labels), sample.value)


def _where_to(flow: Flow) -> str:
    """Where the packets of an entry go, in a few words."""
    found = [word for action in flow["actions"] for word in _destinations(action)]
    return "+".join(dict.fromkeys(found)) or "drop"


def _destinations(action: str) -> Iterator[str]:
    for name, pattern in (("port", r"output:(\w+)"), ("group", r"group:(\d+)"), ("table", r"goto_table:(\d+)")):
        found = re.match(pattern, action)
        if found:
            yield f"{name} {found[1]}"
    resubmit = re.match(r"resubmit\([^,)]*,(\d+)\)", action)
    if resubmit:
        yield f"table {resubmit[1]}"
    if action in ("in_port", "IN_PORT", "LOCAL", "NORMAL", "CONTROLLER"):
        yield action.lower()


def bridge_samples(machine: str, bridge: str, flows: Iterable[Flow], most: int = MOST_PATHS) -> Iterator[Sample]:
    """The entries of a bridge, as openflow_stats has them."""
    flows = list(flows)
    taught = taught_by(tuple(flow["actions"]) for flow in flows)
    declared: Counter[str] = Counter()
    learned = {(f"{cookie:#018x}", str(table)): 0 for table, cookie in sorted(taught)}
    packets: Counter[tuple[str, ...]] = Counter()
    octets: Counter[tuple[str, ...]] = Counter()
    for flow in flows:
        cookie, table = f"{int(str(flow['cookie']), 0):#018x}", str(flow.get("table", 0))
        if (cookie, table) in learned:
            learned[cookie, table] += 1
            continue
        declared[cookie] += 1
        path = (cookie, table, str(flow["match"].get("in_port", "any")), _where_to(flow))
        packets[path] += flow["packets"]
        octets[path] += flow["bytes"]
    for cookie, count in sorted(declared.items()):
        yield Sample("flowstream_flows", (machine, bridge, cookie), count)
    for (cookie, table), count in learned.items():
        yield Sample("flowstream_learned_flows", (machine, bridge, cookie, table), count)
    shown = set(sorted(packets)[:most])
    for metric, counted in (("flowstream_flow_packets", packets), ("flowstream_flow_bytes", octets)):
        sums: Counter[tuple[str, ...]] = Counter()
        for place, value in counted.items():
            sums[place if place in shown else (*place[:2], _OTHER, _OTHER)] += value
        for place, value in sorted(sums.items()):
            yield Sample(metric, (machine, bridge, *place), value)


def port_samples(machine: str, bridge: str, ports: Iterable[Mapping[str, Any]]) -> Iterator[Sample]:
    """The ports of a bridge, as openflow_stats has them."""
    for port in ports:
        labels = (machine, bridge, str(port["port"]), str(port["name"]))
        for way, direction in (("rx", "received"), ("tx", "sent")):
            for unit in ("packets", "bytes"):
                if f"{way}_{unit}" in port:
                    yield Sample(f"flowstream_switch_port_{direction}_{unit}", labels, port[f"{way}_{unit}"])
            if f"{way}_dropped" in port:
                dropped = Sample("flowstream_switch_port_dropped_packets", (*labels, direction), port[f"{way}_dropped"])
                yield dropped
