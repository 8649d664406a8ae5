# SPDX-License-Identifier: Apache-2.0
"""The flow entries that hold a module whose configuration is somebody else's: it sends no frame with a VLAN tag.

A tag is how bridges tell each other where a packet goes, so only they may give one. All else that such a module sends is held
by what holds every module: it leaves with the Ethernet address of a platform port of its own, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.paths import why
from ansible.module_utils.flowstream.paths.serial import TAGGED

FENCE_PRIORITY = 3100
"""Above every entry that leads somewhere, and those that look at where a packet is on its way."""


def fence(modules: Iterable[tuple[int, int]], cookie: int) -> Iterator[Flow]:
    """Yield the entries of a host's bridge for such modules, each given by its number and the port that it hangs at."""
    for pm, ofport in modules:
        reason = why.drop(f"pm {pm}", "fence, a tag from a configuration of somebody else")
        yield Flow(0, FENCE_PRIORITY, (("in_port", str(ofport)), TAGGED), ("drop",), cookie, why=reason)
