// SPDX-License-Identifier: Apache-2.0
#include "lib/offload.hh"

#include <algorithm>

#include "lib/checksum.hh"
#include "net/ether.hh"
#include "net/ip.hh"

namespace click {

namespace {

constexpr uint16_t kEtherTypeServiceVlan = 0x88a8;
constexpr uint32_t kVlanTag = 4;
constexpr uint32_t kIp6Header = 40;
/// No sender cuts its data into less (RFC 879: 536 is what every host takes; Linux sends no less than 48), but a hostile
/// one would have a frame of 64 KiB become 65,000 packets.
constexpr uint16_t kSmallestSegment = 48;

uint16_t read16(const uint8_t* at) {
    uint16_t value;
    std::memcpy(&value, at, sizeof value);
    return net16(value);
}

void write16(uint8_t* at, uint16_t value) {
    value = net16(value);
    std::memcpy(at, &value, sizeof value);
}

/// Where the headers of a long frame lie.
struct Layout {
    uint32_t network;
    uint32_t transport;
    uint32_t payload;
    bool ip6;
};

/// Finds the headers, without extension headers or tunnels in between: what those mean, only their sender knows.
bool find_headers(const uint8_t* frame, uint32_t length, const Offload& offload, Layout& layout) {
    uint32_t network = sizeof(EtherHeader);
    if (length < network) {
        return false;
    }
    uint16_t type = read16(frame + network - 2);
    while ((type == kEtherTypeVlan || type == kEtherTypeServiceVlan) && length >= network + kVlanTag) {
        network += kVlanTag;
        type = read16(frame + network - 2);
    }
    layout.network = network;
    layout.ip6 = type == kEtherTypeIp6;
    uint8_t protocol;
    if (layout.ip6) {
        if (length < network + kIp6Header || frame[network] >> 4 != 6) {
            return false;
        }
        layout.transport = network + kIp6Header;
        protocol = frame[network + 6];
    } else {
        if (type != kEtherTypeIp || length < network + sizeof(IpHeader) || frame[network] >> 4 != 4) {
            return false;
        }
        layout.transport = network + (frame[network] & 15U) * 4;
        protocol = frame[network + 9];
    }
    bool udp = offload.segmentation == Offload::Segmentation::Udp;
    uint32_t least = udp ? sizeof(UdpHeader) : sizeof(TcpHeader);
    if (layout.transport < network + sizeof(IpHeader) || layout.transport != offload.checksum_start ||
        length < layout.transport + least || protocol != (udp ? kIpProtoUdp : kIpProtoTcp)) {
        return false;
    }
    layout.payload = layout.transport + (udp ? least : (frame[layout.transport + 12] >> 4) * 4U);
    return layout.payload >= layout.transport + least && layout.payload < length;
}

/// Sum of the pseudo header's addresses and protocol (RFC 9293, RFC 8200); the length comes by segment.
uint32_t pseudo_header_sum(const uint8_t* frame, const Layout& layout, uint8_t protocol) {
    uint32_t addresses = layout.network + (layout.ip6 ? 8 : 12);
    uint16_t word = net16(protocol);
    return checksum_add(&word, sizeof word, checksum_add(frame + addresses, layout.ip6 ? 32 : 8));
}

/// Makes the copied headers those of the segment that begins `offset` bytes into the payload.
void fix_segment(uint8_t* segment, uint32_t length, const Layout& layout, uint32_t offset, uint32_t index, bool last,
                 bool udp, uint32_t pseudo_sum) {
    uint8_t* network = segment + layout.network;
    uint8_t* transport = segment + layout.transport;
    if (layout.ip6) {
        write16(network + 4, static_cast<uint16_t>(length - layout.network - kIp6Header));
    } else {
        write16(network + 2, static_cast<uint16_t>(length - layout.network));
        write16(network + 4, static_cast<uint16_t>(read16(network + 4) + index));
        write16(network + 10, 0);
        uint16_t sum = internet_checksum(network, layout.transport - layout.network);
        std::memcpy(network + 10, &sum, sizeof sum);
    }
    uint32_t transport_length = length - layout.transport;
    uint32_t checksum_at = 16;
    if (udp) {
        write16(transport + 4, static_cast<uint16_t>(transport_length));
        checksum_at = 6;
    } else {
        auto* tcp = reinterpret_cast<TcpHeader*>(transport);
        tcp->sequence = net32(net32(tcp->sequence) + offset);
        if (!last) {
            tcp->flags &= static_cast<uint8_t>(~(TcpHeader::kFin | TcpHeader::kPsh));
        }
        if (index > 0) {
            tcp->flags &= static_cast<uint8_t>(~TcpHeader::kCwr);
        }
    }
    write16(transport + checksum_at, 0);
    uint16_t length_word = net16(static_cast<uint16_t>(transport_length));
    uint16_t sum =
        internet_checksum(transport, transport_length, checksum_add(&length_word, sizeof length_word, pseudo_sum));
    if (udp && sum == 0) {
        sum = 0xffff;
    }
    std::memcpy(transport + checksum_at, &sum, sizeof sum);
}

}  // namespace

bool complete_checksum(uint8_t* frame, uint32_t length, const Offload& offload) {
    uint32_t field = uint32_t{offload.checksum_start} + offload.checksum_offset;
    if (offload.checksum_start > length || field + 2 > length) {
        return false;
    }
    uint16_t sum = internet_checksum(frame + offload.checksum_start, length - offload.checksum_start);
    // A UDP checksum of zero would mean "none" (RFC 768); for TCP the two zeros of one's complement are the same.
    sum = sum == 0 ? 0xffff : sum;
    std::memcpy(frame + field, &sum, sizeof sum);
    return true;
}

bool segment_frame(const uint8_t* frame, uint32_t length, const Offload& offload, uint32_t headroom,
                   std::vector<PacketPtr>& segments) {
    Layout layout;
    if (offload.segment_size < kSmallestSegment || offload.segmentation == Offload::Segmentation::Unknown ||
        !find_headers(frame, length, offload, layout)) {
        return false;
    }
    bool udp = offload.segmentation == Offload::Segmentation::Udp;
    uint32_t pseudo_sum = pseudo_header_sum(frame, layout, udp ? kIpProtoUdp : kIpProtoTcp);
    uint32_t payload = length - layout.payload;
    size_t before = segments.size();
    uint32_t index = 0;
    for (uint32_t offset = 0; offset < payload; offset += offload.segment_size, ++index) {
        uint32_t part = std::min<uint32_t>(offload.segment_size, payload - offset);
        PacketPtr segment = Packet::make(headroom, nullptr, layout.payload + part, Packet::kMinTailroom);
        if (!segment) {
            segments.resize(before);
            return false;
        }
        std::memcpy(segment->mutable_data(), frame, layout.payload);
        std::memcpy(segment->mutable_data() + layout.payload, frame + layout.payload + offset, part);
        fix_segment(segment->mutable_data(), segment->length(), layout, offset, index, offset + part == payload, udp,
                    pseudo_sum);
        segments.push_back(std::move(segment));
    }
    return true;
}

}  // namespace click
