// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/annotations.hh>

#include "lib/checksum.hh"
#include "net/ip.hh"

namespace click {

/// Whether a packet's Fix IP Source annotation asks for the address of the interface that it leaves by.
inline bool wants_source(const Packet& packet) { return packet.anno_u8(anno::kFixIpSrc) != 0; }

/// Gives it that address, and takes the annotation off. Null when it has no IP header or memory is exhausted.
[[nodiscard]] inline PacketPtr give_source(PacketPtr packet, IPAddress address) {
    packet->set_anno_u8(anno::kFixIpSrc, 0);
    packet = whole_ip_header(*packet) ? uniqueify(std::move(packet)) : PacketPtr();
    if (packet) {
        IpHeader* ip = mutable_ip_header(*packet);
        ip->source = address.network_order();
        ip->checksum = 0;
        ip->checksum = ip_header_checksum(ip, ip->header_length());
    }
    return packet;
}

}  // namespace click
