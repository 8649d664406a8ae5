# SPDX-License-Identifier: Apache-2.0
"""The handlers that count in every module that forwards by a table, by the names of its template."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.module_utils.flowstream.middleboxes.middlebox import Counters

NO_ROUTE = "no_route.count"
"""What a module has no route for."""
NEIGHBOURS = ("arpq{port}.state",)
"""What a module has learned by ARP, at each platform port."""


def counters(more: Mapping[str, str] | None = None, drops: tuple[str, ...] = (NO_ROUTE,)) -> Counters:
    """All of them, and `more` of a type with what tables call them; `drops` are those that a verification looks at."""
    own = more or {}
    return Counters(
        always=("header.drops", "martians.count", NO_ROUTE, "other.count", "unanswered.count", *own),
        per_port=("in{port}.count", "out{port}.count", "ttl{port}.drops", "arpq{port}.drops", "queue{port}.drops"),
        drops=drops,
        titles={
            "header.drops": "bad header",
            NO_ROUTE: "no route",
            "ttl{port}.drops": "expired",
            "arpq{port}.drops": "no neighbour",
            "queue{port}.drops": "queue full",
            **{name: title for name, title in own.items() if title},
        },
    )
