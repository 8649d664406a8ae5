// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <click/annotations.hh>

#include "net/etheraddress.hh"
#include "net/ipaddress.hh"

namespace click {

TEST_CASE("IP addresses are dotted quads") {
    IPAddress address;
    CHECK(parse_ip_address("192.168.5.254", address));
    CHECK(address.host_order() == 0xc0a805feU);
    CHECK(address.unparse() == "192.168.5.254");
    for (const char* wrong : {"", "1", "1.2.3", "1.2.3.256", "1.2.3.4.", "1.2.3.4.5", ".1.2.3", "1..2.3", "1.2.3.4 ",
                              "1.2.3.0004", "a.b.c.d", "1.2.3.-4"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_ip_address(wrong, address));
    }
    CHECK(address.host_order() == 0xc0a805feU);
}

TEST_CASE("prefixes take a length or a mask") {
    IPPrefix prefix;
    CHECK(parse_ip_prefix("10.1.2.3/8", false, prefix));
    CHECK(prefix.unparse() == "10.1.2.3/8");
    CHECK(prefix.contains(IPAddress::from_host_order(0x0affffffU)));
    CHECK_FALSE(prefix.contains(IPAddress::from_host_order(0x0b000000U)));
    CHECK(parse_ip_prefix("10.0.0.0/255.255.255.0", false, prefix));
    CHECK(prefix.unparse() == "10.0.0.0/24");
    CHECK(parse_ip_prefix("10.0.0.0/255.0.255.0", false, prefix));
    CHECK(prefix.unparse() == "10.0.0.0/255.0.255.0");
    CHECK(parse_ip_prefix("18.26/16", false, prefix));
    CHECK(prefix.unparse() == "18.26.0.0/16");
    CHECK(parse_ip_prefix("0/0", false, prefix));
    CHECK(prefix.unparse() == "0.0.0.0/0");
    CHECK(parse_ip_prefix("1.2.3.4", true, prefix));
    CHECK(prefix.unparse() == "1.2.3.4/32");
    for (const char* wrong : {"1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "18.26/17", "/8", "1.2.3.4/8x",
                              "1.2/255.255.0.0", "1.2.3.4/255.255.0"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_ip_prefix(wrong, false, prefix));
    }
}

TEST_CASE("masks know their length") {
    for (int length = 0; length <= 32; ++length) {
        CHECK(IPAddress::prefix_mask(length).mask_length() == length);
    }
    CHECK(IPAddress::from_host_order(0xff00ff00U).mask_length() == -1);
    CHECK(IPAddress::from_host_order(1).mask_length() == -1);
}

TEST_CASE("Ethernet addresses take colons or dashes") {
    EtherAddress address;
    CHECK(parse_ether_address("00:15:17:15:5d:74", address));
    CHECK(address.unparse() == "00-15-17-15-5D-74");
    CHECK(address.unparse_colon() == "00:15:17:15:5D:74");
    CHECK(parse_ether_address("1-2-3-4-5-f", address));
    CHECK(address.unparse() == "01-02-03-04-05-0F");
    for (const char* wrong : {"", "1:2:3:4:5", "1:2:3:4:5:6:7", "1:2:3:4:5:", "1:2-3:4:5:6", "001:2:3:4:5:6",
                              "g:2:3:4:5:6", "1:2:3:4:5:6 "}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_ether_address(wrong, address));
    }
}

TEST_CASE("annotations have names and numbers") {
    size_t size = 1;
    CHECK(anno::offset_of("PAINT", size) == 16);
    CHECK(anno::offset_of("DST_IP", size) == 0);
    CHECK(size == 4);
    CHECK(anno::offset_of("20", size) == 20);
    CHECK(size == 4);
    CHECK(anno::offset_of("47", size) == 47);
    CHECK(anno::offset_of("48", size) == -1);
    CHECK(anno::offset_of("-1", size) == -1);
    CHECK(anno::offset_of("paint", size) == -1);
    CHECK(anno::offset_of("", size) == -1);
}

}  // namespace click
