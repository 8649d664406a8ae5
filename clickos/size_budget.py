#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold every element class to its share of the guest image.

A class takes what the symbols of its members, its tables of virtual functions and the templates made for it take in the linked
image; what several classes have in common is nobody's. The image has to stay below 900 KiB with all of them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

USUAL = 4096
BUDGETS = {
    "ARPResponder": 4608,  # with its table of prefixes
    "AggregateCounter": 7168,  # a trie of counters, four ways to write it, two to read it
    "AggregateIPFlows": 5120,  # flows, and fragments that wait for their first one
    "EtherSpanTree": 5632,  # IEEE 802.1D, all of it
    "ICMPPingSource": 4608,
    "IP6NDAdvertiser": 6656,  # with its table of prefixes
    "IPFIXExporter": 4864,
    "IPPrint": 5632,
    "IPRateMonitor": 4608,
    "IPReassembler": 6144,  # with packets that move to another guest
    "IPsecESPUnencap": 5376,  # associations of two kinds of ciphers, anti-replay with ESN
    "MaglevBalancer": 6144,
    "NAT64": 7168,  # three protocols, both ways, with its sessions
    "PayloadMatcher": 5632,
    "StatefulFirewall": 8192,  # RFC 9293's and RFC 5382's states, which move to another guest
}
"""Bytes that a class may take; USUAL where it is not named."""

REGISTRATION = re.compile(r"^CLICK_ELEMENT\((\w+)\)", re.MULTILINE)
COMPONENT = re.compile(r"(?:^|::|for |<)([A-Z]\w*)(?=::|$|<|>)")


def registered(sources: Iterable[Path]) -> set[str]:
    """The classes that element sources register."""
    return {name for source in sources for name in REGISTRATION.findall(source.read_text())}


def taken(symbols: str, classes: set[str]) -> Counter[str]:
    """Bytes by class, of what `nm --print-size --demangle` printed; what is zero at first takes none of the image."""
    sizes: Counter[str] = Counter()
    for line in symbols.splitlines():
        fields = line.split(None, 3)
        if len(fields) < 4 or fields[2] in "bB":
            continue
        name = fields[3].replace("(anonymous namespace)::", "")
        owner = next((one for one in COMPONENT.findall(name) if one in classes), None)
        if owner:
            sizes[owner] += int(fields[1], 16)
    return sizes


def complaints(sizes: Mapping[str, int], budgets: Mapping[str, int] = BUDGETS) -> list[str]:
    """What is wrong with sizes, or with the table of budgets."""
    wrong = [
        f"{name} takes {size} bytes of the image, {size - budgets.get(name, USUAL)} more than its budget; make it smaller, or say"
        f" what it is for in {Path(__file__).name}"
        for name, size in sorted(sizes.items())
        if size > budgets.get(name, USUAL)
    ]
    return wrong + [
        f"{name} has a budget of {budget} bytes and takes {sizes.get(name, 0)}; take it out of {Path(__file__).name}"
        for name, budget in sorted(budgets.items())
        if sizes.get(name, 0) <= USUAL - USUAL // 8
    ]


def main() -> int:
    """`size_budget.py IMAGE.debug SOURCE...`: 1 and a line each when a class takes more than its budget."""
    image, *sources = sys.argv[1:]
    argv = ["nm", "--print-size", "--demangle", "--defined-only", image]
    symbols = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120).stdout
    sizes = taken(symbols, registered(map(Path, sources)))
    if not sizes:
        print(f"{image}: no symbols of elements; it has to be the image's symbols (clickos.debug)", file=sys.stderr)
        return 1
    wrong = complaints(sizes)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
