// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lib/checksum.hh"
#include "net/ip.hh"
#include "net/ip6.hh"

namespace click {

// ICMPv6 message types (RFC 4443 2.1, RFC 4861 4); those below 128 are errors.
inline constexpr uint8_t kIcmp6Unreachable = 1;
inline constexpr uint8_t kIcmp6PacketTooBig = 2;
inline constexpr uint8_t kIcmp6TimeExceeded = 3;
inline constexpr uint8_t kIcmp6ParameterProblem = 4;
inline constexpr uint8_t kIcmp6FirstInformation = 128;
inline constexpr uint8_t kIcmp6Echo = 128;
inline constexpr uint8_t kIcmp6EchoReply = 129;
inline constexpr uint8_t kIcmp6NeighborSolicitation = 135;
inline constexpr uint8_t kIcmp6NeighborAdvertisement = 136;
inline constexpr uint8_t kIcmp6Redirect = 137;

/// Checksum of a TCP, UDP or ICMPv6 segment with the pseudo header of RFC 8200 8.1: the value to store; 0 over a segment
/// that includes a right one. Addresses are 16 bytes each.
inline uint16_t ip6_transport_checksum(const void* segment, size_t length, const uint8_t* source,
                                       const uint8_t* destination, uint8_t protocol) {
    struct {
        uint32_t length;
        uint32_t protocol;
    } rest = {net32(static_cast<uint32_t>(length)), net32(protocol)};
    uint32_t sum = checksum_add(source, IP6Address::kSize);
    sum = checksum_add(destination, IP6Address::kSize, sum);
    return internet_checksum(segment, length, checksum_add(&rest, sizeof rest, sum));
}

/// Neighbor solicitation or advertisement with one link-layer address option (RFC 4861 4.3, 4.4, 4.6.1).
struct [[gnu::packed, gnu::may_alias]] NeighborMessage {
    static constexpr uint8_t kRouter = 0x80, kSolicited = 0x40, kOverride = 0x20;
    static constexpr uint8_t kSourceLink = 1, kTargetLink = 2;
    static constexpr unsigned kOptionless = 24;

    uint8_t type;
    uint8_t code;
    uint16_t checksum;
    uint8_t flags;
    uint8_t reserved[3];
    uint8_t target[16];
    uint8_t option_type;
    uint8_t option_length;  ///< in units of eight bytes
    uint8_t option_ether[6];
};
static_assert(sizeof(NeighborMessage) == 32);

}  // namespace click
