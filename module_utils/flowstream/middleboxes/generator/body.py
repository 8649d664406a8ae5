# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of one module of a traffic generator: reading it, and what must hold for it."""

from __future__ import annotations

from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import address_text, parse_address
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label, repeated
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.generator.declaration import (
    GENERATOR,
    LONGEST,
    MAX_PINGS,
    MAX_RATE,
    PING,
    SHORTEST,
    STREAM,
)
from ansible.module_utils.flowstream.middleboxes.routed.body import Route, read_routes
from ansible.module_utils.flowstream.middleboxes.routed.rules import check_routes, warn_of_no_destinations

MOST_STREAMS = 64
"""Of one module."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Packets to a host, so many a second: datagrams in frames of `length` bytes, or pings without one. Spelled `192.0.2.1 1000 60`."""

    destination: int
    rate: int
    length: int | None
    line: int = 0

    def __str__(self) -> str:
        return f"{self.text} {self.rate}" + ("" if self.length is None else f" {self.length}")

    @property
    def text(self) -> str:
        """Where to, in dotted decimal."""
        return address_text(self.destination)

    @property
    def label(self) -> str:
        """Name it in a message."""
        return f"{PING.name if self.length is None else STREAM.name} {self.text}"

    @classmethod
    def parse(cls, text: str) -> Sending:
        """Read the spelling of `str`."""
        destination, rate, *length = text.split(" ")
        return cls(parse_address("destination", destination), int(rate), int(length[0]) if length else None)


@dataclass(frozen=True, slots=True)
class GeneratorBody:
    """A part of the generator: its address, if that could be read, what it sends, and its routes."""

    address: int | None
    sendings: tuple[Sending, ...]
    routes: tuple[Route, ...]
    line: int


def read_body(pm: Element, values: Values) -> GeneratorBody:
    """Read the elements of a `pm`."""
    generator = next((child for child in pm.children if child.name == GENERATOR.name), Element(GENERATOR.name, pm.line))
    elements = [child for child in generator.children if child.name in (STREAM.name, PING.name)]
    if len(elements) > MOST_STREAMS:
        text = f"is one too many, got {len(elements)} in one module; send at most {MOST_STREAMS}, or use another pm"
        values.error(elements[MOST_STREAMS], "", text)
    read = (_sending(element, values) for element in elements)
    return GeneratorBody(
        address=values.host(generator, "address"),
        sendings=tuple(sending for sending in read if sending is not None),
        routes=read_routes(pm, values),
        line=generator.line,
    )


def _sending(element: Element, values: Values) -> Sending | None:
    is_ping = element.name == PING.name
    destination = values.host(element, "dst")
    rate = values.whole(element, "rate", 1, MAX_PINGS if is_ping else MAX_RATE)
    length = None if is_ping else values.whole(element, "length", SHORTEST, LONGEST) or SHORTEST
    return None if destination is None or rate is None else Sending(destination, rate, length, element.line)


def check_generator(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule."""
    ports = {port.portid: port for port in allocation.ports}
    first: dict[int, ProcessingModule] = {}
    for pm in allocation.pms:
        body: GeneratorBody = pm.body
        check_routes(pm, body.routes, ports, findings)
        if body.address is None:
            continue
        label, text = f"{GENERATOR.name} {address_text(body.address)}", address_text(body.address)
        other = first.setdefault(body.address, pm)
        if other is not pm:
            findings.error(
                body.line,
                label,
                f"address is that of {pm_label(other)} on line {other.body.line}, got {text}; use another",
            )
        for port in allocation.ports:
            for subnet in (interface.subnet for interface in port.addresses):
                if subnet.holds(body.address):
                    where = f"on {subnet} of {port_label(port)} on line {port.line}"
                    advice = "use one that routers outside have a route for"
                    findings.error(body.line, label, f"nobody answers ARP for it {where}, got {text}; {advice}")
        for sending in body.sendings:
            _check_sending(pm, body, sending, findings)
        pings = (sending for sending in body.sendings if sending.length is None)
        for ping, earlier in repeated(pings, lambda ping: ping.text):
            text = f"stands twice, first on line {earlier.line}, got {ping.text}; keep one, at the rate of both"
            findings.error(ping.line, ping.label, text)
    if not findings.errors:
        for pm in allocation.pms:
            warn_of_no_destinations(pm.body.routes, findings)


def _check_sending(pm: ProcessingModule, body: GeneratorBody, sending: Sending, findings: Findings) -> None:
    if sending.destination == body.address:
        text = f"goes to the module itself, got {sending.text}; write another host's address"
        findings.error(sending.line, sending.label, text)
    elif not any(route.prefix.holds(sending.destination) for route in body.routes):
        text = f"has no route in {pm_label(pm)}, got {sending.text}; add a forwardingentry"
        findings.error(sending.line, sending.label, text)
