// SPDX-License-Identifier: Apache-2.0
/*
=c
IPEncap(PROTO, SRC, DST [, I<keywords> TTL, TOS, DSCP, ECN, ECT, CE, DF])
=s ip
puts an IP header in front of packets
=d
Puts an IP header with protocol PROTO, source SRC and destination DST in front of each packet, with the right length and
checksum and an identification that counts packets. The packet's network header and destination annotation are set. What
would be longer than 65,535 bytes is dropped.

Keyword arguments are:
=over 8
=item PROTO
IP protocol, by number or name.
=use tunnel-keywords
=item TTL
Time to live, 1 to 255. Default is 250.
=item TOS
The whole type of service byte. It excludes DSCP, ECN, ECT and CE.
=item DSCP
Differentiated services code point, 0 to 63. Default is 0.
=item ECN
C<no>, C<ect1>, C<ect2>, C<ce>, or a number 0 to 3. Default is C<no>.
=item ECT
Boolean, or C<2>. True is the same as ECN ect1, C<2> as ECN ect2. Default is false.
=item CE
Boolean. True is the same as ECN ce. Default is false.
=item DF
Boolean. Whether the header says that the packet must not be fragmented. Default is false.
=back
=use address-handlers
=e
  InfiniteSource(LIMIT 1, STOP true) -> IPEncap(4, 10.0.0.1, 10.0.0.2) -> IPPrint(a) -> Discard;
=a UDPIPEncap, StripIPHeader
*/
#include <click/element.hh>

#include "elements/ip/ecn.hh"
#include "elements/ip/ipencapsulation.hh"
#include "elements/ip/ipprotocol.hh"

namespace click {

namespace {

class IPEncap final : public PacketAction<IPEncap> {
public:
    const char* class_name() const override { return "IPEncap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_setting_handler("src", _fields.source);
        add_setting_handler("dst", _destination);
    }

    PacketPtr simple_action(PacketPtr packet) {
        _fields.destination = _destination.of(*packet);
        packet = prepend_ip_header(std::move(packet), _fields);
        ++_fields.id;
        return packet;
    }

private:
    IpFields _fields;
    DestinationArgument _destination;
};

int IPEncap::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    IpFields fields;
    DestinationArgument destination;
    IpProtocol protocol;
    uint8_t tos = 0;
    uint8_t dscp = 0;
    EcnValue ecn;
    bool has_tos = false;
    bool has_ecn = false;
    EctValue ect;
    bool ce = false;
    bool df = false;
    if (Args(conf, this, errh)
            .mandatory("PROTO", protocol)
            .mandatory("SRC", fields.source)
            .mandatory("DST", destination)
            .keyword("TTL", bounded(fields.ttl, 1, 255))
            .keyword("TOS", tos)
            .given(has_tos)
            .keyword("DSCP", bounded(dscp, 0, 63))
            .keyword("ECN", ecn)
            .given(has_ecn)
            .keyword("ECT", ect)
            .keyword("CE", ce)
            .keyword("DF", df)
            .complete() < 0) {
        return -1;
    }
    if (int{has_ecn} + int{ect.bits != kEcnNot} + int{ce} > 1) {
        return errh.error("conflicting ECN, ECT and CE values");
    }
    if (has_tos && (dscp != 0 || has_ecn || ect.bits != kEcnNot || ce)) {
        return errh.error("TOS excludes DSCP, ECN, ECT and CE");
    }
    if (ce) {
        ecn.bits = kEcnCe;
    } else if (!has_ecn) {
        ecn.bits = ect.bits;
    }
    fields.protocol = protocol.number;
    fields.tos = has_tos ? tos : static_cast<uint8_t>(dscp << 2 | ecn.bits);
    fields.fragment = df ? IpHeader::kDontFragment : 0;
    fields.id = _fields.id;
    _fields = fields;
    _destination = destination;
    return 0;
}

}  // namespace

CLICK_ELEMENT(IPEncap)

}  // namespace click
