// SPDX-License-Identifier: Apache-2.0
/*
=c
IP6Mirror()
=s ip6
swaps the IPv6 source and destination
=d
Expects IPv6 packets with their header marked. Swaps the source and destination addresses, and the ports of TCP and UDP
packets that have them (behind extension headers too; first fragments). No checksum changes by that. The destination IPv6
address annotation is set to the new destination. Packets without a whole header pass as they are.
=e
  ... -> CheckIP6Header -> IP6Mirror -> ...
=a IPMirror, EtherMirror
*/
#include <click/element.hh>

#include <algorithm>

#include "elements/ip6/ip6annotation.hh"
#include "net/ip.hh"
#include "net/ip6.hh"

namespace click {

namespace {

class IP6Mirror final : public PacketAction<IP6Mirror> {
public:
    const char* class_name() const override { return "IP6Mirror"; }

    PacketPtr simple_action(PacketPtr packet) {
        if (!ip6_header(*packet)) {
            return packet;
        }
        packet = uniqueify(std::move(packet));
        if (!packet) {
            return packet;
        }
        Ip6Header* ip = mutable_ip6_header(*packet);
        std::swap_ranges(ip->source, ip->source + IP6Address::kSize, ip->destination);
        anno::set_dst_ip6(*packet, IP6Address::read(ip->destination));
        Ip6Payload payload;
        if (find_ip6_payload(*packet, *ip, payload) && !payload.later_fragment && payload.length >= 4 &&
            (payload.protocol == kIpProtoTcp || payload.protocol == kIpProtoUdp)) {
            uint8_t* ports = packet->mutable_network_header() + payload.offset;
            std::swap_ranges(ports, ports + 2, ports + 2);
        }
        return packet;
    }
};

}  // namespace

CLICK_ELEMENT(IP6Mirror)

}  // namespace click
