// SPDX-License-Identifier: Apache-2.0
/*
=c
FastUDPSource(RATE, LIMIT, LENGTH, SRCETH, SRCIP, SPORT, DSTETH, DSTIP, DPORT [, CHECKSUM, INTERVAL, ACTIVE])
=s udp
makes UDP packets of one flow, for measuring
=d
Gives, when pulled, UDP/IP packets in Ethernet frames, RATE of them a second, until LIMIT packets are out. All are the same
packet, made once and handed out as clones.

Keyword arguments are:
=over 8
=use fast-keywords
=item SPORT
UDP port.
=item DSTETH
Ethernet address.
=item DSTIP
IP address.
=item DPORT
UDP port.
=item CHECKSUM
Boolean. Whether the UDP checksum is set. Default is true.
=item INTERVAL
Integer. After how many packets both ports go up by 1; 0 for never. Default is 0.
=item ACTIVE
Boolean. Whether packets are made. Default is true.
=back
=use fast-handlers
=e
  FastUDPSource(0, 5, 60, 1:1:1:1:1:1, 10.0.0.1, 1234, 2:2:2:2:2:2, 10.0.0.2, 53) -> Discard;
=a FastUDPFlows, UDPIPEncap
*/
/*
=c
FastUDPFlows(RATE, LIMIT, LENGTH, SRCETH, SRCIP, DSTETH, DSTIP, FLOWS, FLOWSIZE [, CHECKSUM, ACTIVE])
=s udp
makes UDP packets of many flows, for measuring
=d
Gives, when pulled, UDP/IP packets in Ethernet frames of FLOWS flows with random ports, RATE of them a second, until LIMIT
packets are out. After FLOWSIZE packets, a flow ends and another one takes its place.

Keyword arguments are:
=over 8
=use fast-keywords
=use fast-flows
=item FLOWSIZE
How many packets a flow has.
=item CHECKSUM
Boolean. Whether the UDP checksum is set. Default is true.
=item ACTIVE
Boolean. Whether packets are made. Default is true.
=back
=use fast-handlers
=e
  FastUDPFlows(0, 20, 60, 1:1:1:1:1:1, 10.0.0.1, 2:2:2:2:2:2, 10.0.0.2, 4, 5) -> Discard;
=a FastUDPSource, FastTCPFlows
*/
#include "elements/tcpudp/fastsource.hh"

namespace click {

namespace {

class FastUDPSource final : public FastSource {
public:
    const char* class_name() const override { return "FastUDPSource"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

protected:
    PacketPtr next_packet() override;

private:
    UdpPorts _ports;
    uint64_t _interval = 0;
    uint64_t _of_these_ports = 0;
    PacketPtr _packet;
};

int FastUDPSource::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Args args(conf, this, errh);
    if (add_pace(args)
            .mandatory("SRCETH", _frame.source)
            .mandatory("SRCIP", _frame.ip.source)
            .mandatory("SPORT", _ports.source)
            .mandatory("DSTETH", _frame.destination)
            .mandatory("DSTIP", _frame.ip.destination)
            .mandatory("DPORT", _ports.destination)
            .optional("CHECKSUM", _frame.checksum, true)
            .optional("INTERVAL", bounded(_interval, 0, 0xffffffff), 0)
            .optional("ACTIVE", _active, true)
            .complete() < 0) {
        return -1;
    }
    _frame.ip.protocol = kIpProtoUdp;
    start_pace();
    return 0;
}

PacketPtr FastUDPSource::next_packet() {
    if (_interval != 0 && _of_these_ports == _interval) {
        _of_these_ports = 0;
        ++_ports.source.number;
        ++_ports.destination.number;
        _packet.reset();
    }
    if (!_packet) {
        _packet = make_udp_frame(_ports);
    }
    ++_of_these_ports;
    return _packet ? _packet->clone() : PacketPtr();
}

class FastUDPFlows final : public FastFlows {
public:
    FastUDPFlows() : FastFlows(kIpProtoUdp, 1) {}
    const char* class_name() const override { return "FastUDPFlows"; }

protected:
    Args& add_arguments(Args& args) override {
        return args.optional("CHECKSUM", _frame.checksum, true).optional("ACTIVE", _active, true);
    }
    PacketPtr flow_packet(UdpPorts ports, uint32_t index) override {
        return index == 0 ? make_udp_frame(ports) : PacketPtr();
    }
};

}  // namespace

CLICK_ELEMENT(FastUDPSource)
CLICK_ELEMENT(FastUDPFlows)

}  // namespace click
