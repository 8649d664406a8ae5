// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <cstdint>

#include "net/ip6address.hh"

namespace click {

// Next header values (IANA protocol numbers).
inline constexpr uint8_t kIp6HopByHop = 0;
inline constexpr uint8_t kIp6Routing = 43;
inline constexpr uint8_t kIp6Fragment = 44;
inline constexpr uint8_t kIp6Icmp = 58;
inline constexpr uint8_t kIp6DestinationOptions = 60;

/// IPv6 header (RFC 8200 3); multi-byte fields in network order.
struct [[gnu::packed, gnu::may_alias]] Ip6Header {
    uint8_t version_class;
    uint8_t class_flow;
    uint16_t flow;
    uint16_t payload_length;
    uint8_t next_header;
    uint8_t hop_limit;
    uint8_t source[16];
    uint8_t destination[16];

    int version() const { return version_class >> 4; }
    unsigned length() const { return net16(payload_length); }
};
static_assert(sizeof(Ip6Header) == 40);

/// Fragment header (RFC 8200 4.5).
struct [[gnu::packed, gnu::may_alias]] Ip6FragmentHeader {
    static constexpr uint16_t kOffsetMask = 0xfff8;
    static constexpr uint16_t kMoreFragments = 1;

    uint8_t next_header;
    uint8_t reserved;
    uint16_t fragment;  ///< offset in bytes, a multiple of eight, and kMoreFragments
    uint32_t id;
};
static_assert(sizeof(Ip6FragmentHeader) == 8);

/// The IPv6 header at the packet's network header; null when none is marked or fewer than 40 bytes follow.
inline const Ip6Header* ip6_header(const Packet& packet) {
    return packet.has_network_header() && packet.network_length() >= sizeof(Ip6Header)
               ? reinterpret_cast<const Ip6Header*>(packet.network_header())
               : nullptr;
}
/// The same for writing; the packet must be unshared.
inline Ip6Header* mutable_ip6_header(Packet& packet) { return const_cast<Ip6Header*>(ip6_header(packet)); }

/// What an IPv6 packet carries behind its extension headers.
struct Ip6Payload {
    uint8_t protocol = 0;
    unsigned offset = 0;  ///< from the IPv6 header
    unsigned length = 0;  ///< as many bytes as the header says and the packet holds
    bool later_fragment = false;
    bool has_fragment_header = false;
    bool routed = false;    ///< a routing header has segments left
    uint16_t fragment = 0;  ///< of the fragment header, host order: offset and flag
    uint32_t id = 0;
};

/// Follows the extension headers; false when they reach beyond the `available` bytes from the IPv6 header on.
inline bool find_ip6_payload(const Ip6Header& ip, unsigned available, Ip6Payload& payload) {
    unsigned end = available;
    if (sizeof(Ip6Header) + ip.length() < end) {
        end = static_cast<unsigned>(sizeof(Ip6Header)) + ip.length();
    }
    const auto* bytes = reinterpret_cast<const uint8_t*>(&ip);
    Ip6Payload found;
    found.protocol = ip.next_header;
    found.offset = sizeof(Ip6Header);
    while (found.protocol == kIp6HopByHop || found.protocol == kIp6Routing || found.protocol == kIp6Fragment ||
           found.protocol == kIp6DestinationOptions) {
        if (found.offset + 8 > end) {
            return false;
        }
        unsigned length = 8;
        if (found.protocol == kIp6Fragment) {
            found.has_fragment_header = true;
            const auto* fragment = reinterpret_cast<const Ip6FragmentHeader*>(bytes + found.offset);
            found.fragment = net16(fragment->fragment);
            found.id = net32(fragment->id);
            found.later_fragment = (found.fragment & Ip6FragmentHeader::kOffsetMask) != 0;
        } else {
            found.routed |= found.protocol == kIp6Routing && bytes[found.offset + 3] != 0;
            length = (bytes[found.offset + 1] + 1U) * 8;
        }
        found.protocol = bytes[found.offset];
        found.offset += length;
        if (found.offset > end) {
            return false;
        }
        if (found.later_fragment) {
            break;
        }
    }
    found.length = end - found.offset;
    payload = found;
    return true;
}
/// The same for the packet whose header `ip` is.
inline bool find_ip6_payload(const Packet& packet, const Ip6Header& ip, Ip6Payload& payload) {
    return find_ip6_payload(ip, packet.network_length(), payload);
}

}  // namespace click
