# SPDX-License-Identifier: Apache-2.0
"""Runs in dom0 for the tests: does what each line of its input asks for, with the toolkit that lies beside it.

One process for a whole session: where every instruction is emulated, starting an interpreter takes a second.
"""

from __future__ import annotations

import json
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent
sys.path.insert(0, str(HOME))

from ansible.module_utils.flowstream.control.clickos import ClickOsControl  # noqa: E402
from ansible.module_utils.flowstream.errors import FlowstreamError  # noqa: E402
from ansible.module_utils.flowstream.hosts.xen.initramfs import with_file  # noqa: E402
from ansible.module_utils.flowstream.xenstore.library import LibraryXenStore  # noqa: E402
from ansible.module_utils.flowstream.xenstore.store import find_domain  # noqa: E402
from xen_traffic import datagrams, flood, networks, ping, sh, traffic, traffic_until  # noqa: E402, F401

ANSWER_SECONDS = 60.0
BOOT_SECONDS = 500.0
"""What a guest may take to start: a PVH Linux takes more than two minutes where Xen is emulated."""
NEAR_MAC = "00:16:3e:00:05:fe"
REPLACEMENT_RATE = 50.0
"""Probes a second while configurations are replaced: what an emulated host carries beside that."""


# Domains


def create(name: str, kind: str, memory_mib: float, vifs: list[str], **options: str) -> dict[str, float]:
    """Create a domain with `xl`; `kernel` lies in HOME, other options are those of xl.cfg(5). Times in seconds.

    A kernel with a file system beside it, KERNEL.initramfs, is that of a Linux guest.
    """
    kernel = HOME / options.pop("kernel", "clickos")
    lines = [f'name = "{name}"', f'kernel = "{kernel}"', f"memory = {memory_mib}", 'on_crash = "preserve"']
    # Without a number of processors libxl gives a PVH domain no memory for its page tables.
    lines += ["vcpus = 1"] if kind == "pv" else ["vcpus = 1", 'type = "pvh"']
    text, linux = options.pop("ramdisk_text", None), Path(f"{kernel}.initramfs")
    ramdisk = (text or "").encode()
    if linux.exists():
        options["extra"] = "console=hvc0 quiet"
        ramdisk = linux.read_bytes() if text is None else with_file(linux.read_bytes(), "router.click", ramdisk)
    if ramdisk:
        (HOME / f"{name}.ramdisk").write_bytes(ramdisk)
        options["ramdisk"] = str(HOME / f"{name}.ramdisk")
    flags = options.pop("flags", "")
    lines += [f'{option} = "{value}"' for option, value in options.items()]
    lines.append(f"vif = [{', '.join(repr(vif) for vif in vifs)}]")
    path = HOME / f"{name}.cfg"
    path.write_text("\n".join(lines) + "\n")
    before = time.monotonic()
    sh(f"xl create -q {flags} {path}")
    return {"id": int(sh(f"xl domid {name}")), "create": time.monotonic() - before}


def destroy(name: str) -> None:
    """End a domain, if it is there."""
    subprocess.run(["xl", "destroy", name], capture_output=True, check=False)
    deadline = time.monotonic() + ANSWER_SECONDS
    while subprocess.run(["xl", "domid", name], capture_output=True, check=False).returncode == 0:
        if time.monotonic() > deadline:
            raise FlowstreamError(f"{name} does not go")
        time.sleep(0.1)


def processor_seconds(name: str) -> float:
    """The processor time that a domain has used."""
    return float(sh(f"xl list {name}").splitlines()[-1].split()[-1])


