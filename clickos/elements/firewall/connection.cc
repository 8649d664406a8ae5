// SPDX-License-Identifier: Apache-2.0
#include "elements/firewall/connection.hh"

#include "elements/rewriter/flowwords.hh"
#include "lib/format.hh"
#include "lib/ip_names.hh"
#include "net/transport.hh"

namespace click {

namespace {

/// Echo requests have their identifier where a source port is, replies where a destination port is.
bool take_echo(const IcmpEchoHeader& echo, FlowId& id) {
    (echo.type == kIcmpEcho ? id.source_port : id.destination_port) = echo.identifier;
    return echo.type == kIcmpEcho || echo.type == kIcmpEchoReply;
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

}  // namespace

/// The addresses, and what there is of ports, in a packet of which `length` bytes are there behind its IP header.
bool ConnectionPacket::parse_flow(const IpHeader& ip, uint32_t length) {
    flow = {{ip.source, ip.destination, 0, 0}, ip.protocol};
    const auto* bytes = reinterpret_cast<const uint8_t*>(&ip) + ip.header_length();
    if (!ip.first_fragment()) {
        return ip.protocol != kIpProtoTcp && ip.protocol != kIpProtoUdp && ip.protocol != kIpProtoIcmp;
    }
    if (ip.protocol == kIpProtoTcp || ip.protocol == kIpProtoUdp) {
        constexpr size_t kPorts = 4;
        if (length < kPorts) {
            return false;
        }
        std::memcpy(&flow.id.source_port, bytes, kPorts);
    } else if (ip.protocol == kIpProtoIcmp) {
        return length >= sizeof(IcmpEchoHeader) && take_echo(*reinterpret_cast<const IcmpEchoHeader*>(bytes), flow.id);
    }
    return true;
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

bool ConnectionPacket::parse(const Packet& packet) {
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
    if (!parse_flow(*ip, length)) {
        return false;
    }
    if (ip->protocol == kIpProtoTcp) {
        const auto* header = segment.header<TcpHeader>();
        if (!header || header->header_length() < sizeof(TcpHeader) || header->header_length() > length) {
            return false;
        }
        tcp = TcpSegment{net32(header->sequence),
                         net32(header->acknowledgement),
                         length - header->header_length(),
                         net16(header->window),
                         header->flags,
                         header->flags & TcpHeader::kSyn ? window_scale(*header, length) : TcpSegment::kNoScale};
    }
    return true;
}

std::string unparse(const FlowKey& key, const Connection& connection) {
    std::string_view name = name_of(ip_protocol_names(), static_cast<uint16_t>(key.protocol));
    std::string protocol = name.empty() ? std::to_string(key.protocol) : std::string(name);
    const char* state = connection.replied ? "REPLIED" : "UNREPLIED";
    return protocol + " " + unparse(key.id) + " " +
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

std::string unparse_state(const FlowKey& key, const Connection& connection, uint32_t age) {
    std::string text = format("%u %s %u %u %u", key.protocol, unparse_words(key.id).c_str(), connection.begun_by,
                              (connection.replied ? 1U : 0U) | (connection.settled ? 2U : 0U), age);
    if (key.protocol == kIpProtoTcp) {
        for (uint32_t number : connection.tcp.numbers()) {
            text += format(" %u", number);
        }
    }
    return text;
}

}  // namespace click
