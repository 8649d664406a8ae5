// SPDX-License-Identifier: Apache-2.0
/*
=c
ICMPError(SRC, TYPE [, CODE, I<keywords> BADADDRS, MTU, PMTU, SET_FIX_ANNO])
=s icmp
answers IP packets with ICMP errors
=d
Expects IP packets and emits, for each, an IP packet from SRC to its source with an ICMP error of the given TYPE and CODE
(default 0) that quotes it: its IP header and as much of its data as fits. The error's destination address annotation is set
to where it goes, its Fix IP Source annotation is set (see FixIPSrc), and it keeps the packet's other annotations. Connect the
output to the routing table, as if the error had come in by an interface, and put a rate limit between where strangers
may cause errors.

TYPE and CODE are numbers or names: C<unreachable> (3) with C<net> (0), C<host> (1), C<protocol> (2), C<port> (3) and C<needfrag>
(4); C<sourcequench> (4); C<redirect> (5) with C<net> and C<host>; C<timeexceeded> (11) with C<transit> (0) and C<reassembly> (1);
C<parameterproblem> (12) with C<erroratptr> (0), C<missingopt> (1) and C<length> (2).

A C<parameterproblem>, C<erroratptr> points at the byte that the packet's ICMP Parameter Problem annotation says; a C<redirect>
names the gateway in the packet's destination address annotation.

Some packets are not answered but dropped (RFC 1122 3.2.2, RFC 1812 4.3.2.7 and 5.2.7.2): ICMP errors; fragments other than the
first; packets to or from broadcast and multicast addresses, or received as link-level broadcasts; packets from addresses
that are no single host's; and, for redirects, source-routed packets.

Keyword arguments are:
=over 8
=item BADADDRS
Addresses, separated by spaces: packets to or from them are not answered. Name the networks' broadcast addresses here.
=item MTU
Unsigned. The most bytes that an error may have. Default is 576 (RFC 1812 4.3.2.3).
=item PMTU
Unsigned. The next hop's MTU that C<needfrag> errors tell (RFC 1191). Default is 0, unknown.
=item SET_FIX_ANNO
Boolean. False leaves the Fix IP Source annotation alone. Default is true.
=back
=h src read/write
The SRC argument.
=h mtu read/write
The MTU argument.
=h pmtu read/write
The PMTU argument.
=e
  ... -> dt :: DecIPTTL -> ...
  dt[1] -> ICMPError(18.26.4.24, timeexceeded, transit) -> ...
=a DecIPTTL, FixIPSrc, IPGWOptions, IPFragmenter
*/
#include <click/annotations.hh>
#include <click/handlercall.hh>

#include <algorithm>
#include <atomic>

#include "elements/icmp/errormessage.hh"
#include "elements/ip/addresslist.hh"
#include "elements/ip/ipoptions.hh"
#include "lib/checksum.hh"
#include "lib/ip_names.hh"
#include "net/ip.hh"

