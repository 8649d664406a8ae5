// SPDX-License-Identifier: Apache-2.0
#include "lib/offload.hh"

#include <doctest/doctest.h>

#include "lib/checksum.hh"
#include "net/ether.hh"
#include "net/ip.hh"

namespace click {

namespace {

/// An Ethernet frame with IPv4 and TCP or UDP, and a payload of counting bytes.
std::vector<uint8_t> frame_of(bool udp, uint32_t payload) {
    uint32_t transport_length = udp ? 8 : 20;
    std::vector<uint8_t> frame(14 + 20 + transport_length + payload);
    frame[12] = 8;
    auto* ip = reinterpret_cast<IpHeader*>(frame.data() + 14);
    ip->version_length = 0x45;
    ip->total_length = net16(static_cast<uint16_t>(frame.size() - 14));
    ip->id = net16(0xfffe);
    ip->ttl = 64;
    ip->protocol = udp ? kIpProtoUdp : kIpProtoTcp;
    ip->source = IPAddress::from_host_order(0x0a000001).network_order();
    ip->destination = IPAddress::from_host_order(0x0a000002).network_order();
    if (!udp) {
        auto* tcp = reinterpret_cast<TcpHeader*>(frame.data() + 34);
        tcp->offset = 5 << 4;
        tcp->sequence = net32(0xffffff00);
        tcp->flags = TcpHeader::kAck | TcpHeader::kPsh | TcpHeader::kFin | TcpHeader::kCwr;
    }
    for (uint32_t i = 0; i < payload; ++i) {
        frame[34 + transport_length + i] = static_cast<uint8_t>(i);
    }
    return frame;
}

Offload offload_of(bool udp, uint16_t segment_size) {
    Offload offload;
    offload.partial_checksum = true;
    offload.checksum_start = 34;
    offload.checksum_offset = udp ? 6 : 16;
    offload.segmentation = udp ? Offload::Segmentation::Udp : Offload::Segmentation::Tcp4;
    offload.segment_size = segment_size;
    return offload;
}

bool transport_checksum_right(const Packet& packet) {
    auto* ip = reinterpret_cast<const IpHeader*>(packet.data() + 14);
    return internet_checksum(packet.data() + 14, 20) == 0 &&
           transport_checksum(packet.data() + 34, packet.length() - 34, ip->source, ip->destination, ip->protocol) == 0;
}

}  // namespace

TEST_CASE("a long TCP frame becomes frames that a sender could have sent one by one") {
    std::vector<uint8_t> frame = frame_of(false, 2500);
    std::vector<PacketPtr> segments;
    REQUIRE(segment_frame(frame.data(), static_cast<uint32_t>(frame.size()), offload_of(false, 1000), 64, segments));
    REQUIRE(segments.size() == 3);
    uint32_t sequence = 0xffffff00;
    uint16_t id = 0xfffe;
    for (size_t i = 0; i < 3; ++i) {
        const Packet& packet = *segments[i];
        uint32_t payload = i == 2 ? 500 : 1000;
        CHECK(packet.length() == 54 + payload);
        CHECK(packet.headroom() == 64);
        auto* ip = reinterpret_cast<const IpHeader*>(packet.data() + 14);
        auto* tcp = reinterpret_cast<const TcpHeader*>(packet.data() + 34);
        CHECK(ip->length() == 40 + payload);
        CHECK(net16(ip->id) == id);
        CHECK(net32(tcp->sequence) == sequence);
        CHECK((tcp->flags & TcpHeader::kFin) == (i == 2 ? TcpHeader::kFin : 0));
        CHECK((tcp->flags & TcpHeader::kPsh) == (i == 2 ? TcpHeader::kPsh : 0));
        CHECK((tcp->flags & TcpHeader::kCwr) == (i == 0 ? TcpHeader::kCwr : 0));
        CHECK(packet.data()[54] == static_cast<uint8_t>(i * 1000));
        CHECK(transport_checksum_right(packet));
        sequence += 1000;
        ++id;
    }
}

TEST_CASE("a long UDP frame becomes datagrams with lengths of their own") {
    std::vector<uint8_t> frame = frame_of(true, 250);
    std::vector<PacketPtr> segments;
    REQUIRE(segment_frame(frame.data(), static_cast<uint32_t>(frame.size()), offload_of(true, 100), 0, segments));
    REQUIRE(segments.size() == 3);
    CHECK(net16(reinterpret_cast<const UdpHeader*>(segments[2]->data() + 34)->length) == 58);
    for (const PacketPtr& segment : segments) {
        CHECK(transport_checksum_right(*segment));
    }
}

TEST_CASE("frames whose headers do not fit together are refused whole") {
    std::vector<uint8_t> frame = frame_of(false, 2500);
    auto length = static_cast<uint32_t>(frame.size());
    std::vector<PacketPtr> segments;
    SUBCASE("no segment size") { CHECK_FALSE(segment_frame(frame.data(), length, offload_of(false, 0), 0, segments)); }
    SUBCASE("checksum start elsewhere: a tunnel") {
        Offload offload = offload_of(false, 1000);
        offload.checksum_start = 54;
        CHECK_FALSE(segment_frame(frame.data(), length, offload, 0, segments));
    }
    SUBCASE("header longer than the frame") {
        frame[34 + 12] = 0xf0;
        CHECK_FALSE(segment_frame(frame.data(), 34 + 40, offload_of(false, 1000), 0, segments));
    }
    SUBCASE("TCP header shorter than 20 bytes") {
        frame[34 + 12] = 0x40;
        CHECK_FALSE(segment_frame(frame.data(), length, offload_of(false, 1000), 0, segments));
    }
    SUBCASE("IP header shorter than 20 bytes") {
        frame[14] = 0x44;
        CHECK_FALSE(segment_frame(frame.data(), length, offload_of(false, 1000), 0, segments));
    }
    SUBCASE("not IP") {
        frame[12] = 7;
        CHECK_FALSE(segment_frame(frame.data(), length, offload_of(false, 1000), 0, segments));
    }
    SUBCASE("cut off") {
        for (uint32_t cut = 0; cut <= 54; ++cut) {
            CHECK_FALSE(segment_frame(frame.data(), cut, offload_of(false, 1000), 0, segments));
        }
    }
    CHECK(segments.empty());
}

TEST_CASE("a partial checksum is finished in place, and never outside of the frame") {
    std::vector<uint8_t> frame = frame_of(false, 11);
    auto length = static_cast<uint32_t>(frame.size());
    auto* ip = reinterpret_cast<IpHeader*>(frame.data() + 14);
    auto* tcp = reinterpret_cast<TcpHeader*>(frame.data() + 34);
    // The sum of the pseudo header, as the sender leaves it in the field.
    uint8_t pseudo[12] = {10, 0, 0, 1, 10, 0, 0, 2, 0, kIpProtoTcp, 0, 31};
    tcp->checksum = static_cast<uint16_t>(~internet_checksum(pseudo, sizeof pseudo));
    REQUIRE(complete_checksum(frame.data(), length, offload_of(false, 0)));
    CHECK(transport_checksum(frame.data() + 34, length - 34, ip->source, ip->destination, kIpProtoTcp) == 0);
    Offload outside = offload_of(false, 0);
    outside.checksum_start = static_cast<uint16_t>(length - 17);
    CHECK_FALSE(complete_checksum(frame.data(), length, outside));
    outside.checksum_start = 0xffff;
    CHECK_FALSE(complete_checksum(frame.data(), length, outside));
}

}  // namespace click
