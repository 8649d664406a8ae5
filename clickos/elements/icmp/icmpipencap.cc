// SPDX-License-Identifier: Apache-2.0
/*
=c
ICMPIPEncap(SRC, DST, TYPE [, CODE, I<keywords> IDENTIFIER])
=s icmp
turns packets into ICMP messages
=d
Puts the headers of an ICMP message (RFC 792) of that TYPE and CODE from SRC to DST in front of each packet, whose bytes
become the message's data. TYPE and CODE are numbers, 0 to 255, or names as in ICMPError and IPClassifier
(C<icmp type>). Messages that have an identifier and a sequence number (echo, timestamp, information and address mask
requests and replies) get IDENTIFIER, and sequence numbers that count from 0. The packet's network header and
destination annotation are set.

Keyword arguments are:
=over 8
=use address-keywords
=item TYPE
ICMP type.
=item CODE
ICMP code. Default is 0.
=item IDENTIFIER
The messages' identifier, 0 to 65535. Default is 0.
=back
=use address-handlers
=e
  InfiniteSource(abc, LIMIT 1, STOP true) -> ICMPIPEncap(10.0.0.1, 10.0.0.2, echo-reply) -> IPPrint(a) -> Discard;
=a ICMPPingEncap, ICMPError
*/
#include <click/element.hh>

#include "elements/icmp/icmpencapsulation.hh"
#include "lib/ip_names.hh"

namespace click {

namespace {

/// Whether messages of that type have an identifier and a sequence number.
constexpr bool has_sequence(int type) {
    constexpr int kFirstQuery = 13, kLastQuery = 18;  // timestamp to address mask reply
    return type == kIcmpEcho || type == kIcmpEchoReply || (type >= kFirstQuery && type <= kLastQuery);
}

class ICMPIPEncap final : public PacketAction<ICMPIPEncap> {
public:
    ICMPIPEncap() { _ip.protocol = kIpProtoIcmp; }
    const char* class_name() const override { return "ICMPIPEncap"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override {
        add_setting_handler("src", _ip.source);
        add_setting_handler("dst", _ip.destination);
    }

    PacketPtr simple_action(PacketPtr packet) {
        IcmpEchoHeader header = _header;
        if (has_sequence(header.type)) {
            header.sequence = net16(_ip.id);
        }
        packet = encapsulate_icmp(std::move(packet), _ip, header);
        ++_ip.id;
        return packet;
    }

private:
    IpFields _ip;
    IcmpEchoHeader _header{};
};

int ICMPIPEncap::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    std::string type;
    std::string code = "0";
    uint16_t identifier = 0;
    IpFields ip = _ip;
    if (Args(conf, this, errh)
            .mandatory("SRC", ip.source)
            .mandatory("DST", ip.destination)
            .mandatory("TYPE", type)
            .optional("CODE", code)
            .keyword("IDENTIFIER", identifier)
            .complete() < 0) {
        return -1;
    }
    int type_number = parse_icmp_type(type);
    if (type_number < 0) {
        return errh.error("TYPE: expected ICMP type (integer or name), got '%s'", type.c_str());
    }
    int code_number = parse_icmp_code(code, static_cast<uint8_t>(type_number));
    if (code_number < 0) {
        return errh.error("CODE: expected ICMP code (integer or name), got '%s'", code.c_str());
    }
    _ip = ip;
    _header.type = static_cast<uint8_t>(type_number);
    _header.code = static_cast<uint8_t>(code_number);
    _header.identifier = has_sequence(type_number) ? net16(identifier) : uint16_t{0};
    return 0;
}

}  // namespace

CLICK_ELEMENT(ICMPIPEncap)

}  // namespace click
