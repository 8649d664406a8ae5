// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace click {

/// An IEEE 802 MAC address.
struct EtherAddress {
    std::array<uint8_t, 6> bytes{};

    static constexpr EtherAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
    static EtherAddress read(const uint8_t* data) {
        EtherAddress address;
        std::memcpy(address.bytes.data(), data, 6);
        return address;
    }
    void write(uint8_t* data) const { std::memcpy(data, bytes.data(), 6); }
    constexpr bool is_group() const { return (bytes[0] & 1) != 0; }
    constexpr bool is_broadcast() const { return *this == broadcast(); }
    constexpr explicit operator bool() const { return *this != EtherAddress{}; }
    /// 00-15-17-15-5D-20, as Click writes it.
    std::string unparse() const;
    /// 00:15:17:15:5D:20.
    std::string unparse_colon() const;

    friend constexpr bool operator==(const EtherAddress&, const EtherAddress&) = default;
};

/// Six hexadecimal bytes, separated by colons or dashes.
bool parse_ether_address(std::string_view text, EtherAddress& address);

}  // namespace click
