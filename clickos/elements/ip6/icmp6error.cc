// SPDX-License-Identifier: Apache-2.0
/*
=c
ICMP6Error(SRC, TYPE [, CODE, I<keywords> BADADDRS, MTU, PMTU, RATE])
=s ip6
answers IPv6 packets with ICMPv6 errors
=d
Expects IPv6 packets with their header marked and emits, for each, an IPv6 packet from SRC to its source with an ICMPv6 error
(RFC 4443) of the given TYPE and CODE (default 0) that quotes as much of it as fits. The error's destination IPv6 address
annotation is set to where it goes, and it keeps the packet's other annotations. Connect the output to the routing table, as
if the error had come in by an interface.

TYPE and CODE are numbers or names: C<unreachable> (1) with C<noroute> (0), C<prohibited> (1), C<scope> (2), C<host> (3),
C<port> (4), C<policy> (5) and C<reject> (6); C<toobig> (2); C<timeexceeded> (3) with C<transit> (0) and C<reassembly> (1);
C<parameterproblem> (4) with C<erroratptr> (0), C<unknownheader> (1) and C<unknownopt> (2). A C<parameterproblem> points at
the byte that the packet's ICMP Parameter Problem annotation says.

Some packets are not answered but dropped (RFC 4443 2.4): ICMPv6 errors and redirects, and what might be one; packets to
multicast addresses or received as link-level broadcasts or multicasts, but for C<toobig> and C<unknownopt>; packets from
addresses that are no single node's. So is what exceeds RATE.

Keyword arguments are:
=over 8
=item BADADDRS
IPv6 addresses, separated by spaces: packets to or from them are not answered. Default is none.
=item MTU
Unsigned. The most bytes that an error may have, 88 to 1280. Default is 1280 (RFC 4443 2.4 c).
=item PMTU
Unsigned. The next hop's MTU that C<toobig> errors tell. Default is 1280.
=item RATE
Unsigned. How many errors are sent a second, and at once after a silence; 0 for no limit. Default is 100 (RFC 4443 2.4 f
wants some limit).
=back
=h src read/write
The SRC argument.
=h pmtu read/write
The PMTU argument.
=h rate read/write
The RATE argument.
=h limited read-only
How many errors were not sent because of RATE.
=e
  ... -> dt :: DecIP6HLIM -> ...
  dt[1] -> ICMP6Error(3ffe:1ce1:2::2, timeexceeded, transit) -> ...
=a DecIP6HLIM, IP6Fragmenter, ICMPError
*/
#include <click/clock.hh>
#include <click/element.hh>

#include "elements/icmp/errormessage.hh"
#include "elements/ip6/ip6addresslist.hh"
#include "elements/ip6/ip6annotation.hh"
#include "lang/confparse.hh"
#include "lib/tokenbucket.hh"
#include "net/icmp6.hh"

