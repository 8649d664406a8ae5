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

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6, _ICMPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet
from scapy.utils import rdpcap, wrpcap

ENGINE = Path(__file__).parents[2] / "clickos"
CLICK = ENGINE / "build" / "click"
EXAMPLES = Path(__file__).parents[2] / "templates" / "click" / "examples"

START = 1_000_000_000
"""When simulated time begins, in seconds since 1970."""

# The devices of a configuration, by files of their names in the working folder. The first packet of a file comes at once, so each
# file begins with one that has no content and says when time began.
_DEVICES = """
elementclass FromDevice { $device, __REST__ $rest |
    FromDump(${device}.in.pcap, TIMING true, STOP false) -> frames :: CheckLength(14) -> Discard;
    frames[1] -> output }
elementclass ToDevice { $device, __REST__ $rest |
    input -> SetTimestamp -> ToDump(${device}.out.pcap, SNAPLEN 0, UNBUFFERED true) }
"""


@dataclass(frozen=True)
class Played:
    """What left by each device, with its times and in order, and what the values of the asked handlers were at the end."""

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
    writes: Sequence[tuple[float, str]] = (),
    parameters: Mapping[str, str] | None = None,
) -> Played:
    """Run a configuration for simulated `seconds`; `arriving` has the frames of each device, with seconds from the start.

    Every device of the configuration has to be named, also if nothing arrives there. `writes` are calls of write handlers,
    each with its time: `(3, "servers.add 10.0.0.4")`. `parameters` take the place of those that the configuration defines.
    """
    for device, frames in arriving.items():
        beginning = Ether(type=0x9000, src="00:00:00:00:00:00", dst="00:00:00:00:00:00")
        beginning.time = START
        stamped: list[Packet] = [beginning]
        for at, frame in frames:
            packet = Ether(bytes(frame))
            packet.time = START + at
            stamped.append(packet)
        wrpcap(str(folder / f"{device}.in.pcap"), stamped, linktype=1, nano=True)
    reads = "".join(f', printn ">{name}<", print {name}' for name in handlers)
    calls = "".join(f"Script(wait {at}s, write {call});\n" for at, call in writes)
    text = f"{_DEVICES}{configuration.read_text()}\n{calls}DriverManager(wait {seconds}s{reads}, stop);\n"
    (folder / "played.click").write_text(text)
    given = [f"{name}={value}" for name, value in (parameters or {}).items()]
    done = subprocess.run(
        [CLICK, "--simtime", "played.click", *given],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # A handler that is not there prints nothing, no end of a line either.
    values = dict(re.findall(r">([^<>\n]*)<(.*?)(?=>[^<>\n]*<|$)", done.stdout, re.MULTILINE))
    leaving = {device: folder / f"{device}.out.pcap" for device in arriving}
    # A device that frames are only received from has no file.
    sent = {device: list(rdpcap(str(file))) if file.exists() else [] for device, file in leaving.items()}
    return Played(sent, values, done.stderr)


def is_at(address: str, mac: str, asker: str, asker_mac: str) -> Packet:
    """Return the ARP reply or the neighbour advertisement that says to `asker` where `address` is."""
    if ":" in address:
        told = IPv6(src=address, dst=asker, hlim=255) / ICMPv6ND_NA(R=0, S=1, O=1, tgt=address)
        return Ether(src=mac, dst=asker_mac) / told / ICMPv6NDOptDstLLAddr(lladdr=mac)
    return Ether(src=mac, dst=asker_mac) / ARP(op=2, psrc=address, hwsrc=mac, pdst=asker, hwdst=asker_mac)


def packets_of(frames: Sequence[Packet], layer: type[Packet]) -> list[Packet]:
    """Return those of the frames that have such a layer, after a look at their checksums."""
    chosen = [frame for frame in frames if layer in frame]
    for frame in chosen:
        assert bytes(frame) == bytes(with_new_checksums(frame)), frame.show(dump=True)
    return chosen


def with_new_checksums(frame: Packet) -> Packet:
    """Return the frame with the checksums and lengths of its headers as scapy makes them."""
    made = frame.copy()
    for header in frame.layers():
        if header in (IP, IPv6, TCP, UDP, ICMP) or issubclass(header, _ICMPv6):
            for field in {"chksum", "cksum", "len", "plen"} & {described.name for described in header.fields_desc}:
                made[header].delfieldval(field)
    return Ether(bytes(made))
