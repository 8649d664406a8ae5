# SPDX-License-Identifier: Apache-2.0
"""The handlers that count in every module that forwards by a table, by the names of its template."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.module_utils.flowstream.middleboxes.middlebox import Counters

NO_ROUTE = "no_route.count"
"""What a module has no route for."""
NO_ROUTE6 = "no_route6.count"
"""The same of IPv6."""
NEIGHBOURS = ("arpq{port}.state",)
"""What a module has learned by ARP, at each platform port."""
COUNTERS6 = Counters(
    always=("header6.drops", NO_ROUTE6),
    per_port=("in6_{port}.count", "out6_{port}.count", "hops6_{port}.drops", "ndq{port}.drops"),
    drops=(NO_ROUTE6,),
    titles={
        "header6.drops": "bad IPv6 header",
        NO_ROUTE6: "no IPv6 route",
        "hops6_{port}.drops": "IPv6 expired",
        "ndq{port}.drops": "no IPv6 neighbour",
    },
)
"""Those of IPv6, which a module without IPv6 does not have."""


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
