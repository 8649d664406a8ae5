// SPDX-License-Identifier: Apache-2.0
#include "elements/analysis/summaryfields.hh"

#include <click/annotations.hh>
#include <click/clock.hh>

#include <algorithm>

#include "elements/analysis/optiontext.hh"
#include "elements/analysis/summaryheaders.hh"
#include "elements/analysis/tcpoptions.hh"
#include "lib/format.hh"
#include "lib/md5.hh"
#include "net/ether.hh"
#include "net/etheraddress.hh"

namespace click {

namespace {

/// A field of the IP header, given by a function that appends it.
template <auto Append>
bool of_ip(const Packet& packet, std::string& line) {
    const IpHeader* ip = whole_ip_header(packet);
    if (!ip || ip->version() != 4) {
        return false;
    }
    if constexpr (requires { Append(*ip, line); }) {
        Append(*ip, line);
    } else {
        put_number(line, Append(*ip));
    }
    return true;
}

struct [[gnu::packed, gnu::may_alias]] Ports {
    uint16_t source;
    uint16_t destination;
};

template <auto Append>
constexpr auto of_ports = of_transport<Ports, kIpProtoTcp, Append, kIpProtoUdp>;
template <auto Append>
constexpr auto of_tcp = of_transport<TcpHeader, kIpProtoTcp, Append>;

void append_fragment(const IpHeader& ip, std::string& line) {
    bool whole = (net16(ip.fragment) & IpHeader::kDontFragment) != 0;
    line += ip.is_fragment() ? (ip.first_fragment() ? 'F' : 'f') : whole ? '!' : '.';
}

void append_fragment_offset(const IpHeader& ip, std::string& line) {
    put_number(line, ip.fragment_offset());
    line += ip.more_fragments() ? "+" : "";
    line += (net16(ip.fragment) & IpHeader::kDontFragment) != 0 ? "!" : "";
}

void append_protocol(const IpHeader& ip, std::string& line) {
    switch (ip.protocol) {
        case kIpProtoTcp:
            line += 'T';
            break;
        case kIpProtoUdp:
            line += 'U';
            break;
        case kIpProtoIcmp:
            line += 'I';
            break;
        default:
            put_number(line, ip.protocol);
    }
}

void append_ecn(const IpHeader& ip, std::string& line) {
    constexpr const char* kNames[] = {"no", "ect1", "ect2", "ce"};
    line += kNames[ip.tos & 3];
}

/// The eight flags of RFC 9293, and the nonce sum that stands before them (RFC 3540).
bool append_tcp_flags(const TcpHeader& tcp, std::string& line) {
    constexpr std::string_view kLetters = "FSRPAUECN";
    unsigned flags = tcp.flags | (tcp.offset & 1U) << 8;
    for (unsigned bit = 0; bit < kLetters.size(); ++bit) {
        if ((flags >> bit & 1) != 0) {
            line += kLetters[bit];
        }
    }
    line += flags == 0 ? "." : "";
    return true;
}

bool append_options_of_ip(const Packet& packet, std::string& line) {
    const IpHeader* ip = whole_ip_header(packet);
    if (!ip || ip->version() != 4) {
        return false;
    }
    append_ip_options({packet.network_header() + sizeof(IpHeader), ip->header_length() - sizeof(IpHeader)}, line);
    return true;
}

template <TcpOptions kWhich>
bool append_options(const Packet& packet, std::string& line) {
    const auto* tcp = summary_transport<TcpHeader>(packet, kIpProtoTcp, kIpProtoTcp);
    if (!tcp || tcp->header_length() < sizeof(TcpHeader)) {
        return false;
    }
    const auto* bytes = reinterpret_cast<const uint8_t*>(tcp);
    auto there = static_cast<size_t>(packet.end_data() - bytes);
    if (tcp->header_length() > there) {
        return false;
    }
    append_tcp_options({bytes + sizeof(TcpHeader), tcp->header_length() - sizeof(TcpHeader)}, kWhich, line);
    return true;
}

/// How long the IP header and a TCP or UDP header behind it are, or 0 when it is no IPv4 packet.
size_t headers_length(const Packet& packet) {
    const IpHeader* ip = whole_ip_header(packet);
    if (!ip || ip->version() != 4) {
        return 0;
    }
    size_t headers = ip->header_length();
    if (const auto* tcp = summary_transport<TcpHeader>(packet, kIpProtoTcp, kIpProtoTcp)) {
        headers += tcp->header_length();
    } else if (summary_transport<UdpHeader>(packet, kIpProtoUdp, kIpProtoUdp)) {
        headers += sizeof(UdpHeader);
    }
    return headers;
}

/// The bytes behind the headers that the packet holds and its IP header counts.
std::span<const uint8_t> payload(const Packet& packet) {
    const uint8_t* begin = packet.data();
    size_t length = packet.length();
    if (size_t headers = headers_length(packet)) {
        begin = packet.network_header() + headers;
        length = std::min<size_t>(packet.network_length(), ip_header(packet)->length());
        length = std::max(length, headers) - headers;
    }
    return {begin, length};
}

bool append_payload(const Packet& packet, std::string& line) {
    std::span<const uint8_t> bytes = payload(packet);
    append_quoted_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, line);
    return true;
}

bool append_payload_digest(const Packet& packet, std::string& line) {
    for (uint8_t byte : md5(payload(packet))) {
        line += format("%02x", byte);
    }
    return true;
}

/// Bytes behind the transport header, by the IP header's length, whether they were captured or not.
bool append_payload_length(const Packet& packet, std::string& line) {
    size_t headers = headers_length(packet);
    if (headers == 0) {
        return put_number(line, uint64_t{packet.length()} + packet.anno_u32(anno::kExtraLength));
    }
    return put_number(line, std::max<size_t>(ip_header(packet)->length(), headers) - headers);
}

bool append_direction(const Packet& packet, std::string& line) {
    uint8_t paint = packet.anno_u8(anno::kPaint);
    if (paint > 1) {
        return put_number(line, paint);
    }
    line += paint == 0 ? '>' : '<';
    return true;
}

int64_t timestamp(const Packet& packet) { return packet.timestamp(); }

int64_t first_timestamp(const Packet& packet) {
    constexpr size_t kFirstTimestamp = 32;  // 8 bytes of the annotation area
    int64_t time = 0;
    std::memcpy(&time, packet.anno() + kFirstTimestamp, sizeof time);
    return std::max<int64_t>(time, 0);
}

template <int64_t (*Time)(const Packet&)>
bool append_time(const Packet& packet, std::string& line) {
    line += clock::unparse(Time(packet));
    return true;
}

/// The same, always to the nanosecond.
template <int64_t (*Time)(const Packet&)>
bool append_nanoseconds(const Packet& packet, std::string& line) {
    int64_t time = Time(packet);
    line += format("%lld.%09lld", static_cast<long long>(time / clock::kSecond),
                   static_cast<long long>(time % clock::kSecond));
    return true;
}

template <size_t kOffset>
bool append_ether(const Packet& packet, std::string& line) {
    const uint8_t* mac = packet.has_mac_header() ? packet.mac_header() : nullptr;
    if (!mac || mac + sizeof(EtherHeader) > packet.end_data()) {
        return false;
    }
    line += EtherAddress::read(mac + kOffset).unparse();
    return true;
}

constexpr int64_t kMicrosecond = 1000;

constexpr SummaryField kFields[] = {
    {"timestamp", append_time<timestamp>},
    {"ntimestamp", append_nanoseconds<timestamp>},
    {"first_timestamp", append_time<first_timestamp>},
    {"first_ntimestamp", append_nanoseconds<first_timestamp>},
    {"ts_sec",
     [](const Packet& p, std::string& line) {
         return put_number(line, static_cast<uint64_t>(p.timestamp() / clock::kSecond));
     }},
    {"ts_usec",
     [](const Packet& p, std::string& line) {
         return put_number(line, static_cast<uint64_t>(p.timestamp() % clock::kSecond / kMicrosecond));
     }},
    {"ts_usec1",
     [](const Packet& p, std::string& line) {
         return put_number(line, static_cast<uint64_t>(p.timestamp() / kMicrosecond));
     }},
    {"ip_src", of_ip<[](const IpHeader& ip, std::string& line) { line += IPAddress(ip.source).unparse(); }>},
    {"ip_dst", of_ip<[](const IpHeader& ip, std::string& line) { line += IPAddress(ip.destination).unparse(); }>},
    {"ip_frag", of_ip<append_fragment>},
    {"ip_fragoff", of_ip<append_fragment_offset>},
    {"ip_len", of_ip<[](const IpHeader& ip) { return ip.length(); }>},
    {"ip_proto", of_ip<append_protocol>},
    {"ip_hl", of_ip<[](const IpHeader& ip) { return ip.header_length(); }>},
    {"ip_id", of_ip<[](const IpHeader& ip) { return net16(ip.id); }>},
    {"ip_tos", of_ip<[](const IpHeader& ip) { return ip.tos; }>},
    {"ip_dscp", of_ip<[](const IpHeader& ip) { return ip.tos / 4; }>},
    {"ip_ecn", of_ip<append_ecn>},
    {"ip_ttl", of_ip<[](const IpHeader& ip) { return ip.ttl; }>},
    {"ip_sum", of_ip<[](const IpHeader& ip) { return net16(ip.checksum); }>},
    {"sport", of_ports<[](const Ports& ports) { return net16(ports.source); }>},
    {"dport", of_ports<[](const Ports& ports) { return net16(ports.destination); }>},
    {"tcp_seq", of_tcp<[](const TcpHeader& tcp) { return net32(tcp.sequence); }>},
    {"tcp_ack", of_tcp<[](const TcpHeader& tcp) { return net32(tcp.acknowledgement); }>},
    {"tcp_off", of_tcp<[](const TcpHeader& tcp) { return tcp.header_length(); }>},
    {"tcp_flags", of_tcp<append_tcp_flags>},
    {"tcp_window", of_tcp<[](const TcpHeader& tcp) { return net16(tcp.window); }>},
    {"tcp_sum", of_tcp<[](const TcpHeader& tcp) { return net16(tcp.checksum); }>},
    {"tcp_urp", of_tcp<[](const TcpHeader& tcp) { return net16(tcp.urgent); }>},
    {"tcp_opt", append_options<TcpOptions::All>},
    {"tcp_ntopt", append_options<TcpOptions::NotTimes>},
    {"tcp_sack", append_options<TcpOptions::Sack>},
    {"udp_len", of_transport<UdpHeader, kIpProtoUdp, [](const UdpHeader& udp) { return net16(udp.length); }>},
    {"udp_sum", of_transport<UdpHeader, kIpProtoUdp, [](const UdpHeader& udp) { return net16(udp.checksum); }>},
    {"ip_opt", append_options_of_ip},
    {"eth_src", append_ether<offsetof(EtherHeader, source)>},
    {"eth_dst", append_ether<offsetof(EtherHeader, destination)>},
    {"payload_len", append_payload_length},
    {"payload", append_payload},
    {"payload_md5_hex", append_payload_digest},
    {"ip_capture_len",
     [](const Packet& p, std::string& line) {
         const IpHeader* ip = whole_ip_header(p);
         return ip && ip->version() == 4 && put_number(line, std::min<uint64_t>(p.network_length(), ip->length()));
     }},
    {"wire_len",
     [](const Packet& p, std::string& line) {
         return put_number(line, uint64_t{p.length()} + p.anno_u32(anno::kExtraLength));
     }},
    {"count", [](const Packet& p,
                 std::string& line) { return put_number(line, uint64_t{p.anno_u32(anno::kExtraPackets)} + 1); }},
    {"aggregate", [](const Packet& p, std::string& line) { return put_number(line, p.anno_u32(anno::kAggregate)); }},
    {"link", [](const Packet& p, std::string& line) { return put_number(line, p.anno_u8(anno::kPaint)); }},
    {"direction", append_direction},
};

/// Names of former times.
struct OtherName {
    std::string_view name;
    std::string_view means;
};
constexpr OtherName kOtherNames[] = {
    {"ts", "timestamp"},
    {"sec", "ts_sec"},
    {"usec", "ts_usec"},
    {"src", "ip_src"},
    {"dst", "ip_dst"},
    {"frag", "ip_frag"},
    {"fragoff", "ip_fragoff"},
    {"len", "ip_len"},
    {"length", "ip_len"},
    {"proto", "ip_proto"},
    {"payload_length", "payload_len"},
    {"tcp_win", "tcp_window"},
    {"agg", "aggregate"},
    {"pkt_count", "count"},
};

}  // namespace

void append_quoted_bytes(std::string_view bytes, std::string& line) {
    constexpr std::string_view kLetters = "\t\n\r";
    line += '"';
    for (char byte : bytes) {
        if (byte == '"' || byte == '\\' || byte == '$') {
            line += '\\';
            line += byte;
        } else if (size_t letter = kLetters.find(byte); letter != std::string_view::npos) {
            line += '\\';
            line += "tnr"[letter];
        } else if (byte >= ' ' && byte <= '~') {
            line += byte;
        } else {
            line += format("\\%03o", static_cast<uint8_t>(byte));
        }
    }
    line += '"';
}

const SummaryField* find_summary_field(std::string_view name) {
    std::string wanted(name);
    std::replace(wanted.begin(), wanted.end(), ' ', '_');
    const auto* other = std::ranges::find(kOtherNames, wanted, &OtherName::name);
    std::string_view key = other != std::end(kOtherNames) ? other->means : std::string_view(wanted);
    for (std::span<const SummaryField> fields : {std::span<const SummaryField>(kFields), icmp_summary_fields()}) {
        auto field = std::ranges::find(fields, key, &SummaryField::name);
        if (field != fields.end()) {
            return &*field;
        }
    }
    return nullptr;
}

}  // namespace click
