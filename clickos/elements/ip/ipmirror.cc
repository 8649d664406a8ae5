// SPDX-License-Identifier: Apache-2.0
/*
=c
IPMirror([I<keywords> DST_ANNO])
=s ip
swaps the IP source and destination
=d
Expects IP packets with their header marked. Swaps the source and destination addresses, and the ports of TCP and UDP
packets that have them (first fragments). No checksum changes by that. Packets without a whole IP header pass as they are.

Keyword arguments are:
=over 8
=item DST_ANNO
Boolean. Whether the destination address annotation is set to the new destination. Default is true.
=back
=e
  ... -> CheckIPHeader -> IPMirror -> ...
=a EtherMirror
*/
#include <click/annotations.hh>
#include <click/element.hh>

#include <utility>

#include "net/ip.hh"

namespace click {

namespace {

class IPMirror final : public PacketAction<IPMirror> {
public:
    const char* class_name() const override { return "IPMirror"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh).keyword("DST_ANNO", _annotate, true).complete();
    }

    PacketPtr simple_action(PacketPtr packet) {
        if (!whole_ip_header(*packet)) {
            return packet;
        }
        packet = uniqueify(std::move(packet));
        if (!packet) {
            return packet;
        }
        IpHeader* ip = mutable_ip_header(*packet);
        uint32_t source = ip->source;
        ip->source = ip->destination;
        ip->destination = source;
        if (_annotate) {
            anno::set_dst_ip(*packet, IPAddress(source));
        }
        struct [[gnu::packed, gnu::may_alias]] Ports {
            uint16_t source;
            uint16_t destination;
        };
        bool has_ports = (ip->protocol == kIpProtoTcp || ip->protocol == kIpProtoUdp) && ip->first_fragment();
        if (has_ports && transport_header<Ports>(*packet)) {
            auto* ports = reinterpret_cast<Ports*>(packet->mutable_transport_header());
            uint16_t port = ports->source;
            ports->source = ports->destination;
            ports->destination = port;
        }
        return packet;
    }

private:
    bool _annotate = true;
};

}  // namespace

CLICK_ELEMENT(IPMirror)

}  // namespace click
