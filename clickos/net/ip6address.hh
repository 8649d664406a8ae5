// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "net/ipaddress.hh"

namespace click {

/// An IPv6 address or mask, as its 16 bytes stand in a packet.
class IP6Address {
public:
    static constexpr size_t kSize = 16;

    constexpr IP6Address() = default;
    constexpr explicit IP6Address(const std::array<uint8_t, kSize>& bytes) : _bytes(bytes) {}
    /// The mask of a prefix of `length` bits, 0..128.
    static IP6Address prefix_mask(unsigned length);
    /// `::ffff:a.b.c.d`, RFC 4291 2.5.5.2.
    static IP6Address mapped(IPAddress address);
    static IP6Address read(const uint8_t* bytes) {
        IP6Address address;
        std::memcpy(address._bytes.data(), bytes, kSize);
        return address;
    }

    const uint8_t* data() const { return _bytes.data(); }
    uint8_t* data() { return _bytes.data(); }
    void write(uint8_t* bytes) const { std::memcpy(bytes, _bytes.data(), kSize); }
    bool is_unspecified() const { return *this == IP6Address(); }
    bool is_multicast() const { return _bytes[0] == 0xff; }
    bool is_link_local() const { return _bytes[0] == 0xfe && (_bytes[1] & 0xc0) == 0x80; }
    bool matches_prefix(const IP6Address& address, const IP6Address& mask) const;
    /// The length of a contiguous mask, or -1.
    int mask_length() const;
    /// The multicast address of neighbour discovery for this address, RFC 4291 2.7.1.
    IP6Address solicited_node() const;
    /// As RFC 5952 recommends: lower case, no leading zeros, the longest run of zero groups as `::`.
    std::string unparse() const;

    friend bool operator==(const IP6Address&, const IP6Address&) = default;
    friend auto operator<=>(const IP6Address&, const IP6Address&) = default;

private:
    std::array<uint8_t, kSize> _bytes{};
};

/// An IPv6 prefix: `2001:db8::/32`.
struct IP6Prefix {
    IP6Address address;
    IP6Address mask;
    bool contains(const IP6Address& other) const { return other.matches_prefix(address, mask); }
    std::string unparse() const;
};

/// Text of RFC 4291 2.2, a dotted quad at the end included. False, and `address` untouched, when `text` is none.
bool parse_ip6_address(std::string_view text, IP6Address& address);
/// `address/length`, or an address alone as /128.
bool parse_ip6_prefix(std::string_view text, IP6Prefix& prefix);

}  // namespace click
