// SPDX-License-Identifier: Apache-2.0
/*
=c
ICMPPingEncap(SRC, DST [, I<keywords> IDENTIFIER])
=s icmp
turns packets into ICMP echo requests
=d
Puts the headers of an ICMP echo request (RFC 792) from SRC to DST in front of each packet, whose bytes become the
request's data. Sequence numbers count from 0. The packet's network header and destination annotation are set.

Keyword arguments are:
=over 8
=use address-keywords
=item IDENTIFIER
The requests' identifier, 0 to 65535. Default is 0.
=back
=use address-handlers
=h identifier read/write
The IDENTIFIER argument.
=e
  InfiniteSource(abc, LIMIT 1, STOP true) -> ICMPPingEncap(10.0.0.1, 10.0.0.2) -> IPPrint(a) -> Discard;
=a ICMPPingSource, ICMPPingResponder
*/
#include <click/element.hh>

#include "elements/icmp/icmpencapsulation.hh"

namespace click {

namespace {

class ICMPPingEncap final : public PacketAction<ICMPPingEncap> {
public:
    ICMPPingEncap() { _ip.protocol = kIpProtoIcmp; }
    const char* class_name() const override { return "ICMPPingEncap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override {
        return Args(conf, this, errh)
            .mandatory("SRC", _ip.source)
            .mandatory("DST", _ip.destination)
            .keyword("IDENTIFIER", _identifier, 0)
            .complete();
    }
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_setting_handler("src", _ip.source);
        add_setting_handler("dst", _ip.destination);
        add_setting_handler("identifier", _identifier);
    }

    PacketPtr simple_action(PacketPtr packet) {
        packet = encapsulate_echo_request(std::move(packet), _ip, _identifier, _ip.id);
        ++_ip.id;
        return packet;
    }

private:
    IpFields _ip;
    uint16_t _identifier = 0;
};

}  // namespace

CLICK_ELEMENT(ICMPPingEncap)

}  // namespace click
