// SPDX-License-Identifier: Apache-2.0
/*
=c
VXLANEncap(SRC, DST, VNI [, I<keywords> SPORT, DPORT, CHECKSUM, TTL])
=s tunnel
puts Ethernet frames into a VXLAN tunnel
=d
Puts a VXLAN header (RFC 7348), a UDP header and an IP header from SRC to DST in front of each Ethernet frame. The packet's
network header and destination annotation are set to those of the tunnel. What would be longer than 65,535 bytes is dropped.

Keyword arguments are:
=over 8
=use tunnel-keywords
=item VNI
VXLAN network identifier, 0 to 16777215.
=item SPORT
UDP source port. Default is 0: one of 49152 to 65535 by the frame's flow, so that the network can spread flows.
=item DPORT
UDP destination port. Default is 4789.
=item CHECKSUM
Boolean. Whether the UDP checksum is set, or left 0 (none). Default is false.
=item TTL
Time to live, 1 to 255. Default is 250.
=back
=use address-handlers
=h vni read/write
The VNI argument.
=e
  FromDevice(eth0) -> VXLANEncap(192.0.2.1, 192.0.2.2, 42) -> ...
=a VXLANDecap, GREEncap, UDPIPEncap
*/
#include <click/element.hh>

#include "elements/tcpudp/udpencapsulation.hh"
#include "lib/flow_hash.hh"
#include "net/tunnel.hh"

namespace click {

namespace {

constexpr uint32_t kMostVni = 0xffffff;

class VXLANEncap final : public PacketAction<VXLANEncap> {
public:
    VXLANEncap() { _ip.protocol = kIpProtoUdp; }
    const char* class_name() const override { return "VXLANEncap"; }
    bool can_live_reconfigure() const override { return true; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .mandatory("SRC", _ip.source)
            .mandatory("DST", _destination)
            .mandatory("VNI", bounded(_vni, 0, kMostVni))
            .keyword("SPORT", _ports.source, UdpPort{})
            .keyword("DPORT", _ports.destination, UdpPort{VxlanHeader::kPort})
            .keyword("CHECKSUM", _checksum, false)
            .keyword("TTL", bounded(_ip.ttl, 1, 255), kEncapsulationTtl)
            .complete();
    }
    void add_handlers() override {
        add_setting_handler("src", _ip.source);
        add_setting_handler("dst", _destination);
        add_setting_handler("vni", bounded(_vni, 0, kMostVni));
    }

    PacketPtr simple_action(PacketPtr packet) {
        UdpPorts ports = _ports;
        if (ports.source.number == 0) {
            constexpr uint16_t kFirstDynamic = 49152;
            ports.source.number =
                static_cast<uint16_t>(kFirstDynamic | flow_hash(packet->data(), packet->length()) >> 18);
        }
        _ip.destination = _destination.of(*packet);
        packet = prepend(std::move(packet), sizeof(VxlanHeader));
        if (!packet) {
            return packet;
        }
        *reinterpret_cast<VxlanHeader*>(packet->mutable_data()) = {
            VxlanHeader::kHasNetwork,
            {},
            {static_cast<uint8_t>(_vni >> 16), static_cast<uint8_t>(_vni >> 8), static_cast<uint8_t>(_vni)},
            0};
        packet = encapsulate_udp(std::move(packet), _ip, ports, _checksum);
        ++_ip.id;
        return packet;
    }

private:
    IpFields _ip;
    DestinationArgument _destination;
    uint32_t _vni = 0;
    UdpPorts _ports;
    bool _checksum = false;
};

}  // namespace

CLICK_ELEMENT(VXLANEncap)

}  // namespace click
