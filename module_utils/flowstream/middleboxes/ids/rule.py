# SPDX-License-Identifier: Apache-2.0
"""One rule of a rule file, spelled as Snort and Suricata spell theirs, as far as the engine does what it says.

`alert tcp any any -> 192.0.2.0/24 80 (msg:"A shell in a request"; content:"/bin/sh"; nocase; sid:1000001;)`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import EVERYTHING, Prefix, address_text, parse_block, shown
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.errors import FlowstreamError

ALERT, DROP = "alert", "drop"
ACTIONS = (ALERT, DROP)
PROTOCOLS = ("ip", "tcp", "udp", "icmp")
UNREAD = ("classtype", "gid", "metadata", "priority", "reference", "rev")
"""Options that say something to people and to other programs, and nothing about packets."""
MOST_SID = 2**31 - 1
MOST_TEXT = 1024
"""Bytes of a content, which is what PayloadMatcher looks for at most."""
MAX_PORT = 65535

_RULE = re.compile(r"(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*\((.*)\)", re.ASCII)
_OPTION = re.compile(r"\s*([A-Za-z_.]+)\s*(?::\s*((?:\"(?:[^\"\\]|\\.)*\"|[^;\"\\]|\\.)*?))?\s*;\s*")
_PORTS = re.compile(r"([0-9]{1,5})?(:)?([0-9]{1,5})?", re.ASCII)
_HEX = re.compile(r"(\s*[0-9A-Fa-f]{2}\s*)*", re.ASCII)
_PLAIN = re.compile(rb"[A-Za-z0-9 /._:=?&%+@~-]+")
"""What stands in quotes in a configuration as it is; all else is written in hex."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a packet comes from or goes to: a block of addresses, and ports from `first` to `last`."""

    block: Prefix
    first: int
    last: int

    def tests(self, way: str, protocol: str) -> Iterator[str]:
        """What an IPClassifier asks of it; `way` is `src` or `dst`."""
        if self.block.length == 32:
            yield f"{way} host {address_text(self.block.network)}"
        elif self.block != EVERYTHING:
            yield f"{way} net {self.block}"
        if self.first == self.last:
            yield f"{way} {protocol} port {self.first}"
        elif (self.first, self.last) != (0, MAX_PORT):
            yield f"{way} {protocol} port >= {self.first}"
            yield f"{way} {protocol} port <= {self.last}"


