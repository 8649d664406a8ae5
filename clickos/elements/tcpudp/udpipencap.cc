// SPDX-License-Identifier: Apache-2.0
/*
=c
UDPIPEncap(SRC, SPORT, DST, DPORT [, CHECKSUM])
=s udp
puts UDP and IP headers in front of packets
=d
Puts a UDP header from port SPORT to port DPORT and an IP header from SRC to DST in front of each packet, with right
lengths and checksums, time to live 250, and an identification that counts packets. The packet's network header and
destination annotation are set. What would be longer than 65,535 bytes is dropped.

Keyword arguments are:
=over 8
=item SRC
IP address.
=item SPORT
UDP port.
=item DST
IP address, or C<DST_ANNO> for the packet's destination address annotation.
=item DPORT
UDP port.
=item CHECKSUM
Boolean. Whether the UDP checksum is set, or left 0 (none). Default is true.
=back
=use flow-handlers
=e
  InfiniteSource(LIMIT 1, STOP true) -> UDPIPEncap(10.0.0.1, 1234, 10.0.0.2, 53) -> IPPrint(a) -> Discard;
=a IPEncap, DynamicUDPIPEncap
*/
/*
=c
DynamicUDPIPEncap(SRC, SPORT, DST, DPORT [, CHECKSUM, INTERVAL])
=s udp
puts UDP and IP headers in front of packets, with ports that change
=d
The same as UDPIPEncap, but both port numbers go up by 1 after each INTERVAL packets.

Keyword arguments are:
=over 8
=item SRC
IP address.
=item SPORT
UDP port of the first packets.
=item DST
IP address, or C<DST_ANNO> for the packet's destination address annotation.
=item DPORT
UDP port of the first packets.
=item CHECKSUM
Boolean. Whether the UDP checksum is set, or left 0 (none). Default is true.
=item INTERVAL
Integer. After how many packets the ports change; 0 for never. Default is 0.
=back
=h src read/write
The SRC argument.
=h sport read/write
The source port of the next packet.
=h dst read/write
The DST argument.
=h dport read/write
The destination port of the next packet.
=e
  InfiniteSource(LIMIT 4, STOP true) -> DynamicUDPIPEncap(10.0.0.1, 1, 10.0.0.2, 2, INTERVAL 2) -> IPPrint(a) -> Discard;
=a UDPIPEncap
*/
#include <click/element.hh>

#include "elements/tcpudp/udpencapsulation.hh"

namespace click {

namespace {

class UDPIPEncap : public PacketAction<UDPIPEncap> {
public:
    UDPIPEncap() { _ip.protocol = kIpProtoUdp; }
    const char* class_name() const override { return "UDPIPEncap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Args args(conf, this, errh);
        return add_arguments(args).complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_setting_handler("src", _ip.source);
        add_setting_handler("sport", _ports.source);
        add_setting_handler("dst", _destination);
        add_setting_handler("dport", _ports.destination);
    }

    PacketPtr simple_action(PacketPtr packet) {
        _ip.destination = _destination.of(*packet);
        packet = encapsulate_udp(std::move(packet), _ip, _ports, _checksum);
        ++_ip.id;
        // An INTERVAL of 0 never comes.
        if (++_packets == _interval) {
            _packets = 0;
            ++_ports.source.number;
            ++_ports.destination.number;
        }
        return packet;
    }

protected:
    Args& add_arguments(Args& args) {
        return args.mandatory("SRC", _ip.source)
            .mandatory("SPORT", _ports.source)
            .mandatory("DST", _destination)
            .mandatory("DPORT", _ports.destination)
            .optional("CHECKSUM", _checksum, true);
    }

    uint64_t _interval = 0;

private:
    IpFields _ip;
    UdpPorts _ports;
    DestinationArgument _destination;
    bool _checksum = true;
    uint64_t _packets = 0;
};

class DynamicUDPIPEncap final : public UDPIPEncap {
public:
    const char* class_name() const override { return "DynamicUDPIPEncap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        Args args(conf, this, errh);
        return add_arguments(args).optional("INTERVAL", bounded(_interval, 0, kMostInterval), 0).complete();
    }

private:
    static constexpr uint64_t kMostInterval = 0xffffffff;
};

}  // namespace

CLICK_ELEMENT(UDPIPEncap)
CLICK_ELEMENT(DynamicUDPIPEncap)

}  // namespace click
