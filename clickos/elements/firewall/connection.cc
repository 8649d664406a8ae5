// SPDX-License-Identifier: Apache-2.0
#include "elements/firewall/connection.hh"

#include "elements/standard/stateelement.hh"
#include "lang/confparse.hh"
#include "lib/format.hh"
#include "lib/ip_names.hh"
#include "net/icmp6.hh"
#include "net/transport.hh"

namespace click {

namespace {

/// Echo requests have their identifier where a source port is, replies where a destination port is.
bool take_echo(const IcmpEchoHeader& echo, ConnectionKey& key) {
    const uint8_t request = key.version == 4 ? kIcmpEcho : kIcmp6Echo;
    const uint8_t reply = key.version == 4 ? kIcmpEchoReply : kIcmp6EchoReply;
    (echo.type == request ? key.source_port : key.destination_port) = echo.identifier;
    return echo.type == request || echo.type == reply;
}

IP6Address widened(uint32_t address) {
    IP6Address wide;
    std::memcpy(wide.data(), &address, sizeof address);
    return wide;
}

std::string unparse(const ConnectionKey& key, const IP6Address& address) {
    uint32_t narrow;
    std::memcpy(&narrow, address.data(), sizeof narrow);
    return key.version == 4 ? IPAddress(narrow).unparse() : address.unparse();
}

/// What a packet carries of which `length` bytes are there; not what is a part of one, or goes elsewhere first.
bool find_whole_payload(const Ip6Header& ip, uint32_t length, Ip6Payload& payload) {
    constexpr uint16_t kPart = Ip6FragmentHeader::kOffsetMask | Ip6FragmentHeader::kMoreFragments;
    return find_ip6_payload(ip, length, payload) && !payload.routed && (payload.fragment & kPart) == 0;
}

/// The window scale option (RFC 7323 2) of a SYN.
uint8_t window_scale(const TcpHeader& tcp, size_t length) {
    constexpr uint8_t kEnd = 0, kNothing = 1, kScale = 3, kScaleLength = 3;
    const auto* bytes = reinterpret_cast<const uint8_t*>(&tcp);
    size_t end = tcp.header_length() < length ? tcp.header_length() : length;
    for (size_t at = sizeof tcp; at + 1 < end && bytes[at] != kEnd;) {
        if (bytes[at] == kNothing) {
            ++at;
            continue;
        }
        if (bytes[at + 1] < 2) {
            break;
        }
        if (bytes[at] == kScale && bytes[at + 1] == kScaleLength && at + 2 < end) {
            return bytes[at + 2];
        }
        at += bytes[at + 1];
    }
    return TcpSegment::kNoScale;
}

/// Takes `ADDR PORT` off the line.
bool take_end(std::string_view& line, IP6Address& address, uint16_t& port, uint16_t& version) {
    std::string_view word = take_word(line);
    IPAddress narrow;
    uint64_t number;
    if (parse_ip_address(word, narrow)) {
        address = widened(narrow.network_order());
        version = 4;
    } else if (parse_ip6_address(word, address)) {
        version = 6;
    } else {
        return false;
    }
    if (!parse_unsigned(take_word(line), number) || number > UINT16_MAX) {
        return false;
    }
    port = net16(static_cast<uint16_t>(number));
    return true;
}

}  // namespace

/// What there is of ports, in a packet of which `length` bytes are there behind its IP headers.
bool ConnectionPacket::parse_ports(const uint8_t* bytes, uint32_t length) {
    if (flow.protocol == kIpProtoTcp || flow.protocol == kIpProtoUdp) {
        if (length < sizeof flow.source_port + sizeof flow.destination_port) {
            return false;
        }
        std::memcpy(&flow.source_port, bytes, sizeof flow.source_port);
        std::memcpy(&flow.destination_port, bytes + sizeof flow.source_port, sizeof flow.destination_port);
    } else if (flow.protocol == (flow.version == 4 ? kIpProtoIcmp : kIp6Icmp)) {
        return length >= sizeof(IcmpEchoHeader) && take_echo(*reinterpret_cast<const IcmpEchoHeader*>(bytes), flow);
    }
    return true;
}

bool ConnectionPacket::parse_flow(const IpHeader& ip, uint32_t length) {
    flow = {widened(ip.source), widened(ip.destination), 0, 0, ip.protocol, 4};
    if (!ip.first_fragment()) {
        return ip.protocol != kIpProtoTcp && ip.protocol != kIpProtoUdp && ip.protocol != kIpProtoIcmp;
    }
    return parse_ports(reinterpret_cast<const uint8_t*>(&ip) + ip.header_length(), length);
}

/// `length` bytes are there from the IPv6 header on.
bool ConnectionPacket::parse_flow(const Ip6Header& ip, uint32_t length) {
    Ip6Payload payload;
    if (!find_whole_payload(ip, length, payload)) {
        return false;
    }
    flow = {IP6Address::read(ip.source), IP6Address::read(ip.destination), 0, 0, payload.protocol, 6};
    return parse_ports(reinterpret_cast<const uint8_t*>(&ip) + payload.offset, payload.length);
}

bool ConnectionPacket::parse_error(const IpHeader& ip, const uint8_t* message, uint32_t length) {
    if (length < sizeof(IcmpHeader) + sizeof(IpHeader)) {
        return false;
    }
    const auto& inner = *reinterpret_cast<const IpHeader*>(message + sizeof(IcmpHeader));
    length -= uint32_t{sizeof(IcmpHeader)};
    if (inner.header_length() < sizeof(IpHeader) || inner.header_length() > length) {
        return false;
    }
    quoted = true;
    quotes_receiver = inner.source == ip.destination;
    return parse_flow(inner, length - inner.header_length());
}

bool ConnectionPacket::parse_error(const Ip6Header& ip, const uint8_t* message, uint32_t length) {
    if (length < sizeof(IcmpHeader) + sizeof(Ip6Header)) {
        return false;
    }
    const auto& inner = *reinterpret_cast<const Ip6Header*>(message + sizeof(IcmpHeader));
    quoted = true;
    quotes_receiver = IP6Address::read(inner.source) == IP6Address::read(ip.destination);
    return inner.version() == 6 && parse_flow(inner, length - uint32_t{sizeof(IcmpHeader)});
}

bool ConnectionPacket::parse(const Packet& packet) {
    const IpHeader* ip = ip_header(packet);
    if (!ip || ip->version() != 6) {
        return parse_ip(packet);
    }
    const Ip6Header* six = ip6_header(packet);
    return six && parse_ip6(packet, *six);
}

bool ConnectionPacket::parse_ip(const Packet& packet) {
    constexpr uint8_t kUnreachable = 3, kSourceQuench = 4, kTimeExceeded = 11, kParameterProblem = 12;
    const IpHeader* ip = whole_ip_header(packet);
    Segment segment = ip ? ip_segment(packet, *ip) : Segment();
    if (!segment.data) {
        return false;
    }
    auto length = static_cast<uint32_t>(segment.length);
    if (ip->protocol == kIpProtoIcmp && ip->first_fragment()) {
        const auto* icmp = segment.header<IcmpHeader>();
        uint8_t type = icmp ? icmp->type : uint8_t{0};
        if (type == kUnreachable || type == kSourceQuench || type == kTimeExceeded || type == kParameterProblem) {
            return parse_error(*ip, segment.data, length);
        }
        only_answers = icmp && type == kIcmpEchoReply;
    }
    return parse_flow(*ip, length) && parse_segment(segment.data, length);
}

bool ConnectionPacket::parse_ip6(const Packet& packet, const Ip6Header& ip) {
    Ip6Payload payload;
    if (sizeof(Ip6Header) + ip.length() > packet.network_length() ||
        !find_whole_payload(ip, packet.network_length(), payload)) {
        return false;
    }
    const uint8_t* bytes = packet.network_header() + payload.offset;
    if (payload.protocol == kIp6Icmp && payload.length >= sizeof(IcmpHeader)) {
        if (*bytes >= kIcmp6Unreachable && *bytes <= kIcmp6ParameterProblem) {
            return parse_error(ip, bytes, payload.length);
        }
        only_answers = *bytes == kIcmp6EchoReply;
    }
    return parse_flow(ip, packet.network_length()) && parse_segment(bytes, payload.length);
}

/// The TCP header, if there has to be one.
bool ConnectionPacket::parse_segment(const uint8_t* bytes, uint32_t length) {
    if (flow.protocol != kIpProtoTcp) {
        return true;
    }
    const auto* header = length >= sizeof(TcpHeader) ? reinterpret_cast<const TcpHeader*>(bytes) : nullptr;
    if (!header || header->header_length() < sizeof(TcpHeader) || header->header_length() > length) {
        return false;
    }
    tcp = TcpSegment{net32(header->sequence),
                     net32(header->acknowledgement),
                     length - header->header_length(),
                     net16(header->window),
                     header->flags,
                     header->flags & TcpHeader::kSyn ? window_scale(*header, length) : TcpSegment::kNoScale};
    return true;
}

std::string unparse(const ConnectionKey& key, const Connection& connection) {
    std::string_view name = name_of(ip_protocol_names(), key.protocol);
    std::string protocol = name.empty() ? std::to_string(key.protocol) : std::string(name);
    const char* state = connection.replied ? "REPLIED" : "UNREPLIED";
    return protocol +
           format(" (%s, %u, %s, %u) ", unparse(key, key.source).c_str(), net16(key.source_port),
                  unparse(key, key.destination).c_str(), net16(key.destination_port)) +
           (key.protocol == kIpProtoTcp ? show_state(connection.tcp.state()) : state);
}

bool Connection::settle(const ConnectionPacket& packet, uint32_t after) {
    constexpr uint8_t kEnds = TcpSegment::kSyn | TcpSegment::kFin | TcpSegment::kRst;
    const bool can = packet.tcp ? tcp.lasting() : packet.flow.protocol == kIpProtoUdp;
    if (!can || !replied) {
        return false;
    }
    if (!settled) {
        settled = ++passed >= after;
        return false;
    }
    return !packet.tcp || !(packet.tcp->flags & kEnds);
}

std::string unparse_state(const ConnectionKey& key, const Connection& connection, uint32_t age) {
    std::string text =
        format("%u %s %u %s %u %u %u %u", key.protocol, unparse(key, key.source).c_str(), net16(key.source_port),
               unparse(key, key.destination).c_str(), net16(key.destination_port), connection.begun_by,
               (connection.replied ? 1U : 0U) | (connection.settled ? 2U : 0U), age);
    if (key.protocol == kIpProtoTcp) {
        for (uint32_t number : connection.tcp.numbers()) {
            text += format(" %u", number);
        }
    }
    return text;
}

bool parse_state(std::string_view line, ConnectionKey& key, Connection& connection, uint32_t& age) {
    uint64_t protocol;
    uint64_t side;
    uint64_t marks;
    uint64_t milliseconds;
    uint16_t version;
    if (!StateElement::take_number(line, UINT8_MAX, protocol) ||
        !take_end(line, key.source, key.source_port, key.version) ||
        !take_end(line, key.destination, key.destination_port, version) || version != key.version ||
        !StateElement::take_number(line, 1, side) || !StateElement::take_number(line, 3, marks) ||
        !StateElement::take_number(line, UINT32_MAX, milliseconds)) {
        return false;
    }
    if (protocol == kIpProtoTcp) {
        std::array<uint32_t, TcpTracker::kNumbers> numbers;
        for (uint32_t& number : numbers) {
            uint64_t given;
            if (!StateElement::take_number(line, UINT32_MAX, given)) {
                return false;
            }
            number = static_cast<uint32_t>(given);
        }
        if (!connection.tcp.set_numbers(numbers)) {
            return false;
        }
    }
    key.protocol = static_cast<uint16_t>(protocol);
    connection.begun_by = static_cast<uint8_t>(side);
    connection.replied = (marks & 1) != 0;
    connection.settled = (marks & 2) != 0;
    age = static_cast<uint32_t>(milliseconds);
    return line.empty();
}

}  // namespace click
