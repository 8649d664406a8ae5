// SPDX-License-Identifier: Apache-2.0
#include "elements/analysis/summarypacket.hh"

#include <click/annotations.hh>

#include <algorithm>

#include "lib/checksum.hh"
#include "lib/random.hh"
#include "net/transport.hh"

namespace click {

namespace {

constexpr size_t kFirstTimestamp = 32;  ///< 8 bytes of the annotation area

uint32_t transport_length(const SummaryPacket& summary, uint8_t protocol) {
    if ((net16(summary.ip.fragment) & IpHeader::kOffsetMask) != 0) {
        return 0;
    }
    if (protocol != kIpProtoTcp) {
        return least_transport_header(protocol);
    }
    constexpr uint32_t kLongest = 60;
    auto options = static_cast<uint32_t>(summary.tcp_options.size());
    return std::clamp(summary.tcp_header_length & ~3U, uint32_t{sizeof(TcpHeader)} + options, kLongest);
}

/// Writes the transport header; `segment` is as long as the IP header says that it is.
void put_transport(const SummaryPacket& summary, uint8_t protocol, uint8_t* data, uint32_t header, uint32_t segment) {
    if (protocol == kIpProtoTcp) {
        auto* tcp = reinterpret_cast<TcpHeader*>(data);
        *tcp = summary.tcp;
        tcp->source = net16(summary.source_port);
        tcp->destination = net16(summary.destination_port);
        tcp->offset = static_cast<uint8_t>(header / 4 << 4 | summary.tcp.offset);
        std::ranges::copy(summary.tcp_options, data + sizeof(TcpHeader));
    } else if (protocol == kIpProtoUdp) {
        auto* udp = reinterpret_cast<UdpHeader*>(data);
        *udp = {net16(summary.source_port), net16(summary.destination_port),
                net16(summary.udp_length.value_or(static_cast<uint16_t>(segment))), net16(summary.udp_checksum)};
    } else if (protocol == kIpProtoIcmp) {
        *reinterpret_cast<IcmpHeader*>(data) = summary.icmp;
    }
}

/// Sets the checksum of a whole segment that begins with a transport header.
void put_checksum(const IpHeader& ip, uint8_t* data, uint32_t length) {
    auto sum = [&] { return transport_checksum(data, length, ip.source, ip.destination, ip.protocol); };
    if (ip.protocol == kIpProtoTcp) {
        auto* tcp = reinterpret_cast<TcpHeader*>(data);
        tcp->checksum = 0;
        tcp->checksum = sum();
    } else if (ip.protocol == kIpProtoUdp) {
        auto* udp = reinterpret_cast<UdpHeader*>(data);
        udp->checksum = 0;
        uint16_t checksum = sum();
        udp->checksum = checksum != 0 ? checksum : 0xffff;
    } else if (ip.protocol == kIpProtoIcmp) {
        auto* icmp = reinterpret_cast<IcmpHeader*>(data);
        icmp->checksum = 0;
        icmp->checksum = internet_checksum(data, length);
    }
}

void annotate(Packet& packet, const SummaryPacket& summary, uint32_t whole) {
    packet.set_timestamp(summary.timestamp.value_or(0));
    std::memcpy(packet.anno() + kFirstTimestamp, &summary.first_timestamp, sizeof summary.first_timestamp);
    anno::set_dst_ip(packet, IPAddress(summary.ip.destination));
    if (whole > packet.length()) {
        packet.set_anno_u32(anno::kExtraLength, whole - packet.length());
    }
    packet.set_anno_u32(anno::kExtraPackets, std::max(summary.count, 1U) - 1);
    packet.set_anno_u32(anno::kAggregate, summary.aggregate);
    packet.set_anno_u8(anno::kPaint, summary.paint);
}

}  // namespace

PacketPtr make_packet(const SummaryPacket& summary, const SummaryPacketStyle& style) {
    constexpr uint32_t kLongestHeader = 60;
    uint8_t protocol = summary.protocol.value_or(style.protocol);
    auto options = static_cast<uint32_t>(summary.ip_options.size());
    uint32_t ip_header = std::clamp(summary.header_length & ~3U, uint32_t{sizeof(IpHeader)} + options, kLongestHeader);
    uint32_t transport = transport_length(summary, protocol);
    uint32_t headers = ip_header + transport;
    uint32_t before = protocol == kIpProtoIcmp ? ip_header : headers;  // where the payload begins
    auto payload = static_cast<uint32_t>(std::min<size_t>(summary.payload.size(), kMaxIpLength - before));
    uint32_t whole = before + std::max(payload, std::min(summary.payload_length.value_or(0), kMaxIpLength - before));
    whole = std::min(summary.ip_length.value_or(std::max(whole, headers)), kMaxIpLength);
    uint32_t length = std::max(style.checksum ? whole : before + payload, headers);

    PacketPtr packet = Packet::make(nullptr, length);
    if (!packet) {
        return {};
    }
    uint8_t* data = packet->mutable_data();
    std::memset(data, 0, style.zero ? length : headers);
    for (uint32_t at = headers; at < length && !style.zero; ++at) {
        data[at] = static_cast<uint8_t>(random_numbers().next() >> 8);
    }
    auto* ip = reinterpret_cast<IpHeader*>(data);
    *ip = summary.ip;
    std::ranges::copy(summary.ip_options, data + sizeof(IpHeader));
    ip->version_length = static_cast<uint8_t>(4 << 4 | ip_header / 4);
    ip->total_length = net16(static_cast<uint16_t>(whole));
    ip->protocol = protocol;
    if (transport > 0) {
        put_transport(summary, protocol, data + ip_header, transport, std::max(whole, ip_header) - ip_header);
    }
    std::copy_n(summary.payload.begin(), payload, data + before);
    if (style.checksum) {
        ip->checksum = 0;
        ip->checksum = ip_header_checksum(data, ip_header);
        if (transport > 0 && !ip->is_fragment() && whole >= headers) {
            put_checksum(*ip, data + ip_header, whole - ip_header);
        }
    }
    if (whole >= ip_header && whole < length) {
        packet->take(length - whole);
    }
    packet->set_network_header(packet->data(), ip_header);
    annotate(*packet, summary, std::max(whole, summary.wire_length.value_or(0)));
    return packet;
}

}  // namespace click
