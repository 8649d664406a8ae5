// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>
#include <click/packet.hh>

#include "net/icmp6.hh"

namespace click {

/// Who talks with whom, on one side of a translator. Ports are in host order; the identifier of an ICMP echo stands for
/// the port of who asked. `protocol` is IPv4's number: ICMPv6 is ICMP.
template <typename Address>
struct TranslatedFlow {
    Address source;
    Address destination;
    uint8_t protocol = 0;
    bool has_ports = false;
    uint16_t source_port = 0;
    uint16_t destination_port = 0;
    /// Of TCP, where the packet has them.
    uint8_t tcp_flags = 0;
};
using Flow4 = TranslatedFlow<IPAddress>;
using Flow6 = TranslatedFlow<IP6Address>;

/// How addresses (and ports, where a translator shares addresses) stand for each other. `to` comes with the protocol and
/// the ports of `from`; false drops the packet. `quoted` flows are those of the packet that an ICMP error is about, which
/// went the other way.
class TranslationMap {
public:
    virtual bool map(const Flow6& from, bool quoted, Flow4& to) = 0;
    virtual bool map(const Flow4& from, bool quoted, Flow6& to) = 0;

protected:
    ~TranslationMap() = default;
};

/// The packet with an IPv4 header in the place of its marked IPv6 header and its extension headers (RFC 7915 5), and what
/// it carries changed with it; the new header is marked, and what stood before the old one is gone. Null when it must not
/// or cannot be translated.
[[nodiscard]] PacketPtr translate_to_ip4(PacketPtr packet, TranslationMap& map);
/// The same the other way (RFC 7915 4).
[[nodiscard]] PacketPtr translate_to_ip6(PacketPtr packet, TranslationMap& map);

/// A prefix that makes IPv6 addresses of IPv4 ones (RFC 6052 2.2): of 32, 40, 48, 56, 64 or 96 bits.
class TranslationPrefix {
public:
    /// `::ffff:0:0/96`, IPv4-mapped addresses (RFC 4291 2.5.5.2).
    TranslationPrefix() : _prefix(IP6Address::mapped(IPAddress())) {}
    TranslationPrefix(const IP6Address& prefix, unsigned length) : _prefix(prefix), _length(length) {}

    IP6Address embed(IPAddress address) const;
    /// False when `from` is not of this prefix.
    bool extract(const IP6Address& from, IPAddress& address) const;
    std::string unparse() const { return _prefix.unparse() + "/" + std::to_string(_length); }

    friend bool operator==(const TranslationPrefix&, const TranslationPrefix&) = default;

private:
    IP6Address _prefix;
    unsigned _length = 96;
};
bool parse_arg(std::string_view text, TranslationPrefix& value, ArgContext& context);

namespace detail {

/// An ICMP message type and code, and what stands in the rest of its header.
struct IcmpMessage {
    uint8_t type;
    uint8_t code;
    uint32_t rest;  ///< host order
};

/// Gives the transport header at the front of `segment`, of which `available` bytes are there, ports and checksum of
/// another flow; an ICMP echo gets the type `icmp_type`. `change` is the ones' complement sum of what the pseudo header
/// gained. `available` may be cut anywhere.
void rewrite_transport(uint8_t* segment, size_t available, uint8_t protocol, uint16_t source_port,
                       uint16_t destination_port, uint8_t icmp_type, uint32_t change);

/// Whether a message of that type is an echo request or a reply of its version.
constexpr bool is_echo(uint8_t type, uint8_t request, uint8_t reply) { return type == request || type == reply; }

/// Reads ports, or the identifier of an echo request (`request` is its type) or reply, where they are.
template <typename Address>
void read_ports(const uint8_t* segment, size_t available, uint8_t request, uint8_t reply,
                TranslatedFlow<Address>& flow) {
    auto word = [segment](size_t at) { return static_cast<uint16_t>(segment[at] << 8 | segment[at + 1]); };
    if ((flow.protocol == kIpProtoTcp || flow.protocol == kIpProtoUdp) && available >= 4) {
        flow.source_port = word(0);
        flow.destination_port = word(2);
        flow.has_ports = true;
        constexpr size_t kFlags = 13;
        flow.tcp_flags = flow.protocol == kIpProtoTcp && available > kFlags ? segment[kFlags] : 0;
    } else if (flow.protocol == kIpProtoIcmp && available >= sizeof(IcmpHeader) &&
               is_echo(segment[0], request, reply)) {
        (segment[0] == request ? flow.source_port : flow.destination_port) = word(4);
        flow.has_ports = true;
    }
}

/// The sum that a checksum gains when addresses change.
inline uint32_t address_change(const void* from, size_t from_size, const void* to, size_t to_size) {
    return checksum_add(to, to_size, static_cast<uint16_t>(~checksum_fold(checksum_add(from, from_size))));
}

}  // namespace detail

}  // namespace click
