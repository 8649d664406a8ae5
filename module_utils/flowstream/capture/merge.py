# SPDX-License-Identifier: Apache-2.0
"""Several captures as one file, pcapng, with an interface block for each, by the programs of Wireshark."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.files import replace_file

_SECONDS = 120
_OWN = 0o600


@dataclass(frozen=True, slots=True)
class Captured:
    """What was captured at a point, `data` being a capture file (pcap); `where` is machine and interface."""

    name: str
    where: str
    data: bytes


def write_merged(captured: Sequence[Captured], file: Path) -> None:
    """Write the packets of all in the order of their times; interfaces are called as their points."""
    with tempfile.TemporaryDirectory() as folder:
        parts = [str(Path(folder) / f"{number}.pcapng") for number in range(len(captured))]
        for one, part in zip(captured, parts, strict=True):
            _run(["dumpcap", "-q", "-i", "-", "--ifname", one.name, "--ifdescr", one.where, "-w", part], one.data)
        merged = Path(folder) / "merged.pcapng"
        _run(["mergecap", "-I", "none", "-F", "pcapng", "-w", str(merged), *parts])
        replace_file(file, merged.read_bytes(), _OWN)


def _run(argv: list[str], data: bytes = b"") -> None:
    try:
        done = subprocess.run(argv, input=data, capture_output=True, timeout=_SECONDS, check=False)
    except FileNotFoundError:
        raise FlowstreamError(
            f"cannot run {argv[0]}: it is not installed; install wireshark-common on the control node"
        ) from None
    except subprocess.TimeoutExpired:
        raise FlowstreamError(f"cannot run {argv[0]}: no answer in {_SECONDS} s") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise FlowstreamError(f"cannot merge captures: {argv[0]}: {said[-1] if said else 'it said nothing'}")
