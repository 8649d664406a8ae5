# SPDX-License-Identifier: Apache-2.0
"""A Click configuration in the real engine, its devices played by files, in simulated time.

What arrives is written before, what leaves is read after, and hours pass at once.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import rdpcap, wrpcap

ENGINE = Path(__file__).parents[2] / "clickos"
CLICK = ENGINE / "build" / "click"
EXAMPLES = Path(__file__).parents[2] / "templates" / "click" / "examples"

START = 1_000_000_000
"""When simulated time begins, in seconds since 1970."""

# The devices of a configuration, by files of their names in the working folder.
_DEVICES = """
elementclass FromDevice { $device, __REST__ $rest |
    FromDump(${device}.in.pcap, TIMING true, STOP false) -> output }
elementclass ToDevice { $device, __REST__ $rest |
    input -> ToDump(${device}.out.pcap, SNAPLEN 0, UNBUFFERED true) }
"""


@dataclass(frozen=True)
class Played:
    """What left by each device, in order, and what the values of the asked handlers were at the end."""

    sent: Mapping[str, list[Packet]]
    values: Mapping[str, str]
    said: str


def play(
    configuration: Path,
    arriving: Mapping[str, Sequence[tuple[float, Packet]]],
    folder: Path,
    *,
    seconds: float,
    handlers: Sequence[str] = (),
) -> Played:
    """Run a configuration for simulated `seconds`; `arriving` has the frames of each device, with seconds from the start.

    Every device of the configuration has to be named, also if nothing arrives there.
    """
    for device, frames in arriving.items():
        stamped = []
        for at, frame in frames:
            packet = Ether(bytes(frame))
            packet.time = START + at
            stamped.append(packet)
        wrpcap(str(folder / f"{device}.in.pcap"), stamped, linktype=1, nano=True)
    reads = "".join(f', printn ">{name}<", print {name}' for name in handlers)
    text = f"{_DEVICES}{configuration.read_text()}\nDriverManager(wait {seconds}s{reads}, stop);\n"
    (folder / "played.click").write_text(text)
    done = subprocess.run(
        [CLICK, "--simtime", "played.click"], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    values = dict(re.findall(r"^>(.*?)<(.*)$", done.stdout, re.MULTILINE))
    sent = {device: list(rdpcap(str(folder / f"{device}.out.pcap"))) for device in arriving}
    return Played(sent, values, done.stderr)
