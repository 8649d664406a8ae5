// SPDX-License-Identifier: Apache-2.0
/*
=c
IPPrint([LABEL, I<keywords>])
=s ip
prints IP packets in readable form
=d
Writes one line to the error log for each IP packet, much as tcpdump does, and passes the packet on. Packets must have
their IP header marked; those without pass in silence.

Keyword arguments are:
=over 8
=item CONTENTS
C<NONE>, C<HEX> or C<ASCII>: whether and how the packet's bytes are printed. Default is C<NONE>.
=item PAYLOAD
C<NONE>, C<HEX> or C<ASCII>: the same for the bytes behind the transport header. Give one of the two at most.
=item MAXLENGTH
Integer. How many bytes are printed; negative means all. Default is 1500. Older configurations say C<NBYTES>.
=item ETHER
Boolean. Whether the Ethernet addresses are printed. Default is false.
=item ID
Boolean. Whether the IP ID is printed. Default is false.
=item TTL
Boolean. Whether the time to live is printed. Default is false.
=item TOS
Boolean. Whether the type of service is printed. Default is false.
=item LENGTH
Boolean. Whether the IP length is printed. Default is false.
=item TIMESTAMP
Boolean. Whether the timestamp is printed. Default is true.
=item AGGREGATE
Boolean. Whether the aggregate annotation is printed. Default is false.
=item PAINT
Boolean. Whether the paint annotation is printed. Default is false.
=item SWAP
Boolean. Whether the bytes of ICMP echo identifiers and sequence numbers are swapped. Default is false.
=item OUTFILE
File name. Where the lines go, instead of the error log; C<-> is the program's output. Default is none.
=item ACTIVE
Boolean. Whether anything is printed. Default is true.
=back
=use print-active
=e
  FromDump(trace.pcap, FORCE_IP true) -> IPPrint(in, TIMESTAMP false) -> Discard;
=a Print, CheckIPHeader, MarkIPHeader
*/
#include <click/annotations.hh>
#include <click/clock.hh>
#include <click/element.hh>

#include <algorithm>

#include "elements/print/contents.hh"
#include "lang/confparse.hh"
#include "lib/format.hh"
#include "lib/ip_names.hh"
#include "net/ether.hh"
#include "net/etheraddress.hh"
#include "net/ip.hh"
#include "platform/platform.hh"

