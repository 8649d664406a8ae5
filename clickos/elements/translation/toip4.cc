// SPDX-License-Identifier: Apache-2.0
#include <click/annotations.hh>

#include <algorithm>
#include <atomic>
#include <optional>

#include "elements/translation/translation.hh"

namespace click {

namespace {

using detail::IcmpMessage;

/// An IPv6 packet that is to be translated, or the front of one that an error quotes.
struct Source6 {
    const Ip6Header* ip = nullptr;
    Ip6Payload payload;
    const uint8_t* segment = nullptr;
    uint16_t length = 0;  ///< of the segment, as the header says
    Flow6 flow;

    bool is_icmp_error() const { return flow.protocol == kIpProtoIcmp && !flow.has_ports; }
};

bool read_source(const uint8_t* bytes, size_t available, Source6& source) {
    if (available < sizeof(Ip6Header)) {
        return false;
    }
    source.ip = reinterpret_cast<const Ip6Header*>(bytes);
    Ip6Payload& payload = source.payload;
    if (source.ip->version() != 6 || !find_ip6_payload(*source.ip, static_cast<unsigned>(available), payload) ||
        payload.routed || payload.protocol == kIpProtoIcmp) {
        return false;
    }
    source.segment = bytes + payload.offset;
    source.length = static_cast<uint16_t>(sizeof(Ip6Header) + source.ip->length() - payload.offset);
    Flow6& flow = source.flow;
    flow.source = IP6Address::read(source.ip->source);
    flow.destination = IP6Address::read(source.ip->destination);
    flow.protocol = payload.protocol == kIp6Icmp ? kIpProtoIcmp : payload.protocol;
    bool parts = payload.later_fragment || (payload.fragment & Ip6FragmentHeader::kMoreFragments) != 0;
    if (flow.protocol == kIpProtoIcmp && parts) {
        return false;  // its checksum would need the length of the whole (RFC 7915 1.2)
    }
    if (!payload.later_fragment) {
        detail::read_ports(source.segment, payload.length, kIcmp6Echo, kIcmp6EchoReply, flow);
    }
    return true;
}

bool map_flow(const Source6& source, bool quoted, TranslationMap& map, Flow4& to) {
    to.protocol = source.flow.protocol;
    to.has_ports = source.flow.has_ports;
    to.source_port = source.flow.source_port;
    to.destination_port = source.flow.destination_port;
    return map.map(source.flow, quoted, to);
}

void write_header(const Source6& source, const Flow4& to, size_t length, IpHeader& ip) {
    constexpr size_t kAlwaysWhole = 1260;
    constinit static std::atomic<uint16_t> next_id{0};
    ip.version_length = 0x45;
    ip.tos = static_cast<uint8_t>(source.ip->version_class << 4 | source.ip->class_flow >> 4);
    ip.total_length = net16(static_cast<uint16_t>(sizeof(IpHeader) + length));
    if (source.payload.has_fragment_header) {
        uint16_t more = source.payload.fragment & Ip6FragmentHeader::kMoreFragments ? IpHeader::kMoreFragments : 0;
        ip.id = net16(static_cast<uint16_t>(source.payload.id));
        ip.fragment = net16(static_cast<uint16_t>(source.payload.fragment >> 3 | more));
    } else {
        bool whole = sizeof(IpHeader) + length > kAlwaysWhole;
        ip.id = whole ? 0 : net16(++next_id);
        ip.fragment = whole ? net16(IpHeader::kDontFragment) : 0;
    }
    ip.ttl = source.ip->hop_limit;
    ip.protocol = to.protocol;
    ip.checksum = 0;
    ip.source = to.source.network_order();
    ip.destination = to.destination.network_order();
    ip.checksum = ip_header_checksum(&ip, sizeof ip);
}

/// Makes the segment, of which `available` bytes are there, one of IPv4.
void change_segment(const Source6& source, const Flow4& to, uint8_t* segment, size_t available) {
    if (source.payload.later_fragment) {
        return;
    }
    const uint8_t* addresses = source.ip->source;
    constexpr size_t kAddresses = 2 * IP6Address::kSize;
    uint32_t change;
    if (to.protocol == kIpProtoIcmp) {
        uint32_t pseudo = checksum_add(addresses, kAddresses, net16(source.length));
        change = static_cast<uint16_t>(~checksum_fold(uint64_t{pseudo} + net16(kIp6Icmp)));
    } else {
        uint32_t fresh[2] = {to.source.network_order(), to.destination.network_order()};
        change = detail::address_change(addresses, kAddresses, fresh, sizeof fresh);
    }
    constexpr uint8_t kEcho = 8;
    constexpr uint8_t kEchoReply = 0;
    uint8_t type = available != 0 && segment[0] == kIcmp6Echo ? kEcho : kEchoReply;
    detail::rewrite_transport(segment, available, to.protocol, to.source_port, to.destination_port, type, change);
}

/// Which byte of an IPv4 header says what the one at that place of an IPv6 header does (RFC 7915 5.2, figure 6).
std::optional<uint8_t> pointer_of(uint32_t pointer) {
    constexpr uint8_t kFirst[] = {0, 1, 0xff, 0xff, 2, 2, 9, 8};
    if (pointer < sizeof kFirst) {
        return kFirst[pointer] != 0xff ? std::optional(kFirst[pointer]) : std::nullopt;
    }
    return pointer < 24 ? std::optional<uint8_t>(12) : pointer < 40 ? std::optional<uint8_t>(16) : std::nullopt;
}

std::optional<IcmpMessage> error_of(const IcmpHeader& icmp) {
    constexpr uint8_t kUnreachable = 3, kTimeExceeded = 11, kParameterProblem = 12;
    constexpr uint8_t kHost = 1, kProtocol = 2, kPort = 3, kNeedFragmentation = 4, kProhibited = 10;
    uint32_t rest;
    std::memcpy(&rest, icmp.rest, sizeof rest);
    rest = net32(rest);
    switch (icmp.type) {
        case kIcmp6Unreachable: {
            constexpr uint8_t kCodes[] = {kHost, kProhibited, kHost, kHost, kPort};
            return icmp.code < sizeof kCodes ? std::optional(IcmpMessage{kUnreachable, kCodes[icmp.code], 0})
                                             : std::nullopt;
        }
        case kIcmp6PacketTooBig: {
            constexpr uint32_t kShorter = sizeof(Ip6Header) - sizeof(IpHeader);
            uint32_t mtu = std::clamp<uint32_t>(rest, 68 + kShorter, 0xffff) - kShorter;
            return IcmpMessage{kUnreachable, kNeedFragmentation, mtu};
        }
        case kIcmp6TimeExceeded:
            return IcmpMessage{kTimeExceeded, icmp.code, 0};
        case kIcmp6ParameterProblem:
            if (icmp.code == 1) {
                return IcmpMessage{kUnreachable, kProtocol, 0};
            }
            if (auto pointer = pointer_of(rest); icmp.code == 0 && pointer) {
                return IcmpMessage{kParameterProblem, 0, uint32_t{*pointer} << 24};
            }
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

PacketPtr translate_error(const Packet& packet, const Source6& source, TranslationMap& map) {
    constexpr size_t kHeaders = 2 * sizeof(IpHeader) + sizeof(IcmpHeader);
    if (source.payload.length < sizeof(IcmpHeader)) {
        return {};
    }
    const auto& icmp = *reinterpret_cast<const IcmpHeader*>(source.segment);
    auto message = error_of(icmp);
    size_t quoted_length = source.payload.length - sizeof(IcmpHeader);
    // Extensions behind the quoted packet (RFC 4884) stay behind.
    if (icmp.rest[0] != 0 && icmp.type != kIcmp6PacketTooBig && icmp.type != kIcmp6ParameterProblem) {
        quoted_length = std::min<size_t>(quoted_length, icmp.rest[0] * 8U);
    }
    Source6 quoted;
    Flow4 quoted_to;
    Flow4 to;
    if (!message || !read_source(source.segment + sizeof(IcmpHeader), quoted_length, quoted) ||
        quoted.is_icmp_error() || !map_flow(quoted, true, map, quoted_to) || !map_flow(source, false, map, to)) {
        return {};
    }
    size_t data = quoted.payload.length;
    PacketPtr error = Packet::make(nullptr, static_cast<uint32_t>(kHeaders + data));
    if (!error) {
        return {};
    }
    error->copy_annotations(packet);
    error->set_timestamp(packet.timestamp());
    uint8_t* at = error->mutable_data();
    write_header(source, to, sizeof(IcmpHeader) + sizeof(IpHeader) + data, *reinterpret_cast<IpHeader*>(at));
    auto& header = *reinterpret_cast<IcmpHeader*>(at + sizeof(IpHeader));
    header = {message->type, message->code, 0, {}};
    uint32_t rest = net32(message->rest);
    std::memcpy(header.rest, &rest, sizeof rest);
    at += sizeof(IpHeader) + sizeof(IcmpHeader);
    write_header(quoted, quoted_to, quoted.length, *reinterpret_cast<IpHeader*>(at));
    at += sizeof(IpHeader);
    std::memcpy(at, quoted.segment, data);
    change_segment(quoted, quoted_to, at, data);
    header.checksum = internet_checksum(&header, sizeof header + sizeof(IpHeader) + data);
    error->set_network_header(error->data(), sizeof(IpHeader));
    anno::set_dst_ip(*error, to.destination);
    return error;
}

}  // namespace

PacketPtr translate_to_ip4(PacketPtr packet, TranslationMap& map) {
    Source6 source;
    if (!ip6_header(*packet) || packet->network_header() < packet->data() ||
        !read_source(packet->network_header(), packet->network_length(), source) ||
        source.payload.length != source.length || source.length > 0xffff - sizeof(IpHeader)) {
        return {};
    }
    if (source.is_icmp_error()) {
        return translate_error(*packet, source, map);
    }
    Flow4 to;
    if (!map_flow(source, false, map, to)) {
        return {};
    }
    packet = uniqueify(std::move(packet));
    if (!packet) {
        return {};
    }
    source.ip = ip6_header(*packet);
    change_segment(source, to, packet->mutable_network_header() + source.payload.offset, source.length);
    IpHeader header;
    write_header(source, to, source.length, header);
    uint32_t start = packet->network_header_offset() + source.payload.offset;
    packet->take(packet->length() - start - source.length);
    packet->pull(start);
    packet = prepend(std::move(packet), sizeof header);
    if (packet) {
        std::memcpy(packet->mutable_data(), &header, sizeof header);
        packet->set_network_header(packet->data(), sizeof header);
        packet->clear_mac_header();
        anno::set_dst_ip(*packet, to.destination);
    }
    return packet;
}

}  // namespace click
