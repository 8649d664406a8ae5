# SPDX-License-Identifier: Apache-2.0
"""Measures mass creation on a Xen host of a lab that is up, and writes the report.

domains_bench.py --directory /run/flowstream/lab9 --address 198.18.9.11 --counts 1,100,500,1000,1100 --most 2500
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import ansible.module_utils

ROOT = Path(__file__).parents[2]
ansible.module_utils.__path__.append(str(ROOT / "module_utils"))

from ansible.module_utils.flowstream.dom0.converge import MEMORY  # noqa: E402  after the path is known

PLACE = "/var/lib/flowstream-bench"
PREPARE = f"""
mkdir -p {PLACE} /usr/local/lib/flowstream /run/flowstream
tar -C {PLACE} -xzf -
cp {PLACE}/domain-builder /usr/local/lib/flowstream/domain-builder
modprobe xen-netback
ovs-vsctl --may-exist add-br br-mass -- set-fail-mode br-mass secure
"""
CONDITIONS = """\
Of both ways alike: dom0 has one processor. A domain is PV with 4 MiB, one interface on Open vSwitch and the configuration
`FromDevice(0) -> counter :: Counter -> Discard;`.
"""
BAR_SECONDS = 0.25


def archive(kernel: Path) -> bytes:
    """What the host needs."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for module in sorted((ROOT / "module_utils").rglob("*.py")):
            tar.add(module, f"ansible/{module.relative_to(ROOT)}")
        tar.add(Path(__file__).with_name("domains_agent.py"), "domains_agent.py")
        tar.add(ROOT / "domain_builder" / "build" / "domain-builder", "domain-builder")
        tar.add(kernel, "clickos")
    return packed.getvalue()


def ssh(directory: Path, address: str) -> list[str]:
    """The command that runs another one on a machine of a lab."""
    return ["ssh", "-F", "none", "-i", str(directory / "id_ed25519"), "-o", f"UserKnownHostsFile={directory / 'known_hosts'}",
            "-o", "ServerAliveInterval=60", "-o", "ServerAliveCountMax=20", f"root@{address}"]  # fmt: skip


def settings(remote: list[str]) -> str:
    """What role dom0_limits has turned on the host, in a sentence."""
    kept = subprocess.run(
        [*remote, f"cat /{MEMORY} 2>/dev/null || echo {{}}"], check=True, stdout=subprocess.PIPE, text=True
    )
    turned = [f"{name} {one['value']:,} for {one['old']:,}" for name, one in sorted(json.loads(kept.stdout).items())]
    return (
        f"Role `dom0_limits` has turned: {'; '.join(turned)}."
        if turned
        else "Every setting of dom0 is as Debian has it."
    )


def measure(remote: list[str], counts: str, seconds: float, most: int, log: Path) -> list[dict[str, Any]]:
    """The lines of the agent; they go to `log`, too."""
    call = f"cd {PLACE} && exec python3 -u domains_agent.py {PLACE}/clickos {counts} {seconds:g} {most}"
    found = []
    with log.open("w") as file, subprocess.Popen([*remote, call], stdout=subprocess.PIPE, text=True) as agent:
        for line in agent.stdout or ():
            file.write(line)
            file.flush()
            print(line, end="", flush=True)
            found.append(json.loads(line))
    return found


def report(lines: list[dict[str, Any]], turned: str) -> str:
    """The report of these measurements; `turned` says with which settings."""
    mine = {line["domains"]: line for line in lines if line["what"] == "builder"}
    xl = {line["domains"]: line for line in lines if line["what"] == "xl"}
    filled = [line for line in lines if line["what"] == "filled"]
    text = ["<!-- SPDX-License-Identifier: Apache-2.0 -->", "# Mass creation of ClickOS domains", "",
            f"Made by `make mass` on {time.strftime('%Y-%m-%d')}; {os.cpu_count()} processors, "
            f"load {os.getloadavg()[2]:.1f} in the last 15 minutes, 1 of which is the host's.", "", CONDITIONS.rstrip(), turned, "",
            "## Seconds a domain", "",
            "Ten domains each way, when so many were there before.", "",
            "| domains | domain-builder | `xl create` | times faster | create | build | store | start | plug |",
            "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for count, line in sorted(mine.items()):
        other = xl.get(count, {}).get("seconds", 0.0)
        phases = " | ".join(
            f"{line['phases'].get(one, 0):.3f}" for one in ("create", "build", "store", "start", "plug")
        )
        text.append(f"| {count:,} | {line['seconds']:.2f} | {other:.2f} | {other / line['seconds']:.1f} | {phases} |")
    text += ["", "domain-builder: until the last of the ten runs its configuration. `xl create`: until it returns. `plug` is",
             "the time until netback's interface is up, while the next domains are made.", ""]  # fmt: skip
    if len(mine) > 1:
        first, last = min(mine), max(mine)
        text += [
            f"At {last:,} domains one costs {mine[last]['seconds'] / mine[first]['seconds']:.1f} times what it does at {first:,}.",
            "",
        ]
    text += ["## On the way", "", "```"]
    for line in filled:
        text.append(f"{line['domains']:>5,} {line['seconds']:6.2f} s {'#' * round(line['seconds'] / BAR_SECONDS)}")
    text += ["```", ""]
    for line in lines:
        if line["what"] == "predicted":
            text.append(
                f"With {line['present']:,} domains there, the doctor expects the first wall, {line['wall']}, at {line['domains']:,}."
            )
    for line in lines:
        if line["what"] == "wall":
            text += ["", f"The wall was at **{line['domains']:,}**: `{line['text']}`"]
    text += ["", "## All answer", ""]
    for line in lines:
        if line["what"] == "answers":
            text += [f"{line['running']:,} domains run at once, {line['answered']:,} of them answer when `counter.count` is read "
                     f"of all at once ({line['seconds']:.0f} s); {line['free_kib'] // 1024:,} MiB of the host are free.", ""]  # fmt: skip
    if not lines or lines[-1]["what"] != "answers":
        text += ["The host stopped answering: the run is not complete.", ""]
    return "\n".join(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, required=True, help="folder of the lab")
    parser.add_argument("--address", required=True, help="address of the Xen host")
    parser.add_argument("--kernel", type=Path, default=ROOT / "clickos" / "build" / "clickos")
    parser.add_argument("--counts", default="1,100,500,1000,1100")
    parser.add_argument("--seconds", type=float, default=7200, help="no more domains after so long")
    parser.add_argument("--most", type=int, default=0, help="go on to so many domains, or to the first wall")
    parser.add_argument("--log", type=Path, default=ROOT / "build" / "mass.jsonl")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "reports" / "mass.md")
    given = parser.parse_args()
    remote = ssh(given.directory, given.address)
    subprocess.run([*remote, PREPARE], input=archive(given.kernel), check=True)
    turned = settings(remote)
    lines = measure(remote, given.counts, given.seconds, given.most, given.log)
    given.report.parent.mkdir(parents=True, exist_ok=True)
    given.report.write_text(report(lines, turned))
    print(f"report: {given.report}")
    return 0 if lines and lines[-1]["what"] == "answers" else 1


if __name__ == "__main__":
    sys.exit(main())
