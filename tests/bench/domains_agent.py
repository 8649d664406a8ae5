# SPDX-License-Identifier: Apache-2.0
"""Runs in dom0 for domains_bench.py: makes domains up to each of the wanted counts, and measures there.

At each count ten more domains are made by domain-builder and ten by `xl create` with Xen's own script for Open vSwitch, which
are removed again. Each measurement is a line of JSON on standard output.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from ansible.module_utils.flowstream.domain_template import DomainTemplate, VifTemplate
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.observe_mass import read_mass
from ansible.module_utils.flowstream.run import local_run
from ansible.module_utils.flowstream.run_domain_builder import DomainBuilder
from ansible.module_utils.flowstream.run_mass import Pace, converge_mass, patient_switch
from ansible.module_utils.flowstream.xenstore_pipeline import XenStorePipeline

BRIDGE = "br-mass"
EACH_WAY = 10
CONFIGURATION = "FromDevice(0) -> counter :: Counter -> Discard;"
PACE = Pace(batch=25, reserve_kib=65536, timeout=600, ready=True, progress=Path("/run/flowstream/xen_domains.progress"))


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def template(first: int, count: int, kernel: str) -> DomainTemplate:
    return DomainTemplate(
        "mass{number}", first, count, kernel, "pv", 4096,
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


def main(kernel: str, counts: list[int], seconds: float) -> None:
    """Measure at each count, as long as no more than so many seconds have passed."""
    run = local_run(600)
    deadline = time.monotonic() + seconds
    with DomainBuilder() as builder, XenStorePipeline(600) as store, patient_switch():
        made = 0
        for count in counts:
            while made < count - 1 and time.monotonic() < deadline:
                part = template(made + 1, min(PACE.batch, count - 1 - made), kernel)
                result = converge_mass(builder, store, run, part, "present", False, PACE, False)
                made += part.count
                say(what="filled", domains=made, seconds=result["seconds"] / part.count, phases=result["phases"])
            ten = template(made + 1, EACH_WAY, kernel)
            result = converge_mass(builder, store, run, ten, "present", False, PACE, False)
            say(what="builder", domains=made + 1, seconds=result["seconds"] / EACH_WAY, phases=result["phases"])
            times = [by_xl(number, kernel) for number in range(EACH_WAY)]
            say(what="xl", domains=made + 1, seconds=sum(times) / EACH_WAY, each=times)
            for number in range(EACH_WAY):
                subprocess.run(["xl", "destroy", f"xl{number}"], check=True)
            made += EACH_WAY
            if time.monotonic() > deadline:
                break
        start = time.monotonic()
        say(what="answers", **read_mass(builder, store, template(1, made, kernel), "counter.count", 600),
            seconds=time.monotonic() - start)  # fmt: skip


if __name__ == "__main__":
    try:
        main(sys.argv[1], [int(word) for word in sys.argv[2].split(",")], float(sys.argv[3]))
    except FlowstreamError as failure:
        say(what="failure", text=str(failure), details=failure.details)
        sys.exit(1)
