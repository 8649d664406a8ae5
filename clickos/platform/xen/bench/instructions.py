#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Count the instructions that a guest's router spends on a frame, with valgrind, and the events that it sends for it.

The difference of two runs of forward_bench is free of what starting costs. Counted is what runs below
Control::run_routers: rings, copies and elements, without the played backend.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

FEW, MANY, FRAMES_A_BATCH = 50, 550, 32

FORWARD = "FromDevice(0, SNAPLEN 65535, PROMISC true) -> {} ToDevice(0);"
CONFIGURATIONS = {
    "receive, discard": "FromDevice(0, SNAPLEN 65535) -> Discard;",
    "receive, queue, send": FORWARD.format("Queue(200) ->"),
    "receive, swap addresses, queue, send": FORWARD.format("EtherMirror -> Queue(200) ->"),
}


def run(bench: str, batches: int, length: int, configuration: str) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts"
        count = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}", "--toggle-collect=*run_routers*"]
        argv = [*count, bench, str(batches), str(length), configuration]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        found = re.search(r"^(?:summary|totals): (\d+)", counts.read_text(), re.MULTILINE)
        assert found, "callgrind counted nothing"
        return int(found.group(1)), done.stdout.splitlines()[-1]


def main() -> None:
    for name, configuration in CONFIGURATIONS.items():
        for length in (60, 1500):
            few, _ = run(sys.argv[1], FEW, length, configuration)
            many, passed = run(sys.argv[1], MANY, length, configuration)
            each = (many - few) / ((MANY - FEW) * FRAMES_A_BATCH)
            print(f"{name}, {length} bytes: {each:.0f} instructions per frame; {passed}")


if __name__ == "__main__":
    main()
