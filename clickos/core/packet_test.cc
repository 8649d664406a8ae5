// SPDX-License-Identifier: Apache-2.0
#include <click/packet.hh>

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

using namespace click;

namespace {

constexpr char kText[] = "0123456789abcdef";

PacketPtr packet_with_headers() {
    PacketPtr packet = Packet::make(kText, 16);
    packet->set_mac_header(packet->data());
    packet->set_network_header(packet->data() + 4, 8);
    return packet;
}

void check_headers(const Packet& packet) {
    CHECK(*packet.mac_header() == '0');
    CHECK(*packet.network_header() == '4');
    CHECK(*packet.transport_header() == 'c');
    CHECK(packet.network_header_length() == 8);
}

}  // namespace

TEST_CASE("headers stay where they are when the window moves") {
    PacketPtr packet = packet_with_headers();
    packet->pull(6);
    check_headers(*packet);
    CHECK(packet->network_header_offset() == uint32_t(-2));
    CHECK(packet->network_length() == 12);
    packet = prepend(std::move(packet), 20);
    check_headers(*packet);
    packet->clear_network_header();
    CHECK(packet->network_header() == nullptr);
    CHECK_FALSE(packet->has_transport_header());
    CHECK(packet->has_mac_header());
}

TEST_CASE("a copy takes its headers along, with the bytes before the data") {
    PacketPtr packet = packet_with_headers();
    packet->set_anno_u32(40, 7);
    packet->pull(6);
    PacketPtr clone = packet->clone();
    packet = uniqueify(std::move(packet));
    CHECK(packet->data() != clone->data());
    check_headers(*packet);
    check_headers(*clone);
    CHECK(clone->anno_u32(40) == 7);

    packet = prepend(std::move(packet), packet->headroom() + 1);  // into a new buffer
    check_headers(*packet);
    packet = extend(std::move(packet), packet->tailroom() + 1);
    check_headers(*packet);
    CHECK(packet->anno_u32(40) == 7);
}

TEST_CASE("a packet that a length would wrap is not made") {
    CHECK_FALSE(prepend(Packet::make(kText, 16), 0xFFFFFFF0));
    CHECK_FALSE(prepend(Packet::make(kText, 16), 0xFFFFFFFF));
    CHECK_FALSE(extend(Packet::make(kText, 16), 0xFFFFFFF0));
    CHECK_FALSE(extend(Packet::make(kText, 16), 0xFFFFFFFF));
    CHECK_FALSE(Packet::make(0xFFFFFFFF, nullptr, 0xFFFFFFFF, 0xFFFFFFFF));
}

TEST_CASE("what lies beyond the packet's end has no length") {
    PacketPtr packet = packet_with_headers();
    packet->take(14);
    CHECK(packet->network_length() == 0);
    CHECK(packet->transport_length() == 0);
}

TEST_CASE("a header too far into its buffer has no position") {
    PacketPtr packet = Packet::make(0, nullptr, 70'000, 0);
    packet->set_network_header(packet->data() + 65'520, 14);
    CHECK(packet->network_header() == packet->data() + 65'520);
    packet->set_network_header(packet->data() + 65'520, 15);
    CHECK_FALSE(packet->has_network_header());
    CHECK_FALSE(packet->has_transport_header());
    packet->set_network_header(packet->data() + 66'000, 20);
    CHECK_FALSE(packet->has_network_header());
}

TEST_CASE("a foreign buffer goes back when its last user is gone") {
    std::vector<uint8_t> buffer(256);
    unsigned released = 0;
    auto release = [](uint8_t*, size_t size, void* user) { *static_cast<unsigned*>(user) += size; };
    PacketPtr packet = Packet::wrap(buffer.data(), 256, 100, 50, release, &released);
    CHECK(packet->headroom() == 100);
    CHECK(packet->tailroom() == 106);
    PacketPtr clone = packet->clone();
    packet.reset();
    CHECK(released == 0);
    CHECK(clone->data() == buffer.data() + 100);
    clone.reset();
    CHECK(released == 256);
}
