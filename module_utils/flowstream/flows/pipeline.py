# SPDX-License-Identifier: Apache-2.0
"""What a whole switch does to one packet: tables, groups, and the choices that it leaves open, each of which may be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.apply import Deal, Output, Stop, ToGroup, ToTable, apply
from ansible.module_utils.flowstream.flows.flow import Bucket, Flow, Group
from ansible.module_utils.flowstream.flows.learn import lessons
from ansible.module_utils.flowstream.flows.lookup import LookupTable
from ansible.module_utils.flowstream.flows.packet import Packet

MOST_LOOKUPS = 64
"""How deep tables and groups may lead into each other before Open vSwitch gives a packet up."""
MOST_WAYS = 4096
"""How many ways the choices of switches may leave one packet."""

NO_PORTS: Mapping[tuple[str, int], bool] = MappingProxyType({})
"""Where it is open of every port whether it is up."""

Result = TypeVar("Result")
Met = Callable[[LookupTable, Packet, Flow | None], None]
"""Is told of a packet that is looked up in a table, and what it finds."""


class EndlessError(FlowstreamError):
    """Tables or groups of a switch lead into each other without end."""


class Chance:
    """Takes the choices that switches leave open: those of `script` first, then always the first there is.

    `taken` has each choice and out of how many it was. A port is up or down for the whole of a packet's way; of `ports` that is
    known before.
    """

    def __init__(self, script: Sequence[int] = (), ports: Mapping[tuple[str, int], bool] = NO_PORTS) -> None:
        self._script = script
        self._ports = dict(ports)
        self.taken: list[tuple[int, int]] = []
        self.all_down = False

    def pick(self, count: int) -> int:
        """Choose one of so many."""
        at = len(self.taken)
        choice = self._script[at] if at < len(self._script) else 0
        self.taken.append((choice, count))
        return choice

    def is_up(self, bridge: str, port: int) -> bool:
        """Whether a port that somebody watches is up."""
        if (bridge, port) not in self._ports:
            self._ports[bridge, port] = self.pick(2) == 0
        return self._ports[bridge, port]

    def is_lost(self, bridge: str, port: int) -> bool:
        """Whether what leaves by a port goes nowhere, because it was found down before."""
        return not self._ports.get((bridge, port), True)


def ways(
    follow: Callable[[Chance], Result], ports: Mapping[tuple[str, int], bool] = NO_PORTS
) -> Iterator[tuple[Result, Chance]]:
    """Yield what becomes of a packet for every sequence of choices; of some `ports` of bridges it is said whether they are up."""
    script: list[int] = []
    for _ in range(MOST_WAYS):
        chance = Chance(script, ports)
        yield follow(chance), chance
        taken = chance.taken
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            return
        script = [choice for choice, _ in taken]
        script[-1] += 1
    raise FlowstreamError(f"groups leave a packet more than {MOST_WAYS} ways; use fewer one after the other")


def learnable(flows: Iterable[Flow]) -> list[Flow]:
    """The entries that others can teach, each for all packets that one can teach it of; equal ones once."""
    found: dict[object, Flow] = {}
    for teacher in flows:
        for lesson in lessons(teacher.actions):
            flow = Flow(
                lesson.table,
                lesson.priority,
                lesson.match(teacher.match),
                lesson.actions,
                lesson.cookie,
                why=teacher.why,
            )
            found.setdefault(flow.identity, flow)
    return list(found.values())


class Bridge:
    """One switch with its tables and groups; `met` is told of each lookup.

    With `taught` it has learned all that its entries can teach: an entry for whatever packets of each may come.
    """

    def __init__(
        self,
        name: str,
        flows: Iterable[Flow],
        groups: Iterable[Group] = (),
        met: Met | None = None,
        *,
        taught: bool = False,
    ) -> None:
        by_table: dict[int, list[Flow]] = {}
        flows = list(flows)
        for flow in [*flows, *(learnable(flows) if taught else ())]:
            by_table.setdefault(flow.table, []).append(flow)
        self.name = name
        self.tables = {table: LookupTable(entries) for table, entries in by_table.items()}
        self._groups = {group.group_id: group for group in groups}
        self._met = met

    def receive(self, packet: Packet, port: int, chance: Chance, table: int = 0) -> list[tuple[int, Packet]]:
        """Return the copies that leave and by which port, in order, where a packet is looked up in a `table` first."""
        sent: list[tuple[int, Packet]] = []
        self._look(table, packet.entering(port), chance, sent, 0)
        return sent

    def _look(
        self,
        number: int,
        packet: Packet,
        chance: Chance,
        sent: list[tuple[int, Packet]],
        depth: int,
        as_if: int | None = None,
    ) -> Packet:
        """Look a packet up in a table, as if it had come by another port if one is named, and carry out what is found."""
        table = self.tables.get(number)
        if table is None:
            return packet
        if depth > MOST_LOOKUPS:
            raise EndlessError(f"tables or groups of {self.name} lead into each other without end")
        asking = packet if as_if is None else Packet({**packet.values, "in_port": as_if}, packet.written)
        flow = table.find(asking)
        if self._met is not None:
            self._met(table, asking, flow)
        if flow is None:
            return packet
        try:
            return self._carry_out(flow.actions, packet, number, chance, sent, depth)
        except EndlessError:
            raise
        except FlowstreamError as error:
            text = str(error)
            raise FlowstreamError(
                text if text.startswith("cannot") else f"cannot check the flow '{flow}': {text}"
            ) from error

    def _carry_out(
        self,
        actions: Iterable[str],
        packet: Packet,
        number: int,
        chance: Chance,
        sent: list[tuple[int, Packet]],
        depth: int,
    ) -> Packet:
        for action in actions:
            step = apply(action, packet)
            if isinstance(step, Packet):
                packet = step
            elif isinstance(step, Output):
                self._send(step.port, packet, chance, sent)
            elif isinstance(step, ToGroup):
                self._group(step.group_id, packet, number, chance, sent, depth + 1)
            elif isinstance(step, Deal):
                packet = packet.set(step.field, chance.pick(step.choices), step.mask)
            elif isinstance(step, Stop):
                break
            else:
                packet = self._go_on(step, packet, number, chance, sent, depth + 1)
        return packet

    def _send(self, port: int | None, packet: Packet, chance: Chance, sent: list[tuple[int, Packet]]) -> None:
        came_by = packet.get("in_port")
        # A switch sends a packet back to where it came from only when it is told so (OpenFlow 1.3.5 section 4.5, OFPP_IN_PORT).
        if port != came_by and not chance.is_lost(self.name, came_by if port is None else port):
            sent.append((came_by if port is None else port, packet))

    def _go_on(
        self, step: ToTable, packet: Packet, number: int, chance: Chance, sent: list[tuple[int, Packet]], depth: int
    ) -> Packet:
        table = number if step.table is None else step.table
        if step.forward and table <= number:
            raise FlowstreamError(f"goto_table:{table} does not lead to a later table")
        return self._look(table, packet, chance, sent, depth, step.port)

    def _group(
        self, group_id: int, packet: Packet, number: int, chance: Chance, sent: list[tuple[int, Packet]], depth: int
    ) -> None:
        if depth > MOST_LOOKUPS:
            raise EndlessError(f"tables or groups of {self.name} lead into each other without end")
        group = self._known(group_id)
        buckets = list(group.buckets)
        if group.kind == "select":
            buckets = [bucket for bucket in buckets if bucket.weight and self._is_live(bucket, chance, depth)]
            buckets = [buckets[chance.pick(len(buckets))]] if buckets else []
        elif group.kind == "fast_failover":
            live = next((bucket for bucket in buckets if self._is_live(bucket, chance, depth)), None)
            buckets = [] if live is None else [live]
            chance.all_down = chance.all_down or not buckets
        for bucket in buckets:
            self._carry_out(action_set(bucket), packet, number, chance, sent, depth)

    def _known(self, group_id: int) -> Group:
        if group_id not in self._groups:
            raise FlowstreamError(f"group {group_id} is not there")
        return self._groups[group_id]

    def _is_live(self, bucket: Bucket, chance: Chance, depth: int) -> bool:
        """Whether what a bucket watches works; one that watches nothing always does."""
        if depth > MOST_LOOKUPS:
            raise EndlessError(f"groups of {self.name} watch each other without end")
        watches = []
        if bucket.watch_port is not None:
            watches.append(chance.is_up(self.name, int(bucket.watch_port)))
        if bucket.watch_group is not None:
            group = self._known(bucket.watch_group)
            watches.append(any(self._is_live(other, chance, depth + 1) for other in group.buckets))
        return any(watches) or not watches


_RANK = ("pop_vlan", "push_vlan", "dec_ttl", "set_field")
_LAST = ("group", "output", "resubmit")


def action_set(bucket: Bucket) -> list[str]:
    """The actions of a bucket in the order in which a switch carries out a set (OpenFlow 1.3.5 section 5.10).

    Raises FlowstreamError where a set cannot hold them.
    """
    actions: list[tuple[int, str]] = []
    for action in bucket.actions:
        name = "output" if action in ("IN_PORT", "LOCAL") else action.partition(":")[0].partition("(")[0]
        if name in _RANK:
            actions.append((_RANK.index(name), action))
        elif name in _LAST:
            actions.append((len(_RANK), action))
        elif name != "drop":
            raise FlowstreamError(f"a bucket with {action} is not understood")
    if sum(rank == len(_RANK) for rank, _ in actions) > 1:
        raise FlowstreamError(f"a bucket sends once, got {','.join(bucket.actions)}; make it two groups")
    return [action for _, action in sorted(actions, key=lambda ranked: ranked[0])]
