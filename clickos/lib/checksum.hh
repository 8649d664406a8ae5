// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace click {

/// Internet checksum (RFC 1071) of `length` bytes: the value to store, in network order as it lies in memory.
/// Over data that includes a right checksum the result is 0. `seed` is a partial sum from `checksum_add`.
uint16_t internet_checksum(const void* data, size_t length, uint32_t seed = 0);
/// Partial sum, to be passed as `seed` (pseudo headers). Only the last part of the data may have an odd length.
uint32_t checksum_add(const void* data, size_t length, uint32_t sum = 0);
/// Checksum of a TCP or UDP segment with the pseudo header (RFC 793, 768) of network-order addresses.
uint16_t transport_checksum(const void* segment, size_t length, uint32_t source, uint32_t destination,
                            uint8_t protocol);

/// The ones' complement sum of a 64-bit sum's four words: 0..0xffff, and 0 only for 0.
constexpr uint16_t checksum_fold(uint64_t sum) {
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>((sum & 0xffff) + (sum >> 16));
}

/// Checksum of an IP header, which has a multiple of four bytes and at least 20; the common case without options is a
/// handful of additions.
inline uint16_t ip_header_checksum(const void* header, unsigned length) {
    if (length != 20) [[unlikely]] {
        return internet_checksum(header, length);
    }
    uint64_t a;
    uint64_t b;
    uint32_t c;
    std::memcpy(&a, header, 8);
    std::memcpy(&b, static_cast<const uint8_t*>(header) + 8, 8);
    std::memcpy(&c, static_cast<const uint8_t*>(header) + 16, 4);
    return static_cast<uint16_t>(~checksum_fold((a & 0xffffffff) + (a >> 32) + (b & 0xffffffff) + (b >> 32) + c));
}

/// RFC 1624 equation 3: the checksum after a 16-bit word changed from `from` to `to` (all in network order).
constexpr uint16_t checksum_update(uint16_t checksum, uint16_t from, uint16_t to) {
    uint32_t sum = static_cast<uint16_t>(~checksum) + uint32_t{static_cast<uint16_t>(~from)} + to;
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~(sum + (sum >> 16)));
}

}  // namespace click