namespace click {

namespace {

constexpr int kUnknownOption = 2;
struct IcmpName {
    std::string_view name;
    int type;
    int code;
};
constexpr IcmpName kTypes[] = {{"unreachable", kIcmp6Unreachable, 0},
                               {"toobig", kIcmp6PacketTooBig, 0},
                               {"timeexceeded", kIcmp6TimeExceeded, 0},
                               {"parameterproblem", kIcmp6ParameterProblem, 0}};
constexpr IcmpName kCodes[] = {{"noroute", kIcmp6Unreachable, 0},
                               {"prohibited", kIcmp6Unreachable, 1},
                               {"scope", kIcmp6Unreachable, 2},
                               {"host", kIcmp6Unreachable, 3},
                               {"port", kIcmp6Unreachable, 4},
                               {"policy", kIcmp6Unreachable, 5},
                               {"reject", kIcmp6Unreachable, 6},
                               {"transit", kIcmp6TimeExceeded, 0},
                               {"reassembly", kIcmp6TimeExceeded, 1},
                               {"erroratptr", kIcmp6ParameterProblem, 0},
                               {"unknownheader", kIcmp6ParameterProblem, 1},
                               {"unknownopt", kIcmp6ParameterProblem, kUnknownOption}};

/// A number 0..255; -1 when `text` is none.
int parse_byte(std::string_view text) {
    uint64_t number;
    return parse_unsigned(text, number) && number <= 255 ? static_cast<int>(number) : -1;
}
int parse_type(std::string_view text) {
    auto named =
        std::find_if(std::begin(kTypes), std::end(kTypes), [&](const IcmpName& one) { return one.name == text; });
    return named != std::end(kTypes) ? named->type : parse_byte(text);
}
int parse_code(std::string_view text, uint8_t type) {
    auto named = std::find_if(std::begin(kCodes), std::end(kCodes),
                              [&](const IcmpName& one) { return one.name == text && one.type == type; });
    return named != std::end(kCodes) ? named->code : parse_byte(text);
}
bool is_error_type(int type) { return type != 0 && type < kIcmp6FirstInformation; }

class ICMP6Error final : public PacketAction<ICMP6Error> {
public:
    const char* class_name() const override { return "ICMP6Error"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override {
        add_setting_handler("src", _source);
        add_setting_handler("pmtu", _path_mtu);
        add_setting_handler<&ICMP6Error::rate_changed>("rate", _rate);
        add_data_handler("limited", _limited);
    }

    PacketPtr simple_action(PacketPtr packet) {
        const Ip6Header* ip = ip6_header(*packet);
        if (!ip || !deserves_answer(*packet, *ip)) {
            return {};
        }
        if (_rate != 0) {
            _tokens.refill(clock::steady());
            if (!_tokens.remove(1)) {
                ++_limited;
                return {};
            }
        }
        return answer(*packet, *ip);
    }

private:
    static constexpr uint32_t kMostMtu = 1280;

    bool deserves_answer(const Packet& packet, const Ip6Header& ip) const;
    PacketPtr answer(const Packet& packet, const Ip6Header& ip) const;
    void rate_changed() {
        _tokens.configure(_rate, _rate);
        _tokens.set_tokens(_rate, clock::steady());
    }

    IP6Address _source;
    IP6AddressList _bad_addresses;
    IcmpErrorKind _kind;
    uint32_t _mtu = kMostMtu;
    uint32_t _path_mtu = kMostMtu;
    uint32_t _rate = 0;
    TokenBucket _tokens;
    Tally _limited;
};

int ICMP6Error::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    constexpr uint32_t kLeastMtu = 2 * sizeof(Ip6Header) + sizeof(IcmpHeader);
    constexpr uint32_t kDefaultRate = 100;
    IcmpErrorWords words;
    Args args(conf, this, errh);
    if (words.read(args.mandatory("SRC", _source))
            .optional("BADADDRS", _bad_addresses, {})
            .keyword("MTU", bounded(_mtu, kLeastMtu, kMostMtu), kMostMtu)
            .keyword("PMTU", _path_mtu, kMostMtu)
            .keyword("RATE", _rate, kDefaultRate)
            .complete() < 0) {
        return -1;
    }
    if (read_icmp_error({"ICMP6", parse_type, parse_code, is_error_type}, words, _kind, errh) < 0) {
        return -1;
    }
    rate_changed();
    return 0;
}

bool ICMP6Error::deserves_answer(const Packet& packet, const Ip6Header& ip) const {
    IP6Address source = IP6Address::read(ip.source);
    IP6Address destination = IP6Address::read(ip.destination);
    bool to_many = destination.is_multicast() || packet.type() == Packet::Type::Broadcast ||
                   packet.type() == Packet::Type::Multicast;
    bool answers_many =
        _kind.type == kIcmp6PacketTooBig || (_kind.type == kIcmp6ParameterProblem && _kind.code == kUnknownOption);
    if (source.is_unspecified() || source.is_multicast() || (to_many && !answers_many) ||
        _bad_addresses.contains(source) || _bad_addresses.contains(destination)) {
        return false;
    }
    Ip6Payload payload;
    if (!find_ip6_payload(packet, ip, payload)) {
        return _kind.type == kIcmp6ParameterProblem;
    }
    if (payload.protocol != kIp6Icmp) {
        return true;
    }
    if (payload.later_fragment || payload.length == 0) {
        return false;
    }
    uint8_t type = packet.network_header()[payload.offset];
    return type >= kIcmp6FirstInformation && type != kIcmp6Redirect;
}

PacketPtr ICMP6Error::answer(const Packet& packet, const Ip6Header& ip) const {
    constexpr uint8_t kHopLimit = 255;
    PacketPtr error = quote_in_error(packet, _kind, sizeof(Ip6Header), _mtu);
    if (!error) {
        return {};
    }
    const uint32_t length = error->length() - uint32_t{sizeof(Ip6Header)};
    Ip6Header* header = mutable_ip6_header(*error);
    *header = {};
    header->version_class = 0x60;
    header->payload_length = net16(static_cast<uint16_t>(length));
    header->next_header = kIp6Icmp;
    header->hop_limit = kHopLimit;
    _source.write(header->source);
    std::memcpy(header->destination, ip.source, IP6Address::kSize);

    uint32_t rest = 0;
    if (_kind.type == kIcmp6PacketTooBig) {
        rest = net32(_path_mtu);
    } else if (_kind.type == kIcmp6ParameterProblem) {
        rest = net32(packet.anno_u8(anno::kIcmpParamProb));
    }
    auto* icmp = reinterpret_cast<IcmpHeader*>(error->mutable_transport_header());
    std::memcpy(icmp->rest, &rest, sizeof rest);
    icmp->checksum = ip6_transport_checksum(icmp, length, header->source, header->destination, kIp6Icmp);
    anno::set_dst_ip6(*error, IP6Address::read(ip.source));
    return error;
}

}  // namespace

CLICK_ELEMENT(ICMP6Error)

}  // namespace click
