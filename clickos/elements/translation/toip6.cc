// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "elements/ip6/ip6annotation.hh"
#include "elements/translation/translation.hh"

namespace click {

namespace {

using detail::IcmpMessage;

constexpr uint8_t kEcho = 8;
constexpr uint8_t kEchoReply = 0;

/// An IPv4 packet that is to be translated, or the front of one that an error quotes.
struct Source4 {
    const IpHeader* ip = nullptr;
    const uint8_t* segment = nullptr;
    size_t available = 0;  ///< of the segment
    uint16_t length = 0;   ///< of the segment, as the header says
    Flow4 flow;

    bool is_icmp_error() const { return flow.protocol == kIpProtoIcmp && !flow.has_ports; }
    size_t headers() const { return sizeof(Ip6Header) + (ip->is_fragment() ? sizeof(Ip6FragmentHeader) : 0); }
};

/// Whether options have a source route that is not at its end (RFC 791 3.1), which has no equal in IPv6.
bool is_source_routed(const IpHeader& ip) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&ip);
    constexpr uint8_t kEnd = 0, kNothing = 1, kLoose = 131, kStrict = 137;
    for (unsigned at = sizeof(IpHeader); at < ip.header_length() && bytes[at] != kEnd;) {
        if (bytes[at] == kNothing) {
            ++at;
            continue;
        }
        unsigned length = at + 2 < ip.header_length() ? bytes[at + 1] : 0;
        if (length < 2) {
            return false;
        }
        if ((bytes[at] == kLoose || bytes[at] == kStrict) && bytes[at + 2] <= length) {
            return true;
        }
        at += length;
    }
    return false;
}

bool read_source(const uint8_t* bytes, size_t available, Source4& source) {
    if (available < sizeof(IpHeader)) {
        return false;
    }
    source.ip = reinterpret_cast<const IpHeader*>(bytes);
    const IpHeader& ip = *source.ip;
    size_t header = ip.header_length();
    if (ip.version() != 4 || header < sizeof(IpHeader) || header > available || ip.length() < header ||
        is_source_routed(ip) || ip.protocol == kIp6Icmp) {
        return false;
    }
    source.segment = bytes + header;
    source.length = static_cast<uint16_t>(ip.length() - header);
    source.available = std::min<size_t>(available - header, source.length);
    Flow4& flow = source.flow;
    flow.source = IPAddress(ip.source);
    flow.destination = IPAddress(ip.destination);
    flow.protocol = ip.protocol;
    if (flow.protocol == kIpProtoIcmp && ip.is_fragment()) {
        return false;
    }
    if (ip.first_fragment()) {
        detail::read_ports(source.segment, source.available, kEcho, kEchoReply, flow);
    }
    return true;
}

bool map_flow(const Source4& source, bool quoted, TranslationMap& map, Flow6& to) {
    to.protocol = source.flow.protocol;
    to.has_ports = source.flow.has_ports;
    to.source_port = source.flow.source_port;
    to.destination_port = source.flow.destination_port;
    return map.map(source.flow, quoted, to);
}

/// Writes an IPv6 header, with a fragment header where the packet is a fragment; `length` bytes follow.
void write_header(const Source4& source, const Flow6& to, size_t length, uint8_t* at) {
    const IpHeader& from = *source.ip;
    uint8_t protocol = to.protocol == kIpProtoIcmp ? kIp6Icmp : to.protocol;
    auto& ip = *reinterpret_cast<Ip6Header*>(at);
    ip = {};
    ip.version_class = static_cast<uint8_t>(0x60 | from.tos >> 4);
    ip.class_flow = static_cast<uint8_t>(from.tos << 4);
    ip.payload_length = net16(static_cast<uint16_t>(source.headers() - sizeof ip + length));
    ip.next_header = from.is_fragment() ? kIp6Fragment : protocol;
    ip.hop_limit = from.ttl;
    to.source.write(ip.source);
    to.destination.write(ip.destination);
    if (from.is_fragment()) {
        auto place = static_cast<uint16_t>(from.fragment_offset() |
                                           (from.more_fragments() ? Ip6FragmentHeader::kMoreFragments : 0));
        *reinterpret_cast<Ip6FragmentHeader*>(at + sizeof ip) = {protocol, 0, net16(place), net32(net16(from.id))};
    }
}

