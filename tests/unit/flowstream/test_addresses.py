# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from ansible.module_utils.flowstream.addresses import (
    Interface,
    Prefix,
    address_text,
    enclosing,
    parse_address,
    parse_interface,
    parse_mac,
    parse_mask,
    parse_prefix,
    parse_prefix_text,
    shown,
    uncovered,
)
from ansible.module_utils.flowstream.errors import FlowstreamError
from hypothesis import given
from hypothesis import strategies as st

ADDRESSES = st.integers(0, 2**32 - 1)
PREFIXES = st.builds(enclosing, ADDRESSES, st.integers(0, 32))


@given(ADDRESSES)
def test_addresses_read_and_write_as_ipaddress_does(value: int) -> None:
    assert address_text(value) == str(IPv4Address(value))
    assert parse_address("addr", address_text(value)) == value


@given(PREFIXES)
def test_prefixes_read_in_both_mask_notations(prefix: Prefix) -> None:
    network = IPv4Network(str(prefix))
    assert parse_prefix(str(network.network_address), str(network.prefixlen)) == prefix
    assert parse_prefix(str(network.network_address), str(network.netmask)) == prefix
    assert parse_prefix_text(str(prefix)) == prefix
    assert address_text(prefix.last) == str(network.broadcast_address)


@given(PREFIXES, PREFIXES)
def test_containing_means_what_it_means_to_ipaddress(one: Prefix, other: Prefix) -> None:
    assert one.contains(other) == IPv4Network(str(other)).subnet_of(IPv4Network(str(one)))


@given(st.lists(PREFIXES, max_size=6))
def test_what_is_uncovered_fills_the_address_space_without_overlap(prefixes: list[Prefix]) -> None:
    gaps = list(uncovered(prefixes))
    kept = [IPv4Network(str(prefix)) for prefix in prefixes]
    free = [IPv4Network(str(gap)) for gap in gaps]
    assert not any(gap.overlaps(prefix) for gap in free for prefix in kept)
    outer = [prefix for prefix in set(kept) if not any(prefix != other and prefix.subnet_of(other) for other in kept)]
    assert sum(network.num_addresses for network in (*free, *outer)) == 2**32


def test_the_fewest_prefixes_fill_a_gap() -> None:
    assert list(map(str, uncovered([Prefix(0, 1), Prefix(0xC0000000, 2)]))) == ["128.0.0.0/2"]
    assert list(uncovered([])) == [Prefix(0, 0)]
    assert list(uncovered([Prefix(0, 0)])) == []


def test_an_interface_knows_its_segment() -> None:
    interface = parse_interface("192.168.5.254/24")
    assert interface == Interface(0xC0A805FE, 24)
    assert str(interface.subnet) == "192.168.5.0/24"
    assert parse_interface("192.168.5.254/255.255.255.0") == interface


@pytest.mark.parametrize("text", ["10.0.0.0/31", "10.0.0.1/31", "10.0.0.0/32"])
def test_point_to_point_segments_have_no_broadcast_address(text: str) -> None:
    """RFC 3021."""
    assert str(parse_interface(text)) == text


def test_a_mac_is_kept_in_lower_case() -> None:
    assert parse_mac("00:15:17:15:5D:2A") == "00:15:17:15:5d:2a"


@pytest.mark.parametrize("text", ["", "33", "-1", "024", " 24", "٢٤", "255.255.255", "255.255.255.256", "0xff000000"])
def test_what_is_no_mask_is_refused(text: str) -> None:
    with pytest.raises(FlowstreamError):
        parse_mask(text)


@pytest.mark.parametrize("text", ["", "1.2.3", "1.2.3.4.5", "1.2.3.04", "1.2.3.٤", "1.2.3.4 ", "1.2.3.-4", "0x1.2.3.4"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(FlowstreamError):
        parse_address("addr", text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        ("", "''"),
        ("two words", "'two words'"),
        ("bell\a", r"'bell\x07'"),
        ("x" * 100, "'" + "x" * 77 + "...'"),
    ],
)
def test_a_value_is_visible_in_a_message(text: str, seen: str) -> None:
    assert shown(text) == seen
