# SPDX-License-Identifier: Apache-2.0
"""From the entries of one switch that has the ports of all to those of each: what paths write knows no links.

Paths see a single switch, whose ports have numbers that say of which switch they are. An entry goes to the switch by whose port its
packets come; one that asks for no port goes to every switch from whose first table it can be reached. An output elsewhere becomes a
label, with which the packet is given to the fabric's own table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ansible.module_utils.flowstream.fabric.fabric import MOST_PORT, TABLE, Fabric
from ansible.module_utils.flowstream.fabric.share import PORT_BITS, Place
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.flow import Bucket, Flow, Group
from ansible.module_utils.flowstream.flows.packet import TAGGED

_LEADS = re.compile(r"(?:goto_table:|resubmit\(\d*,)(\d+)")


class Lowering:
    """Numbers the ports of a fabric as if all were of one switch, and takes what was written with these numbers apart again."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self._names = {node.number: name for name, node in fabric.nodes.items()}

    def number(self, switch: str, port: int) -> int:
        """Return the number of a port, which is its label."""
        return self._fabric.label(Place(switch, port))

    def place(self, number: int) -> Place:
        """Return the port that has a number."""
        return Place(self._names[number >> PORT_BITS], number & MOST_PORT)

    def flows(self, switch: str, flows: Iterable[Flow]) -> list[Flow]:
        """Return the entries of one switch."""
        everywhere: list[Flow] = []
        own: list[Flow] = []
        for flow in flows:
            port = dict(flow.match).get("in_port")
            if port is None:
                everywhere.append(flow)
            elif self.place(int(port)).switch == switch:
                own.append(flow)
        if not own:
            return []
        reached = {0}
        waiting = [flow for flow in own if flow.table == 0] + [flow for flow in everywhere if flow.table == 0]
        for flow in waiting:
            for text in _LEADS.findall(",".join(flow.actions)):
                if int(text) not in reached:
                    reached.add(int(text))
                    waiting += [flow for flow in (*own, *everywhere) if flow.table == int(text)]
        return [self.flow(switch, flow) for flow in (*own, *everywhere) if flow.table in reached]

    def flow(self, switch: str, flow: Flow) -> Flow:
        """Return an entry as a switch gets it."""
        actions, over = self._actions(switch, flow.actions)
        why = f"{flow.why}, over {' and '.join(over)}" if over else flow.why
        return replace(flow, match=self._match(flow.match), actions=actions, why=why)

    def group(self, group: Group) -> tuple[str, Group]:
        """Return a group that watches ports, with the switch that has all of these."""
        places = {self.place(number) for bucket in group.buckets for number in _ports(bucket)}
        (switch,) = {place.switch for place in places}
        buckets = tuple(
            replace(
                bucket,
                actions=self._actions(switch, bucket.actions)[0],
                watch_port=bucket.watch_port and str(self.place(int(bucket.watch_port)).port),
            )
            for bucket in group.buckets
        )
        return switch, replace(group, buckets=buckets)

    def _match(self, match: Match) -> Match:
        return tuple((name, str(self.place(int(text)).port) if name == "in_port" else text) for name, text in match)

    def _actions(self, switch: str, actions: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
        """The actions at a switch, and the switches beyond it by which copies go."""
        done: list[str] = []
        over: list[str] = []
        remote: list[Place] = []
        for at, action in enumerate(actions):
            if action.startswith("output:"):
                place = self.place(int(action.removeprefix("output:")))
                if place.switch == switch:
                    done.append(f"output:{place.port}")
                else:
                    remote.append(place)
                    over += [name for name in self._fabric.way(switch, place.switch)[1:] if name not in over]
                following = actions[at + 1] if at + 1 < len(actions) else ""
                if remote and not following.startswith("output:"):
                    done += self._labelled(remote, last=not following)
                    remote = []
            elif action.startswith("set_field:") and action.endswith("->in_port"):
                number = action.removeprefix("set_field:").removesuffix("->in_port")
                done.append(f"set_field:{self.place(int(number)).port}->in_port")
            else:
                done.append(action)
        return tuple(done), over

    def _labelled(self, places: Sequence[Place], *, last: bool) -> Iterator[str]:
        yield "push_vlan:0x8100"
        for place in places:
            yield f"set_field:{TAGGED | self._fabric.label(place)}->vlan_vid"
            yield f"goto_table:{TABLE}" if last and place == places[-1] else f"resubmit(,{TABLE})"
        if not last:
            yield "pop_vlan"


def _ports(bucket: Bucket) -> Iterator[int]:
    for action in bucket.actions:
        if found := re.fullmatch(r"output:(\d+)|set_field:(\d+)->in_port", action):
            yield int(found[1] or found[2])
    if bucket.watch_port is not None:
        yield int(bucket.watch_port)