@dataclass(frozen=True, slots=True)
class Header:
    """Which packets a rule is for."""

    protocol: str
    source: End
    destination: End
    is_both_ways: bool

    @property
    def pattern(self) -> str:
        """As an IPClassifier takes it."""
        ways = [(self.source, self.destination), (self.destination, self.source)]
        patterns = list(dict.fromkeys(self._one_way(*ends) for ends in (ways if self.is_both_ways else ways[:1])))
        return patterns[0] if len(patterns) == 1 else " or ".join(f"({pattern})" for pattern in patterns)

    def _one_way(self, source: End, destination: End) -> str:
        tests = [*source.tests("src", self.protocol), *destination.tests("dst", self.protocol)]
        if self.protocol != "ip" and not any(f" {self.protocol} port" in test for test in tests):
            tests.append(self.protocol)
        return " and ".join(tests) or "true"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with packets of `header` in whose payload `content` is found."""

    action: str
    header: Header
    content: bytes
    any_case: bool
    sid: int
    message: str

    @property
    def argument(self) -> str:
        """As PayloadMatcher takes it: the name that alerts have, and the text."""
        plain = f'"{self.content.decode("ascii")}"' if _PLAIN.fullmatch(self.content) else f"\\<{self.content.hex()}>"
        return f"{self.sid} {plain}{' nocase' if self.any_case else ''}"


def parse_rule(line: str) -> Rule:
    """Read one; an error says what is wrong with it, without the line."""
    found = _RULE.fullmatch(line)
    if found is None:
        text = f"is no rule, got {shown(line)}"
        raise FlowstreamError(f"{text}; write ACTION PROTOCOL ADDRESS PORT -> ADDRESS PORT (OPTIONS) in one line")
    action, protocol, source, source_port, way, destination, destination_port, options = found.groups()
    _one_of("action", action, ACTIONS)
    _one_of("protocol", protocol, PROTOCOLS)
    _one_of("direction", way, ("->", "<>"))
    ends = [_end(*texts, protocol) for texts in ((source, source_port), (destination, destination_port))]
    header = Header(protocol, ends[0], ends[1], way == "<>")
    given = _options(options)
    return Rule(
        action=action,
        header=header,
        content=_content(given["content"]),
        any_case="nocase" in given,
        sid=_sid(given["sid"]),
        message=_quoted("msg", given["msg"]),
    )


def _one_of(what: str, got: str, words: tuple[str, ...]) -> None:
    if got not in words:
        raise FlowstreamError(f"{what} is unknown, got {shown(got)}; use {choice(words)}")


def _end(address: str, port: str, protocol: str) -> End:
    if address[0] in "[$!":
        raise FlowstreamError(
            f"address is a list, a variable or all but one, got {shown(address)}; write one network, or any"
        )
    block = EVERYTHING if address == "any" else parse_block("address", address)
    if port == "any":
        return End(block, 0, MAX_PORT)
    if protocol not in ("tcp", "udp"):
        raise FlowstreamError(f"port needs protocol tcp or udp, got {shown(port)} with {protocol}; write any")
    found = _PORTS.fullmatch(port)
    if found is None or not (found[1] or found[3]) or (found[3] and not found[2]):
        raise FlowstreamError(f"port is none, got {shown(port)}; write 80, 1024:2047, 1024: or any")
    first = int(found[1] or 0)
    last = int(found[3] or (MAX_PORT if found[2] else first))
    if not first <= last <= MAX_PORT:
        raise FlowstreamError(f"port is outside 0..{MAX_PORT} or ends before it begins, got {port}; write FIRST:LAST")
    return End(block, first, last)


def _options(text: str) -> dict[str, str]:
    """The options by name. Those that would decide about packets and are not known are errors: they would be passed over."""
    given: dict[str, str] = {}
    place = 0
    while place < len(text):
        found = _OPTION.match(text, place)
        if found is None:
            raise FlowstreamError(f"options end too early, got {shown(text[place:])}; end every option with ;")
        name, value, place = found[1], found[2] or "", found.end()
        if name in UNREAD:
            continue
        if name not in ("msg", "content", "nocase", "sid"):
            use = choice(["msg", "content", "nocase", "sid", *UNREAD])
            raise FlowstreamError(f"option is not done, got {shown(name)}; use {use}")
        if name in given:
            raise FlowstreamError(f"{name} stands twice, got {shown(value)}; keep one")
        if name == "nocase" and "content" not in given:
            raise FlowstreamError("nocase belongs to a content, got none before it; write it behind")
        given[name] = value
    for name, example in (("msg", 'msg:"TEXT";'), ("content", 'content:"TEXT";'), ("sid", "sid:1000001;")):
        if name not in given:
            raise FlowstreamError(f"{name} is missing, got {shown(text)}; add {example}")
    return given


def _quoted(name: str, value: str) -> str:
    if len(value) < 3 or value[0] != '"' or value[-1] != '"':
        raise FlowstreamError(f'{name} is no text, got {shown(value)}; write {name}:"TEXT";')
    return value[1:-1]


def _content(value: str) -> bytes:
    r"""Bytes as they are, with those between bars in hex, and \ before a quote, a semicolon, a colon and itself."""
    pieces = re.sub(r"\\([\"\\;:])", lambda found: f"|{ord(found[1]):02x}|", _quoted("content", value)).split("|")
    text = b""
    if len(pieces) % 2 == 0:
        raise FlowstreamError(f"content opens a bar that it does not close, got {shown(value)}; write |90 90|")
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            if "\\" in piece or not piece.isascii() or not (piece.isprintable() or not piece):
                raise FlowstreamError(f"content is not ASCII, got {shown(value)}; write its bytes as |c3 9f|")
            text += piece.encode("ascii")
        elif _HEX.fullmatch(piece):
            text += bytes.fromhex(piece)
        else:
            raise FlowstreamError(f"content is not hex between bars, got {shown(piece)}; write |0d 0a|")
    if not 1 <= len(text) <= MOST_TEXT:
        raise FlowstreamError(f"content is outside 1..{MOST_TEXT} bytes, got {len(text)}; write one inside")
    return text


def _sid(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) or not 1 <= int(text) <= MOST_SID:
        raise FlowstreamError(f"sid is outside 1..{MOST_SID}, got {shown(text)}; write one inside")
    return int(text)
