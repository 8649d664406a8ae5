// SPDX-License-Identifier: Apache-2.0
/*
=c
ICMPPingResponder()
=s icmp
responds to ICMP echo requests
=d
Expects IP packets with their header marked. Turns echo requests (RFC 792) into their replies: type, checksum, source and
destination change, the destination annotation is set to whom the reply goes, the paint annotation is cleared, and the
timestamp is the present time. Everything else leaves by output 1 if it is connected and is dropped if not.
=e
  FromDevice(eth0) -> Strip(14) -> CheckIPHeader -> c :: IPClassifier(icmp type echo);
  c[0] -> ICMPPingResponder -> ...
=a ICMPPingSource, ICMPPingRewriter
*/
#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/element.hh>

#include "net/icmp.hh"
#include "net/transport.hh"

namespace click {

namespace {

class ICMPPingResponder final : public PacketAction<ICMPPingResponder> {
public:
    const char* class_name() const override { return "ICMPPingResponder"; }
    const char* port_count() const override { return "1/1-2"; }
    const char* processing() const override { return "a/ah"; }

    PacketPtr simple_action(PacketPtr packet) {
        const IpHeader* request = whole_ip_header(*packet);
        const IcmpHeader* echo = request && request->protocol == kIpProtoIcmp && request->first_fragment()
                                     ? ip_segment(*packet, *request).header<IcmpHeader>()
                                     : nullptr;
        if (!echo || echo->type != kIcmpEcho) {
            checked_push(1, std::move(packet));
            return {};
        }
        packet = uniqueify(std::move(packet));
        if (!packet) {
            return packet;
        }
        IpHeader* ip = mutable_ip_header(*packet);
        uint32_t asker = ip->source;
        ip->source = ip->destination;
        ip->destination = asker;
        auto* icmp = reinterpret_cast<IcmpHeader*>(mutable_segment(*packet, *ip));
        auto word = [&](uint8_t type) { return net16(static_cast<uint16_t>(type << 8 | icmp->code)); };
        uint16_t asked = word(icmp->type);
        icmp->type = kIcmpEchoReply;
        update_icmp_checksum(*ip, packet->network_length(), *icmp, asked, word(kIcmpEchoReply));
        anno::set_dst_ip(*packet, IPAddress(asker));
        packet->set_anno_u8(anno::kPaint, 0);
        packet->set_timestamp(clock::now());
        return packet;
    }
};

}  // namespace

CLICK_ELEMENT(ICMPPingResponder)

}  // namespace click
