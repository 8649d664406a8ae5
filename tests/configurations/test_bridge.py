# SPDX-License-Identifier: Apache-2.0
"""Bridges and routers of VLANs."""

from __future__ import annotations

from pathlib import Path

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from .played_devices import EXAMPLES, play

A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"


def test_a_bridge_sends_a_known_neighbours_packets_to_its_port_alone(tmp_path: Path) -> None:
    to_all = Ether(src=A, dst="ff:ff:ff:ff:ff:ff") / IP(dst="255.255.255.255") / UDP()
    answer = Ether(src=B, dst=A) / IP() / UDP()
    own_side = Ether(src="02:00:00:00:00:0c", dst=A) / IP() / UDP()
    played = play(
        EXAMPLES / "learning-bridge.click",
        {"eth1": [(0, to_all), (2, own_side)], "eth2": [(1, answer)]},
        tmp_path,
        seconds=5,
    )
    assert [bytes(frame) for frame in played.sent["eth1"]] == [bytes(answer)]
    assert [bytes(frame) for frame in played.sent["eth2"]] == [bytes(to_all)]
