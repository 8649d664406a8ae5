# SPDX-License-Identifier: Apache-2.0
"""Frames that ask who has an address, and those that answer: ARP (RFC 826) and neighbour discovery (RFC 4861)."""

from __future__ import annotations

import struct

from ansible.module_utils.flowstream.addresses import IPV4, IPV6, address_text
from ansible.module_utils.flowstream.traffic.headers import (
    ETHERNET,
    ETHERTYPES,
    IP6,
    checksum,
    ip_header,
    pseudo_header,
)

_ARP = struct.Struct("!HHBBH6sI6sI")  # IPv4 over Ethernet
_DISCOVERY = struct.Struct("!BBHI16sBB6s")  # RFC 4861 4.3, 4.4, with the option of 4.6.1
_ETHERTYPE_ARP = 0x0806
_TAG, _TAGS_AT = b"\x81\x00", 12
_ARP_REQUEST, _ARP_REPLY = 1, 2
_ICMP6, _SOLICITATION, _ADVERTISEMENT = 58, 135, 136
_SOURCE_OPTION, _TARGET_OPTION = 1, 2
_SOLICITED, _OVERRIDE = 1 << 30, 1 << 29
_HOP_LIMIT = 255
"""What has it comes from the link itself (RFC 4861 7.1)."""
_SOLICITED_NODES = bytes.fromhex("ff0200000000000000000001ff")
_ADVERTISED_SIZE = ETHERNET.size + IP6.size + _DISCOVERY.size


def arp_request(source_mac: bytes, source: int, target: int) -> bytes:
    """A broadcast question for the owner of `target`."""
    header = ETHERNET.pack(b"\xff" * 6, source_mac, _ETHERTYPE_ARP)
    return header + _ARP.pack(1, ETHERTYPES[IPV4], 6, 4, _ARP_REQUEST, source_mac, source, bytes(6), target)


def arp_reply(source_mac: bytes, source: int, target_mac: bytes, target: int) -> bytes:
    """What the owner of `source` tells who asked for it."""
    header = ETHERNET.pack(target_mac, source_mac, _ETHERTYPE_ARP)
    return header + _ARP.pack(1, ETHERTYPES[IPV4], 6, 4, _ARP_REPLY, source_mac, source, target_mac, target)


def solicitation(source_mac: bytes, target: int) -> bytes:
    """A question for the owner of an IPv6 address, from the link-local address of who asks, to those that may have it."""
    address = target.to_bytes(16, "big")
    group = _SOLICITED_NODES + address[-3:]
    message = (_SOLICITATION, 0, address, _SOURCE_OPTION, source_mac)
    return _discovery(b"\x33\x33" + group[-4:], source_mac, _link_local(source_mac), group, message)


def advertisement(source_mac: bytes, source: int, target_mac: bytes, target: int) -> bytes:
    """What the owner of the IPv6 address `source` tells who solicited it from `target`."""
    address = source.to_bytes(16, "big")
    message = (_ADVERTISEMENT, _SOLICITED | _OVERRIDE, address, _TARGET_OPTION, source_mac)
    return _discovery(target_mac, source_mac, address, target.to_bytes(16, "big"), message)


def asked_for(frame: bytes) -> str | None:
    """The address that an ARP request or a neighbour solicitation asks for, in a VLAN or not; None when `frame` is neither."""
    question = _question(_untagged(frame)[0])
    return question and address_text(*question[:2])


def answered(question: bytes, mac: bytes) -> bytes:
    """What the owner of the address that `question` asks for tells who asked, in the same VLAN: it is at `mac`.

    ValueError where it asks for none.
    """
    bare, tags = _untagged(question)
    read = _question(bare)
    if read is None:
        raise ValueError("nothing is asked for")
    target, family, asker = read
    reply = advertisement if family == IPV6 else arp_reply
    told = reply(mac, target, question[6:12], asker)
    return told[:_TAGS_AT] + tags + told[_TAGS_AT:]


def _untagged(frame: bytes) -> tuple[bytes, bytes]:
    """A frame without its tags of VLANs (IEEE 802.1Q), and these."""
    end = _TAGS_AT
    while frame[end : end + 2] == _TAG:
        end += 4
    return frame[:_TAGS_AT] + frame[end:], frame[_TAGS_AT:end]


def _question(frame: bytes) -> tuple[int, int, int] | None:
    """The address that is asked for, its family, and that of who asks."""
    if frame[12:14] == struct.pack("!H", _ETHERTYPE_ARP) and len(frame) >= ETHERNET.size + _ARP.size:
        _, _, _, _, operation, _, asker, _, target = _ARP.unpack_from(frame, ETHERNET.size)
        return (target, IPV4, asker) if operation == _ARP_REQUEST else None
    if frame[12:14] == struct.pack("!H", ETHERTYPES[IPV6]) and len(frame) >= ETHERNET.size + IP6.size + 24:
        _, _, protocol, _, source, _ = IP6.unpack_from(frame, ETHERNET.size)
        message = frame[ETHERNET.size + IP6.size :]
        if (protocol, message[0]) == (_ICMP6, _SOLICITATION):
            return int.from_bytes(message[8:24], "big"), IPV6, int.from_bytes(source, "big")
    return None


def answer(frame: bytes) -> tuple[str, str] | None:
    """The address and the Ethernet address that an ARP reply or a solicited advertisement tells; None when `frame` is neither."""
    if len(frame) < ETHERNET.size:
        return None
    _, _, ethertype = ETHERNET.unpack_from(frame)
    if ethertype == _ETHERTYPE_ARP and len(frame) >= ETHERNET.size + _ARP.size:
        _, _, _, _, operation, sender_mac, sender, _, _ = _ARP.unpack_from(frame, ETHERNET.size)
        return (address_text(sender, IPV4), sender_mac.hex(":")) if operation == _ARP_REPLY else None
    if ethertype == ETHERTYPES[IPV6] and len(frame) >= _ADVERTISED_SIZE:
        return _advertised(frame)
    return None


def _advertised(frame: bytes) -> tuple[str, str] | None:
    _, length, protocol, hops, source, group = IP6.unpack_from(frame, ETHERNET.size)
    message = frame[ETHERNET.size + IP6.size :][:length]
    if protocol != _ICMP6 or hops != _HOP_LIMIT or len(message) < _DISCOVERY.size or _summed(source, group, message):
        return None
    kind, code, _, flags, target, option, _, mac = _DISCOVERY.unpack_from(message)
    if (kind, code, option) != (_ADVERTISEMENT, 0, _TARGET_OPTION) or not flags & _SOLICITED:
        return None
    return address_text(int.from_bytes(target, "big"), IPV6), mac.hex(":")


def _discovery(
    to: bytes, source_mac: bytes, source: bytes, destination: bytes, message: tuple[int, int, bytes, int, bytes]
) -> bytes:
    kind, flags, address, option, mac = message
    blank = _DISCOVERY.pack(kind, 0, 0, flags, address, option, 1, mac)
    whole = _DISCOVERY.pack(kind, 0, _summed(source, destination, blank), flags, address, option, 1, mac)
    header = ip_header(source + destination, IPV6, _ICMP6, len(whole), _HOP_LIMIT)
    return ETHERNET.pack(to, source_mac, ETHERTYPES[IPV6]) + header + whole


def _summed(source: bytes, destination: bytes, message: bytes) -> int:
    return checksum(pseudo_header(source + destination, _ICMP6, len(message)) + message)


def _link_local(mac: bytes) -> bytes:
    """The address that an Ethernet address alone makes (RFC 4291 2.5.6, appendix A)."""
    return b"\xfe\x80" + bytes(6) + bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
