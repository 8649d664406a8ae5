// SPDX-License-Identifier: Apache-2.0
/*
=c
IP6Encap(PROTO, SRC, DST [, I<keywords> HLIM, CLASS])
=s ip6
puts an IPv6 header in front of packets
=d
Puts an IPv6 header (RFC 8200) with next header PROTO, source SRC and destination DST in front of each packet, with the
right length. The packet's network header and destination IPv6 address annotation are set. What would be longer than
65,575 bytes is dropped.

Keyword arguments are:
=over 8
=item PROTO
IP protocol, by number or name.
=item SRC
IPv6 address.
=item DST
IPv6 address, or C<DST_ANNO> for the packet's destination IPv6 address annotation.
=item HLIM
Hop limit, 0 to 255. Default is 250.
=item CLASS
Traffic class, 0 to 255. Default is 0.
=back
=use address-handlers
=e
  InfiniteSource(LIMIT 1, STOP true) -> IP6Encap(4, 2000:10:1::2, 2000:20:1::2, HLIM 20) -> IP6Print(a) -> Discard;
=a UDPIP6Encap, IPEncap
*/
/*
=c
UDPIP6Encap(SRC, SPORT, DST, DPORT)
=s ip6
puts UDP and IPv6 headers in front of packets
=d
Puts a UDP header from port SPORT to port DPORT and an IPv6 header from SRC to DST in front of each packet, with right
lengths, the UDP checksum (RFC 8200 8.1) and hop limit 250. The packet's network header and destination IPv6 address
annotation are set. What would be longer than 65,575 bytes is dropped.

Keyword arguments are:
=over 8
=item SRC
IPv6 address.
=item SPORT
UDP port.
=item DST
IPv6 address, or C<DST_ANNO> for the packet's destination IPv6 address annotation.
=item DPORT
UDP port.
=back
=use flow-handlers
=e
  InfiniteSource(LIMIT 1, STOP true) -> UDPIP6Encap(2000:10:1::2, 1234, 2000:20:1::2, 53) -> IP6Print(a) -> Discard;
=a IP6Encap, UDPIPEncap
*/
#include <click/element.hh>

#include "elements/ip/ipprotocol.hh"
#include "elements/ip6/ip6annotation.hh"
#include "lang/confparse.hh"
#include "net/icmp6.hh"

namespace click {

namespace {

/// An argument that is an IPv6 address, or `DST_ANNO`: the packet's own destination annotation.
struct Destination {
    IP6Address address;
    bool annotated = false;
};

bool parse_arg(std::string_view text, Destination& value, ArgContext& context) {
    value.annotated = trim(text) == "DST_ANNO";
    return value.annotated || parse_arg(text, value.address, context);
}

std::string show_value(const Destination& value) { return value.annotated ? "DST_ANNO" : value.address.unparse(); }

/// Base of elements that put an IPv6 header in front.
template <typename E>
class Encapsulation : public PacketAction<E> {
public:
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        this->add_setting_handler("src", _source);
        this->add_setting_handler("dst", _destination);
    }

protected:
    /// Room for both headers, of which `front` bytes come behind the IPv6 header: null when the whole would be too long.
    [[nodiscard]] PacketPtr prepend_header(PacketPtr packet, uint32_t front) {
        constexpr uint32_t kMostPayload = 0xffff;
        if (packet->length() > kMostPayload - front) {
            return {};
        }
        IP6Address destination = _destination.annotated ? anno::dst_ip6(*packet) : _destination.address;
        uint32_t payload = packet->length() + front;
        packet = prepend(std::move(packet), sizeof(Ip6Header) + front);
        if (packet) {
            auto* ip = reinterpret_cast<Ip6Header*>(packet->mutable_data());
            *ip = {static_cast<uint8_t>(6 << 4 | _class >> 4),
                   static_cast<uint8_t>(_class << 4),
                   0,
                   net16(static_cast<uint16_t>(payload)),
                   _protocol,
                   _hop_limit,
                   {},
                   {}};
            _source.write(ip->source);
            destination.write(ip->destination);
            packet->set_network_header(packet->data(), sizeof(Ip6Header));
            anno::set_dst_ip6(*packet, destination);
        }
        return packet;
    }

    IP6Address _source;
    Destination _destination;
    uint8_t _protocol = kIpProtoUdp;
    uint8_t _hop_limit = 250;
    uint8_t _class = 0;
};

class IP6Encap final : public Encapsulation<IP6Encap> {
public:
    const char* class_name() const override { return "IP6Encap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        IpProtocol protocol;
        if (Args(conf, this, errh)
                .mandatory("PROTO", protocol)
                .mandatory("SRC", _source)
                .mandatory("DST", _destination)
                .keyword("HLIM", _hop_limit, 250)
                .keyword("CLASS", _class, 0)
                .complete() < 0) {
            return -1;
        }
        _protocol = protocol.number;
        return 0;
    }

    PacketPtr simple_action(PacketPtr packet) { return prepend_header(std::move(packet), 0); }
};

class UDPIP6Encap final : public Encapsulation<UDPIP6Encap> {
public:
    const char* class_name() const override { return "UDPIP6Encap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .mandatory("SRC", _source)
            .mandatory("SPORT", _source_port)
            .mandatory("DST", _destination)
            .mandatory("DPORT", _destination_port)
            .complete();
    }
    void add_handlers() override {
        Encapsulation::add_handlers();
        add_setting_handler("sport", _source_port);
        add_setting_handler("dport", _destination_port);
    }

    PacketPtr simple_action(PacketPtr packet) {
        packet = prepend_header(std::move(packet), sizeof(UdpHeader));
        if (packet) {
            const auto* ip = reinterpret_cast<const Ip6Header*>(packet->data());
            auto* udp = reinterpret_cast<UdpHeader*>(packet->mutable_data() + sizeof(Ip6Header));
            *udp = {net16(_source_port), net16(_destination_port), ip->payload_length, 0};
            uint16_t sum = ip6_transport_checksum(udp, ip->length(), ip->source, ip->destination, kIpProtoUdp);
            udp->checksum = sum != 0 ? sum : 0xffff;
        }
        return packet;
    }

private:
    uint16_t _source_port = 0;
    uint16_t _destination_port = 0;
};

}  // namespace

CLICK_ELEMENT(IP6Encap)
CLICK_ELEMENT(UDPIP6Encap)

}  // namespace click
