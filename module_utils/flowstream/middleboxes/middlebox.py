# SPDX-License-Identifier: Apache-2.0
"""What a type of processing gives the toolkit; nothing outside of its folder knows more of it, nor its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.allocation.reader import Readable
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.traffic.probe import Probe


class Body(NamedTuple):
    """What a plan says of a module besides what every module has: which packets it gets, and what its type decided.

    `ports` are the platform ports of each of its arms, by name; one that is not in it is for all. `foreign`: its
    configuration is somebody else's, so nothing is known of what it sends.
    """

    claims: tuple[Claim, ...]
    routes: tuple[PlannedRoute, ...] = ()
    facts: Mapping[str, Any] = {}
    ports: Mapping[str, tuple[int, ...]] = {}
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Counters:
    """The handlers of a module that count packets.

    `always` are of every module, `per_port` once for each platform port with its number for `{port}`. `drops` are those of
    `always` that a verification compares with what it sent to be dropped. `titles` are words for people, by handler; what one word
    with `{port}` in its handler counts, tables show together.
    """

    always: tuple[str, ...]
    per_port: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def with_more(self, more: Counters) -> Counters:
        """Return these and more."""
        return Counters(
            (*self.always, *more.always),
            (*self.per_port, *more.per_port),
            (*self.drops, *more.drops),
            {**self.titles, **more.titles},
        )

    def of_ports(self, portids: Sequence[int]) -> list[str]:
        """All of them on a platform with these ports."""
        return [*self.always, *(name.format(port=portid) for name in self.per_port for portid in portids)]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a module takes of its host: the MiB that one of each kind gets when the allocation does not say, and what a packet costs.

    `packet_ns` are nanoseconds of one processor, as `make bench` measures them of an example of the type; 0 says that nobody has.
    """

    memory_mib: Mapping[str, int] = field(default_factory=dict)
    packet_ns: int = 0


class Counting(Protocol):
    """What every type says of its running modules, whether they stand in a stage or not."""

    @property
    def counters(self) -> Counters:
        """What status and verification read."""

    @property
    def cost(self) -> Cost:
        """What placement counts with."""

    @property
    def state(self) -> tuple[str, ...] | None:
        """The handlers that carry its flows to another module; none where it has nothing to lose, None where what it has cannot be had."""

    @property
    def knows(self) -> str:
        """What it knows of flows, for whoever has to be told that it is lost; empty where it knows nothing."""

    @property
    def learned(self) -> tuple[str, ...]:
        """The handlers that carry what it knows of its neighbours, with `{port}` for a platform port's number: another learns it too, later."""


Kinds = Mapping[int, tuple[str, Counting]]
"""The type of each module by its number, with the word that an allocation has for it."""


class Middlebox(Readable, Counting, Protocol):
    """A type of processing. Reading its part of an allocation is Readable's; its template is `<type>.click.j2`."""

    @property
    def arms(self) -> tuple[str, ...]:
        """What a module calls its interfaces. Together they are for all platform ports."""

    def plan(self, body: Any, ports: Sequence[PlannedPort]) -> Body:
        """Decide of a module what its type has to decide; `body` is what `read` returned."""

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        """The variables of its template. `pm` has no configuration yet."""

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        """What a module is while packets still come that another is to have from now on; None when it need not care.

        `running` is the configuration that it runs now: what it has had to do is read from there.
        """

    def expectations(self, plan: Plan) -> list[Probe]:
        """Packets that a verification can send, and what must come of them."""


@runtime_checkable
class Divisible(Protocol):
    """What a type gives besides whose modules do not mind where each of their packets goes, so that another one can have a part of them."""

    def part(self, body: Any, prefix: Prefix) -> Any:
        """Return the body of a module that does with the packets to a prefix what the module with this body would.

        Raises FlowstreamError, without a place, where they are none of its packets, or all of them.
        """


class Share(NamedTuple):
    """Of a public address, the ports `first` to `last` of each protocol, which are those of `subscriber`."""

    subscriber: Prefix
    first: int
    last: int


@runtime_checkable
class Sharing(Protocol):
    """What a type gives besides whose modules let several subscribers speak from one address, by arithmetic."""

    def share_at(self, pm: PlannedPm, address: int, port: int) -> Share | None:
        """Whose a port of a public address is by the plan of a module; None where it is nobody's of that module."""
