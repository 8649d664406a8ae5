# SPDX-License-Identifier: Apache-2.0
"""Captures as one file, by Wireshark's programs, and read by the one of them that people read with."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.capture.merge import Captured, write_merged
from ansible.module_utils.flowstream.trace.pcap import written

from ..conftest import messages

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="needs tshark, which packages.txt has")

FRAME = bytes(12) + b"\x88\xb5" + bytes(50)


def test_a_file_has_a_named_interface_for_each_point_and_packets_in_the_order_of_their_times(tmp_path: Path) -> None:
    captured = [
        Captured("port:0", "sw1 p1", written([(1000.5, FRAME), (1003.5, FRAME)])),
        Captured("uplink:mh1", "mh1 uplink", written([(1001.5, FRAME + b"x")])),
        Captured("vif:edge-pm0/eth0", "mh1 pm0", written([])),
    ]
    file = tmp_path / "new" / "all.pcapng"
    write_merged(captured, file)
    argv = ["tshark", "-r", str(file), "-T", "fields", "-E", "separator=;"]
    names = ["frame.interface_name", "frame.interface_description", "frame.time_epoch", "frame.len"]
    fields = [word for name in names for word in ("-e", name)]
    told = subprocess.run([*argv, *fields], capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.splitlines() == [
        "port:0;sw1 p1;1000.500000000;64",
        "uplink:mh1;mh1 uplink;1001.500000000;65",
        "port:0;sw1 p1;1003.500000000;64",
    ]
    assert b"vif:edge-pm0/eth0" in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["all.pcapng"]


def test_what_is_no_capture_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "all.pcapng"
    file.write_text("before")
    (message,) = messages(lambda: write_merged([Captured("port:0", "sw1 p1", b"no capture at all, surely")], file))
    assert message.startswith("cannot merge captures: dumpcap: ")
    assert file.read_text() == "before"