def console(name: str, pattern: str, seconds: float) -> str:
    """What the console of a domain shows, as soon as `pattern` is in it."""
    shown = ""
    with subprocess.Popen(["xl", "console", name], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        deadline = time.monotonic() + seconds
        try:
            while not re.search(pattern, shown):
                if not _readable(descriptor, deadline):
                    raise FlowstreamError(f"the console of {name} does not show {pattern!r} but: {shown}")
                shown += process.stdout.read1(65536).decode(errors="replace")  # type: ignore[attr-defined]
        finally:
            process.kill()
    return shown


def _readable(descriptor: int, deadline: float) -> bool:
    left = deadline - time.monotonic()
    return left > 0 and bool(select.select([descriptor], [], [], left)[0])


def backend_of(name: str, mac: str) -> str:
    """The folder of an interface's backend in XenStore."""
    for line in sh(f"xl network-list {name}").splitlines():
        if mac in line:
            return line.split()[-1]
    raise FlowstreamError(f"{name} has no interface {mac}")


def forwards(name: str, kind: str, memory_mib: int, vifs: list[str], router: str, destination: str) -> bool:
    """Whether a router forwards in a domain of that memory."""
    create(name, kind, memory_mib, vifs, ramdisk_text=router)
    await_ping(name, destination)
    return True


def start(name: str, kind: str, memory_mib: int, vifs: list[str], router: str, destination: str) -> dict[str, float]:
    """Start a router; seconds of `xl create`, from then to the first forwarded packet, and what the guest itself took."""
    ping_of = ["ping", "-n", "-i", "0.02", "-W", "60", "-c", "1000000", destination]
    with subprocess.Popen(ping_of, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as pings:
        try:
            times = create(name, kind, memory_mib, vifs, ramdisk_text=router)
            created = time.monotonic()
            assert pings.stdout is not None
            while " bytes from " not in pings.stdout.readline():
                pass
            times["packet"] = time.monotonic() - created
        finally:
            pings.kill()
    times["inside_us"] = int(read(name, "platform.boot_us"))
    return times


# Load


def load_start(name: str, kind: str, vifs: list[str], router: str, destination: str) -> dict[str, int]:
    """Start a router that shares a processor with dom0, which keeps that for as long as Xen lets it."""
    create(name, kind, 16, vifs, ramdisk_text=router)
    await_ping(name, destination)
    sh(f"xl vcpu-pin 0 all 0; xl vcpu-pin {name} all 0; xl sched-credit2 -s -r 50000")
    return _counters(name)


def load(name: str, destination: str, count: int) -> dict[str, int]:
    """Send frames from the kernel as fast as it can; the router's counters afterwards."""
    device = f"vif{sh(f'xl domid {name}').strip()}.0"
    settings = {
        "kpktgend_0": ["rem_device_all", f"add_device {device}"],
        device: [
            f"count {count}",
            "pkt_size 60",
            "delay 0",
            "clone_skb 0",
            f"dst {destination}",
            f"dst_mac {NEAR_MAC}",
        ],
        "pgctrl": ["start"],
    }
    sh("modprobe pktgen")
    for file, lines in settings.items():
        for line in lines:
            Path("/proc/net/pktgen", file).write_text(f"{line}\n")
    sh("rmmod pktgen")
    return _counters(name)


def _counters(name: str) -> dict[str, int]:
    handlers = {"packets": "far/forwarded.count", "hypercalls": "platform.hypercalls"}
    return {counter: int(read(name, handler)) for counter, handler in handlers.items()}


# Control plane


@contextmanager
def _control(name: str, router: int = 0) -> Iterator[ClickOsControl]:
    with (
        LibraryXenStore(ANSWER_SECONDS) as store,
        ClickOsControl(store, find_domain(store, name), router, ANSWER_SECONDS) as control,
    ):
        yield control


def install(name: str, text: str, router: int = 0) -> None:
    """Install a configuration and wait until it runs."""
    with _control(name, router) as control:
        control.install(text)


def remove(name: str) -> None:
    """Remove the configuration."""
    with _control(name) as control:
        control.remove()


def read(name: str, handler: str) -> str:
    """Read a handler."""
    with _control(name) as control:
        return control.read(handler)


def write(name: str, handler: str, value: str) -> None:
    """Write a handler."""
    with _control(name) as control:
        control.write(handler, value)


def replace(name: str, texts: list[str], times: int) -> float:
    """Install the texts in turn, `times` in all; the seconds that one took."""
    before = time.monotonic()
    with _control(name) as control:
        for number in range(times):
            control.install(texts[number % len(texts)])
    return (time.monotonic() - before) / times


def replace_by_value(name: str, texts: list[str], times: int) -> float:
    """Like `replace`, by the single value of the slides: three questions to XenStore instead of a dozen."""
    with LibraryXenStore(ANSWER_SECONDS) as store:
        folder = find_domain(store, name).folder
        with store.watch(f"{folder}/data/clickos/0/status") as watch:
            watch.wait(ANSWER_SECONDS)  # the first event of a watch is none
            before = time.monotonic()
            for number in range(times):
                store.write(f"{folder}/clickos/config", texts[number % len(texts)].encode())
                if not watch.wait(ANSWER_SECONDS):
                    raise FlowstreamError(f"replacement {number} is not answered")
            return (time.monotonic() - before) / times


def traffic_during_replacements(name: str, texts: list[str], times: int, destination: str) -> dict[str, Any]:
    """Send probes while the configuration is replaced `times` times, and until it has been."""
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(replace, name, texts, times)
        report = traffic_until(lambda _: work.done(), destination, size=200, rate=REPLACEMENT_RATE)
        work.result()
    return report


def store_write_below(name: str, node: str, value: str) -> None:
    """Write a node below a domain's folder."""
    with LibraryXenStore(ANSWER_SECONDS) as store:
        store.write(f"{find_domain(store, name).folder}/{node}", value.encode())


def await_node(name: str, node: str, value: str) -> None:
    """Wait until a node below a domain's folder has a value."""
    with LibraryXenStore(ANSWER_SECONDS) as store:
        folder = find_domain(store, name).folder
        _await(lambda: (store.read(f"{folder}/{node}") or b"").decode() == value, f"{node} is not '{value}'")


def await_ping(name: str, destination: str) -> None:
    """Wait until a destination answers again."""
    _await(lambda: "1 received" in _output(f"ping -n -c 1 -W 2 {destination}"), f"{destination} does not answer {name}")


def _await(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise FlowstreamError(otherwise)
        time.sleep(0.1)


def _output(command: str) -> str:
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60).stdout


def store_fill(folder: str, count: int) -> None:
    """Make many nodes below a folder."""
    with LibraryXenStore(ANSWER_SECONDS) as store:
        for number in range(count):
            store.write(f"{folder}/{number // 100}/{number % 100}", b"x")


def store_remove(path: str) -> None:
    """Remove a node of XenStore with all below it."""
    with LibraryXenStore(ANSWER_SECONDS) as store:
        store.remove(path)


def main() -> None:
    """Answer requests, a JSON object a line."""
    table: dict[str, Callable[..., Any]] = {
        name: value for name, value in globals().items() if callable(value) and not name.startswith("_")
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"return": table[request["do"]](*request["args"], **request["options"])}
        except (FlowstreamError, OSError, subprocess.SubprocessError) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
