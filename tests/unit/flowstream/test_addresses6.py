# SPDX-License-Identifier: Apache-2.0
"""IPv6 beside IPv4: what is read, spelled and contained is what the standard library says, within one family."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

import pytest
from ansible.module_utils.flowstream.addresses import (
    EVERYTHING,
    EVERYTHING6,
    IPV4,
    IPV6,
    Prefix,
    address_text,
    enclosing,
    parse_address6,
    parse_address_text,
    parse_interface6,
    parse_prefix,
    parse_prefix_text,
    uncovered,
)
from ansible.module_utils.flowstream.errors import FlowstreamError
from hypothesis import given
from hypothesis import strategies as st

ADDRESSES = st.integers(0, 2**128 - 1).filter(lambda value: value >> 32 != 0xFFFF)
PREFIXES = st.builds(enclosing, ADDRESSES, st.integers(0, 128), st.just(IPV6))
PREFIXES4 = st.builds(enclosing, st.integers(0, 2**32 - 1), st.integers(0, 32))


@given(ADDRESSES)
def test_addresses_read_and_write_as_ipaddress_does(value: int) -> None:
    assert address_text(value, IPV6) == str(IPv6Address(value))
    assert parse_address6("addr", address_text(value, IPV6)) == value
    assert parse_address6("addr", IPv6Address(value).exploded.upper()) == value


@given(PREFIXES)
def test_prefixes_read_and_write_as_ipaddress_does(prefix: Prefix) -> None:
    network = IPv6Network(str(prefix))
    assert parse_prefix(str(network.network_address), str(network.prefixlen)) == prefix
    assert parse_prefix_text(str(prefix)) == prefix
    assert prefix.last == int(network.broadcast_address)
    assert prefix.mask == int(network.netmask)


@given(PREFIXES, PREFIXES)
def test_containing_means_what_it_means_to_ipaddress(one: Prefix, other: Prefix) -> None:
    assert one.contains(other) == IPv6Network(str(other)).subnet_of(IPv6Network(str(one)))


@given(PREFIXES, PREFIXES4)
def test_no_prefix_contains_one_of_the_other_family(six: Prefix, four: Prefix) -> None:
    assert not six.contains(four)
    assert not four.contains(six)
    assert not EVERYTHING.contains(six)
    assert not EVERYTHING6.contains(four)
    assert sorted([six, four], key=lambda prefix: prefix.in_order) == [four, six]


@given(st.lists(st.one_of(PREFIXES, PREFIXES4), max_size=6))
def test_what_is_uncovered_fills_the_address_space_of_its_family(prefixes: list[Prefix]) -> None:
    for family, space in ((IPV4, 2**32), (IPV6, 2**128)):
        own = [prefix for prefix in prefixes if prefix.family == family]
        outer = [one for one in set(own) if not any(one != other and other.contains(one) for other in own)]
        parts = [*uncovered(prefixes, family), *outer]
        assert sum(prefix.last - prefix.network + 1 for prefix in parts) == space
        assert not any(one.contains(other) for one in parts for other in parts if one is not other)


@pytest.mark.parametrize(
    "text",
    ["", "1", ":", ":::", "2001:db8::1::2", "2001:db8::1%eth0", "::ffff:192.0.2.1", "g::", "1:2:3:4:5:6:7:8:9", "::1 "],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(FlowstreamError, match="address6 is not an IPv6 address"):
        parse_address6("address6", text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2001:db8::1", "has no mask"),
        ("2001:db8::1/x", "mask is not a length"),
        ("2001:db8::/64", "that of every router"),
        ("::/0", "not a unicast address"),
        ("::1/128", "not a unicast address"),
        ("::ffff:c000:201/128", "not a unicast address"),
        ("ff02::1/64", "not a unicast address"),
        ("fe80::1/64", "of its link alone"),
    ],
)
def test_what_no_router_has_beyond_its_link_is_refused(text: str, message: str) -> None:
    with pytest.raises(FlowstreamError, match=message):
        parse_interface6(text)


def test_a_link_of_two_may_use_both_addresses() -> None:
    assert str(parse_interface6("2001:DB8:0:0::/127")) == "2001:db8::/127"
    assert str(parse_interface6("2001:db8::1/64").subnet) == "2001:db8::/64"


def test_a_colon_tells_the_family() -> None:
    assert parse_address_text("gateway", "::7") == (7, IPV6)
    assert parse_address_text("gateway", "0.0.0.7") == (7, IPV4)
