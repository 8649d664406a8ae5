// SPDX-License-Identifier: Apache-2.0
#include "lib/checksum.hh"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

#include "net/ipaddress.hh"

namespace click {

namespace {

/// RFC 1071 section 4.1, word by word in network order.
uint16_t naive_checksum(const uint8_t* data, size_t length) {
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i += 2) {
        sum += static_cast<uint32_t>(data[i] << 8 | (i + 1 < length ? data[i + 1] : 0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return net16(static_cast<uint16_t>(~sum));
}

}  // namespace

TEST_CASE("the numerical example of RFC 1071 section 3 sums to ddf2") {
    const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    CHECK(net16(static_cast<uint16_t>(~internet_checksum(data, sizeof data))) == 0xddf2);
    CHECK(net16(static_cast<uint16_t>(checksum_add(data, sizeof data))) == 0xddf2);
}

TEST_CASE("an IP header with its checksum sums to zero") {
    std::array<uint8_t, 20> header = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                      0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
    uint16_t checksum = ip_header_checksum(header.data(), 20);
    CHECK(net16(checksum) == 0xb861);
    std::memcpy(header.data() + 10, &checksum, 2);
    CHECK(ip_header_checksum(header.data(), 20) == 0);
    CHECK(internet_checksum(header.data(), 20) == 0);
}

TEST_CASE("every length and alignment equals the naive sum") {
    std::mt19937 random(1);
    std::vector<uint8_t> data(1600);
    for (int round = 0; round < 4; ++round) {
        for (uint8_t& byte : data) {
            byte = round == 0 ? 0xff : round == 1 ? 0 : static_cast<uint8_t>(random());
        }
        for (size_t length = 0; length < 300; ++length) {
            size_t start = random() % 64;
            REQUIRE(internet_checksum(data.data() + start, length) == naive_checksum(data.data() + start, length));
        }
        REQUIRE(internet_checksum(data.data(), data.size()) == naive_checksum(data.data(), data.size()));
        for (unsigned length = 20; length <= 60; length += 4) {
            REQUIRE(ip_header_checksum(data.data() + 3, length) == naive_checksum(data.data() + 3, length));
        }
    }
}

TEST_CASE("a sum may be made of parts") {
    std::mt19937 random(2);
    std::array<uint8_t, 100> data;
    for (uint8_t& byte : data) {
        byte = static_cast<uint8_t>(random());
    }
    for (size_t split = 0; split <= data.size(); split += 2) {
        uint32_t seed = checksum_add(data.data(), split);
        REQUIRE(internet_checksum(data.data() + split, data.size() - split, seed) ==
                naive_checksum(data.data(), data.size()));
    }
}

TEST_CASE("a UDP checksum covers the pseudo header") {
    // 10.0.0.1:1234 > 10.0.0.2:5678, "hello"
    std::array<uint8_t, 13> segment = {0x04, 0xd2, 0x16, 0x2e, 0x00, 0x0d, 0x00, 0x00, 'h', 'e', 'l', 'l', 'o'};
    std::array<uint8_t, 25> whole = {10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, 13};
    std::copy(segment.begin(), segment.end(), whole.begin() + 12);
    CHECK(transport_checksum(segment.data(), segment.size(), IPAddress::read(whole.data()).network_order(),
                             IPAddress::read(whole.data() + 4).network_order(),
                             17) == naive_checksum(whole.data(), whole.size()));
}

TEST_CASE("an incremental update equals a new sum") {
    std::mt19937 random(3);
    std::array<uint8_t, 20> header;
    for (int round = 0; round < 1000; ++round) {
        for (uint8_t& byte : header) {
            byte = static_cast<uint8_t>(random());
        }
        header[0] = 0x45;
        header[10] = header[11] = 0;
        uint16_t checksum = ip_header_checksum(header.data(), 20);
        uint16_t from;
        std::memcpy(&from, header.data() + 8, 2);
        auto to = static_cast<uint16_t>(random());
        std::memcpy(header.data() + 8, &to, 2);
        REQUIRE(checksum_update(checksum, from, to) == ip_header_checksum(header.data(), 20));
    }
}

}  // namespace click
