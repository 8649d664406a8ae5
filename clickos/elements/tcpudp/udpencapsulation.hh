// SPDX-License-Identifier: Apache-2.0
/*
=block flow-handlers
=h src read/write
The SRC argument.
=h sport read/write
The SPORT argument.
=h dst read/write
The DST argument.
=h dport read/write
The DPORT argument.
*/
#pragma once
#include "elements/ip/ipencapsulation.hh"

namespace click {

/// Port numbers of a UDP flow, host order.
struct UdpPorts {
    UdpPort source;
    UdpPort destination;
};

/// Writes a UDP header (RFC 768) in front of the data of a segment of `length` bytes, with a checksum if there is to be one.
inline void write_udp_header(uint8_t* segment, uint32_t length, const IpFields& ip, UdpPorts ports, bool checksum) {
    auto* udp = reinterpret_cast<UdpHeader*>(segment);
    *udp = {net16(ports.source.number), net16(ports.destination.number), net16(static_cast<uint16_t>(length)), 0};
    if (checksum) {
        uint16_t sum =
            transport_checksum(udp, length, ip.source.network_order(), ip.destination.network_order(), kIpProtoUdp);
        udp->checksum = sum != 0 ? sum : 0xffff;
    }
}

/// Puts UDP and IPv4 headers in front of the packet. Null when the whole would be too long.
[[nodiscard]] inline PacketPtr encapsulate_udp(PacketPtr packet, const IpFields& ip, UdpPorts ports, bool checksum) {
    if (packet->length() > kMostIpLength - sizeof(IpHeader) - sizeof(UdpHeader)) {
        return {};
    }
    packet = prepend(std::move(packet), sizeof(UdpHeader));
    if (!packet) {
        return packet;
    }
    write_udp_header(packet->mutable_data(), packet->length(), ip, ports, checksum);
    return prepend_ip_header(std::move(packet), ip);
}

}  // namespace click
