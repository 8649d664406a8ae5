// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "elements/ip/ipencapsulation.hh"

namespace click {

/// Port numbers of a UDP flow, host order.
struct UdpPorts {
    uint16_t source = 0;
    uint16_t destination = 0;
};

/// Puts UDP (RFC 768) and IPv4 headers in front of the packet. Null when the whole would be too long.
[[nodiscard]] inline PacketPtr encapsulate_udp(PacketPtr packet, const IpFields& ip, UdpPorts ports, bool checksum) {
    if (packet->length() > kMostIpLength - sizeof(IpHeader) - sizeof(UdpHeader)) {
        return {};
    }
    packet = prepend(std::move(packet), sizeof(UdpHeader));
    if (!packet) {
        return packet;
    }
    auto* udp = reinterpret_cast<UdpHeader*>(packet->mutable_data());
    *udp = {net16(ports.source), net16(ports.destination), net16(static_cast<uint16_t>(packet->length())), 0};
    if (checksum) {
        uint16_t sum = transport_checksum(udp, packet->length(), ip.source.network_order(),
                                          ip.destination.network_order(), kIpProtoUdp);
        udp->checksum = sum != 0 ? sum : 0xffff;
    }
    return prepend_ip_header(std::move(packet), ip);
}

}  // namespace click