/// Makes the segment, of which `available` bytes are there, one of IPv6.
void change_segment(const Source4& source, const Flow6& to, uint8_t* segment, size_t available) {
    if (!source.ip->first_fragment()) {
        return;
    }
    IP6Address addresses[2] = {to.source, to.destination};
    uint32_t change;
    if (to.protocol == kIpProtoIcmp) {
        uint64_t pseudo = checksum_add(addresses, sizeof addresses, net16(source.length));
        change = checksum_fold(pseudo + net16(kIp6Icmp));
    } else {
        change = detail::address_change(&source.ip->source, 2 * sizeof source.ip->source, addresses, sizeof addresses);
    }
    uint8_t type = available != 0 && segment[0] == kEcho ? kIcmp6Echo : kIcmp6EchoReply;
    detail::rewrite_transport(segment, available, to.protocol, to.source_port, to.destination_port, type, change);
}

/// Which byte of an IPv6 header says what the one at that place of an IPv4 header does (RFC 7915 4.2, figure 3).
std::optional<uint32_t> pointer_of(uint8_t pointer) {
    constexpr uint8_t kNone = 0xff;
    constexpr uint8_t kPlaces[] = {0,     1,     4, 4, kNone, kNone, kNone, kNone, 7,  6,
                                   kNone, kNone, 8, 8, 8,     8,     24,    24,    24, 24};
    return pointer < sizeof kPlaces && kPlaces[pointer] != kNone ? std::optional<uint32_t>(kPlaces[pointer])
                                                                 : std::nullopt;
}

/// The MTU that IPv6 is told (RFC 7915 4.2). A router that says none gets one of the plateaus of RFC 1191 7.1.
uint32_t path_mtu(uint16_t mtu, const IpHeader* quoted) {
    constexpr uint32_t kLonger = sizeof(Ip6Header) - sizeof(IpHeader);
    constexpr uint32_t kLeast = 1280;
    uint32_t told = mtu;
    if (told == 0 && quoted) {
        constexpr uint32_t kPlateaus[] = {65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};
        told = *std::find_if(std::begin(kPlateaus), std::end(kPlateaus) - 1,
                             [&](uint32_t plateau) { return plateau < quoted->length(); });
    }
    return std::max(told + kLonger, kLeast);
}

std::optional<IcmpMessage> unreachable_of(uint8_t code, uint32_t rest, const IpHeader* quoted) {
    constexpr uint8_t kNoRoute = 0, kProhibited = 1, kPort = 4;
    constexpr uint32_t kNextHeader = 6;
    switch (code) {
        case 2:
            return IcmpMessage{kIcmp6ParameterProblem, 1, kNextHeader};
        case 3:
            return IcmpMessage{kIcmp6Unreachable, kPort, 0};
        case 4:
            return IcmpMessage{kIcmp6PacketTooBig, 0, path_mtu(static_cast<uint16_t>(rest), quoted)};
        case 9:
        case 10:
        case 13:
        case 15:
            return IcmpMessage{kIcmp6Unreachable, kProhibited, 0};
        default:
            return code <= 12 ? std::optional(IcmpMessage{kIcmp6Unreachable, kNoRoute, 0}) : std::nullopt;
    }
}

std::optional<IcmpMessage> error_of(const IcmpHeader& icmp, const IpHeader* quoted) {
    constexpr uint8_t kUnreachable = 3, kTimeExceeded = 11, kParameterProblem = 12;
    uint32_t rest;
    std::memcpy(&rest, icmp.rest, sizeof rest);
    rest = net32(rest);
    if (icmp.type == kUnreachable) {
        return unreachable_of(icmp.code, rest, quoted);
    }
    if (icmp.type == kTimeExceeded) {
        return IcmpMessage{kIcmp6TimeExceeded, icmp.code, 0};
    }
    auto pointer = pointer_of(icmp.rest[0]);
    if (icmp.type == kParameterProblem && (icmp.code == 0 || icmp.code == 2) && pointer) {
        return IcmpMessage{kIcmp6ParameterProblem, 0, *pointer};
    }
    return std::nullopt;
}

