# SPDX-License-Identifier: Apache-2.0
"""Every metric that a scrape may have: name, meaning and labels. The page of metrics in docs/monitoring.md is written from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. A counter's samples have `_total` behind its name, as OpenMetrics wants it."""

    name: str
    kind: str
    text: str
    labels: tuple[str, ...]

    @property
    def sample(self) -> str:
        """What its samples are called."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


class Sample(NamedTuple):
    """A value of the metric of this name; `labels` are the values of its labels, in its order."""

    metric: str
    labels: tuple[str, ...]
    value: float


MACHINE = ("machine",)
MODULE = ("machine", "module", "allocation", "tenant")
BRIDGE = ("machine", "bridge")


def _gauge(name: str, text: str, labels: Iterable[str]) -> Metric:
    return Metric(f"flowstream_{name}", "gauge", text, tuple(labels))


def _counter(name: str, text: str, labels: Iterable[str]) -> Metric:
    return Metric(f"flowstream_{name}", "counter", text, tuple(labels))


CATALOGUE: tuple[Metric, ...] = (
    _gauge("machine_up", "Whether all that was asked of a machine could be read.", MACHINE),
    _gauge("scrape_duration_seconds", "How long it took to read a machine.", MACHINE),
    _gauge("deployment_lock_silent_seconds", "For how long the run that has the lock was not heard of.", MACHINE),
    _gauge(
        "host_modules",
        "Modules of a host, by state: up, silent (runs, and does not answer), stopped.",
        (*MACHINE, "state"),
    ),
    _gauge("host_capacity_modules", "How many modules the inventory lets a host have.", MACHINE),
    _gauge("host_capacity_memory_bytes", "How much memory the inventory lets its modules have.", MACHINE),
    _gauge("host_capacity_vcpus", "How many processors the inventory lets its modules have.", MACHINE),
    _gauge("host_reserved_memory_bytes", "What its modules may take of memory, whether they run or not.", MACHINE),
    _gauge("host_reserved_vcpus", "What its modules may take of processors, whether they run or not.", MACHINE),
    _gauge(
        "allocation_info",
        "Which cookie the flows of an allocation have; 1 on each host with modules of it.",
        (*MACHINE, "allocation", "cookie"),
    ),
    _gauge("module_up", "Whether a module runs and answers.", MODULE),
    _counter("module_cpu_seconds", "Processor time that a module has used; of processes.", MODULE),
    _gauge("module_memory_bytes", "Memory that a module uses; of processes.", MODULE),
    _counter("module_received_packets", "Packets of IPv4 in by a platform port.", (*MODULE, "port")),
    _counter("module_received_bytes", "Bytes of IPv4 in by a platform port, with Ethernet headers.", (*MODULE, "port")),
    _counter("module_sent_packets", "Packets of IPv4 out by a platform port.", (*MODULE, "port")),
    _counter("module_sent_bytes", "Bytes of IPv4 out by a platform port, without Ethernet headers.", (*MODULE, "port")),
    _counter("module_received_ipv6_packets", "Packets of IPv6 in by a platform port.", (*MODULE, "port")),
    _counter(
        "module_received_ipv6_bytes", "Bytes of IPv6 in by a platform port, with Ethernet headers.", (*MODULE, "port")
    ),
    _counter("module_sent_ipv6_packets", "Packets of IPv6 out by a platform port.", (*MODULE, "port")),
    _counter(
        "module_sent_ipv6_bytes", "Bytes of IPv6 out by a platform port, without Ethernet headers.", (*MODULE, "port")
    ),
    _counter("module_passed_packets", "Packets that a stage's module was given, by their way.", (*MODULE, "direction")),
    _counter("module_passed_bytes", "Bytes that a stage's module was given, by their way.", (*MODULE, "direction")),
    _counter(
        "module_passed_ipv6_packets",
        "Packets of IPv6 that a stage's module was given, by their way.",
        (*MODULE, "direction"),
    ),
    _counter(
        "module_passed_ipv6_bytes",
        "Bytes of IPv6 that a stage's module was given, by their way.",
        (*MODULE, "direction"),
    ),
    _counter(
        "module_dropped_packets",
        "Packets dropped, by reason; port is that of the queue or table that dropped them, or empty.",
        (*MODULE, "reason", "port"),
    ),
    _gauge("module_queue_packets", "Packets that wait to go out by a platform port.", (*MODULE, "port")),
    _gauge("module_flows", "Connections or sessions that a module knows, by table.", (*MODULE, "table")),
    _counter("module_evicted_flows", "Connections that had to make room.", MODULE),
    _counter(
        "module_settled_flows",
        "Connections that a module has given a verdict on, so that the switch may take them over.",
        MODULE,
    ),
    _counter("module_mapping_failures", "Sessions that found no room, by table.", (*MODULE, "table")),
    _counter(
        "module_unanswered_packets",
        "Packets for which no ICMP error was sent, for it would have been one too many.",
        MODULE,
    ),
    _counter(
        "module_excess_packets", "Packets beyond the rate of the expedited class, by their way.", (*MODULE, "direction")
    ),
    _counter(
        "module_tunnel_packets", "Packets through a tunnel, by what was done: encrypt, decrypt.", (*MODULE, "operation")
    ),
    _counter("module_hairpin_packets", "Packets of one subscriber to the public address of another one.", MODULE),
    _counter(
        "module_subscriber_packets",
        "Packets of a subscriber that it may send, and to it, before its rate.",
        (*MODULE, "vlan", "direction"),
    ),
    _counter(
        "module_subscriber_bytes",
        "Bytes of a subscriber: with Ethernet headers up, without them down.",
        (*MODULE, "vlan", "direction"),
    ),
    _counter(
        "module_subscriber_dropped_packets", "Packets of a subscriber beyond its rate.", (*MODULE, "vlan", "direction")
    ),
    _counter(
        "module_subscriber_forged_packets",
        "Packets by a subscriber's VLAN from an address that is not its own.",
        (*MODULE, "vlan"),
    ),
    _counter(
        "module_stream_packets", "Packets of a stream or a ping, sent and come back.", (*MODULE, "stream", "direction")
    ),
    _counter("module_reflected_packets", "Datagrams that were sent back to who measures.", MODULE),
    _counter("module_alerted_packets", "Packets that met a rule which alerts and lets them pass.", MODULE),
    _counter("module_replayed_packets", "Packets of a tunnel that came twice; they are among those dropped.", MODULE),
    _counter("module_reports", "Messages to a collector of flow records.", MODULE),
    _gauge("flows", "Entries that a deployment put on a bridge, by owner.", (*BRIDGE, "cookie")),
    _gauge(
        "learned_flows",
        "Entries that a bridge has taught itself: flows that go past a module.",
        (*BRIDGE, "cookie", "table"),
    ),
    _counter(
        "flow_packets",
        "Packets of entries by owner and path: table, port in and where to.",
        (*BRIDGE, "cookie", "table", "in_port", "to"),
    ),
    _counter("flow_bytes", "Bytes of entries by owner and path.", (*BRIDGE, "cookie", "table", "in_port", "to")),
    _counter("switch_port_received_packets", "Packets in by a port of a switch.", (*BRIDGE, "port", "interface")),
    _counter("switch_port_received_bytes", "Bytes in by a port of a switch.", (*BRIDGE, "port", "interface")),
    _counter("switch_port_sent_packets", "Packets out by a port of a switch.", (*BRIDGE, "port", "interface")),
    _counter("switch_port_sent_bytes", "Bytes out by a port of a switch.", (*BRIDGE, "port", "interface")),
    _counter(
        "switch_port_dropped_packets",
        "Packets that a port of a switch has dropped, by direction.",
        (*BRIDGE, "port", "interface", "direction"),
    ),
)

BY_NAME = {metric.name: metric for metric in CATALOGUE}
