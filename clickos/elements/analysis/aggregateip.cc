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
=a AggregateIPFlows, AggregateFirst
*/
#include <click/annotations.hh>

#include <algorithm>
#include <bit>

#include "elements/standard/packetfilter.hh"
#include "lang/confparse.hh"
#include "net/transport.hh"

namespace click {

namespace {

constexpr unsigned kMostBits = 32;
constexpr int kAnyProtocol = -1;

enum class Base : uint8_t { Ip, Transport, Data };

/// Adjacent bits of a packet, counted from where `base` begins.
struct Field {
    Base base = Base::Ip;
    int protocol = kAnyProtocol;
    uint32_t offset = 0;
    uint32_t bits = 0;
    uint32_t cut = 0;  ///< bits of an IP address behind it
};

struct NamedField {
    std::string_view base;
    std::string_view name;
    uint16_t offset;
    uint16_t bits;
};
constexpr NamedField kNames[] = {
    {"ip", "vers", 0, 4},        {"ip", "hl", 4, 4},       {"ip", "tos", 8, 8},      {"ip", "dscp", 8, 6},
    {"ip", "ecn", 14, 2},        {"ip", "len", 16, 16},    {"ip", "id", 32, 16},     {"ip", "off", 48, 16},
    {"ip", "rf", 48, 1},         {"ip", "df", 49, 1},      {"ip", "mf", 50, 1},      {"ip", "fragoff", 51, 13},
    {"ip", "ttl", 64, 8},        {"ip", "proto", 72, 8},   {"ip", "sum", 80, 16},    {"ip", "src", 96, 32},
    {"ip", "dst", 128, 32},      {"tcp", "sport", 0, 16},  {"tcp", "dport", 16, 16}, {"tcp", "seq", 32, 32},
    {"tcp", "ack", 64, 32},      {"tcp", "hl", 96, 4},     {"tcp", "flags", 106, 6}, {"tcp", "urg", 106, 1},
    {"tcp", "ackf", 107, 1},     {"tcp", "psh", 108, 1},   {"tcp", "rst", 109, 1},   {"tcp", "syn", 110, 1},
    {"tcp", "fin", 111, 1},      {"tcp", "win", 112, 16},  {"tcp", "sum", 128, 16},  {"tcp", "urp", 144, 16},
    {"udp", "sport", 0, 16},     {"udp", "dport", 16, 16}, {"udp", "len", 32, 16},   {"udp", "sum", 48, 16},
    {"icmp", "type", 0, 8},      {"icmp", "code", 8, 8},   {"icmp", "sum", 16, 16},  {"transp", "sport", 0, 16},
    {"transp", "dport", 16, 16},
};

bool parse_base(std::string_view word, Field& field) {
    constexpr struct {
        std::string_view name;
        Base base;
        int protocol;
    } kBases[] = {{"ip", Base::Ip, kAnyProtocol},        {"transp", Base::Transport, kAnyProtocol},
                  {"data", Base::Data, kAnyProtocol},    {"tcp", Base::Transport, kIpProtoTcp},
                  {"udp", Base::Transport, kIpProtoUdp}, {"icmp", Base::Transport, kIpProtoIcmp}};
    for (const auto& each : kBases) {
        if (each.name == word) {
            field.base = each.base;
            field.protocol = each.protocol;
            return true;
        }
    }
    return false;
}

/// Reads what stands in brackets: OFFSET, OFFSET:LENGTH or FIRST-LAST, in units of `unit` bits.
bool parse_place(std::string_view text, unsigned unit, Field& field) {
    constexpr uint64_t kMostOffset = 65535;
    size_t mark = text.find_first_of(":-");
    uint64_t first = 0;
    uint64_t second = 1;
    if (!parse_unsigned(trim(text.substr(0, mark)), first) || first > kMostOffset) {
        return false;
    }
    if (mark != std::string_view::npos) {
        bool range = text[mark] == '-';
        if (!parse_unsigned(trim(text.substr(mark + 1)), second) || second > kMostOffset || (range && second < first)) {
            return false;
        }
        second = range ? second - first + 1 : second;
    }
    field.offset = static_cast<uint32_t>(first) * unit;
    field.bits = static_cast<uint32_t>(second) * unit;
    return true;
}

/// Leaves of the field what `/N` or `& MASK` says.
bool parse_mask(std::string_view text, Field& field) {
    uint64_t number = 0;
    if (text.empty()) {
        return true;
    }
    if ((text[0] != '/' && text[0] != '&') || !parse_unsigned(trim(text.substr(1)), number) || number == 0) {
        return false;
    }
    uint32_t behind = 0;
    if (text[0] == '/') {
        if (number > field.bits) {
            return false;
        }
        behind = field.bits - static_cast<uint32_t>(number);
    } else {
        behind = static_cast<uint32_t>(std::countr_zero(number));
        auto width = static_cast<uint32_t>(std::bit_width(number));
        if (width > field.bits || !std::has_single_bit((number >> behind) + 1)) {
            return false;
        }
        field.offset += field.bits - width;
        field.bits = width;
    }
    field.bits -= behind;
    field.cut = behind;
    return true;
}

bool parse_arg(std::string_view text, Field& value, ArgContext& context) {
    std::string_view whole = trim(text);
    size_t end = std::min(whole.find_first_of(" [{"), whole.size());
    std::string_view base = whole.substr(0, end);
    std::string_view rest = trim(whole.substr(end));
    Field field;
    bool good = parse_base(base, field) && !rest.empty();
    if (good && (rest[0] == '[' || rest[0] == '{')) {
        size_t close = rest.find(rest[0] == '[' ? ']' : '}');
        good = close != std::string_view::npos && parse_place(rest.substr(1, close - 1), rest[0] == '[' ? 8 : 1, field);
        rest = good ? rest.substr(close + 1) : rest;
    } else if (good) {
        size_t length = std::min(rest.find_first_of(" /&"), rest.size());
        const auto* named = std::ranges::find_if(
            kNames, [&](const NamedField& each) { return each.base == base && each.name == rest.substr(0, length); });
        good = named != std::end(kNames);
        if (good) {
            field.offset = named->offset;
            field.bits = named->bits;
            rest = rest.substr(length);
        }
    }
    if (!good || !parse_mask(trim(rest), field)) {
        return context.error("bad field specification '%.*s'", static_cast<int>(whole.size()), whole.data());
    }
    if (field.bits == 0 || field.bits > kMostBits) {
        return context.error("field of %u bits; must have 1 to 32", field.bits);
    }
    value = field;
    return true;
}

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
        if (_unshift && _field.base == Base::Ip && _field.offset >= kAddresses && _field.cut < kMostBits) {
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
        if (_field.base == Base::Ip) {
            return 0;
        }
        if (!ip.first_fragment() || (_field.protocol >= 0 && _field.protocol != ip.protocol)) {
            return -1;
        }
        int64_t header = ip.header_length();
        if (_field.base == Base::Transport) {
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

    Field _field;
    bool _incremental = false;
    bool _unshift = false;
};

}  // namespace

CLICK_ELEMENT(AggregateIP)

}  // namespace click
