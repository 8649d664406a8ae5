# SPDX-License-Identifier: Apache-2.0
"""Runs in dom0 for domains_bench.py: makes domains up to each of the wanted counts, and measures there.

At each count ten more domains are made by domain-builder and ten by `xl create` with Xen's own script for Open vSwitch, which
are removed again. After the last count it goes on to the first wall, if that is asked for. Each measurement is a line of JSON on
standard output.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.dom0.capacity import capacity
from ansible.module_utils.flowstream.dom0.facts import Demand
from ansible.module_utils.flowstream.dom0.observe import observe_dom0, open_hypervisor
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import local_run
from ansible.module_utils.flowstream.xen.mass.builder import DomainBuilder
from ansible.module_utils.flowstream.xen.mass.converge import Pace, converge_mass, patient_switch
from ansible.module_utils.flowstream.xen.mass.observe import read_mass
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate, VifTemplate
from ansible.module_utils.flowstream.xenstore.pipeline import XenStorePipeline

BRIDGE = "br-mass"
EACH_WAY = 10
RUN = 100
MEMORY_KIB = 4096
CONFIGURATION = "FromDevice(0) -> counter :: Counter -> Discard;"
PACE = Pace(batch=25, reserve_kib=0, timeout=600, ready=True, progress=Path("/run/flowstream/xen_domains.progress"))


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def template(first: int, count: int, kernel: str) -> DomainTemplate:
    return DomainTemplate(
        "mass{number}", first, count, kernel, "pv", MEMORY_KIB,
        vifs=(VifTemplate("m{number}", BRIDGE, "02:c0:00:00:00:00"),), configuration=CONFIGURATION,
    )  # fmt: skip


def by_xl(number: int, kernel: str) -> float:
    """Seconds that one `xl create` takes."""
    config = Path(f"/run/flowstream/xl{number}.cfg")
    config.write_text(
        f'name = "xl{number}"\nkernel = "{kernel}"\nmemory = 4\nvcpus = 1\non_crash = "destroy"\n'
        f'vif = ["mac=02:c1:00:00:00:{number:02x},bridge={BRIDGE},script=vif-openvswitch"]\n'
    )
    start = time.monotonic()
    subprocess.run(["xl", "create", "-q", str(config)], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def available_kib() -> int:
    """What dom0 could still use of its memory: MemAvailable, proc(5)."""
    text = Path("/proc/meminfo").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("MemAvailable:")))


class Bench:
    """The domains that were made so far, by number from 1, and what makes more."""

    def __init__(self, builder: DomainBuilder, store: XenStorePipeline, kernel: str, deadline: float) -> None:
        self._builder, self._store, self._kernel, self._deadline = builder, store, kernel, deadline
        self._run = local_run(600)
        self.made = 0

    def late(self) -> bool:
        """Whether no more domains are to be made."""
        return time.monotonic() > self._deadline

    def predict(self) -> None:
        """Say where the doctor expects the first wall, as the host is now."""
        found = capacity(observe_dom0(self._run, open_hypervisor()), Demand(1, memory=MEMORY_KIB, boot="pv"))
        say(what="predicted", domains=found["domains"], wall=found["first"]["wall"], present=found["present"])

    def make(self, count: int) -> dict[str, Any]:
        """Make so many more domains."""
        part = template(self.made + 1, count, self._kernel)
        try:
            result = converge_mass(self._builder, self._store, self._run, part, "present", False, PACE, False)
        except FlowstreamError as failure:
            self.made += int(failure.details.get("created", 0))
            raise
        self.made += count
        return result

    def fill(self, count: int) -> None:
        """Make domains, a hundred in a run of the module, until there are so many."""
        while self.made < count and not self.late():
            part = min(RUN, count - self.made)
            result = self.make(part)
            _, free_kib = self._builder.domains()
            say(what="filled", domains=self.made, seconds=result["seconds"] / part, phases=result["phases"],
                free_kib=free_kib, available_kib=available_kib())  # fmt: skip

    def compare(self) -> None:
        """Make ten domains each way; those of `xl` go again."""
        before = self.made
        result = self.make(EACH_WAY)
        say(what="builder", domains=before + 1, seconds=result["seconds"] / EACH_WAY, phases=result["phases"])
        times = [by_xl(number, self._kernel) for number in range(EACH_WAY)]
        say(what="xl", domains=before + 1, seconds=sum(times) / EACH_WAY, each=times)
        for number in range(EACH_WAY):
            # libxl gives up when a device is not gone within ten seconds, which it may not be on a host with a thousand.
            subprocess.run(["xl", "destroy", f"xl{number}"], check=False)

    def ask(self) -> None:
        """Read a handler of all domains at once."""
        start = time.monotonic()
        say(what="answers", **read_mass(self._builder, self._store, template(1, self.made, self._kernel), "counter.count", 600),
            seconds=time.monotonic() - start)  # fmt: skip


def main(kernel: str, counts: list[int], seconds: float, most: int) -> None:
    """Measure at each count, then go on to `most` domains or the first wall, until so many seconds have passed."""
    with DomainBuilder() as builder, XenStorePipeline(600) as store, patient_switch():
        bench = Bench(builder, store, kernel, time.monotonic() + seconds)
        try:
            for count in counts:
                bench.fill(count - 1)
                if bench.late():
                    break
                bench.predict()
                bench.compare()
            bench.ask()
            bench.fill(most)
        except FlowstreamError as failure:
            say(what="wall", domains=bench.made, text=str(failure), details=failure.details)
        bench.predict()
        bench.ask()


if __name__ == "__main__":
    main(sys.argv[1], [int(word) for word in sys.argv[2].split(",")], float(sys.argv[3]), int(sys.argv[4]))
