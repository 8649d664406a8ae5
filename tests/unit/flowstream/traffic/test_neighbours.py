# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from ansible.module_utils.flowstream.addresses import parse_address6
from ansible.module_utils.flowstream.traffic.neighbours import (
    advertisement,
    answer,
    answered,
    arp_reply,
    arp_request,
    asked_for,
    solicitation,
)
from scapy.layers.inet6 import (
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
)
from scapy.layers.l2 import Ether

MAC, OTHER = bytes.fromhex("0200005e1001"), bytes.fromhex("0200005e1002")
TARGET, ASKER = parse_address6("target", "2001:db8:5::12:fe"), parse_address6("asker", "fe80::ff:fe5e:1001")


def test_an_arp_reply_tells_the_address_and_its_mac() -> None:
    assert answer(arp_request(MAC, 1, 2)) is None
    assert answer(arp_reply(MAC, 1, OTHER, 2)) == ("0.0.0.1", "02:00:00:5e:10:01")


def test_a_solicitation_is_what_scapy_would_send() -> None:
    asked = (
        Ether(dst="33:33:ff:12:00:fe", src="02:00:00:5e:10:01")
        / IPv6(src="fe80::ff:fe5e:1001", dst="ff02::1:ff12:fe", hlim=255)
        / ICMPv6ND_NS(tgt="2001:db8:5::12:fe")
        / ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:5e:10:01")
    )
    assert solicitation(MAC, TARGET) == bytes(asked)
    assert answer(solicitation(MAC, TARGET)) is None


def test_an_advertisement_is_what_scapy_would_send_and_tells_the_address() -> None:
    told = (
        Ether(dst="02:00:00:5e:10:01", src="02:00:00:5e:10:02")
        / IPv6(src="2001:db8:5::12:fe", dst="fe80::ff:fe5e:1001", hlim=255)
        / ICMPv6ND_NA(R=0, S=1, O=1, tgt="2001:db8:5::12:fe")
        / ICMPv6NDOptDstLLAddr(lladdr="02:00:00:5e:10:02")
    )
    assert advertisement(OTHER, TARGET, MAC, ASKER) == bytes(told)
    assert answer(bytes(told)) == ("2001:db8:5::12:fe", "02:00:00:5e:10:02")


def test_who_is_asked_for_answers_who_asks() -> None:
    assert asked_for(solicitation(MAC, TARGET)) == "2001:db8:5::12:fe"
    assert answered(solicitation(MAC, TARGET), OTHER) == advertisement(OTHER, TARGET, MAC, ASKER)
    assert asked_for(arp_request(MAC, 1, 2)) == "0.0.0.2"
    for tags in ("81000065", "8100006581000066"):
        tagged = [
            frame[:12] + bytes.fromhex(tags) + frame[12:]
            for frame in (arp_request(MAC, 1, 2), arp_reply(OTHER, 2, MAC, 1))
        ]
        assert asked_for(tagged[0]) == "0.0.0.2"
        assert answered(tagged[0], OTHER) == tagged[1]
    assert answered(arp_request(MAC, 1, 2), OTHER) == arp_reply(OTHER, 2, MAC, 1)
    for frame in (b"", arp_reply(MAC, 1, OTHER, 2), advertisement(OTHER, TARGET, MAC, ASKER)):
        assert asked_for(frame) is None


@pytest.mark.parametrize(
    ("what", "at", "value"),
    [("hop limit", 21, 254), ("protocol", 20, 17), ("checksum", 57, 0), ("not solicited", 58, 0x20), ("type", 54, 135)],
)
def test_an_advertisement_that_may_come_from_elsewhere_or_is_damaged_tells_nothing(
    what: str, at: int, value: int
) -> None:
    told = advertisement(OTHER, TARGET, MAC, ASKER)
    assert told[at] != value, what
    assert answer(told[:at] + bytes([value]) + told[at + 1 :]) is None
    assert answer(told[: at - 1]) is None