PacketPtr translate_error(const Packet& packet, const Source4& source, TranslationMap& map) {
    constexpr size_t kMostError = 1280;
    constexpr size_t kOuter = sizeof(Ip6Header) + sizeof(IcmpHeader);
    if (source.available < sizeof(IcmpHeader)) {
        return {};
    }
    const auto& icmp = *reinterpret_cast<const IcmpHeader*>(source.segment);
    size_t quoted_length = source.available - sizeof(IcmpHeader);
    // Extensions behind the quoted packet (RFC 4884) stay behind.
    if (icmp.rest[1] != 0) {
        quoted_length = std::min<size_t>(quoted_length, icmp.rest[1] * 4U);
    }
    Source4 quoted;
    Flow6 quoted_to;
    Flow6 to;
    if (!read_source(source.segment + sizeof(IcmpHeader), quoted_length, quoted) || quoted.is_icmp_error()) {
        return {};
    }
    auto message = error_of(icmp, quoted.ip);
    if (!message || !map_flow(quoted, true, map, quoted_to) || !map_flow(source, false, map, to)) {
        return {};
    }
    size_t inner = quoted.headers();
    size_t data = std::min(quoted.available, kMostError - kOuter - inner);
    PacketPtr error = Packet::make(nullptr, static_cast<uint32_t>(kOuter + inner + data));
    if (!error) {
        return {};
    }
    error->copy_annotations(packet);
    error->set_timestamp(packet.timestamp());
    uint8_t* at = error->mutable_data();
    write_header(source, to, sizeof(IcmpHeader) + inner + data, at);
    const auto& ip = *reinterpret_cast<const Ip6Header*>(at);
    auto& header = *reinterpret_cast<IcmpHeader*>(at + sizeof ip);
    header = {message->type, message->code, 0, {}};
    uint32_t rest = net32(message->rest);
    std::memcpy(header.rest, &rest, sizeof rest);
    at += kOuter;
    write_header(quoted, quoted_to, quoted.length, at);
    at += inner;
    std::memcpy(at, quoted.segment, data);
    change_segment(quoted, quoted_to, at, data);
    header.checksum =
        ip6_transport_checksum(&header, sizeof header + inner + data, ip.source, ip.destination, kIp6Icmp);
    error->set_network_header(error->data(), sizeof(Ip6Header));
    anno::set_dst_ip6(*error, to.destination);
    return error;
}

/// A UDP datagram may have no checksum in IPv4, and must have one in IPv6 (RFC 7915 4.5). False for a fragment.
bool give_checksum(const Source4& source, uint8_t* segment) {
    if (source.ip->protocol != kIpProtoUdp || source.length < sizeof(UdpHeader)) {
        return true;
    }
    auto& udp = *reinterpret_cast<UdpHeader*>(segment);
    if (!source.ip->first_fragment() || udp.checksum != 0) {
        return true;
    }
    if (source.ip->is_fragment()) {
        return false;
    }
    uint16_t sum = transport_checksum(segment, source.length, source.ip->source, source.ip->destination, kIpProtoUdp);
    udp.checksum = sum != 0 ? sum : 0xffff;
    return true;
}

}  // namespace

PacketPtr translate_to_ip6(PacketPtr packet, TranslationMap& map) {
    Source4 source;
    if (!ip_header(*packet) || packet->network_header() < packet->data() ||
        !read_source(packet->network_header(), packet->network_length(), source) || source.available != source.length ||
        source.length > 0xffff - sizeof(Ip6FragmentHeader)) {
        return {};
    }
    if (source.is_icmp_error()) {
        return translate_error(*packet, source, map);
    }
    Flow6 to;
    if (!map_flow(source, false, map, to)) {
        return {};
    }
    packet = uniqueify(std::move(packet));
    if (!packet) {
        return {};
    }
    source.ip = ip_header(*packet);
    unsigned header_length = source.ip->header_length();
    uint8_t* segment = packet->mutable_network_header() + header_length;
    if (!give_checksum(source, segment)) {
        return {};
    }
    change_segment(source, to, segment, source.length);
    uint8_t headers[sizeof(Ip6Header) + sizeof(Ip6FragmentHeader)];
    auto length = static_cast<uint32_t>(source.headers());
    write_header(source, to, source.length, headers);
    uint32_t start = packet->network_header_offset() + header_length;
    packet->take(packet->length() - start - source.length);
    packet->pull(start);
    packet = prepend(std::move(packet), length);
    if (packet) {
        std::memcpy(packet->mutable_data(), headers, length);
        packet->set_network_header(packet->data(), sizeof(Ip6Header));
        packet->clear_mac_header();
        anno::set_dst_ip6(*packet, to.destination);
    }
    return packet;
}

}  // namespace click
