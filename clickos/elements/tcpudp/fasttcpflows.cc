// SPDX-License-Identifier: Apache-2.0
/*
=c
FastTCPFlows(RATE, LIMIT, LENGTH, SRCETH, SRCIP, DSTETH, DSTIP, FLOWS, FLOWSIZE [, ACTIVE, I<keywords> STOP])
=s tcp
makes TCP packets of many flows, for measuring
=d
Gives, when pulled, TCP/IP packets in Ethernet frames of FLOWS flows with random ports, RATE of them a second, until LIMIT
packets are out. A flow has FLOWSIZE packets: a SYN, data, and a FIN at the end; then another one takes its place. Checksums
are right, but all data of a flow have the same sequence number: packets are made once and handed out as clones.

Keyword arguments are:
=over 8
=use fast-keywords
=use fast-flows
=item FLOWSIZE
How many packets a flow has; at least 3.
=item ACTIVE
Boolean. Whether packets are made. Default is true.
=item STOP
Boolean. Whether the router stops behind LIMIT packets. Default is false.
=back
=use fast-handlers
=e
  FastTCPFlows(0, 20, 60, 1:1:1:1:1:1, 10.0.0.1, 2:2:2:2:2:2, 10.0.0.2, 4, 5) -> Discard;
=a FastUDPFlows
*/
#include "elements/tcpudp/fastsource.hh"

namespace click {

namespace {

class FastTCPFlows final : public FastFlows {
public:
    FastTCPFlows() : FastFlows(kIpProtoTcp, kLeastPackets) {}
    const char* class_name() const override { return "FastTCPFlows"; }

protected:
    Args& add_arguments(Args& args) override {
        return args.optional("ACTIVE", _active, true).keyword("STOP", _stop, false);
    }
    PacketPtr flow_packet(UdpPorts ports, uint32_t index) override {
        if (index == 0) {
            return make_tcp_frame(ports, TcpHeader::kSyn, 0);
        }
        if (index == 1) {
            return make_tcp_frame(ports, TcpHeader::kPsh | TcpHeader::kAck, 1);
        }
        return index + 1 == _flow_size ? make_tcp_frame(ports, TcpHeader::kFin | TcpHeader::kAck, 1) : PacketPtr();
    }

private:
    static constexpr uint32_t kLeastPackets = 3;

    PacketPtr make_tcp_frame(UdpPorts ports, uint8_t flags, uint32_t sequence) const {
        return make_frame([&](uint8_t* bytes, uint32_t length) {
            constexpr uint8_t kNoOptions = sizeof(TcpHeader) / 4 << 4;
            constexpr uint16_t kWindow = 0xffff;
            auto& tcp = *reinterpret_cast<TcpHeader*>(bytes);
            tcp.source = net16(ports.source.number);
            tcp.destination = net16(ports.destination.number);
            tcp.sequence = net32(sequence);
            tcp.acknowledgement = net32(flags & TcpHeader::kAck ? 1 : 0);
            tcp.offset = kNoOptions;
            tcp.flags = flags;
            tcp.window = net16(kWindow);
            tcp.checksum = transport_checksum(bytes, length, _frame.ip.source.network_order(),
                                              _frame.ip.destination.network_order(), kIpProtoTcp);
        });
    }
};

}  // namespace

CLICK_ELEMENT(FastTCPFlows)

}  // namespace click
