// SPDX-License-Identifier: Apache-2.0
#include "net/ip6address.hh"

#include <doctest/doctest.h>

namespace click {

TEST_CASE("IPv6 addresses are read as RFC 4291 writes them and shown as RFC 5952 wants them") {
    const std::pair<const char*, const char*> texts[] = {
        {"2001:0DB8:0:0:0008:0800:200C:417A", "2001:db8::8:800:200c:417a"},
        {"FF01:0:0:0:0:0:0:101", "ff01::101"},
        {"0:0:0:0:0:0:0:1", "::1"},
        {"::", "::"},
        {"1::", "1::"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"::13.1.68.3", "::d01:4403"},
        {"::ffff:129.144.52.38", "::ffff:8190:3426"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
    };
    for (auto [text, shown] : texts) {
        CAPTURE(text);
        IP6Address address;
        CHECK(parse_ip6_address(text, address));
        CHECK(address.unparse() == shown);
    }
    IP6Address untouched = IP6Address::mapped(IPAddress::from_host_order(0x01020304));
    for (const char* wrong : {"", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", ":1",
                              "1:", "1:2:3:4:5:6:7:8::", "1.2.3.4", "1.2.3.4::", "::1.2.3", "::1 "}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_ip6_address(wrong, untouched));
    }
    CHECK(untouched.unparse() == "::ffff:102:304");
}

TEST_CASE("IPv6 prefixes contain what their length covers") {
    IP6Prefix prefix;
    CHECK(parse_ip6_prefix("2001:db8:8000::/33", prefix));
    CHECK(prefix.unparse() == "2001:db8:8000::/33");
    IP6Address address;
    CHECK(parse_ip6_address("2001:db8:ffff::1", address));
    CHECK(prefix.contains(address));
    CHECK(parse_ip6_address("2001:db8:7fff::1", address));
    CHECK_FALSE(prefix.contains(address));
    CHECK(parse_ip6_prefix("::1", prefix));
    CHECK(prefix.unparse() == "::1/128");
    for (const char* wrong : {"::1/", "::1/129", "::1/-1", "::1/x", "/64", "::1/0064"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_ip6_prefix(wrong, prefix));
    }
    for (unsigned length = 0; length <= 128; ++length) {
        CHECK(IP6Address::prefix_mask(length).mask_length() == static_cast<int>(length));
    }
}

TEST_CASE("the solicited-node group keeps the last 24 bits") {
    IP6Address address;
    CHECK(parse_ip6_address("4037::01:800:200e:8c6c", address));
    CHECK(address.solicited_node().unparse() == "ff02::1:ff0e:8c6c");
}

}  // namespace click
