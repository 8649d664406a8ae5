# SPDX-License-Identifier: Apache-2.0
"""The flow entries of a stage whose module gives flows back to the switch, which then lets them go past it.

The module's verdict travels in a packet: a VLAN tag of its own, that the host's bridge takes from the interface of this module
alone, and the switch from the link of its host alone. From such a packet the switch teaches itself two entries of a table that has
nothing else, one for the flow and one for its answer, which say no more than that: accepted. Where an accepted packet goes is said
by entries that are always there. So what is learned decides whether a packet passes the module, never where it ends.

A switch is asked in this order: the first table sends what is for the stage by the table of what is learned to the last one,
which knows by a register whether it was accepted. What begins or ends a connection goes to the module in any case; that it met what
is learned makes that time out. A module of the allocation on the host of the stage sends by the switch, too: else the switch
would never see its packets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import EVERYTHING
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.learn import Learn
from ansible.module_utils.flowstream.paths import why
from ansible.module_utils.flowstream.plan.bypass import MOST_STAGES, VERDICT_TAG, Bypass

FIRST_TABLE = 100
"""Of what is learned, one for each stage of an allocation."""
LAST_TABLE = FIRST_TABLE + MOST_STAGES

_ENDS_PRIORITY, _ACCEPTED_PRIORITY, _ASKED_PRIORITY = 3000, 2000, 1000
"""In the last table, plus the lengths of prefixes."""
_LEARNED_PRIORITY = 100
_FIN_SECONDS = 1
"""How long what is learned stays after the packet that ends a connection."""
_ENDS = ("+syn", "+fin", "+rst")
_ACCEPTED = ("reg0", "0x1")
_TCP = (("dl_type", "0x0800"), ("nw_proto", "6"))
_UDP = (("dl_type", "0x0800"), ("nw_proto", "17"))


@dataclass(frozen=True, slots=True)
class Offload:
    """What a stage gives back, and the table of what is learned of that."""

    bypass: Bypass
    table: int

    def lesson(self, cookie: int, protocol: Match, fields: tuple[tuple[str, str], ...]) -> str:
        """Spell the action that teaches an entry; `fields` are its fields and where in the packet each comes from."""
        number = dict(protocol)["nw_proto"]
        transport = "TCP" if number == "6" else "UDP"
        fin = _FIN_SECONDS if number == "6" else 0
        return str(
            Learn(
                table=self.table,
                cookie=cookie,
                priority=_LEARNED_PRIORITY,
                literals=(("dl_type", "2048"), ("nw_proto", number)),
                copies=tuple((one.format(transport), other.format(transport)) for one, other in fields),
                loads=((0, 1),),
                idle_timeout=self.bypass.idle,
                hard_timeout=self.bypass.hard,
                fin_idle_timeout=fin,
                fin_hard_timeout=fin,
                limit=2 * self.bypass.limit,
                delete_learned=True,
            )
        )


def asking(priority: int, match: Match, offload: Offload, cookie: int, reason: str) -> Flow:
    """Return the entry of the first table that asks what is learned."""
    actions = (f"resubmit(,{offload.table})", f"goto_table:{LAST_TABLE}")
    return Flow(0, priority, match, actions, cookie, why=f"{reason}, unless accepted before")


def asked(length: int, match: Match, to_stage: tuple[str, ...], cookie: int, reason: str) -> Iterator[Flow]:
    """Yield the entries of the last table for packets that go to the stage: what was not accepted, and what ends what was."""
    yield Flow(LAST_TABLE, _ASKED_PRIORITY + length, match, to_stage, cookie, why=reason)
    for flag in _ENDS:
        whole = (*match, *_TCP, _ACCEPTED, ("tcp_flags", flag))
        yield Flow(LAST_TABLE, _ENDS_PRIORITY + length, whole, to_stage, cookie, why=f"{reason}, {flag[1:].upper()}")


def accepted(length: int, match: Match, onward: tuple[str, ...], cookie: int, reason: str) -> Flow:
    """Return the entry of the last table for packets that go past the stage."""
    return Flow(LAST_TABLE, _ACCEPTED_PRIORITY + length, (*match, _ACCEPTED), onward, cookie, why=reason)


def teaching(
    priority: int, link: int, match: Match, offload: Offload, onward: tuple[str, ...], cookie: int, reason: str
) -> Iterator[Flow]:
    """Yield the entries for packets with the verdict, that come by `link` and have what `match` says."""
    mine = "ETH_DST" if "dl_dst" in dict(match) else "ETH_SRC"
    other = "ETH_SRC" if mine == "ETH_DST" else "ETH_DST"
    same = ((mine, mine), *((each, each) for each in ("IP_SRC", "IP_DST", "{}_SRC", "{}_DST")))
    swapped = (("IP_SRC", "IP_DST"), ("IP_DST", "IP_SRC"), ("{}_SRC", "{}_DST"), ("{}_DST", "{}_SRC"))
    ways = (same, ((other, mine), *swapped))
    for protocol in (_TCP, _UDP):
        learn = tuple(
            offload.lesson(cookie, protocol, tuple((f"NXM_OF_{one}[]", f"NXM_OF_{two}[]") for one, two in fields))
            for fields in ways
        )
        whole = (("in_port", str(link)), ("dl_vlan", str(VERDICT_TAG)), *match, *protocol)
        yield Flow(0, priority, whole, (*learn, "pop_vlan", *onward), cookie, why=f"{reason}, and the rest past it")


def verdicts(priority: int, ofport: int, uplink: int, directions: Match, cookie: int, stage: str) -> Iterator[Flow]:
    """Yield the entries of the bridge of a module's host for what it sends with the verdict, inward and outward."""
    ways = (why.inward(stage, "the switch", EVERYTHING, 1, 2), why.outward(stage, "the switch", 1, 2))
    for direction, reason in zip(directions, ways, strict=True):
        match = (("in_port", str(ofport)), ("dl_vlan", str(VERDICT_TAG)), direction, ("dl_type", "0x0800"))
        yield Flow(0, priority, match, (f"output:{uplink}",), cookie, why=f"{reason}, accepted")
