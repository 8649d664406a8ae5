// SPDX-License-Identifier: Apache-2.0
/*
=c
AggregateIP(FIELD [, I<keywords>])
=s aggregates
sets the aggregate annotation to a field of the packet
=d
Sets each packet's aggregate annotation to a part of its IP header, its transport header or what follows. Packets that do
not have the field leave by output 1 if it is connected; else they are dropped. The IP header must be marked.

FIELD is C<ip>, C<tcp>, C<udp>, C<icmp>, C<transp> (the transport header of any protocol) or C<data> (what follows it), and
a name or a place there. Names are C<vers>, C<hl>, C<tos>, C<dscp>, C<ecn>, C<len>, C<id>, C<off>, C<rf>, C<df>, C<mf>,
C<fragoff>, C<ttl>, C<proto>, C<sum>, C<src> and C<dst> behind C<ip>; C<sport>, C<dport>, C<seq>, C<ack>, C<hl>, C<flags>,
C<fin>, C<syn>, C<rst>, C<psh>, C<ackf>, C<urg>, C<win>, C<sum> and C<urp> behind C<tcp>; C<sport>, C<dport>, C<len> and
C<sum> behind C<udp>; C<type>, C<code> and C<sum> behind C<icmp>. A place is C<[OFFSET]>, C<[OFFSET:LENGTH]> or
C<[FIRST-LAST]>, in bytes, or the same in braces, in bits. Then C</N> may leave the first N bits of it, or C<& MASK> those
of a mask whose bits are adjacent. What is left has at most 32 bits, and is the number that those are.

Keyword arguments are:
=over 8
=item INCREMENTAL
Boolean. Whether the annotation that there was is kept, moved up by the width of the field. Default is false.
=item UNSHIFT_IP_ADDR
Boolean. Whether a part of an IP address keeps its place in it: C<ip src/8> of 18.26.4.44 is then 18.0.0.0, not 18. Default
is false.
=back
=e
  FromDump(trace.pcap, STOP true, FORCE_IP true) -> AggregateIP(ip dst/24) -> AggregateFirst -> IPPrint -> Discard;
=a AggregateIPFlows, AggregateFirst, IPFieldInfo
*/
#include <click/annotations.hh>

#include "elements/analysis/packetfield.hh"
#include "elements/standard/packetfilter.hh"
#include "net/transport.hh"

namespace click {

namespace {

class AggregateIP final : public PacketFilter<AggregateIP> {
public:
    const char* class_name() const override { return "AggregateIP"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .mandatory("FIELD", _field)
            .keyword("INCREMENTAL", _incremental, false)
            .keyword("UNSHIFT_IP_ADDR", _unshift, false)
            .complete();
    }

    bool passes(Packet& packet) const {
        uint32_t value = 0;
        if (!read(packet, value)) {
            return false;
        }
        constexpr uint32_t kAddresses = 96;
        if (_unshift && _field.base == PacketField::Base::Ip && _field.offset >= kAddresses &&
            _field.cut < PacketField::kMostBits) {
            value <<= _field.cut;
        }
        if (_incremental) {
            value |= static_cast<uint32_t>(uint64_t{packet.anno_u32(anno::kAggregate)} << _field.bits);
        }
        packet.set_anno_u32(anno::kAggregate, value);
        return true;
    }

private:
    /// Where the field's base begins, in bytes behind the IP header; negative when the packet has no such place.
    int64_t start(const Packet& packet, const IpHeader& ip) const {
        if (_field.base == PacketField::Base::Ip) {
            return 0;
        }
        if (!ip.first_fragment() || (_field.protocol >= 0 && _field.protocol != ip.protocol)) {
            return -1;
        }
        int64_t header = ip.header_length();
        if (_field.base == PacketField::Base::Transport) {
            return header;
        }
        int64_t room = int64_t{packet.network_length()} - header;
        if (ip.protocol == kIpProtoTcp && room >= static_cast<int64_t>(sizeof(TcpHeader))) {
            const uint8_t* segment = packet.network_header() + header;
            return header + reinterpret_cast<const TcpHeader*>(segment)->header_length();
        }
        return ip.protocol == kIpProtoUdp ? header + static_cast<int64_t>(sizeof(UdpHeader)) : -1;
    }

    bool read(const Packet& packet, uint32_t& value) const {
        const IpHeader* ip = whole_ip_header(packet);
        int64_t from = ip ? start(packet, *ip) : -1;
        uint32_t end = _field.offset + _field.bits;
        uint32_t last = (end + 7) / 8;
        if (from < 0 || from + last > packet.network_length()) {
            return false;
        }
        uint64_t bytes = 0;
        for (uint32_t at = _field.offset / 8; at < last; ++at) {
            bytes = bytes << 8 | packet.network_header()[from + at];
        }
        value = static_cast<uint32_t>(bytes >> (last * 8 - end) & ((uint64_t{1} << _field.bits) - 1));
        return true;
    }

    PacketField _field;
    bool _incremental = false;
    bool _unshift = false;
};

}  // namespace

CLICK_ELEMENT(AggregateIP)

}  // namespace click
