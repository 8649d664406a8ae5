// SPDX-License-Identifier: Apache-2.0
/*
=c
VXLANDecap([VNI, I<keywords> DPORT])
=s tunnel
takes Ethernet frames out of a VXLAN tunnel
=d
Expects IP packets with their header marked. Takes the Ethernet frame that a VXLAN header (RFC 7348) stands in front of out
of the tunnel: it leaves by output 0. Packets that are none of this tunnel leave by output 1 if it is connected and are
dropped if not: other protocols and ports, fragments, a wrong UDP length or checksum, another network, or what holds less
than an Ethernet header.

Keyword arguments are:
=over 8
=item VNI
VXLAN network identifier, 0 to 16777215. Default is to take those of any.
=item DPORT
UDP destination port. Default is 4789.
=back
=h count read-only
How many frames came out of the tunnel.
=h drops read-only
How many packets were none of it.
=e
  ... -> CheckIPHeader -> VXLANDecap(42) -> ToDevice(eth0);
=a VXLANEncap, GREDecap
*/
#include "elements/tunnel/tunnelexit.hh"
#include "lib/checksum.hh"
#include "net/ether.hh"
#include "net/tunnel.hh"

namespace click {

namespace {

class VXLANDecap final : public TunnelExit<VXLANDecap> {
public:
    const char* class_name() const override { return "VXLANDecap"; }
    bool can_live_reconfigure() const override { return true; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        constexpr uint32_t kMostVni = 0xffffff;
        bool any = false;
        if (Args(conf, this, errh)
                .optional("VNI", bounded(_vni, 0, kMostVni), 0)
                .given(any)
                .keyword("DPORT", _port, VxlanHeader::kPort)
                .complete() < 0) {
            return -1;
        }
        _has_vni = any;
        return 0;
    }

    bool inner(const Packet& packet, const IpHeader& ip, const uint8_t*& start) const {
        constexpr size_t kHeaders = sizeof(UdpHeader) + sizeof(VxlanHeader);
        Segment segment = ip_segment(packet, ip);
        const auto* udp = ip.protocol == kIpProtoUdp ? segment.header<UdpHeader>() : nullptr;
        if (!udp || segment.length < kHeaders + sizeof(EtherHeader) || net16(udp->destination) != _port ||
            net16(udp->length) != segment.length ||
            (udp->checksum != 0 &&
             transport_checksum(udp, segment.length, ip.source, ip.destination, kIpProtoUdp) != 0)) {
            return false;
        }
        const auto& vxlan = *reinterpret_cast<const VxlanHeader*>(segment.data + sizeof(UdpHeader));
        uint32_t vni = static_cast<uint32_t>(vxlan.network[0]) << 16 | static_cast<uint32_t>(vxlan.network[1]) << 8 |
                       vxlan.network[2];
        if (!(vxlan.flags & VxlanHeader::kHasNetwork) || (_has_vni && vni != _vni)) {
            return false;
        }
        start = segment.data + kHeaders;
        return true;
    }

private:
    uint32_t _vni = 0;
    uint16_t _port = VxlanHeader::kPort;
    bool _has_vni = false;
};

}  // namespace

CLICK_ELEMENT(VXLANDecap)

}  // namespace click
