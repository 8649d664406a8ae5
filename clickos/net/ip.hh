// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <cstdint>

#include "net/ipaddress.hh"

namespace click {

inline constexpr uint8_t kIpProtoIcmp = 1;
inline constexpr uint8_t kIpProtoIgmp = 2;
inline constexpr uint8_t kIpProtoTcp = 6;
inline constexpr uint8_t kIpProtoUdp = 17;

/// The longest packet, and what fragments may make up together.
inline constexpr uint32_t kMaxIpLength = 65535;

/// IPv4 header (RFC 791); multi-byte fields in network order.
struct [[gnu::packed, gnu::may_alias]] IpHeader {
    static constexpr uint16_t kReservedFragment = 0x8000;
    static constexpr uint16_t kDontFragment = 0x4000;
    static constexpr uint16_t kMoreFragments = 0x2000;
    static constexpr uint16_t kOffsetMask = 0x1fff;

    uint8_t version_length;
    uint8_t tos;
    uint16_t total_length;
    uint16_t id;
    uint16_t fragment;  ///< flags and offset in 8-byte units
    uint8_t ttl;
    uint8_t protocol;
    uint16_t checksum;
    uint32_t source;
    uint32_t destination;

    int version() const { return version_length >> 4; }
    unsigned header_length() const { return (version_length & 15U) * 4U; }
    unsigned length() const { return net16(total_length); }
    unsigned fragment_offset() const { return (net16(fragment) & kOffsetMask) * 8U; }
    bool first_fragment() const { return (net16(fragment) & kOffsetMask) == 0; }
    bool more_fragments() const { return (net16(fragment) & kMoreFragments) != 0; }
    bool is_fragment() const { return (net16(fragment) & (kOffsetMask | kMoreFragments)) != 0; }
};
static_assert(sizeof(IpHeader) == 20);

/// TCP header without options (RFC 9293).
struct [[gnu::packed, gnu::may_alias]] TcpHeader {
    static constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32, kEce = 64, kCwr = 128;

    uint16_t source;
    uint16_t destination;
    uint32_t sequence;
    uint32_t acknowledgement;
    uint8_t offset;  ///< header length in 32-bit words, upper four bits
    uint8_t flags;
    uint16_t window;
    uint16_t checksum;
    uint16_t urgent;

    unsigned header_length() const { return (offset >> 4) * 4U; }
};
static_assert(sizeof(TcpHeader) == 20);

/// UDP header (RFC 768).
struct [[gnu::packed, gnu::may_alias]] UdpHeader {
    uint16_t source;
    uint16_t destination;
    uint16_t length;
    uint16_t checksum;
};
static_assert(sizeof(UdpHeader) == 8);

/// ICMP header (RFC 792).
struct [[gnu::packed, gnu::may_alias]] IcmpHeader {
    uint8_t type;
    uint8_t code;
    uint16_t checksum;
    uint8_t rest[4];
};
static_assert(sizeof(IcmpHeader) == 8);

/// The IPv4 header at the packet's network header; null when none is marked or fewer than 20 bytes follow.
inline const IpHeader* ip_header(const Packet& packet) {
    return packet.has_network_header() && packet.network_header() + sizeof(IpHeader) <= packet.end_data()
               ? reinterpret_cast<const IpHeader*>(packet.network_header())
               : nullptr;
}
/// The same, and null too when its length field is too small or its options reach beyond the packet.
inline const IpHeader* whole_ip_header(const Packet& packet) {
    const IpHeader* ip = ip_header(packet);
    return ip && ip->header_length() >= sizeof(IpHeader) && ip->header_length() <= packet.network_length() ? ip
                                                                                                           : nullptr;
}
/// The same for writing; the packet must be unshared.
inline IpHeader* mutable_ip_header(Packet& packet) { return const_cast<IpHeader*>(ip_header(packet)); }
/// A header of type `H` at the transport header; null when fewer bytes than it needs follow.
template <typename H>
const H* transport_header(const Packet& packet) {
    return packet.has_transport_header() && packet.transport_header() + sizeof(H) <= packet.end_data()
               ? reinterpret_cast<const H*>(packet.transport_header())
               : nullptr;
}
/// A header of type `H` at the start of the data; null when the packet is shorter.
template <typename H>
const H* data_header(const Packet& packet) {
    return packet.length() >= sizeof(H) ? reinterpret_cast<const H*>(packet.data()) : nullptr;
}

}  // namespace click
