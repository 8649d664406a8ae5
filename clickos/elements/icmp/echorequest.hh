// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "elements/ip/ipencapsulation.hh"
#include "net/icmp.hh"

namespace click {

/// Puts the headers of an ICMP echo request (RFC 792) in IPv4 in front of the packet. Null when it does not fit.
[[nodiscard]] inline PacketPtr encapsulate_echo_request(PacketPtr packet, const IpFields& ip, uint16_t identifier,
                                                        uint16_t sequence) {
    packet = prepend(std::move(packet), sizeof(IcmpEchoHeader));
    if (!packet) {
        return packet;
    }
    auto* icmp = reinterpret_cast<IcmpEchoHeader*>(packet->mutable_data());
    *icmp = {kIcmpEcho, 0, 0, net16(identifier), net16(sequence)};
    icmp->checksum = internet_checksum(icmp, packet->length());
    return prepend_ip_header(std::move(packet), ip);
}

}  // namespace click
