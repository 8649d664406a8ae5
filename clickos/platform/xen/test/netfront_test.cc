// SPDX-License-Identifier: Apache-2.0
//
// The rings of netfront, with a backend that behaves and one that does not.
#include "platform/xen/netfront.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "lib/checksum.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/test/domain.hh"

namespace click::xen {

namespace {

const std::string kBackend = "/local/domain/0/backend/vif/5/0";

}  // namespace

namespace {

/// The other side of the rings.
class Backend {
public:
    Backend() {
        domain::nodes = {{"device/vif/0/backend", kBackend},
                         {"device/vif/0/backend-id", "0"},
                         {"device/vif/0/mac", "00:16:3e:00:00:01"},
                         {kBackend + "/state", "2"},
                         {kBackend + "/online", "1"}};
        front.follow_backend();
        front.follow_backend();
        map_rings();
        domain::nodes[kBackend + "/state"] = "4";
        front.follow_backend();
    }
    ~Backend() { front.vanish(); }

    void map_rings() {
        BACK_RING_INIT(&tx, reinterpret_cast<netif_tx_sring*>(domain::granted.at(number("tx-ring-ref"))), kPage);
        BACK_RING_INIT(&rx, reinterpret_cast<netif_rx_sring*>(domain::granted.at(number("rx-ring-ref"))), kPage);
    }
    static grant_ref_t number(const std::string& node) {
        return static_cast<grant_ref_t>(std::stoul(domain::nodes.at("device/vif/0/" + node)));
    }
    /// Hands a frame to the guest.
    void deliver(const std::string& frame, uint16_t flags = 0) {
        netif_rx_request request = *RING_GET_REQUEST(&rx, rx.req_cons++);
        std::copy(frame.begin(), frame.end(), domain::granted.at(request.gref));
        netif_rx_response* response = RING_GET_RESPONSE(&rx, rx.rsp_prod_pvt++);
        *response = {request.id, 0, flags, static_cast<int16_t>(frame.size())};
        RING_PUSH_RESPONSES(&rx);
    }
    /// Takes a frame that the guest sends.
    std::string take() {
        netif_tx_request request = *RING_GET_REQUEST(&tx, tx.req_cons++);
        std::string frame(reinterpret_cast<char*>(domain::granted.at(request.gref)) + request.offset, request.size);
        *RING_GET_RESPONSE(&tx, tx.rsp_prod_pvt++) = {request.id, NETIF_RSP_OKAY};
        RING_PUSH_RESPONSES(&tx);
        return frame;
    }

