# SPDX-License-Identifier: Apache-2.0
"""Look at packets on interfaces of this machine, all at once, with tcpdump; nothing is written to a disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.openvswitch.bridge import BridgePort
from ansible.module_utils.flowstream.openvswitch.observe import observe_bridge
from ansible.module_utils.flowstream.world.run import Run

MOST_BYTES = 16 << 20
"""What is captured at one point lies in memory until it has been handed on."""
MOST_SECONDS = 600
RECORD_BYTES = 16
"""What a capture file (pcap) has of a packet besides its bytes."""
_FILE_BYTES = 24
_GRACE_SECONDS = 60
_OF_THE_KERNEL = ("", "system", "internal", "tap")
"""Types of interfaces whose packets tcpdump sees; those of others pass the kernel by, and Open vSwitch has to mirror them."""
_MIRRORED = """set -eu
bridge=$1 device=$2 mirror=$3
shift 3
end() {
    ovs-vsctl --timeout=30 --id=@mirror get mirror "$mirror" -- remove bridge "$bridge" mirrors @mirror \\
        -- --if-exists del-port "$bridge" "$mirror" > /dev/null
}
trap end EXIT
trap : INT TERM
ovs-vsctl --timeout=30 add-port "$bridge" "$mirror" -- set interface "$mirror" type=internal \\
    -- --id=@device get port "$device" -- --id=@mirror get port "$mirror" \\
    -- --id=@new create mirror name="$mirror" select-src-port=@device select-dst-port=@device output-port=@mirror \\
    -- add bridge "$bridge" mirrors @new > /dev/null
ip link set "$mirror" addrgenmode none up
"$@"
"""
"""A mirror of a port for as long as a program runs, which is told to end by its own means: what was put up is taken down then."""


class PatternError(FlowstreamError):
    """A pattern is none, or none that packets of such a link can have."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a capture ends: after so many seconds, or so many packets of which at most `snaplen` bytes each are kept."""

    seconds: int
    packets: int
    snaplen: int

    def __post_init__(self) -> None:
        messages = []
        if not 1 <= self.seconds <= MOST_SECONDS:
            messages.append(f"seconds are outside 1..{MOST_SECONDS}, got {self.seconds}")
        if self.packets < 1 or self.snaplen < 1:
            messages.append(f"packets and snaplen have to be 1 at least, got {self.packets} and {self.snaplen}")
        elif self.packets * (self.snaplen + RECORD_BYTES) > MOST_BYTES:
            messages.append(
                f"packets times snaplen is more than {MOST_BYTES} bytes, got {self.packets} of {self.snaplen};"
                " ask for fewer packets or less of each"
            )
        if messages:
            raise FlowstreamError(*messages)


@dataclass(frozen=True, slots=True)
class Device:
    """The interface behind a port of a bridge; `mirrored` where only Open vSwitch sees its packets."""

    bridge: str
    name: str
    mirrored: bool


def devices(run: Run, places: Iterable[tuple[str, int]]) -> list[Device]:
    """Return the interface behind each place, a bridge and an OpenFlow port of it."""
    found: list[Device] = []
    messages: list[str] = []
    bridges: dict[str, dict[int, BridgePort]] = {}
    for name, ofport in places:
        if name not in bridges:
            bridge = observe_bridge(run, name)
            bridges[name] = {port.ofport: port for port in bridge.ports.values() if port.ofport} if bridge else {}
        port = bridges[name].get(ofport)
        if port is None:
            known = ", ".join(f"{number} ({one.name})" for number, one in sorted(bridges[name].items())) or "none"
            messages.append(f"bridge {name} has no such port, got {ofport}; it has {known}")
        else:
            found.append(Device(name, port.name, port.type not in _OF_THE_KERNEL))
    if messages:
        raise FlowstreamError(*messages)
    return found


def capture(places: Sequence[Device], bounds: Bounds, pattern: str) -> list[bytes]:
    """Return a capture file (pcap) of each interface; `pattern` is one of pcap-filter(7), empty for every packet.

    A capture ends by itself when its time is over, whatever becomes of this process, and takes its mirror down.
    """
    running: list[subprocess.Popen[bytes]] = []
    try:
        for number, place in enumerate(places):
            argv = _argv(place, f"cap{os.getpid()}n{number}", bounds, pattern)
            running.append(subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        with ThreadPoolExecutor(max(1, len(running))) as readers:
            ended = list(readers.map(lambda one: one.communicate(timeout=bounds.seconds + _GRACE_SECONDS), running))
    except FileNotFoundError as error:
        raise FlowstreamError(
            f"cannot capture: {error.filename} is not installed; install it on this machine"
        ) from None
    except subprocess.TimeoutExpired:
        raise FlowstreamError(f"cannot capture: tcpdump did not end within {bounds.seconds} s") from None
    finally:
        for one in running:
            one.terminate()
    messages = [
        f"cannot capture at {place.name}: {_cause(said)}"
        for place, (data, said) in zip(places, ended, strict=True)
        if len(data) < _FILE_BYTES
    ]
    if messages:
        raise FlowstreamError(*messages)
    return [data for data, _ in ended]


def chosen(data: bytes, pattern: str, packets: int) -> bytes:
    """Return of a capture file (pcap) with nanoseconds the first `packets` that are of a pattern of pcap-filter(7)."""
    argv = ["tcpdump", "-n", "--time-stamp-precision=nano", "-r", "-", "-w", "-", "-c", str(packets), "--", pattern]
    try:
        done = subprocess.run(argv, input=data, capture_output=True, timeout=_GRACE_SECONDS, check=False)
    except FileNotFoundError:
        raise FlowstreamError("cannot capture: tcpdump is not installed; install it on this machine") from None
    except subprocess.TimeoutExpired:
        raise FlowstreamError(f"cannot capture: tcpdump did not end within {_GRACE_SECONDS} s") from None
    if done.returncode != 0:
        raise PatternError(f"cannot capture by pattern '{pattern}': {_cause(done.stderr)}")
    return done.stdout


def _argv(place: Device, mirror: str, bounds: Bounds, pattern: str) -> list[str]:
    """The program, which the kernel tells to end when this one does; the interface is left in the mode that it has."""
    with_this = ["setpriv", "--pdeathsig", "TERM"]
    mirrored = ["sh", "-c", _MIRRORED, "capture", place.bridge, place.name, mirror] if place.mirrored else []
    ends = ["timeout", "--signal=INT", "--kill-after=5", str(bounds.seconds)]
    looks = ["tcpdump", "-n", "-p", "-U", "--immediate-mode", "-i", mirror if mirrored else place.name, "-w", "-"]
    less = ["-c", str(bounds.packets), "-s", str(bounds.snaplen), "--", *([pattern] if pattern else [])]
    return [*with_this, *mirrored, *ends, *looks, *less]


def _cause(said: bytes) -> str:
    """The last line that was said."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].removeprefix("tcpdump: ") if lines else "tcpdump said nothing"
