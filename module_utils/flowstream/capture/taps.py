# SPDX-License-Identifier: Apache-2.0
"""A Click configuration that also writes down the packets at ports of its elements: where, and the text of it.

At each connection of such a port stands a Tee, which gives its packets to a gate, and that to a ToDump; the gate closes when it has let
through as many as are asked for. All other elements keep name and class, and so what they hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ansible.module_utils.flowstream.control.flat import Connection, split_flat
from ansible.module_utils.flowstream.errors import FlowstreamError

PREFIX = "capture_"
"""What the names of all elements begin with that a capture puts in."""
_NEAREST = 5
_PLACE = re.compile(r"(?:\[(?P<input>\d+)\])?(?P<element>[\w/@]+)(?:\[(?P<output>\d+)\])?\Z")
_ELEMENT = re.compile(r"^([\w/@]+) :: ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """An element of a module, and one input or output of it; all of them where neither is given."""

    element: str
    input: int | None = None
    output: int | None = None

    def __str__(self) -> str:
        before, behind = ("" if side is None else f"[{side}]" for side in (self.input, self.output))
        return f"{before}{self.element}{behind}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read it as Click writes ports: `rt`, `[0]rt` or `rt[1]`."""
        found = _PLACE.match(text)
        if found is None or (found["input"] and found["output"]):
            raise FlowstreamError(f"is no element or port of one, got {text}; write rt, [0]rt or rt[1]")
        one, other = (int(found[side]) if found[side] else None for side in ("input", "output"))
        return cls(found["element"], one, other)


@dataclass(frozen=True, slots=True)
class Tap:
    """One port of an element, called as Click writes it, with the numbers of the connections at it; `pulls` says how packets go there."""

    port: str
    connections: tuple[int, ...]
    pulls: bool


def elements_of(flat: str) -> list[str]:
    """Return the names of the elements of a flat configuration."""
    return _ELEMENT.findall(split_flat(flat)[0])


def element_of(flat: str, place: Place) -> str:
    """Return the name of the element that is meant; FlowstreamError names those that it may be."""
    names = elements_of(flat)
    if any(name.startswith(PREFIX) for name in names):
        raise FlowstreamError(
            "another capture is at its module; wait until that is over, or deploy the allocation again"
        )
    if place.element not in names:
        nearest = ", ".join(get_close_matches(place.element, names, _NEAREST, 0))
        raise FlowstreamError(f"is no element of its module, got {place.element}; use one such as {nearest}")
    return place.element


def taps_at(flat: str, place: Place, ports: str) -> list[Tap]:
    """Return the taps of a place, inputs first; `ports` is what the element's handler of that name says."""
    pulling = _pulling(ports)
    every: dict[tuple[bool, int], list[int]] = {}
    for number, one in enumerate(split_flat(flat)[1]):
        if one.target == place.element:
            every.setdefault((False, one.input), []).append(number)
        if one.source == place.element:
            every.setdefault((True, one.output), []).append(number)
    taps = {
        key: Tap(str(_port(place.element, *key)), tuple(numbers), pulling[key])
        for key, numbers in sorted(every.items())
    }
    if place.input is None and place.output is None:
        chosen = list(taps.values())
    else:
        wanted = (False, place.input) if place.output is None else (True, place.output)
        chosen = [tap for key, tap in taps.items() if key == wanted]
    if not chosen:
        known = ", ".join(tap.port for tap in taps.values()) or "none that is connected"
        raise FlowstreamError(f"is no port of {place.element}, got {place}; use {known}")
    return chosen


def _port(element: str, is_output: bool, number: int) -> Place:
    return Place(element, output=number) if is_output else Place(element, input=number)


def _pulling(ports: str) -> dict[tuple[bool, int], bool]:
    """Whether each port pulls: blocks of inputs and outputs, each headed by their number, with a line a port."""
    lines = ports.splitlines()
    found: dict[tuple[bool, int], bool] = {}
    at = 0
    for is_output in (False, True):
        count = int(lines[at].split()[0])
        for number, line in enumerate(lines[at + 1 : at + 1 + count]):
            found[is_output, number] = line.startswith("pull")
        at += 1 + count
    return found


def tapped(flat: str, taps: Sequence[Tap], files: Mapping[str, str], packets: int, snaplen: int) -> str:
    """Return the configuration with taps, each of which writes at most so many packets, and of each at most so many bytes.

    `files` has the file (pcap, nanoseconds) of each port.
    """
    declarations, connections = split_flat(flat)
    lines = [declarations, ""]
    for number, tap in enumerate(taps):
        gate, counter, time, dump = (f"{PREFIX}{what}{number}" for what in ("gate", "count", "time", "dump"))
        lines.append(
            f"{gate} :: Switch(0) -> {counter} :: Counter(COUNT_CALL {packets} {gate}.switch -1) -> {time} :: SetTimestamp"
            f" -> {dump} :: ToDump({files[tap.port]}, SNAPLEN {snaplen}, NANO true);"
        )
    for number, connection in enumerate(connections):
        lines += _wires(
            number, connection, [(order, tap) for order, tap in enumerate(taps) if number in tap.connections]
        )
    return "\n".join([*lines, ""])


def _wires(number: int, connection: Connection, taps: Sequence[tuple[int, Tap]]) -> Iterator[str]:
    """A connection by way of its taps. Of a Tee's outputs the last one has the packet itself, of a PullTee's the first."""
    end = f"{connection.source} [{connection.output}]"
    for order, tap in sorted(taps, key=lambda one: one[1].port.startswith("[")):
        tee = f"{PREFIX}tee{number}_{order}"
        aside, on = (1, 0) if tap.pulls else (0, 1)
        yield f"{end} -> {tee} :: {'PullTee' if tap.pulls else 'Tee'};"
        yield f"{tee} [{aside}] -> {PREFIX}gate{order};"
        end = f"{tee} [{on}]"
    yield f"{end} -> [{connection.input}] {connection.target};"


def counters(taps: Sequence[Tap]) -> list[str]:
    """Return the handlers that say how many packets each tap has written."""
    return [f"{PREFIX}dump{number}.count" for number in range(len(taps))]


def flushes(taps: Sequence[Tap]) -> list[str]:
    """Return the handlers that make each tap write what it has in its buffer."""
    return [f"{PREFIX}dump{number}.flush" for number in range(len(taps))]
