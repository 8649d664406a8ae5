// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "net/ether.hh"

namespace click {

inline constexpr uint16_t kEtherTypePppoeSession = 0x8864;

// PPP protocols (IANA PPP DLL protocol numbers).
inline constexpr uint16_t kPppIp = 0x0021;

/// Whether a number can be a PPP protocol: its first byte is even, its second one odd (RFC 1661 2).
constexpr bool is_ppp_protocol(uint32_t number) { return (number & 0x0101) == 1; }

/// PPPoE header (RFC 2516 4).
struct [[gnu::packed, gnu::may_alias]] PppoeHeader {
    static constexpr uint8_t kVersionAndType = 0x11;
    static constexpr uint16_t kMostSession = 0xfffe;

    uint8_t version_and_type;
    uint8_t code;  ///< 0: of a session
    uint16_t session;
    uint16_t length;  ///< of what follows
};
static_assert(sizeof(PppoeHeader) == 6);

/// What a frame of a session begins with.
struct [[gnu::packed, gnu::may_alias]] PppoeFrame {
    EtherHeader ether;
    PppoeHeader pppoe;
    uint16_t protocol;
};
static_assert(sizeof(PppoeFrame) == 22);

}  // namespace click
