// SPDX-License-Identifier: Apache-2.0
/*
=c
ICMP6PingResponder()
=s ip6
responds to ICMPv6 echo requests
=d
Expects IPv6 packets with their header marked. Turns echo requests (RFC 4443 4.1) into their replies: type, checksum, source
and destination change, the hop limit becomes 64, the destination IPv6 address annotation is set to whom the reply goes, the
paint annotation is cleared. Everything else leaves by output 1 if it is connected and is dropped if not: other packets,
fragments, and requests to groups or from nobody, whose replies this element could give no address.
=e
  ... -> CheckIP6Header -> ICMP6PingResponder -> ...
=a ICMPPingResponder, ICMP6Error
*/
#include <click/element.hh>

#include <algorithm>

#include "elements/ip6/ip6annotation.hh"
#include "net/icmp6.hh"

namespace click {

namespace {

class ICMP6PingResponder final : public PacketAction<ICMP6PingResponder> {
public:
    const char* class_name() const override { return "ICMP6PingResponder"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }

    PacketPtr simple_action(PacketPtr packet) {
        Ip6Payload payload;
        if (!is_request(*packet, payload)) {
            checked_push(1, std::move(packet));
            return {};
        }
        packet = uniqueify(std::move(packet));
        if (!packet) {
            return packet;
        }
        constexpr uint8_t kHopLimit = 64;
        Ip6Header* ip = mutable_ip6_header(*packet);
        std::swap_ranges(ip->source, ip->source + IP6Address::kSize, ip->destination);
        ip->hop_limit = kHopLimit;
        auto* icmp = reinterpret_cast<IcmpHeader*>(packet->mutable_network_header() + payload.offset);
        auto word = [&](uint8_t type) { return net16(static_cast<uint16_t>(type << 8 | icmp->code)); };
        icmp->checksum = checksum_update(icmp->checksum, word(kIcmp6Echo), word(kIcmp6EchoReply));
        icmp->type = kIcmp6EchoReply;
        anno::set_dst_ip6(*packet, IP6Address::read(ip->destination));
        packet->set_anno_u8(anno::kPaint, 0);
        return packet;
    }

private:
    static bool is_request(const Packet& packet, Ip6Payload& payload) {
        const Ip6Header* ip = ip6_header(packet);
        if (!ip || !find_ip6_payload(packet, *ip, payload) || payload.protocol != kIp6Icmp ||
            payload.has_fragment_header || payload.length < sizeof(IcmpHeader)) {
            return false;
        }
        IP6Address source = IP6Address::read(ip->source);
        return packet.network_header()[payload.offset] == kIcmp6Echo &&
               !IP6Address::read(ip->destination).is_multicast() && !source.is_multicast() && !source.is_unspecified();
    }
};

}  // namespace

CLICK_ELEMENT(ICMP6PingResponder)

}  // namespace click
