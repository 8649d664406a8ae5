# SPDX-License-Identifier: Apache-2.0
"""Allocations of five types side by side at two platform ports of the lab, with the same number of modules each.

Type number k has the networks 10.(10+k).0.0/16 at port 0 and 10.(20+k).0.0/16 at port 1, and module m of them a /24.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Self

from .crowd import Crowd
from .load import LOAD_PORT, Carried, Load
from .router_lab import ROOT, RouterLab

TALK_PORT = 9010
_METER = ROOT / "examples" / "click" / "meter.click"


class _Type(NamedTuple):
    """A word that an allocation has for a type, its subtype, and whether a module knows something of its flows."""

    name: str
    subtype: str
    is_stateful: bool

    @property
    def allocation(self) -> str:
        return f"some-{self.name}"


_TYPES = (
    _Type("fastiprouter", "prefixlb", False),
    _Type("click", "file", False),
    _Type("nat", "deterministic", True),
    _Type("firewall", "stateful", True),
    _Type("loadbalancer", "maglev", True),
)


def _entry(address: str, mask: int, port: int) -> str:
    return f'<forwardingentry addr="{address}" mask="{mask}" outputport="{port}"/>'


class Assorted(NamedTuple):
    """A module of one of the types: who talks through it, and to which address."""

    name: str
    number: int
    kind: _Type
    module: int

    @property
    def near(self) -> str:
        return f"10.{10 + self.number}.{self.module}"

    @property
    def far(self) -> str:
        return f"10.{20 + self.number}.{self.module}"

    @property
    def service(self) -> str:
        return f"203.0.113.{160 + self.module}"

    @property
    def is_entered_outside(self) -> bool:
        """Whether conversations begin at port 1."""
        return self.kind.name == "loadbalancer"

    @property
    def way(self) -> tuple[str, str]:
        """Whoever begins a conversation, and the address that he talks to: servers of a load balancer are at port 0."""
        return (f"{self.far}.1", self.service) if self.is_entered_outside else (f"{self.near}.1", f"{self.far}.1")

    @property
    def server(self) -> str:
        """The address that answers."""
        return f"{self.near}.1" if self.is_entered_outside else f"{self.far}.1"

    def _body(self) -> str:
        networks = f'<networks port="0"><subnet addr="{self.near}.0" mask="24"/></networks>'
        table = (
            f"<forwardingtable>{_entry(f'{self.near}.0', 24, 0)}"
            f"{_entry(f'10.{20 + self.number}.0.0', 16, 1)}</forwardingtable>"
        )
        match self.kind.name:
            case "fastiprouter":
                prefixes = "".join(f'<prefix addr="{net}.0" mask="24"/>' for net in (self.near, self.far))
                routes = _entry(f"{self.near}.0", 24, 0) + _entry(f"{self.far}.0", 24, 1)
                return f"{prefixes}<forwardingtable>{routes}</forwardingtable>"
            case "click":
                away = f"10.{20 + self.number}.0.0/16"
                return (
                    f'<click file="{_METER.name}"/><claim from="0" src="{self.near}.0/24" dst="{away}"/>'
                    f'<claim from="1" src="{away}" dst="{self.near}.0/24"/>'
                )
            case "nat":
                return f'{networks}<nat ports="240"><pool addr="203.0.113.{128 + 2 * self.module}" mask="31"/></nat>{table}'
            case "firewall":
                return f"{networks}<firewall/>{table}"
            case _:
                services = "".join(
                    f'<service address="{self.service}" protocol="{protocol}" port="{port}">'
                    f'<server address="{self.near}.1"/></service>'
                    for protocol, port in (("tcp", TALK_PORT), ("udp", LOAD_PORT))
                )
                return f"{networks}<balancer>{services}</balancer>{table}"

    def xml(self) -> str:
        """Its element in the allocation."""
        return f'<pm id="{self.module}" rate="1">{self._body()}</pm>'


def assorted(each: int) -> list[Assorted]:
    """All modules, `each` of every type."""
    return [
        Assorted(f"{kind.allocation}-pm{module}", number, kind, module)
        for number, kind in enumerate(_TYPES)
        for module in range(each)
    ]


def write(folder: Path, modules: Sequence[Assorted]) -> None:
    """Write an allocation for each type, named after it."""
    shutil.copy(_METER, folder)
    for number, kind in enumerate(_TYPES):
        ports = "".join(
            f'<portmacmapping portid="{port}" mac="02:00:5E:00:6{number}:0{port}" switchport="{port + 1}"'
            f' address="10.{tens + number}.255.254/16"/>'
            for port, tens in ((0, 10), (1, 20))
        )
        pms = "".join(one.xml() for one in modules if one.number == number)
        (folder / f"{kind.name}.xml").write_text(
            f'<allocationdescription id="{kind.allocation}" type="{kind.name}" subtype="{kind.subtype}">'
            f"<portmacmappings>{ports}</portmacmappings>{pms}</allocationdescription>\n"
        )


def give_addresses(lab: RouterLab, modules: Sequence[Assorted]) -> None:
    """Give the endpoints the addresses that talk through these modules, and the ways to each other."""
    inside, upstream = lab.endpoint(0), lab.endpoint(1)
    for one in modules:
        for node, net in ((inside, one.near), (upstream, one.far)):
            node.run("ip", "address", "replace", f"{net}.1/16", "dev", "eth0")
    for number, kind in sorted({(one.number, one.kind) for one in modules}):
        inside.run("ip", "route", "replace", f"10.{20 + number}.0.0/16", "via", f"10.{10 + number}.255.254")
        upstream.run("ip", "route", "replace", f"10.{10 + number}.0.0/16", "via", f"10.{20 + number}.255.254")
        public = {"nat": "203.0.113.128/27", "loadbalancer": "203.0.113.160/27"}.get(kind.name)
        if public:
            upstream.run("ip", "route", "replace", public, "via", f"10.{20 + number}.255.254")


class Talk:
    """What goes on through the modules meanwhile: a load through each, and connections through those that know something of them."""

    def __init__(self, lab: RouterLab, modules: Sequence[Assorted], rate: int, each: int) -> None:
        ends = lab.endpoint(0), lab.endpoint(1)
        with ExitStack() as begun:
            self._crowds = {}
            for one in (one for one in modules if one.kind.is_stateful):
                node, server = reversed(ends) if one.is_entered_outside else ends
                source, to = one.way
                crowd = Crowd(node, server, to, TALK_PORT, [source], each, at=one.server)
                self._crowds[one.name] = begun.enter_context(crowd)
            self._loads = []
            for outside in (False, True):
                through = [one for one in modules if one.is_entered_outside == outside]
                if through:
                    node, server = reversed(ends) if outside else ends
                    ways = {one.name: one.way for one in through}
                    load = Load(node, server, ways, rate * len(through), [one.server for one in through])
                    self._loads.append(begun.enter_context(load))
            self._running = begun.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def silent(self) -> dict[str, int]:
        """On how many of the connections no word comes back, by module; those with none are left out."""
        silent = {name: crowd.count - crowd.answered() for name, crowd in self._crowds.items()}
        return {name: count for name, count in silent.items() if count}

    @property
    def connections(self) -> int:
        """How many there are."""
        return sum(crowd.count for crowd in self._crowds.values())

    def end(self) -> dict[str, Carried]:
        """What became of the load, by module."""
        return {name: carried for load in self._loads for name, carried in load.end().items()}
