# SPDX-License-Identifier: Apache-2.0
"""Why a flow entry is there, in the words of all paths.

A way leads from a platform port or a processing module to the next one. Its hops are the bridges between the two, in the
order in which a packet meets them.
"""

from __future__ import annotations

from ansible.module_utils.flowstream.addresses import EVERYTHING, Prefix
from ansible.module_utils.flowstream.plan.claim import Claim


def inward(start: str, end: str, packets: Claim | Prefix, hop: int, hops: int) -> str:
    """Say that packets on their way in pass here, and which ones unless all do."""
    everything = packets in (EVERYTHING, Claim(EVERYTHING))
    return f"{start} to {end}{'' if everything else f' ({packets})'}: in, hop {hop} of {hops}"


def outward(start: str, end: str, hop: int, hops: int, packets: Prefix = EVERYTHING) -> str:
    """Say that packets on their way out pass here, and which ones unless all do."""
    return f"{start} to {end}{'' if packets == EVERYTHING else f' ({packets})'}: out, hop {hop} of {hops}"


def drop(whose: str, what: str) -> str:
    """Say what ends here."""
    return f"{whose}: drop, {what}"


def no_claim(port: str) -> str:
    """Say that nobody is there for a packet."""
    return drop(port, "no module claims it")


def spoofed(module: str) -> str:
    """Say that a module may not send this."""
    return drop(module, "anti-spoof, what it sends as somebody else")
