// SPDX-License-Identifier: Apache-2.0
/*
=block address-keywords
=item SRC
IP address.
=item DST
IP address.
=block tunnel-keywords
=item SRC
IP address.
=item DST
IP address, or C<DST_ANNO> for the packet's destination address annotation.
=block address-handlers
=h src read/write
The SRC argument.
=h dst read/write
The DST argument.
*/
#pragma once
#include <click/annotations.hh>
#include <click/args.hh>

#include <string>

#include "lang/confparse.hh"
#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

/// An argument that is an IPv4 address, or `DST_ANNO`: the packet's own destination address annotation.
struct DestinationArgument {
    IPAddress address;
    bool annotated = false;

    IPAddress of(const Packet& packet) const { return annotated ? anno::dst_ip(packet) : address; }
};

inline bool parse_arg(std::string_view text, DestinationArgument& value, ArgContext& context) {
    if (trim(text) == "DST_ANNO") {
        value = {{}, true};
        return true;
    }
    value.annotated = false;
    return parse_arg(text, value.address, context);
}

inline std::string show_value(const DestinationArgument& value) {
    return value.annotated ? "DST_ANNO" : value.address.unparse();
}

/// The time to live that Click's encapsulating elements give (their documentation).
inline constexpr uint8_t kEncapsulationTtl = 250;

/// Writes an IPv4 header without options (RFC 791) whose checksum is right.
struct IpFields {
    uint8_t protocol = 0;
    uint8_t tos = 0;
    uint8_t ttl = kEncapsulationTtl;
    uint16_t id = 0;
    uint16_t fragment = 0;  ///< flags, host order
    IPAddress source;
    IPAddress destination;

    void write(IpHeader& ip, size_t total_length) const {
        ip.version_length = 0x45;
        ip.tos = tos;
        ip.total_length = net16(static_cast<uint16_t>(total_length));
        ip.id = net16(id);
        ip.fragment = net16(fragment);
        ip.ttl = ttl;
        ip.protocol = protocol;
        ip.checksum = 0;
        ip.source = source.network_order();
        ip.destination = destination.network_order();
        ip.checksum = ip_header_checksum(&ip, sizeof ip);
    }
};

/// The most bytes that an IPv4 packet has (RFC 791 3.1).
inline constexpr size_t kMostIpLength = 65535;

/// Puts an IPv4 header in front of the packet, marks it, and sets the destination annotation. Null, the packet dropped,
/// when the whole would be longer than IPv4 allows or memory is exhausted.
[[nodiscard]] inline PacketPtr prepend_ip_header(PacketPtr packet, const IpFields& fields) {
    if (packet->length() > kMostIpLength - sizeof(IpHeader)) {
        return {};
    }
    packet = prepend(std::move(packet), sizeof(IpHeader));
    if (packet) {
        fields.write(*reinterpret_cast<IpHeader*>(packet->mutable_data()), packet->length());
        packet->set_network_header(packet->data(), sizeof(IpHeader));
        anno::set_dst_ip(*packet, fields.destination);
    }
    return packet;
}

}  // namespace click
