# SPDX-License-Identifier: Apache-2.0
"""What a scrape of a host costs, by the number of its modules: seconds, processor time of the exporter, samples, size of the page.

The exporter is the packed one, run by the system's Python, as hosts run it. Modules are a router's; all of their control sockets lead to
one real engine. Open vSwitch and systemd are played: what they answer is read, and their own time is not in the figures.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ROOT / "module_utils" / "flowstream"
NAME = "ansible.module_utils.flowstream"
CLICK = ROOT / "clickos" / "build" / "click"
ROUTER = ROOT / "examples" / "felipeiprouter" / "expected" / "click" / "felipeiprouter-pm0.click"
COUNTS = (1, 100, 1000)
FLOWS_OF_A_MODULE = 20


def pack(folder: Path) -> None:
    """Make the exporter, and let this program import it."""
    spec = importlib.util.spec_from_file_location("archive", CORE / "metrics" / "archive.py")
    assert spec is not None
    assert spec.loader is not None
    archive = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(archive)

    def source(name: str) -> str | None:
        path = CORE.joinpath(*name.split(".")).with_suffix(".py")
        return path.read_text() if path.exists() else None

    program = folder / "metrics.pyz"
    program.write_bytes(archive.archive(source, NAME))
    sys.path.insert(0, str(program))


@contextmanager
def engine(folder: Path, configuration: str) -> Iterator[Path]:
    """A router that nothing comes to, and its control socket."""
    path, socket = folder / "router.click", folder / "router.sock"
    path.write_text(configuration)
    with subprocess.Popen([CLICK, "-u", socket, path]) as process:
        try:
            while not socket.exists():
                assert process.poll() is None, "the engine has ended"
                time.sleep(0.01)
            yield socket
        finally:
            process.terminate()


def answers(count: int) -> dict[str, str]:
    """What Open vSwitch and systemd say of a host with so many modules."""
    names = [f"edge-pm{number}" for number in range(count)]
    ports = [
        [f"pm{number:08x}", number + 100, ["map", [["flowstream-allocation", "edge"], ["flowstream-pm", name]]]]
        for number, name in enumerate(names)
    ]
    flows = [
        f"cookie=0x30c4a37a14218310, duration=1s, table=0, n_packets=7, n_bytes=700, priority={entry},"
        f"in_port=1,dl_dst=00:15:17:15:5d:20,ip,nw_dst=10.0.{entry}.0/24 actions=output:{number + 100}"
        for number in range(count)
        for entry in range(1, FLOWS_OF_A_MODULE + 1)
    ]
    state = "MainPID={0}\nId=flowstream-pm@{1}.service\nActiveState=active\nUnitFileState=enabled\n"
    used = "Id=flowstream-pm@{1}.service\nCPUUsageNSec=1500000000\nMemoryCurrent=4096000\n"
    return {
        "ovs-vsctl": json.dumps({"headings": ["name", "ofport", "external_ids"], "data": ports}),
        "ip": json.dumps([{"name": name} for name in names]),
        "ovs-ofctl": "\n".join(flows),
        "Id,ActiveState": "\n".join(state.format(number, name) for number, name in enumerate(names, start=1)),
        "Id,CPUUsageNSec": "\n".join(used.format(number, name) for number, name in enumerate(names, start=1)),
    }


def measure(folder: Path, socket: Path, configuration: str, count: int) -> tuple[float, float, int, int]:
    """A scrape: seconds, seconds of a processor, samples, bytes."""
    from ansible.module_utils.flowstream.hosts.process.unit import PmPaths
    from ansible.module_utils.flowstream.metrics.exposition import page
    from ansible.module_utils.flowstream.metrics.observe import Doors, observe
    from ansible.module_utils.flowstream.metrics.settings import Settings
    from ansible.module_utils.flowstream.world.run import Result, Run

    host = folder / str(count)
    host.mkdir()
    paths = PmPaths(host, host, host)
    for number in range(count):
        name = f"edge-pm{number}"
        paths.unit_file(name).write_text("[X-Flowstream]\nAllocation=edge\nTenant=acme\n\n[Service]\nMemoryMax=64M\n")
        paths.config_file(name).write_text(configuration)
        paths.socket(name).symlink_to(socket)
    said = answers(count)

    def run(argv: list[str], stdin: str = "") -> Result:
        (text,) = [text for words, text in said.items() if words in " ".join(argv)][:1]
        return Result(tuple(argv), 0, text, "")

    def run_for(seconds: float) -> Run:
        return run

    bridges = [{"machine": "mh1", "bridge": "br-pm", "address": "br-pm", "ports": False}]
    settings = Settings.parse(json.dumps({"machine": "mh1", "driver": "process", "bridges": bridges, "seconds": 300}))
    begun, used = time.monotonic(), time.process_time()
    samples = observe(settings, sys.exit, Doors(run_for, paths, folder / "lock"))
    text = page(samples)
    took = time.monotonic() - begun, time.process_time() - used
    assert sum(sample.value for sample in samples if sample.metric == "flowstream_module_up") == count
    return *took, len(samples), len(text)


def main() -> None:
    """Print a line for each size."""
    configuration = (
        ROUTER.read_text().replace("FromDevice(eth0, PROMISC true)", "Idle").replace("ToDevice(eth0)", "Discard")
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pack(folder)
        with engine(folder, configuration) as socket:
            print(f"{'modules':>8} {'seconds':>9} {'processor':>10} {'samples':>9} {'page':>10}")
            for count in COUNTS:
                seconds, used, samples, size = measure(folder, socket, configuration, count)
                print(f"{count:8,} {seconds:9.2f} {used:10.2f} {samples:9,} {size:10,}")


if __name__ == "__main__":
    main()
