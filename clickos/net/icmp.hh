// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

// ICMP message types (RFC 792).
inline constexpr uint8_t kIcmpEchoReply = 0;
inline constexpr uint8_t kIcmpUnreachable = 3;
inline constexpr uint8_t kIcmpSourceQuench = 4;
inline constexpr uint8_t kIcmpRedirect = 5;
inline constexpr uint8_t kIcmpEcho = 8;
inline constexpr uint8_t kIcmpTimeExceeded = 11;
inline constexpr uint8_t kIcmpParameterProblem = 12;

/// Whether a message of that type quotes the packet that it is about.
constexpr bool is_icmp_error(int type) {
    return type == kIcmpUnreachable || type == kIcmpSourceQuench || type == kIcmpRedirect ||
           type == kIcmpTimeExceeded || type == kIcmpParameterProblem;
}

/// ICMP echo request or reply (RFC 792); multi-byte fields in network order.
struct [[gnu::packed, gnu::may_alias]] IcmpEchoHeader {
    uint8_t type;
    uint8_t code;
    uint16_t checksum;
    uint16_t identifier;
    uint16_t sequence;
};
static_assert(sizeof(IcmpEchoHeader) == sizeof(IcmpHeader));

/// Brings the checksum up to date after a word of an ICMP message became `to`; `length` bytes of its IP packet are there.
///
/// RFC 1624's equation 3 gives 0 for what has the checksum 0 and for a message of zeros alone, whose checksum is 0xffff.
template <typename Header>
void update_icmp_checksum(const IpHeader& ip, uint32_t length, Header& icmp, uint16_t from, uint16_t to) {
    icmp.checksum = checksum_update(icmp.checksum, from, to);
    if (icmp.checksum == 0 && !ip.is_fragment() && ip.length() <= length) [[unlikely]] {
        icmp.checksum = internet_checksum(&icmp, ip.length() - ip.header_length());
    }
}

}  // namespace click
