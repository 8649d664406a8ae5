// SPDX-License-Identifier: Apache-2.0
//
// A backend that writes anything into the rings: whatever comes out is whole frames or the end of the connection. How many
// rounds: ROUNDS in the environment.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "platform/xen/machine.hh"
#include "platform/xen/netfront.hh"
#include "platform/xen/test/backend.hh"
#include "platform/xen/test/domain.hh"

namespace click::xen {

namespace {

const std::string kPath = Backend::kPath;

/// A backend of anything, made of a number.
class Hostile {
public:
    explicit Hostile(unsigned seed) : _random(seed) {}

    std::map<std::string, std::string> nodes() {
        std::map<std::string, std::string> nodes;
        for (const char* node :
             {"/feature-sg", "/feature-split-event-channels", "/multi-queue-max-queues", "/carrier"}) {
            if (one_of(2)) {
                nodes[kPath + node] = value();
            }
        }
        for (const char* node : {"data/clickos/vif/0/queues", "data/clickos/vif/0/split", "device/vif/0/mtu"}) {
            if (one_of(2)) {
                nodes[node] = value();
            }
        }
        return nodes;
    }

    /// Does something to a queue of a connected interface.
    void act(Backend& backend) {
        size_t queue = one_of(backend.front.queues());
        bool sending = one_of(2) != 0;
        uint8_t* ring = backend.ring(backend.folder(queue) + (sending ? "tx-ring-ref" : "rx-ring-ref"));
        auto* words = reinterpret_cast<uint32_t*>(ring);
        switch (one_of(10)) {
            case 0:
                words[one_of(1024)] = static_cast<uint32_t>(_random());
                break;
            case 1:
                words[kResponses] += one_of(8);
                break;
            case 2:
                words[one_of(4)] = static_cast<uint32_t>(_random());
                break;
            case 3:
                std::generate(ring + 64, ring + kPage, [&] { return static_cast<uint8_t>(_random()); });
                break;
            case 4:
                acknowledge(backend.queues[queue].tx);
                break;
            default:
                chain(backend, queue);
        }
    }

    unsigned one_of(size_t count) { return static_cast<unsigned>(_random() % count); }

private:
    static constexpr size_t kResponses = 2;  ///< rsp_prod, in words of a shared ring

    std::string value() {
        static const char* values[] = {"0", "1", "2", "8", "9000", "4294967297", "-1", "", "x"};
        return values[one_of(std::size(values))];
    }

    /// Says of some frames that they have been sent, in any order.
    void acknowledge(netif_tx_back_ring& tx) {
        for (unsigned left = one_of(8); left > 0 && tx.req_cons != tx.sring->req_prod; --left) {
            uint16_t id = RING_GET_REQUEST(&tx, tx.req_cons++)->id;
            *RING_GET_RESPONSE(&tx, tx.rsp_prod_pvt++) = {one_of(50) == 0 ? static_cast<uint16_t>(_random()) : id, 0};
        }
        RING_PUSH_RESPONSES(&tx);
    }

    /// Responses as a backend would write them, a field wrong now and then.
    void chain(Backend& backend, size_t queue) {
        netif_rx_back_ring& rx = backend.queues[queue].rx;
        for (unsigned left = one_of(24); left > 0 && rx.req_cons != rx.sring->req_prod; --left) {
            netif_rx_request request = *RING_GET_REQUEST(&rx, rx.req_cons++);
            netif_rx_response response{request.id, 0, 0, static_cast<int16_t>(one_of(kPage + 1))};
            response.flags = static_cast<uint16_t>(left > 1 || one_of(8) == 0 ? NETRXF_more_data : 0);
            if (one_of(8) == 0) {
                response.flags = static_cast<uint16_t>(_random());
            }
            if (one_of(40) == 0) {
                response.status = static_cast<int16_t>(_random());
            }
            if (one_of(40) == 0) {
                response.offset = static_cast<uint16_t>(_random());
            }
            if (one_of(200) == 0) {
                response.id = static_cast<uint16_t>(_random());
            }
            *RING_GET_RESPONSE(&rx, rx.rsp_prod_pvt++) = response;
        }
        RING_PUSH_RESPONSES(&rx);
    }

    std::mt19937 _random;
};

unsigned rounds() {
    const char* wanted = std::getenv("ROUNDS");
    return wanted ? static_cast<unsigned>(std::stoul(wanted)) : 1000;
}

}  // namespace

TEST_CASE("a backend that writes anything into the rings does no harm") {
    unsigned frames = 0;
    unsigned long_frames = 0;
    unsigned broken_off = 0;
    for (unsigned round = 0; round < rounds(); ++round) {
        Hostile hostile(round);
        Backend backend(hostile.nodes());
        for (int step = 0; step < 60 && backend.front.queues() > 0; ++step) {
            hostile.act(backend);
            PacketBatch batch;
            backend.front.receive(batch, 1 + hostile.one_of(64), Packet::kDefaultHeadroom);
            for (const Packet* packet : batch) {
                ++frames;
                long_frames += packet->length() > kPage;
                CHECK(packet->length() >= 14);
                CHECK(packet->length() <= XEN_NETIF_NR_SLOTS_MIN * kPage);
            }
            PacketBatch sent;
            PacketBatch refused;
            backend.front.transmit(batch, sent, refused);
        }
        broken_off += backend.front.queues() == 0;
    }
    CHECK(frames > rounds());
    CHECK(long_frames > rounds() / 10);
    CHECK(broken_off > rounds() / 10);
    CHECK(domain::allocated.empty());
    CHECK(domain::ports.empty());
}

TEST_CASE("a backend that never stops gets no more of a turn than its ring holds") {
    Backend backend;
    std::atomic<bool> stop = false;
    // Frames that are too short to be any, as fast as there are buffers.
    std::thread flood([&] {
        netif_rx_back_ring& rx = backend.queues[0].rx;
        while (!stop) {
            while (RING_HAS_UNCONSUMED_REQUESTS(&rx)) {
                netif_rx_request request = *RING_GET_REQUEST(&rx, rx.req_cons++);
                *RING_GET_RESPONSE(&rx, rx.rsp_prod_pvt++) = {request.id, 0, 0, 1};
                RING_PUSH_RESPONSES(&rx);
            }
        }
    });
    uint64_t most = 0;
    for (unsigned turn = 0; turn < 200 || most == 0; ++turn) {  // the flood may begin late
        uint64_t before = backend.front.drops();
        PacketBatch batch;
        backend.front.receive(batch, 64, Packet::kDefaultHeadroom);
        most = std::max(most, backend.front.drops() - before);
    }
    stop = true;
    flood.join();
    CHECK(most > 0);
    CHECK(most <= 256);
}

}  // namespace click::xen
