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
=item RATE
Packets a second; 0 for as many as are pulled.
=item LIMIT
How many packets are made; negative for no limit.
=item LENGTH
Length of a packet with its Ethernet header, in bytes; at least 60.
=item SRCETH
Ethernet address.
=item SRCIP
IP address.
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
=h count read
How many packets were made.
=h rate read/write
The RATE argument.
=h limit read/write
The LIMIT argument.
=h length read
The LENGTH argument.
=h active read/write
The ACTIVE argument.
=h reset write
Sets the count to 0.
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
=item RATE
Packets a second; 0 for as many as are pulled.
=item LIMIT
How many packets are made; negative for no limit.
=item LENGTH
Length of a packet with its Ethernet header, in bytes; at least 60.
=item SRCETH
Ethernet address.
=item SRCIP
IP address.
=item DSTETH
Ethernet address.
=item DSTIP
IP address.
=item FLOWS
How many flows there are at any time.
=item FLOWSIZE
How many packets a flow has.
=item CHECKSUM
Boolean. Whether the UDP checksum is set. Default is true.
=item ACTIVE
Boolean. Whether packets are made. Default is true.
=back
=h count read
How many packets were made.
=h rate read/write
The RATE argument.
=h limit read/write
The LIMIT argument.
=h length read
The LENGTH argument.
=h active read/write
The ACTIVE argument.
=h reset write
Sets the count to 0.
=e
  FastUDPFlows(0, 20, 60, 1:1:1:1:1:1, 10.0.0.1, 2:2:2:2:2:2, 10.0.0.2, 4, 5) -> Discard;
=a FastUDPSource
*/
#include <click/clock.hh>
#include <click/element.hh>

#include <algorithm>

#include "elements/tcpudp/udpencapsulation.hh"
#include "lib/table.hh"
#include "lib/tokenbucket.hh"
#include "net/ether.hh"
#include "platform/platform.hh"

namespace click {

namespace {

/// What the fast sources have in common: frames made before they are pulled, and how many are pulled at which rate.
class FastSource : public Element {
public:
    const char* port_count() const override { return "0/1"; }
    const char* processing() const override { return kPull; }
    void pull(int port, PacketBatch& batch, unsigned most) override;
    void add_handlers() override;

protected:
    struct Frame {
        uint32_t length = kLeastLength;
        EtherAddress source;
        EtherAddress destination;
        IpFields ip;
        bool checksum = true;
    };
    static constexpr uint32_t kHeaders = sizeof(EtherHeader) + sizeof(IpHeader) + sizeof(UdpHeader);
    static constexpr uint32_t kLeastLength = 60;
    static constexpr uint32_t kMostLength = sizeof(EtherHeader) + kMostIpLength;
    static constexpr uint64_t kMostRate = 0x7fffffff;

    Args& add_pace(Args& args) {
        return args.mandatory("RATE", bounded(_rate, 0, kMostRate))
            .mandatory("LIMIT", _limit)
            .mandatory("LENGTH", bounded(_frame.length, kLeastLength, kMostLength));
    }
    void start_pace();
    /// A new frame between these ports; null when memory is exhausted.
    PacketPtr make_frame(UdpPorts ports) const;
    /// The next packet of the source; null when memory is exhausted.
    virtual PacketPtr next_packet() = 0;

    Frame _frame;
    bool _active = true;

private:
    void reset() { _count.reset(); }

    uint64_t _rate = 0;
    int64_t _limit = -1;
    TokenBucket _bucket;
    Tally _count;
};

void FastSource::start_pace() {
    _bucket.configure(_rate, std::max<uint64_t>(_rate / 100, 2));
    _bucket.set_tokens(1, clock::steady());
}

PacketPtr FastSource::make_frame(UdpPorts ports) const {
    PacketPtr packet =
        Packet::make(kHeaders + Packet::kDefaultHeadroom, nullptr, _frame.length - kHeaders, Packet::kMinTailroom);
    if (!packet) {
        return packet;
    }
    std::memset(packet->mutable_data(), 0, packet->length());
    packet = encapsulate_udp(std::move(packet), _frame.ip, ports, _frame.checksum);
    packet = packet ? prepend(std::move(packet), sizeof(EtherHeader)) : PacketPtr();
    if (packet) {
        auto* ether = reinterpret_cast<EtherHeader*>(packet->mutable_data());
        _frame.destination.write(ether->destination);
        _frame.source.write(ether->source);
        ether->type = net16(kEtherTypeIp);
        packet->set_mac_header(packet->data());
    }
    return packet;
}

void FastSource::pull(int, PacketBatch& batch, unsigned most) {
    if (!_active || most == 0) {
        return;
    }
    int64_t now = clock::now();
    if (_rate != 0) {
        _bucket.refill(clock::steady());
    }
    while (most-- > 0 && (_limit < 0 || _count.value() < static_cast<uint64_t>(_limit)) &&
           (_rate == 0 || _bucket.remove(1))) {
        PacketPtr packet = next_packet();
        if (!packet) {
            return;
        }
        packet->set_timestamp(now);
        batch.append(std::move(packet));
        ++_count;
    }
}

void FastSource::add_handlers() {
    add_data_handler("count", _count);
    add_setting_handler<&FastSource::start_pace>("rate", bounded(_rate, 0, kMostRate));
    add_setting_handler("limit", _limit);
    add_data_handler("length", _frame.length);
    add_setting_handler("active", _active);
    add_write_handler<&FastSource::reset>("reset", 0, Handler::kButton);
}

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
        ++_ports.source;
        ++_ports.destination;
        _packet.reset();
    }
    if (!_packet) {
        _packet = make_frame(_ports);
    }
    ++_of_these_ports;
    return _packet ? _packet->clone() : PacketPtr();
}

class FastUDPFlows final : public FastSource {
public:
    const char* class_name() const override { return "FastUDPFlows"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

protected:
    PacketPtr next_packet() override;

private:
    struct Flow {
        PacketPtr packet;
        uint32_t sent = 0;
    };
    static constexpr uint32_t kMostFlows = 1U << 20;

    uint32_t _flow_size = 1;
    Table<Flow> _flows;
    size_t _turn = 0;
};

int FastUDPFlows::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    uint32_t flows = 1;
    Args args(conf, this, errh);
    if (add_pace(args)
            .mandatory("SRCETH", _frame.source)
            .mandatory("SRCIP", _frame.ip.source)
            .mandatory("DSTETH", _frame.destination)
            .mandatory("DSTIP", _frame.ip.destination)
            .mandatory("FLOWS", bounded(flows, 1, kMostFlows))
            .mandatory("FLOWSIZE", bounded(_flow_size, 1, 0xffffffff))
            .optional("CHECKSUM", _frame.checksum, true)
            .optional("ACTIVE", _active, true)
            .complete() < 0) {
        return -1;
    }
    _frame.ip.protocol = kIpProtoUdp;
    start_pace();
    return _flows.allocate(flows, "flows", errh);
}

PacketPtr FastUDPFlows::next_packet() {
    Flow& flow = _flows[_turn];
    _turn = _turn + 1 < _flows.size() ? _turn + 1 : 0;
    if (!flow.packet || flow.sent == _flow_size) {
        uint64_t random = platform::entropy();
        flow.packet = make_frame({static_cast<uint16_t>(random), static_cast<uint16_t>(random >> 16)});
        flow.sent = 0;
    }
    ++flow.sent;
    return flow.packet ? flow.packet->clone() : PacketPtr();
}

}  // namespace

CLICK_ELEMENT(FastUDPSource)
CLICK_ELEMENT(FastUDPFlows)

}  // namespace click