namespace click {

namespace {

constexpr int kNeedFragmentation = 4;
constexpr int kErrorAtPointer = 0;

/// Whether the address can be that of one host (RFC 1812 5.3.7).
bool is_host(IPAddress address) {
    uint32_t first = address.host_order() >> 24;
    return first != 0 && first != 127 && first < 224;
}

class ICMPError final : public PacketAction<ICMPError> {
public:
    const char* class_name() const override { return "ICMPError"; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    void add_handlers() override;

    PacketPtr simple_action(PacketPtr packet) {
        const IpHeader* ip = whole_ip_header(*packet);
        return ip && deserves_answer(*packet, *ip) ? answer(*packet, *ip) : PacketPtr();
    }

private:
    static constexpr uint32_t kLeastMtu = 68;
    static constexpr uint32_t kMostMtu = 0xffff;

    bool deserves_answer(const Packet& packet, const IpHeader& ip) const;
    PacketPtr answer(const Packet& packet, const IpHeader& ip) const;
    void fill_rest(const Packet& packet, uint8_t* rest) const;

    IPAddress _source;
    IcmpErrorKind _kind;
    IPAddressList _bad_addresses;
    uint32_t _mtu = 576;
    uint16_t _path_mtu = 0;
    bool _set_fix_anno = true;
};

/// What our errors are numbered by, all of them together, so that no two share an id soon.
constinit std::atomic<uint16_t> next_id{0};

bool is_source_routed(const IpHeader& ip) {
    const uint8_t* options = reinterpret_cast<const uint8_t*>(&ip) + sizeof(IpHeader);
    unsigned length = ip.header_length() - static_cast<unsigned>(sizeof(IpHeader));
    unsigned own;
    for (unsigned at = 0; at < length && options[at] != ip_option::kEnd; at += own) {
        own = ip_option::length_at(options, length, at);
        if (own == 0 || options[at] == ip_option::kLooseSourceRoute || options[at] == ip_option::kStrictSourceRoute) {
            return own != 0;
        }
    }
    return false;
}

int ICMPError::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    IcmpErrorWords words;
    Args args(conf, this, errh);
    if (words.read(args.mandatory("SRC", _source))
            .optional("BADADDRS", _bad_addresses)
            .keyword("MTU", bounded(_mtu, kLeastMtu, kMostMtu))
            .keyword("PMTU", _path_mtu)
            .keyword("SET_FIX_ANNO", _set_fix_anno)
            .complete() < 0) {
        return -1;
    }
    return read_icmp_error({"ICMP", parse_icmp_type, parse_icmp_code, is_icmp_error}, words, _kind, errh);
}

void ICMPError::add_handlers() {
    add_setting_handler("src", _source);
    add_setting_handler("mtu", bounded(_mtu, kLeastMtu, kMostMtu));
    add_setting_handler("pmtu", _path_mtu);
}

bool ICMPError::deserves_answer(const Packet& packet, const IpHeader& ip) const {
    IPAddress source(ip.source);
    IPAddress destination(ip.destination);
    if (!ip.first_fragment() || !is_host(source) || destination.host_order() >> 28 >= 14 ||
        packet.type() == Packet::Type::Broadcast || packet.type() == Packet::Type::Multicast ||
        _bad_addresses.contains(source) || _bad_addresses.contains(destination)) {
        return false;
    }
    if (ip.protocol == kIpProtoIcmp) {
        unsigned header_length = ip.header_length();
        // An ICMP message too short to say its type may be an error as well.
        if (packet.network_length() <= header_length || is_icmp_error(packet.network_header()[header_length])) {
            return false;
        }
    }
    return _kind.type != kIcmpRedirect || !is_source_routed(ip);
}

void ICMPError::fill_rest(const Packet& packet, uint8_t* rest) const {
    std::memset(rest, 0, 4);
    if (_kind.type == kIcmpParameterProblem && _kind.code == kErrorAtPointer) {
        rest[0] = packet.anno_u8(anno::kIcmpParamProb);
    } else if (_kind.type == kIcmpRedirect) {
        uint32_t gateway = anno::dst_ip(packet).network_order();
        std::memcpy(rest, &gateway, 4);
    } else if (_kind.type == kIcmpUnreachable && _kind.code == kNeedFragmentation) {
        rest[2] = static_cast<uint8_t>(_path_mtu >> 8);
        rest[3] = static_cast<uint8_t>(_path_mtu);
    }
}

PacketPtr ICMPError::answer(const Packet& packet, const IpHeader& ip) const {
    constexpr uint8_t kTimeToLive = 200;
    PacketPtr error = quote_in_error(packet, _kind, sizeof(IpHeader), _mtu);
    if (!error) {
        return {};
    }
    auto* icmp = reinterpret_cast<IcmpHeader*>(error->mutable_transport_header());
    fill_rest(packet, icmp->rest);
    icmp->checksum = internet_checksum(icmp, error->length() - sizeof(IpHeader));

    IpHeader* header = mutable_ip_header(*error);
    header->version_length = 0x45;
    header->tos = 0;
    header->total_length = net16(static_cast<uint16_t>(error->length()));
    header->id = net16(++next_id);
    header->fragment = 0;
    header->ttl = kTimeToLive;
    header->protocol = kIpProtoIcmp;
    header->checksum = 0;
    header->source = _source.network_order();
    header->destination = ip.source;
    header->checksum = ip_header_checksum(header, sizeof(IpHeader));

    anno::set_dst_ip(*error, IPAddress(ip.source));
    if (_set_fix_anno) {
        error->set_anno_u8(anno::kFixIpSrc, 1);
    }
    return error;
}

}  // namespace

CLICK_ELEMENT(ICMPError)

}  // namespace click
