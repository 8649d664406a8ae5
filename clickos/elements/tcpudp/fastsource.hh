// SPDX-License-Identifier: Apache-2.0
/*
=block fast-keywords
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
=block fast-flows
=item DSTETH
Ethernet address.
=item DSTIP
IP address.
=item FLOWS
How many flows there are at any time.
=block fast-handlers
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
*/
#pragma once
#include <click/element.hh>
#include <click/notifier.hh>
#include <click/task.hh>

#include "elements/tcpudp/udpencapsulation.hh"
#include "lib/table.hh"
#include "lib/tokenbucket.hh"
#include "net/ether.hh"

namespace click {

/// What the fast sources have in common: frames made before they are pulled, and how many are pulled at which rate.
class FastSource : public Element {
public:
    const char* port_count() const override { return "0/1"; }
    const char* processing() const override { return kPull; }
    int initialize(ErrorHandler& errh) override;
    void pull(int port, PacketBatch& batch, unsigned most) override;
    void add_handlers() override;
    void run_timer() override { _ready.wake(); }

protected:
    struct Frame {
        uint32_t length = kLeastLength;
        EtherAddress source;
        EtherAddress destination;
        IpFields ip;
        bool checksum = true;
    };
    /// `fill` writes what follows the IP header, of that many bytes, which are zero.
    template <typename F>
    PacketPtr make_frame(F fill) const {
        uint32_t segment = _frame.length - uint32_t{sizeof(EtherHeader) + sizeof(IpHeader)};
        PacketPtr packet = Packet::make(Packet::kDefaultHeadroom + sizeof(EtherHeader) + sizeof(IpHeader), nullptr,
                                        segment, Packet::kMinTailroom);
        if (!packet) {
            return packet;
        }
        std::memset(packet->mutable_data(), 0, segment);
        fill(packet->mutable_data(), segment);
        return finish_frame(std::move(packet));
    }
    /// A frame with a UDP segment between these ports; null when memory is exhausted.
    PacketPtr make_udp_frame(UdpPorts ports) const;
    static constexpr uint32_t kLeastLength = 60;
    static constexpr uint32_t kMostLength = sizeof(EtherHeader) + kMostIpLength;
    static constexpr uint64_t kMostRate = 0x7fffffff;

    Args& add_pace(Args& args) {
        return args.mandatory("RATE", bounded(_rate, 0, kMostRate))
            .mandatory("LIMIT", _limit)
            .mandatory("LENGTH", bounded(_frame.length, kLeastLength, kMostLength));
    }
    void start_pace();
    Notifier* empty_notifier(int) override { return &_ready; }
    /// The next packet of the source; null when memory is exhausted.
    virtual PacketPtr next_packet() = 0;

    Frame _frame;
    bool _active = true;
    bool _stop = false;  ///< the router, behind the last packet

private:
    PacketPtr finish_frame(PacketPtr packet) const;
    bool exhausted() const { return _limit >= 0 && _count.value() >= static_cast<uint64_t>(_limit); }
    void go_on() { _ready.wake(); }
    void change_rate();
    void reset();
    /// Who pulls sleeps until there may be a packet again.
    void rest();

    uint64_t _rate = 0;
    int64_t _limit = -1;
    TokenBucket _bucket;
    Tally _count;
    Notifier _ready;
    Timer _timer{this};
};

/// Base of sources of many flows, each of which has a number of packets and gives way to another one then.
class FastFlows : public FastSource {
public:
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;

protected:
    FastFlows(uint8_t protocol, uint32_t least_packets) : _least_packets(least_packets) {
        _frame.ip.protocol = protocol;
    }
    /// Adds what a class takes beside.
    virtual Args& add_arguments(Args& args) = 0;
    /// Packet number `index` of a flow between these ports, to be cloned; null when memory is exhausted.
    virtual PacketPtr flow_packet(UdpPorts ports, uint32_t index) = 0;
    PacketPtr next_packet() final;

    uint32_t _flow_size = 1;

private:
    struct Flow {
        UdpPorts ports;
        uint32_t sent = 0;
        PacketPtr packet;
    };
    static constexpr uint32_t kMostFlows = 1U << 20;

    uint32_t _least_packets;
    Table<Flow> _flows;
    size_t _turn = 0;
};

}  // namespace click
