// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

// EtherTypes, host order (IEEE 802 numbers).
inline constexpr uint16_t kEtherTypeIp = 0x0800;
inline constexpr uint16_t kEtherTypeArp = 0x0806;
inline constexpr uint16_t kEtherTypeVlan = 0x8100;
inline constexpr uint16_t kEtherTypeIp6 = 0x86dd;

/// Ethernet II header (IEEE 802.3); multi-byte fields in network order, as in all headers of net/.
struct [[gnu::packed, gnu::may_alias]] EtherHeader {
    uint8_t destination[6];
    uint8_t source[6];
    uint16_t type;
};
static_assert(sizeof(EtherHeader) == 14);

inline constexpr uint16_t kArpRequest = 1;
inline constexpr uint16_t kArpReply = 2;

/// ARP for IPv4 over Ethernet (RFC 826).
struct [[gnu::packed, gnu::may_alias]] ArpHeader {
    uint16_t hardware_type;
    uint16_t protocol_type;
    uint8_t hardware_length;
    uint8_t protocol_length;
    uint16_t operation;
    uint8_t sender_ether[6];
    uint8_t sender_ip[4];
    uint8_t target_ether[6];
    uint8_t target_ip[4];
};
static_assert(sizeof(ArpHeader) == 28);

}  // namespace click
