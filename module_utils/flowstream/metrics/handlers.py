# SPDX-License-Identifier: Apache-2.0
"""Which metric each handler of a module is. Pure: what a configuration declares decides what is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_DECLARED = re.compile(r"\b([A-Za-z_]\w*)\s*::")


class Reading(NamedTuple):
    """A handler, and the metric that its value is of, with the values of the labels that only that metric has."""

    handler: str
    metric: str
    labels: tuple[str, ...] = ()


# Handler, metric, labels. `{port}` is what stands for the number in an element's name, `{way}` inward or outward,
# `{side}` up or down.
_READINGS = (
    ("in{port}.count", "module_received_packets", "{port}"),
    ("in{port}.byte_count", "module_received_bytes", "{port}"),
    ("out{port}.count", "module_sent_packets", "{port}"),
    ("out{port}.byte_count", "module_sent_bytes", "{port}"),
    ("in6_{port}.count", "module_received_ipv6_packets", "{port}"),
    ("in6_{port}.byte_count", "module_received_ipv6_bytes", "{port}"),
    ("out6_{port}.count", "module_sent_ipv6_packets", "{port}"),
    ("out6_{port}.byte_count", "module_sent_ipv6_bytes", "{port}"),
    ("{way}.count", "module_passed_packets", "{way}"),
    ("{way}.byte_count", "module_passed_bytes", "{way}"),
    ("{way}6.count", "module_passed_ipv6_packets", "{way}"),
    ("{way}6.byte_count", "module_passed_ipv6_bytes", "{way}"),
    ("header.drops", "module_dropped_packets", "bad_header "),
    ("{way}_header.drops", "module_dropped_packets", "bad_header_{way} "),
    ("martians.count", "module_dropped_packets", "martian "),
    ("no_route.count", "module_dropped_packets", "no_route "),
    ("header6.drops", "module_dropped_packets", "bad_ipv6_header "),
    ("{way}6_header.drops", "module_dropped_packets", "bad_ipv6_header_{way} "),
    ("extended6.count", "module_dropped_packets", "ipv6_extension_headers "),
    ("no_route6.count", "module_dropped_packets", "no_ipv6_route "),
    ("hops6_{port}.drops", "module_dropped_packets", "ipv6_expired {port}"),
    ("ndq{port}.drops", "module_dropped_packets", "no_ipv6_neighbour {port}"),
    ("other.count", "module_dropped_packets", "unexpected "),
    ("ttl{port}.drops", "module_dropped_packets", "expired {port}"),
    ("arpq{port}.drops", "module_dropped_packets", "no_neighbour {port}"),
    ("queue{port}.drops", "module_dropped_packets", "queue_full {port}"),
    ("queue{port}.length", "module_queue_packets", "{port}"),
    ("refused.count", "module_dropped_packets", "refused "),
    ("dropped.count", "module_dropped_packets", "by_rule "),
    ("rejected.count", "module_dropped_packets", "no_connection "),
    ("unasked.count", "module_dropped_packets", "unasked "),
    ("untranslated.count", "module_dropped_packets", "untranslated "),
    ("translation.drops", "module_dropped_packets", "not_translated "),
    ("translation46.drops", "module_dropped_packets", "not_translated_to_ipv6 "),
    ("translation64.drops", "module_dropped_packets", "not_translated_to_ipv4 "),
    ("forged.count", "module_dropped_packets", "forged "),
    ("strange.count", "module_dropped_packets", "unknown_vlan "),
    ("nobody.count", "module_dropped_packets", "no_subscriber "),
    ("discarded.count", "module_dropped_packets", "discard_port "),
    ("ignored.count", "module_dropped_packets", "ignored "),
    ("unprotected.count", "module_dropped_packets", "unprotected "),
    ("encrypt.drops", "module_dropped_packets", "not_encrypted "),
    ("decrypt.drops", "module_dropped_packets", "not_authentic "),
    ("{way}_flows.drops", "module_dropped_packets", "queue_full_{way} "),
    ("{way}_first.drops", "module_dropped_packets", "expedited_queue_full_{way} "),
    ("unanswered.count", "module_unanswered_packets", ""),
    ("hairpins.count", "module_hairpin_packets", ""),
    ("alerted.count", "module_alerted_packets", ""),
    ("firewall.connections", "module_flows", "connections"),
    ("firewall.evicted", "module_evicted_flows", ""),
    ("firewall.settled", "module_settled_flows", ""),
    ("flows.nmappings", "module_flows", "sessions"),
    ("flows.mapping_failures", "module_mapping_failures", "sessions"),
    ("translation.count", "module_flows", "sessions"),
    ("pings.nmappings", "module_flows", "pings"),
    ("pings.mapping_failures", "module_mapping_failures", "pings"),
    ("{way}_excess.count", "module_excess_packets", "{way}"),
    ("encrypt.count", "module_tunnel_packets", "encrypt"),
    ("decrypt.count", "module_tunnel_packets", "decrypt"),
    ("decrypt.replayed", "module_replayed_packets", ""),
    ("{side}{vlan}.count", "module_subscriber_packets", "{vlan} {side}"),
    ("{side}{vlan}.byte_count", "module_subscriber_bytes", "{vlan} {side}"),
    ("{side}{vlan}_queue.drops", "module_subscriber_dropped_packets", "{vlan} {side}"),
    ("forged{vlan}.count", "module_subscriber_forged_packets", "{vlan}"),
    ("reflected.count", "module_reflected_packets", ""),
    ("sent{stream}.count", "module_stream_packets", "{stream} sent"),
    ("returned{stream}.count", "module_stream_packets", "{stream} returned"),
    ("probe{stream}.count", "module_stream_packets", "{stream} sent"),
    ("probe{stream}.replies", "module_stream_packets", "{stream} returned"),
    ("reports.count", "module_reports", ""),
)
_PATTERNS = {
    "{port}": r"(?P<port>\d+)",
    "{way}": "(?P<way>inward|outward)",
    "{vlan}": r"(?P<vlan>\d+)",
    "{stream}": r"(?P<stream>\d+)",
    "{side}": "(?P<side>up|down)",
}


def _pattern(element: str) -> re.Pattern[str]:
    for word, pattern in _PATTERNS.items():
        element = element.replace(word, pattern)
    return re.compile(rf"{element}\Z")


_TABLE = tuple(
    (_pattern(name.partition(".")[0]), name.partition(".")[2], metric, labels) for name, metric, labels in _READINGS
)


def readings(configuration: str) -> list[Reading]:
    """What to ask of a module that runs this configuration, in the order of its elements' names."""
    return [reading for name in sorted(set(_DECLARED.findall(configuration))) for reading in _of_element(name)]


def _of_element(name: str) -> Iterator[Reading]:
    for pattern, handler, metric, labels in _TABLE:
        found = pattern.match(name)
        if found:
            spelled = labels.format(**found.groupdict())
            yield Reading(f"{name}.{handler}", f"flowstream_{metric}", tuple(spelled.split(" ")) if spelled else ())