namespace click {

namespace {

class IPPrint final : public PacketAction<IPPrint> {
public:
    const char* class_name() const override { return "IPPrint"; }
    bool shows_order() const override { return true; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    bool can_live_reconfigure() const override { return true; }
    void add_handlers() override;

    PacketPtr simple_action(PacketPtr packet) {
        if (_settings.active && packet->has_network_header()) {
            print(*packet);
        }
        return packet;
    }

private:
    struct Settings {
        std::string label;
        Contents contents = Contents::None;
        Contents payload = Contents::None;
        int max_length = 1500;
        bool ether = false;
        bool id = false;
        bool ttl = false;
        bool tos = false;
        bool length = false;
        bool timestamp = true;
        bool aggregate = false;
        bool paint = false;
        bool swap = false;
        std::string outfile;
        bool active = true;
    };

    void print(const Packet& packet) const;
    void append_ip(std::string& line, const Packet& packet, const IpHeader& ip) const;
    void append_tcp(std::string& line, const Packet& packet, const IpHeader& ip) const;
    void append_udp(std::string& line, const Packet& packet, const IpHeader& ip) const;
    void append_icmp(std::string& line, const Packet& packet, const IpHeader& ip) const;
    void append_icmp_error(std::string& line, const Packet& packet, const IcmpHeader& icmp,
                           std::string_view type) const;
    void append_bytes(std::string& line, const Packet& packet) const;

    Settings _settings;
};

int IPPrint::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    Settings settings;
    bool has_contents;
    bool has_payload;
    if (Args(conf, this, errh)
            .optional("LABEL", settings.label)
            .keyword("CONTENTS", settings.contents)
            .given(has_contents)
            .keyword("PAYLOAD", settings.payload)
            .given(has_payload)
            .keyword("NBYTES", settings.max_length)
            .keyword("MAXLENGTH", settings.max_length)
            .keyword("ETHER", settings.ether)
            .keyword("ID", settings.id)
            .keyword("TTL", settings.ttl)
            .keyword("TOS", settings.tos)
            .keyword("LENGTH", settings.length)
            .keyword("TIMESTAMP", settings.timestamp)
            .keyword("AGGREGATE", settings.aggregate)
            .keyword("PAINT", settings.paint)
            .keyword("SWAP", settings.swap)
            .keyword("OUTFILE", settings.outfile)
            .keyword("ACTIVE", settings.active)
            .complete() < 0) {
        return -1;
    }
    if (has_contents && has_payload) {
        return errh.error("specify at most one of PAYLOAD and CONTENTS");
    }
    _settings = std::move(settings);
    return 0;
}

int IPPrint::initialize(ErrorHandler& errh) {
    std::string cause;
    return _settings.outfile.empty() || platform::write_file(_settings.outfile, {}, false, cause)
               ? 0
               : errh.error("%s: %s", _settings.outfile.c_str(), cause.c_str());
}

/// Bytes of the transport header and what follows it.
uint32_t transport_bytes(const Packet& packet) {
    return packet.transport_header() < packet.end_data() ? packet.transport_length() : 0;
}

std::string addresses(const IpHeader& ip) {
    return IPAddress(ip.source).unparse() + " > " + IPAddress(ip.destination).unparse();
}

/// `1.0.0.1.1234 > 1.0.0.2.80`: both transports begin with the two ports.
std::string addresses_with_ports(const Packet& packet, const IpHeader& ip) {
    const auto* ports = reinterpret_cast<const UdpHeader*>(packet.transport_header());
    return format("%s.%u > %s.%u", IPAddress(ip.source).unparse().c_str(), net16(ports->source),
                  IPAddress(ip.destination).unparse().c_str(), net16(ports->destination));
}

void IPPrint::append_tcp(std::string& line, const Packet& packet, const IpHeader& ip) const {
    uint32_t available = transport_bytes(packet);
    if (available < 4) {
        line += addresses(ip) + ": truncated-tcp";
        return;
    }
    line += addresses_with_ports(packet, ip) + ": ";
    const auto* tcp = transport_header<TcpHeader>(packet);
    if (!tcp) {
        line += "truncated-tcp";
        return;
    }
    uint32_t sequence = net32(tcp->sequence);
    uint32_t length = ip.length() - ip.header_length() - tcp->header_length();
    constexpr std::pair<uint8_t, char> kLetters[] = {
        {TcpHeader::kSyn, 'S'}, {TcpHeader::kFin, 'F'}, {TcpHeader::kRst, 'R'}, {TcpHeader::kPsh, 'P'}};
    bool any = false;
    for (const auto& [flag, letter] : kLetters) {
        if ((tcp->flags & flag) != 0) {
            line += letter;
            any = true;
            // SYN and FIN take a sequence number each.
            length += flag == TcpHeader::kSyn || flag == TcpHeader::kFin;
        }
    }
    if (!any) {
        line += '.';
    }
    line += format(" %u:%u(%u,%u,%u)", sequence, sequence + length, length, packet.length(), ip.length());
    if ((tcp->flags & TcpHeader::kAck) != 0) {
        line += format(" ack %u", net32(tcp->acknowledgement));
    }
    line += format(" win %u", net16(tcp->window));
    if ((tcp->flags & TcpHeader::kUrg) != 0) {
        line += format(" urg %u", net16(tcp->urgent));
    }
}

void IPPrint::append_udp(std::string& line, const Packet& packet, const IpHeader& ip) const {
    if (transport_bytes(packet) < 4) {
        line += addresses(ip) + ": truncated-udp";
        return;
    }
    line += addresses_with_ports(packet, ip) + ": udp ";
    const auto* udp = transport_header<UdpHeader>(packet);
    line += udp ? std::to_string(net16(udp->length)) : "truncated-udp";
}

void IPPrint::append_icmp(std::string& line, const Packet& packet, const IpHeader& ip) const {
    line += addresses(ip) + ": icmp";
    const auto* icmp = transport_header<IcmpHeader>(packet);
    if (!icmp) {
        line += ": truncated-icmp";
        return;
    }
    constexpr uint8_t kEchoReply = 0;
    constexpr uint8_t kEcho = 8;
    std::string_view type = name_of(icmp_type_names(), icmp->type);
    if (icmp->type != kEcho && icmp->type != kEchoReply) {
        append_icmp_error(line, packet, *icmp, type);
        return;
    }
    unsigned id = icmp->rest[0] << 8 | icmp->rest[1];
    unsigned sequence = icmp->rest[2] << 8 | icmp->rest[3];
    if (_settings.swap) {
        id = byte_swap(static_cast<uint16_t>(id));
        sequence = byte_swap(static_cast<uint16_t>(sequence));
    }
    line += format(" %s (%u, %u)", std::string(type).c_str(), id, sequence);
}

/// Of what is unreachable or lies elsewhere, the address comes first: that of the packet that the error is about.
void IPPrint::append_icmp_error(std::string& line, const Packet& packet, const IcmpHeader& icmp,
                                std::string_view type) const {
    constexpr uint8_t kUnreachable = 3;
    constexpr uint8_t kRedirect = 5;
    bool about_address = icmp.type == kUnreachable || icmp.type == kRedirect;
    if (about_address && transport_bytes(packet) >= sizeof icmp + sizeof(IpHeader)) {
        const auto* original = reinterpret_cast<const IpHeader*>(packet.transport_header() + sizeof icmp);
        line += " " + IPAddress(original->destination).unparse();
    }
    line += type.empty() ? format(" type %u", icmp.type) : " " + std::string(type);
    if (std::string_view code = icmp_code_name(icmp.type, icmp.code); !code.empty()) {
        line += " " + std::string(code);
    } else if (icmp.code != 0) {
        line += format(" code %u", icmp.code);
    }
}

void IPPrint::append_ip(std::string& line, const Packet& packet, const IpHeader& ip) const {
    if (_settings.id) {
        line += format("id %u ", net16(ip.id));
    }
    if (_settings.ttl) {
        line += format("ttl %u ", ip.ttl);
    }
    if (_settings.tos) {
        line += format("tos %u ", ip.tos);
    }
    if (_settings.length) {
        line += format("length %u ", ip.length());
    }
    if (ip.first_fragment() && ip.protocol == kIpProtoTcp) {
        append_tcp(line, packet, ip);
    } else if (ip.first_fragment() && ip.protocol == kIpProtoUdp) {
        append_udp(line, packet, ip);
    } else if (ip.first_fragment() && ip.protocol == kIpProtoIcmp) {
        append_icmp(line, packet, ip);
    } else {
        // Only these have names here; lines that other programs read say of the rest what number it has.
        constexpr NumberName kNamed[] = {{"icmp", 1}, {"igmp", 2}, {"ipip", 4}, {"tcp", 6}, {"udp", 17}};
        std::string_view named = name_of(kNamed, ip.protocol);
        line += addresses(ip) + ": ";
        line += !named.empty() ? std::string(named) : format("ip-proto-%u", ip.protocol);
    }
    if (ip.is_fragment()) {
        line += format(" (frag %u:%u@%u%s)", net16(ip.id), ip.length() - ip.header_length(), ip.fragment_offset(),
                       ip.more_fragments() ? "+" : "");
    }
}

void IPPrint::append_bytes(std::string& line, const Packet& packet) const {
    Contents contents = _settings.payload != Contents::None ? _settings.payload : _settings.contents;
    const uint8_t* from = packet.data();
    if (_settings.payload != Contents::None) {
        from = packet.transport_header();
        const IpHeader* ip = ip_header(packet);
        if (ip && ip->first_fragment()) {
            const auto* tcp = ip->protocol == kIpProtoTcp ? transport_header<TcpHeader>(packet) : nullptr;
            from += tcp                            ? tcp->header_length()
                    : ip->protocol == kIpProtoUdp  ? sizeof(UdpHeader)
                    : ip->protocol == kIpProtoIcmp ? sizeof(IcmpHeader)
                                                   : 0;
        }
    }
    size_t length = from < packet.end_data() ? static_cast<size_t>(packet.end_data() - from) : 0;
    if (_settings.max_length >= 0) {
        length = std::min(length, static_cast<size_t>(_settings.max_length));
    }
    if (contents != Contents::None) {
        append_contents(line, contents, from, length, contents == Contents::Hex ? 24 : 48);
    }
}

void IPPrint::print(const Packet& packet) const {
    std::string line;
    if (!_settings.label.empty()) {
        line += _settings.label + ": ";
    }
    if (_settings.timestamp) {
        line += clock::unparse(packet.timestamp()) + ": ";
    }
    if (_settings.aggregate) {
        line += format("#%u", packet.anno_u32(anno::kAggregate));
    }
    if (_settings.paint) {
        line += format(_settings.aggregate ? ".%u" : "paint %u", packet.anno_u8(anno::kPaint));
    }
    if (_settings.aggregate || _settings.paint) {
        line += ": ";
    }
    if (_settings.ether && packet.has_mac_header() && packet.mac_header() + sizeof(EtherHeader) <= packet.end_data()) {
        const auto* ether = reinterpret_cast<const EtherHeader*>(packet.mac_header());
        line += EtherAddress::read(ether->source).unparse() + " > " + EtherAddress::read(ether->destination).unparse() +
                ": ";
    }
    if (const IpHeader* ip = ip_header(packet)) {
        append_ip(line, packet, *ip);
    } else {
        line += "truncated-ip";
    }
    append_bytes(line, packet);
    line += '\n';
    if (_settings.outfile.empty()) {
        platform::log(line);
    } else {
        std::string cause;
        platform::write_file(_settings.outfile, line, true, cause);
    }
}

void IPPrint::add_handlers() { add_setting_handler("active", _settings.active); }

}  // namespace

CLICK_ELEMENT(IPPrint)

}  // namespace click
