# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.experiments.load import (
    DESTINATIONS,
    SOURCES,
    Load,
    blocks,
    receiver,
    sampling,
    sender,
    times_of,
)
from ansible.module_utils.flowstream.trace.pcap import timed_frames_of, written
from ansible.module_utils.flowstream.world.run import local_run
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

CLICK = Path(__file__).parents[4] / "clickos" / "build" / "click"
MAC = bytes.fromhex("02005e005300")


@settings(deadline=None)
@given(modules=st.integers(1, 256))
def test_modules_have_blocks_of_their_own_that_are_as_large_as_they_can_be(modules: int) -> None:
    found = blocks(DESTINATIONS, modules)
    assert len(found) == modules
    assert all(one.last < other.network for one, other in pairwise(found))
    assert all(DESTINATIONS.contains(one) for one in found)
    assert 1 << (found[0].length - DESTINATIONS.length) < 2 * modules


@settings(max_examples=30, deadline=None)
@given(size=st.integers(64, 1518), flows=st.integers(1, 300), modules=st.integers(1, 64))
def test_packets_are_right_and_of_as_many_flows_as_were_asked_for(size: int, flows: int, modules: int) -> None:
    frames = list(Load(MAC, size, flows, modules).frames(7, flows))
    assert {len(frame) for frame in frames} == {size - 4}
    packets = [Ether(frame) for frame in frames]
    assert len({(one[IP].src, one[IP].dst, one[UDP].sport) for one in packets}) == flows
    for packet in packets[:3]:
        sum_before = packet[IP].chksum
        del packet[IP].chksum
        assert Ether(bytes(packet))[IP].chksum == sum_before
        assert packet.dst == "02:00:5e:00:53:00"


@pytest.mark.parametrize(("flows", "modules"), [(16, 2), (7, 3), (1, 1)])
def test_modules_get_the_same_share(flows: int, modules: int) -> None:
    load = Load(MAC, 64, flows, modules)
    places = Counter(
        next(
            number for number, block in enumerate(blocks(SOURCES, modules)) if block.holds(int.from_bytes(frame[26:30]))
        )
        for frame in load.frames(1, flows * modules)
    )
    assert len(places) == modules
    assert max(places.values()) - min(places.values()) <= modules


@given(packets=st.integers(1, 200_000), samples=st.integers(10, 10_000))
def test_about_as_many_packets_are_timed_as_were_asked_for(packets: int, samples: int) -> None:
    timed = -(-packets // (1 << sampling(packets, samples)))
    assert min(packets, samples) <= timed <= 2 * samples + 1 or timed == packets < 2 * samples


def test_timed_packets_are_of_all_flows() -> None:
    shift = sampling(4096, 64)
    frames = list(Load(MAC, 64, 16, 2).frames(1, 4096, shift))[:: 1 << shift]
    assert len({frame[34:36] for frame in frames}) == 16


def test_the_times_of_a_dump_are_those_of_the_packets_by_number() -> None:
    dump = written((2.5 + number, frame) for number, frame in enumerate(Load(MAC, 64, 1, 1).frames(9, 3)))
    assert times_of(dump) == {0: 2_500_000_000, 1: 3_500_000_000, 2: 4_500_000_000}
    assert times_of(b"") == {}


@pytest.mark.parametrize("shift", [0, 5])
def test_the_engine_accepts_both_configurations(shift: int) -> None:
    for text in (sender("eth0", "frames.pcap", "left.pcap", 4711, shift), receiver("eth0", "came.pcap", 4711, shift)):
        result = local_run(30)([str(CLICK), "--check", "-e", text])
        assert (result.rc, result.stderr) == (0, "")


def test_the_engine_counts_and_times_the_packets_of_its_trial_and_no_others(tmp_path: Path) -> None:
    load, shift = Load(MAC, 64, 4, 1), 2
    frames = list(load.frames(4711, 64, shift)) + list(load.frames(4712, 9, shift))
    (tmp_path / "frames.pcap").write_bytes(written((1.0, frame) for frame in frames))
    text = receiver("eth0", str(tmp_path / "came.pcap"), 4711, shift).replace(
        "FromDevice(eth0, PROTOCOL 0x0800)", f"FromDump({tmp_path}/frames.pcap, STOP true)"
    )
    result = local_run(30)([str(CLICK), "-e", text, "-h", "came.count"])
    assert (result.rc, result.stdout.split()) == (0, ["64"])
    times = list(timed_frames_of((tmp_path / "came.pcap").read_bytes()))
    assert len(times) == 16
    assert sorted(times_of((tmp_path / "came.pcap").read_bytes())) == list(range(0, 64, 4))