    Interface front{0};
    netif_tx_back_ring tx{};
    netif_rx_back_ring rx{};
};

std::string frame_of(size_t length, char fill) {
    std::string frame("\x00\x16\x3e\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00", 14);
    return frame + std::string(length - frame.size(), fill);
}

std::string text_of(const Packet& packet) { return {reinterpret_cast<const char*>(packet.data()), packet.length()}; }

}  // namespace

TEST_CASE("an interface tells its backend all that it needs, in seven nodes") {
    size_t before = 5;
    Backend backend;
    CHECK(domain::nodes.size() == before + 7);
    CHECK(domain::nodes["device/vif/0/state"] == "4");
    CHECK(domain::nodes["device/vif/0/request-rx-copy"] == "1");
    CHECK(domain::nodes["device/vif/0/feature-no-csum-offload"] == "1");
}

TEST_CASE("frames come through as they are, thousands of them") {
    Backend backend;
    for (int i = 0; i < 5000; ++i) {
        std::string frame = frame_of(60 + static_cast<size_t>(i) % 1400, static_cast<char>(i));
        backend.deliver(frame);
        PacketBatch batch;
        backend.front.receive(batch, 64, Packet::kDefaultHeadroom);
        REQUIRE(batch.size() == 1);
        REQUIRE(text_of(batch[0]) == frame);
        PacketBatch sent;
        PacketBatch refused;
        backend.front.transmit(batch, sent, refused);
        REQUIRE(sent.size() == 1);
        REQUIRE(backend.take() == frame);
    }
    CHECK(backend.front.drops() == 0);
}

TEST_CASE("what there is no room for stays, and a longer frame than a slot is refused") {
    Backend backend;
    unsigned count = 0;
    for (;;) {
        PacketBatch batch(Packet::make(frame_of(100, 'x').data(), 100));
        PacketBatch sent;
        PacketBatch refused;
        backend.front.transmit(batch, sent, refused);
        REQUIRE(refused.empty());
        if (!batch.empty()) {
            break;
        }
        ++count;
    }
    CHECK(count == 256);
    CHECK(backend.front.await_room());
    backend.take();
    CHECK_FALSE(backend.front.await_room());
    PacketBatch batch(Packet::make(nullptr, 3000));
    PacketBatch sent;
    PacketBatch refused;
    backend.front.transmit(batch, sent, refused);
    CHECK(refused.size() == 1);
}

TEST_CASE("a blank checksum is filled in") {
    Backend backend;
    // IPv4 and UDP with the pseudo header's sum where the checksum belongs.
    std::string frame = frame_of(14 + 20 + 8 + 4, 'd');
    const unsigned char ip[20] = {0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
    std::copy(ip, ip + 20, frame.begin() + 14);
    const unsigned char udp[8] = {0, 1, 0, 2, 0, 12, 0x14, 0x20};  // 0a00+0001+0a00+0002+0011+000c
    std::copy(udp, udp + 8, frame.begin() + 34);
    backend.deliver(frame, NETRXF_csum_blank | NETRXF_data_validated);
    PacketBatch batch;
    backend.front.receive(batch, 64, Packet::kDefaultHeadroom);
    REQUIRE(batch.size() == 1);
    unsigned char pseudo[12] = {10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, 12};
    CHECK(internet_checksum(batch[0].data() + 34, 12, checksum_add(pseudo, sizeof pseudo)) == 0);
}

TEST_CASE("a backend that closes gets everything back, and a new one is used again") {
    Backend backend;
    domain::nodes[kBackend + "/state"] = "5";
    backend.front.follow_backend();
    CHECK(domain::nodes["device/vif/0/state"] == "6");
    CHECK(domain::granted.empty());
    domain::nodes[kBackend + "/state"] = "6";
    backend.front.follow_backend();
    CHECK(domain::nodes["device/vif/0/state"] == "1");
    domain::nodes[kBackend + "/state"] = "2";
    backend.front.follow_backend();
    CHECK(domain::nodes["device/vif/0/state"] == "4");
    backend.map_rings();
    backend.deliver(frame_of(60, 'z'));
    PacketBatch batch;
    backend.front.receive(batch, 64, Packet::kDefaultHeadroom);
    CHECK(batch.size() == 1);
}

TEST_CASE("an interface that is attached again under another number is the same interface") {
    domain::reset();
    domain::nodes = {{"device/vif/0/backend", "/b0"},
                     {"device/vif/0/backend-id", "0"},
                     {"device/vif/0/mac", "00:16:3e:00:00:09"},
                     {"/b0/state", "2"}};
    interfaces::start();
    Interface* before = interfaces::find("0");
    REQUIRE(before != nullptr);
    domain::nodes = {{"device/vif/3/backend", "/b3"},
                     {"device/vif/3/backend-id", "0"},
                     {"device/vif/3/mac", "00:16:3e:00:00:09"},
                     {"/b3/state", "2"}};
    interfaces::follow("device/vif", "vif");
    interfaces::follow("/b3/state", "vif/3");
    CHECK(interfaces::find("0") == before);
    CHECK(interfaces::find("00:16:3e:00:00:09") == before);
    CHECK(domain::nodes["device/vif/3/state"] == "4");
    domain::reset();
    interfaces::follow("device/vif", "vif");
    CHECK(interfaces::find("0") == nullptr);
}

TEST_CASE("a detached interface keeps nothing, and takes no frames") {
    Backend backend;
    backend.front.vanish();
    CHECK(domain::granted.empty());
    PacketBatch batch(Packet::make(frame_of(60, 'x').data(), 60));
    PacketBatch sent;
    PacketBatch refused;
    backend.front.transmit(batch, sent, refused);
    CHECK(refused.size() == 1);
}

TEST_CASE("a backend that writes anything into the rings does no harm") {
    std::mt19937 random(1);
    for (int round = 0; round < 300; ++round) {
        Backend backend;
        auto* tx = domain::granted.at(Backend::number("tx-ring-ref"));
        auto* rx = domain::granted.at(Backend::number("rx-ring-ref"));
        for (int step = 0; step < 50; ++step) {
            if (domain::granted.empty()) {
                break;  // the frontend has broken off
            }
            uint8_t* ring = random() % 2 ? tx : rx;
            auto* words = reinterpret_cast<uint32_t*>(ring);
            switch (random() % 4) {
                case 0:
                    words[random() % 1024] = static_cast<uint32_t>(random());
                    break;
                case 1:
                    words[2] += random() % 8;  // responses produced
                    break;
                case 2:
                    words[random() % 4] = static_cast<uint32_t>(random());
                    break;
                default:
                    std::generate(ring + 64, ring + kPage, [&] { return static_cast<uint8_t>(random() % 256); });
            }
            PacketBatch batch;
            backend.front.receive(batch, 64, Packet::kDefaultHeadroom);
            for (const Packet* packet : batch) {
                CHECK(packet->length() >= 14);
                CHECK(packet->length() <= kPage);
            }
            PacketBatch sent;
            PacketBatch refused;
            backend.front.transmit(batch, sent, refused);
        }
    }
    CHECK(domain::allocated.empty());
}

}  // namespace click::xen
