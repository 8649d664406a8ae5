# SPDX-License-Identifier: Apache-2.0
"""A Click configuration that says of each packet which elements it passes: a Print on every connection of the flat one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.control.flat import Connection, split_flat

START = 1_000_000_000
"""When simulated time begins, in seconds since 1970."""
SENT_AT, ANSWERED_AT, END = 2.0, 2.5, 4.0
"""Seconds of simulated time from its beginning: the packet comes, who asks for a neighbour is answered, all is over."""
_MOST_BYTES = 2048
NEIGHBOUR = bytes.fromhex("060000000001")
"""Who answers whenever a module asks for a neighbour: each station that a packet may go to next."""

# The devices of a configuration, by files of their names in the working folder. The first packet of a file comes at once, so each
# file begins with one that has no content and says when time began.
DEVICES = """
elementclass FromDevice { $device, __REST__ $rest |
    FromDump(${device}.in.pcap, TIMING true, STOP false) -> frames :: CheckLength(14) -> Discard;
    frames[1] -> output }
elementclass ToDevice { $device, __REST__ $rest |
    input -> SetTimestamp -> ToDump(${device}.out.pcap, SNAPLEN 0, UNBUFFERED true) }
"""
_OF_DEVICES = re.compile(r"/(frames|FromDump@\d+|SetTimestamp@\d+|ToDump@\d+|Discard@\d+)$")
_SAID = re.compile(r"trace(\d+): (\d+\.\d+): +\d+ \| ([0-9a-f ]*)")


@dataclass(frozen=True, slots=True)
class Passage:
    """What a module did with a packet: the elements it passed, the frames that came of it, and whom the module asked for."""

    elements: tuple[str, ...]
    sent: tuple[tuple[str, bytes], ...]
    asked: tuple[str, ...] = ()


def instrumented(flat: str, told: Sequence[str] = ()) -> tuple[str, list[Connection]]:
    """Return a flat configuration with a Print on each connection, and the connections by the number that they print.

    `told` is what handlers get when time begins, as HANDLER VALUE.
    """
    declarations, connections = split_flat(flat)
    lines = [
        f"{one.source} [{one.output}] -> Print(trace{number}, MAXLENGTH {_MOST_BYTES}, TIMESTAMP true) -> [{one.input}] {one.target};"
        for number, one in enumerate(connections)
    ]
    ending = f"DriverManager({''.join(f'write {one}, ' for one in told)}wait {END}s, stop);"
    return "\n".join([declarations, *lines, ending, ""]), connections


def passed(said: Iterable[str], connections: Sequence[Connection], marks: Sequence[bytes]) -> list[Connection]:
    """Return the connections that frames with one of the marks passed after the packet came, by what the engine said."""
    found: list[Connection] = []
    for line in said:
        told = _SAID.match(line)
        if told is None or float(told[2]) < START + SENT_AT:
            continue
        content = bytes.fromhex(told[3].replace(" ", ""))
        if any(mark in content for mark in marks):
            found.append(connections[int(told[1])])
    return found


def elements_of(way: Sequence[Connection]) -> list[str]:
    """Return the elements of a way as a person reads them: in order, a device as one, a branch with the output it leaves by."""
    found: list[str] = []
    for one in way:
        source, target = (_OF_DEVICES.sub("", name) for name in (one.source, one.target))
        if source == target:
            continue
        if not found:
            found.append(source)
        elif found[-1].partition(" [")[0] != source:
            found.append(f"(from {source})")
        if one.output and source == one.source:
            found[-1] = f"{found[-1]} [{one.output}]"
        found.append(target)
    return found
