// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "elements/ip/ipencapsulation.hh"
#include "net/icmp.hh"

namespace click {

/// Puts an ICMP header (RFC 792), whose checksum is computed, and an IPv4 header in front of the packet. Null when they do
/// not fit.
[[nodiscard]] inline PacketPtr encapsulate_icmp(PacketPtr packet, const IpFields& ip, const IcmpEchoHeader& header) {
    packet = prepend(std::move(packet), sizeof header);
    if (!packet) {
        return packet;
    }
    auto* icmp = reinterpret_cast<IcmpEchoHeader*>(packet->mutable_data());
    *icmp = header;
    icmp->checksum = 0;
    icmp->checksum = internet_checksum(icmp, packet->length());
    return prepend_ip_header(std::move(packet), ip);
}

/// The same for an echo request.
[[nodiscard]] inline PacketPtr encapsulate_echo_request(PacketPtr packet, const IpFields& ip, uint16_t identifier,
                                                        uint16_t sequence) {
    return encapsulate_icmp(std::move(packet), ip, {kIcmpEcho, 0, 0, net16(identifier), net16(sequence)});
}

}  // namespace click
