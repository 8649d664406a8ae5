// SPDX-License-Identifier: Apache-2.0
/*
=c
GREEncap(SRC, DST [, I<keywords> PROTOCOL, CHECKSUM, KEY, SEQUENCE, TTL])
=s tunnel
puts packets into a GRE tunnel
=d
Puts a GRE header (RFC 2784) and an IP header from SRC to DST in front of each packet. The packet's network header and
destination annotation are set to those of the tunnel. What would be longer than 65,535 bytes is dropped.

Keyword arguments are:
=over 8
=use tunnel-keywords
=item PROTOCOL
EtherType of what the tunnel carries. Default is 0x0800, IPv4; 0x86dd is IPv6, 0x6558 Ethernet.
=item CHECKSUM
Boolean. Whether the GRE header has a checksum. Default is false.
=item KEY
Unsigned. The tunnel's key (RFC 2890). Default is to send none.
=item SEQUENCE
Boolean. Whether packets are numbered (RFC 2890), from 0. Default is false.
=item TTL
Time to live, 1 to 255. Default is 250.
=back
=use address-handlers
=e
  ... -> GREEncap(192.0.2.1, 192.0.2.2) -> ...
=a GREDecap, VXLANEncap, IPEncap
*/
#include <click/element.hh>

#include "elements/ip/ipencapsulation.hh"
#include "net/ether.hh"
#include "net/tunnel.hh"

namespace click {

namespace {

class GREEncap final : public PacketAction<GREEncap> {
public:
    GREEncap() { _ip.protocol = kIpProtoGre; }
    const char* class_name() const override { return "GREEncap"; }
    bool can_live_reconfigure() const override { return true; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        bool has_key = false;
        if (Args(conf, this, errh)
                .mandatory("SRC", _ip.source)
                .mandatory("DST", _destination)
                .keyword("PROTOCOL", _protocol, kEtherTypeIp)
                .keyword("CHECKSUM", _checksum, false)
                .keyword("KEY", _key, 0)
                .given(has_key)
                .keyword("SEQUENCE", _sequence, false)
                .keyword("TTL", bounded(_ip.ttl, 1, 255), kEncapsulationTtl)
                .complete() < 0) {
            return -1;
        }
        _has_key = has_key;
        return 0;
    }
    void take_state(Element& old, ErrorHandler&) override { _next = static_cast<GREEncap&>(old)._next; }
    void add_handlers() override {
        add_setting_handler("src", _ip.source);
        add_setting_handler("dst", _destination);
    }

    PacketPtr simple_action(PacketPtr packet) {
        constexpr uint32_t kWord = sizeof(uint32_t);
        uint32_t length =
            sizeof(GreHeader) + (_checksum ? kWord : 0) + (_has_key ? kWord : 0) + (_sequence ? kWord : 0);
        if (packet->length() > kMostIpLength - sizeof(IpHeader) - length) {
            return {};
        }
        _ip.destination = _destination.of(*packet);
        packet = prepend(std::move(packet), length);
        if (!packet) {
            return packet;
        }
        uint8_t* at = packet->mutable_data();
        auto flags = static_cast<uint16_t>((_checksum ? GreHeader::kChecksum : 0) | (_has_key ? GreHeader::kKey : 0) |
                                           (_sequence ? GreHeader::kSequence : 0));
        *reinterpret_cast<GreHeader*>(at) = {net16(flags), net16(_protocol)};
        at += sizeof(GreHeader);
        auto append = [&at](uint32_t value) {
            std::memcpy(at, &value, sizeof value);
            at += sizeof value;
        };
        uint8_t* checksum = at;
        if (_checksum) {
            append(0);
        }
        if (_has_key) {
            append(net32(_key));
        }
        if (_sequence) {
            append(net32(_next++));
        }
        if (_checksum) {
            uint16_t sum = internet_checksum(packet->data(), packet->length());
            std::memcpy(checksum, &sum, sizeof sum);
        }
        packet = prepend_ip_header(std::move(packet), _ip);
        ++_ip.id;
        return packet;
    }

private:
    IpFields _ip;
    DestinationArgument _destination;
    uint16_t _protocol = kEtherTypeIp;
    bool _checksum = false;
    bool _has_key = false;
    bool _sequence = false;
    uint32_t _key = 0;
    uint32_t _next = 0;
};

}  // namespace

CLICK_ELEMENT(GREEncap)

}  // namespace click
