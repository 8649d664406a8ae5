// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "net/ip.hh"

namespace click {

// ICMP message types (RFC 792).
inline constexpr uint8_t kIcmpEchoReply = 0;
inline constexpr uint8_t kIcmpEcho = 8;

/// ICMP echo request or reply (RFC 792); multi-byte fields in network order.
struct [[gnu::packed, gnu::may_alias]] IcmpEchoHeader {
    uint8_t type;
    uint8_t code;
    uint16_t checksum;
    uint16_t identifier;
    uint16_t sequence;
};
static_assert(sizeof(IcmpEchoHeader) == sizeof(IcmpHeader));

}  // namespace click
