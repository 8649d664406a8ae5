# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import struct
from pathlib import Path

from ansible.module_utils.flowstream.traffic.frames import (
    Arrivals,
    Stream,
    record,
)
from ansible.module_utils.flowstream.traffic.headers import checksum
from ansible.module_utils.flowstream.traffic.neighbours import arp_request
from ansible.module_utils.flowstream.traffic.observe import READY, SEND, Gate
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether

from ..conftest import messages

MAC = bytes.fromhex("020000000001")
PLAIN = {
    "id": 3,
    "source": "192.168.5.1",
    "destination": "192.168.6.1",
    "destination_mac": "00:15:17:15:5D:20",
    "count": 10,
}
PLAIN6 = {**PLAIN, "source": "2001:db8:5::1", "destination": "2001:db8:6::1"}
RUN = 4711


def received(*frames: bytes) -> dict[int, Arrivals]:
    arrivals: dict[int, Arrivals] = {}
    for frame in frames:
        record(frame, RUN, arrivals)
    return arrivals


def routed(frame: bytes, ttl: int = 63) -> bytes:
    """The frame as a router passes it on: one hop less, and a header checksum that says so (RFC 1812, 5.2.1.1)."""
    blank = frame[14:22] + bytes([ttl]) + frame[23:24] + b"\0\0" + frame[26:34]
    return frame[:14] + blank[:10] + struct.pack("!H", checksum(blank)) + blank[12:] + frame[34:]


def test_a_probe_that_a_router_passed_on_is_recognised_with_what_the_router_changed() -> None:
    stream = Stream.from_dict(PLAIN)
    frames = [routed(stream.frame(MAC, RUN, sequence)) for sequence in (2, 0, 1)]
    assert [len(frame) for frame in frames] == [64] * 3
    assert received(*frames)[3].to_dict() == {
        "packets": 3,
        "first": 0,
        "duplicates": 0,
        "ttls": {"63": 3},
        "bad_checksums": 0,
        "source_macs": {"02:00:00:00:00:01": 3},
    }


def test_what_comes_twice_or_damaged_is_counted() -> None:
    frame = routed(Stream.from_dict(PLAIN).frame(MAC, RUN, 7))
    header_damaged = frame[:24] + b"\1\2" + frame[26:]
    payload_damaged = frame[:-1] + b"\1"
    found = received(frame, frame)[3]
    assert (len(found.sequences), found.duplicates, found.bad_checksums) == (1, 1, 0)
    assert received(header_damaged)[3].bad_checksums == 1
    assert received(payload_damaged)[3].bad_checksums == 1


def test_a_probe_of_ipv6_is_what_scapy_would_send_and_is_recognised_behind_a_router() -> None:
    frame = Stream.from_dict({**PLAIN6, "size": 90}).frame(MAC, RUN, 7)
    read = Ether(frame)
    assert (read.src, read[IPv6].src, read[IPv6].dst, read[IPv6].hlim) == (
        "02:00:00:00:00:01",
        "2001:db8:5::1",
        "2001:db8:6::1",
        64,
    )
    sent = read.copy()
    del sent[IPv6].plen, sent[UDP].len, sent[UDP].chksum
    assert bytes(sent) == frame
    passed_on = frame[:21] + bytes([63]) + frame[22:]
    found = received(passed_on, passed_on[:-1] + b"\1")[3]
    assert (found.sequences, found.duplicates, found.bad_checksums, found.ttls) == ({7}, 1, 1, {63: 2})


def test_frames_of_ipv6_are_as_long_as_they_have_to_be_and_families_are_not_mixed() -> None:
    assert len(Stream.from_dict(PLAIN6).frame(MAC, RUN, 0)) == 82
    assert len(Stream.from_dict({**PLAIN6, "size": 100}).frame(MAC, RUN, 0)) == 100
    assert messages(lambda: Stream.from_dict({**PLAIN6, "source": "192.168.5.1"})) == [
        "stream 3: source and destination are of two families, got 192.168.5.1 and 2001:db8:6::1"
    ]


def test_packets_of_another_run_and_of_others_are_left_alone() -> None:
    frame = Stream.from_dict(PLAIN).frame(MAC, RUN + 1, 0)
    assert received(frame, frame[:40], b"", arp_request(MAC, 0, 1)) == {}


def test_a_size_that_no_frame_has_is_refused() -> None:
    assert messages(lambda: Stream.from_dict({**PLAIN, "size": 1515})) == [
        "stream 3: size must be from 62 to 1514 bytes, got 1515"
    ]


def test_a_stream_in_a_vlan_has_its_tag_and_is_a_probe_without_it() -> None:
    plain, tagged = Stream.from_dict(PLAIN), Stream.from_dict({**PLAIN, "vlan": 101})
    frame = tagged.frame(MAC, RUN, 0)
    assert Ether(frame)[Dot1Q].vlan == 101
    assert frame[:12] + frame[16:] == plain.frame(MAC, RUN, 0)
    assert received(frame) == {}
    assert messages(lambda: Stream.from_dict({**PLAIN, "vlan": 4095})) == [
        "stream 3: vlan must be from 1 to 4094, got 4095"
    ]


def test_a_gate_says_the_last_word_of_its_own_run_only(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate", RUN)
    assert gate.word() == ""
    gate.say(READY)
    assert gate.word() == READY
    Gate(gate.path, RUN + 1).say(SEND)
    assert gate.word() == ""
    gate.path.write_text(f"send {RUN}\n")
    assert gate.word() == SEND
    assert [path.name for path in tmp_path.iterdir()] == ["gate"]


def test_a_gate_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "gate"
    assert messages(lambda: Gate(path, RUN).say(READY)) == [f"cannot write gate {path}: No such file or directory"]
