#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check that the engine's objects need nothing but what a guest without an operating system can give.

Everything that core, lang, lib, net and elements leave undefined must be the platform's ten functions, memory, or a
pure function of a C library; and no object may bring code that runs before main.
"""

from __future__ import annotations

import re
import subprocess
import sys

ALLOWED = re.compile(
    r"""^(
      click::platform::.*                      # platform/<os>/
    | (typeinfo|vtable)\ for\ click::platform::.*
    | operator\ (new|delete)(\[\])?\(.*
    | std::nothrow | std::__throw_\w+\(.* | __cxa_pure_virtual | __dso_handle
    | std::_Rb_tree_(insert_and_rebalance|rebalance_for_erase|increment|decrement)\(.*   # header-only but for tree.o
    | mem(cpy|move|set|cmp|chr) | str(len|cmp|ncmp|chr|rchr|str|tod) | v?snprintf | bcmp
    | __popcountdi2 | __u?(div|mod)ti3       # the compiler's own arithmetic, libgcc.a
    | __(start|stop)_click_elements | _GLOBAL_OFFSET_TABLE_
    | br_\w+                                # BearSSL, which needs memcpy alone
    | __(asan|ubsan|sanitizer)_\w+
    )$""",
    re.VERBOSE,
)


def nm(option: str, objects: list[str]) -> list[tuple[str, str]]:
    """(object, demangled symbol) of each symbol that `nm option` lists."""
    out = subprocess.run(["nm", "-A", "-C", option, *objects], check=True, capture_output=True, text=True).stdout
    symbols = []
    for line in out.splitlines():
        name, _, rest = line.partition(":")
        symbols.append((name, re.sub(r"^[0-9a-f ]*\s*[A-Za-z] ", "", rest).strip()))
    return symbols


def main(objects: list[str]) -> int:
    defined = {symbol for _, symbol in nm("--defined-only", objects)}
    findings = sorted(
        f"{name}: needs '{symbol}', which no guest platform gives"
        for name, symbol in nm("--undefined-only", objects)
        if symbol not in defined and not ALLOWED.match(symbol)
    )
    sections = subprocess.run(["size", "-A", *objects], check=True, capture_output=True, text=True).stdout
    current = ""
    for line in sections.splitlines():
        if line.endswith(" :"):
            current = line[:-2].strip()
        elif line.startswith(".init_array") and int(line.split()[1]) > 0:
            findings.append(f"{current}: runs code before main (.init_array); make the global constinit")
    print("\n".join(findings) if findings else f"freestanding: {len(objects)} objects need nothing but the platform")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
