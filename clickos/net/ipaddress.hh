// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace click {

constexpr uint16_t byte_swap(uint16_t value) { return __builtin_bswap16(value); }
constexpr uint32_t byte_swap(uint32_t value) { return __builtin_bswap32(value); }
constexpr uint16_t net16(uint16_t value) {
    return std::endian::native == std::endian::little ? byte_swap(value) : value;
}
constexpr uint32_t net32(uint32_t value) {
    return std::endian::native == std::endian::little ? byte_swap(value) : value;
}

/// An IPv4 address or mask.
class IPAddress {
public:
    constexpr IPAddress() = default;
    /// `address` as it stands in a packet.
    constexpr explicit IPAddress(uint32_t network_order) : _address(network_order) {}
    static constexpr IPAddress from_host_order(uint32_t address) { return IPAddress(net32(address)); }
    /// The mask of a prefix of `length` bits, 0..32.
    static constexpr IPAddress prefix_mask(int length) {
        return from_host_order(length == 0 ? 0 : ~uint32_t{0} << (32 - length));
    }
    static IPAddress read(const uint8_t* bytes) {
        uint32_t address;
        std::memcpy(&address, bytes, sizeof address);
        return IPAddress(address);
    }

    constexpr uint32_t network_order() const { return _address; }
    constexpr uint32_t host_order() const { return net32(_address); }
    constexpr explicit operator bool() const { return _address != 0; }
    constexpr bool is_multicast() const { return (host_order() & 0xf0000000U) == 0xe0000000U; }
    constexpr bool matches_prefix(IPAddress address, IPAddress mask) const {
        return ((_address ^ address._address) & mask._address) == 0;
    }
    /// The length of a contiguous mask, or -1.
    constexpr int mask_length() const {
        uint32_t mask = host_order();
        int length = std::countl_one(mask);
        return length == 32 || (mask << length) == 0 ? length : -1;
    }
    std::string unparse() const;

    friend constexpr bool operator==(IPAddress, IPAddress) = default;
    friend constexpr IPAddress operator&(IPAddress a, IPAddress b) { return IPAddress(a._address & b._address); }
    friend constexpr IPAddress operator|(IPAddress a, IPAddress b) { return IPAddress(a._address | b._address); }
    friend constexpr IPAddress operator~(IPAddress a) { return IPAddress(~a._address); }

private:
    uint32_t _address = 0;
};

/// An IPv4 prefix: `10.0.0.0/8`, or any address and mask.
struct IPPrefix {
    IPAddress address;
    IPAddress mask;
    bool contains(IPAddress other) const { return other.matches_prefix(address, mask); }
    std::string unparse() const;
};

/// Dotted quad. False, and `address` untouched, when `text` is none.
bool parse_ip_address(std::string_view text, IPAddress& address);
/// `a.b.c.d/len`, `a.b.c.d/m.a.s.k`; with `allow_bare`, also an address alone as /32.
bool parse_ip_prefix(std::string_view text, bool allow_bare, IPPrefix& prefix);

}  // namespace click
