# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import struct

import pytest
from ansible.module_utils.flowstream.capture.parts import NOTHING, count_of, parts_of
from ansible.module_utils.flowstream.capture.taps import Place, Tap, tapped, taps_at

from ..conftest import messages

FLAT = """in :: FromDevice(eth0);
q :: Queue(5);
a/out :: ToDevice(eth0);

in -> q
    -> a/out;
"""
PORTS_OF_Q = "1 input\npush\t-\tin [0]\n1 output\npull\t-\t[0] a/out\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [("rt", Place("rt")), ("[0]a/rt", Place("a/rt", 0)), ("Counter@12[3]", Place("Counter@12", None, 3))],
)
def test_a_place_is_an_element_or_a_port_as_click_writes_it(text: str, place: Place) -> None:
    assert (Place.parse(text), str(place)) == (place, text)


def test_a_tap_stands_at_each_connection_and_a_pulled_one_gives_the_packet_itself_on() -> None:
    taps = taps_at(FLAT, Place("q"), PORTS_OF_Q)
    assert taps == [Tap("[0]q", (0,), False), Tap("q[0]", (1,), True)]
    assert taps_at(FLAT, Place("q", output=0), PORTS_OF_Q) == taps[1:]
    text = tapped(FLAT, taps, {"[0]q": "/proc/1/fd/3", "q[0]": "/proc/1/fd/4"}, 10, 64)
    declarations, _, wires = text.partition("\n\n")
    assert declarations == FLAT.partition("\n\n")[0]
    assert wires.splitlines() == [
        *(
            f"capture_gate{tap} :: Switch(0) -> capture_count{tap} :: Counter(COUNT_CALL 10 capture_gate{tap}.switch -1)"
            f" -> capture_time{tap} :: SetTimestamp -> capture_dump{tap} :: ToDump(/proc/1/fd/{tap + 3}, SNAPLEN 64, NANO true);"
            for tap in (0, 1)
        ),
        "in [0] -> capture_tee0_0 :: Tee;",
        "capture_tee0_0 [0] -> capture_gate0;",
        "capture_tee0_0 [1] -> [0] q;",
        "q [0] -> capture_tee1_1 :: PullTee;",
        "capture_tee1_1 [1] -> capture_gate1;",
        "capture_tee1_1 [0] -> [0] a/out;",
    ]


def test_one_connection_has_the_taps_of_both_of_its_ends_that_of_the_output_first() -> None:
    taps = [Tap("[0]q", (0,), False), Tap("in[0]", (0,), False)]
    wires = tapped(FLAT, taps, {"[0]q": "a", "in[0]": "b"}, 1, 64).splitlines()
    assert [line for line in wires if line.startswith(("in [", "capture_tee"))] == [
        "in [0] -> capture_tee0_1 :: Tee;",
        "capture_tee0_1 [0] -> capture_gate1;",
        "capture_tee0_1 [1] -> capture_tee0_0 :: Tee;",
        "capture_tee0_0 [0] -> capture_gate0;",
        "capture_tee0_0 [1] -> [0] q;",
    ]


def test_what_is_not_there_is_told_with_what_is() -> None:
    assert messages(lambda: taps_at(FLAT, Place("q", 1), PORTS_OF_Q)) == ["is no port of q, got [1]q; use [0]q, q[0]"]


IP4 = bytes.fromhex("4500001800000000401166d30a0000010a000002") + b"data"
IP6 = bytes.fromhex("6000000000041140") + bytes(32) + b"data"
FRAME = bytes.fromhex("0200000000020200000000010800") + IP4


@pytest.mark.parametrize(
    ("packets", "kinds"),
    [
        ([FRAME, FRAME], {1: 2}),
        ([IP4, IP4 + bytes(22), IP6], {101: 3}),
        ([FRAME, IP4], {1: 1, 101: 1}),
        # First bytes of addresses that look like a version, a header with a wrong checksum and padding, and no header at all.
        ([b"\x45" + FRAME[1:], b"\x60" + FRAME[1:], IP4[:10] + b"\0\0" + IP4[12:] + bytes(9), b"\x45\0"], {1: 4}),
        ([], {1: 0}),
    ],
)
def test_packets_without_an_ethernet_header_are_known_by_their_own(packets: list[bytes], kinds: dict[int, int]) -> None:
    records = [struct.pack("<IIII", 1, 2, len(packet), len(packet)) + packet for packet in packets]
    parts = parts_of(b"".join([NOTHING, *records]), 100)
    assert {struct.unpack_from("<I", part, 20)[0]: count_of(part) for part in parts} == kinds


def test_a_file_is_cut_at_the_number_of_packets_and_at_a_record_that_is_not_whole() -> None:
    record = struct.pack("<IIII", 1, 2, len(FRAME), len(FRAME)) + FRAME
    assert [count_of(part) for part in parts_of(NOTHING + record * 3, 2)] == [2]
    assert [count_of(part) for part in parts_of(NOTHING + record * 3 + record[:-1], 9)] == [3]
