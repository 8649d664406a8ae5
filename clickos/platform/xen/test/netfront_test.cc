// SPDX-License-Identifier: Apache-2.0
//
// An interface with a backend that behaves.
#include "platform/xen/netfront.hh"

#include <doctest/doctest.h>

#include "lib/checksum.hh"
#include "platform/xen/test/backend.hh"
#include "platform/xen/test/domain.hh"

namespace click::xen {

using Frames = std::vector<std::string>;

TEST_CASE("an interface tells its backend all that it needs, in seven nodes") {
    Backend backend;
    CHECK(domain::writes == 7);
    CHECK(Backend::node("state") == "4");
    CHECK(Backend::node("request-rx-copy") == "1");
    CHECK(Backend::node("feature-no-csum-offload") == "1");
    CHECK(domain::ports.size() == 1);
}

TEST_CASE("frames come through as they are, thousands of them") {
    Backend backend;
    for (int i = 0; i < 5000; ++i) {
        std::string frame = frame_of(60 + static_cast<size_t>(i) % 1400, static_cast<char>(i));
        REQUIRE(!backend.front.waiting());
        backend.deliver(frame);
        REQUIRE(backend.front.waiting());
        REQUIRE(backend.received() == Frames{frame});
        REQUIRE(backend.send(frame) == "sent");
        REQUIRE(backend.take() == frame);
    }
    CHECK(backend.front.drops() == 0);
}

TEST_CASE("packets know whom they are for, where their header is and when they came") {
    Backend backend;
    std::string broadcast = frame_of(60, 'b');
    std::fill(broadcast.begin(), broadcast.begin() + 6, '\xff');
    std::string other = frame_of(60, 'o');
    other[5] = 2;
    for (const std::string& frame : {frame_of(60, 'h'), broadcast, other}) {
        backend.deliver(frame);
    }
    PacketBatch batch;
    backend.front.receive(batch, 64, 100);
    REQUIRE(batch.size() == 3);
    CHECK(batch[0].type() == Packet::Type::Host);
    CHECK(batch[1].type() == Packet::Type::Broadcast);
    CHECK(batch[2].type() == Packet::Type::OtherHost);
    CHECK(batch[0].mac_header() == batch[0].data());
    CHECK(batch[0].headroom() == 100);
    CHECK(batch[0].timestamp() > 0);
}

TEST_CASE("what there is no room for stays, and its sender is woken when half of the slots are free") {
    Backend backend;
    unsigned count = 0;
    while (backend.send(frame_of(100, 'x')) == "sent") {
        ++count;
    }
    CHECK(count == 256);
    unsigned told = 0;
    auto& ring = backend.queues[0].tx;
    // The element's task is not needed to see when the backend has to send an event.
    Task task(nullptr);
    backend.front.wake_sender(&task);
    for (unsigned i = 0; i < 256 && told == 0; ++i) {
        RING_IDX before = ring.sring->rsp_prod;
        backend.take();
        told = ring.sring->rsp_event - before - 1 < ring.sring->rsp_prod - before ? i + 1 : 0;
    }
    CHECK(told == 129);
    backend.front.forget_sender(&task);
    CHECK(backend.send(frame_of(100, 'y')) == "sent");
}

TEST_CASE("frames of several pages come whole, with extra information in between") {
    Backend backend;
    Frames frames;
    for (size_t length : {4097UL, 9014UL, 40000UL, 65535UL}) {
        for (unsigned extra : {0U, 1U, 3U}) {
            frames.push_back(frame_of(length, static_cast<char>('a' + extra)));
            backend.deliver(frames.back(), 0, 0, 4096, extra);
        }
        CHECK(backend.received() == frames);
        frames.clear();
    }
    CHECK(backend.front.drops() == 0);
}

TEST_CASE("a frame whose rest is still to come waits for it") {
    Backend backend;
    backend.deliver(frame_of(9000, 'w'));
    auto* shared = backend.queues[0].rx.sring;
    shared->rsp_prod -= 1;
    CHECK(backend.received().empty());
    CHECK(shared->rsp_event == shared->rsp_prod + 1);
    shared->rsp_prod += 1;
    CHECK(backend.received() == Frames{frame_of(9000, 'w')});
}

TEST_CASE("a frame that the backend says is broken is dropped, and the next one is not") {
    Backend backend;
    backend.deliver(frame_of(9000, 'b'));
    auto& rx = backend.queues[0].rx;
    RING_GET_RESPONSE(&rx, rx.rsp_prod_pvt - 2)->status = NETIF_RSP_ERROR;
    backend.deliver(frame_of(60, 'g'));
    CHECK(backend.received() == Frames{frame_of(60, 'g')});
    CHECK(backend.front.drops() == 1);
}

TEST_CASE("long frames go out in parts where the backend gathers, and are refused where it does not") {
    {
        Backend backend;
        CHECK(backend.send(frame_of(2048, 'l')) == "sent");
        CHECK(backend.send(frame_of(2049, 'l')) == "refused");
    }
    std::map<std::string, std::string> nodes{{std::string(Backend::kPath) + "/feature-sg", "1"}};
    Backend backend(nodes);
    for (size_t length : {2048UL, 2049UL, 9014UL, 36864UL}) {
        std::string frame = frame_of(length, 'l');
        CHECK(backend.send(frame) == "sent");
        CHECK(backend.take() == frame);
    }
    CHECK(backend.send(frame_of(36865, 'l')) == "refused");
}

TEST_CASE("scatter-gather is asked for where the toolstack gives a longer MTU") {
    {
        Backend backend;
        CHECK(Backend::node("feature-sg").empty());
    }
    std::map<std::string, std::string> nodes{{"device/vif/0/mtu", "9000"}};
    Backend backend(nodes);
    CHECK(Backend::node("feature-sg") == "1");
}

TEST_CASE("a domain of little memory sends and receives with fewer buffers") {
    domain::reset();
    domain::pages = 150;
    std::map<std::string, std::string> nodes{{std::string(Backend::kPath) + "/feature-sg", "1"}};
    { Backend probe(nodes); }
    Backend backend(nodes);
    for (int i = 0; i < 300; ++i) {
        std::string frame = frame_of(60 + static_cast<size_t>(i) * 30, static_cast<char>(i));
        backend.deliver(frame);
        REQUIRE(backend.received() == Frames{frame});
        REQUIRE(backend.send(frame) == "sent");
        REQUIRE(backend.take() == frame);
    }
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
    Frames frames = backend.received();
    REQUIRE(frames.size() == 1);
    unsigned char pseudo[12] = {10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, 12};
    CHECK(internet_checksum(frames[0].data() + 34, 12, checksum_add(pseudo, sizeof pseudo)) == 0);
}

}  // namespace click::xen
