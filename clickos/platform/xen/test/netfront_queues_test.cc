// SPDX-License-Identifier: Apache-2.0
//
// An interface with more queues or event channels than one.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "platform/xen/netfront.hh"
#include "platform/xen/test/backend.hh"
#include "platform/xen/test/domain.hh"

namespace click::xen {

namespace {

using Nodes = std::map<std::string, std::string>;

const std::string kPath = Backend::kPath;

Nodes offered(const std::string& queues) {
    return {{kPath + "/multi-queue-max-queues", queues}, {kPath + "/feature-split-event-channels", "1"}};
}

Nodes with(Nodes nodes, const Nodes& more) {
    nodes.insert(more.begin(), more.end());
    return nodes;
}

/// A UDP packet from a port.
std::string from_port(uint16_t port, char number) {
    std::string frame = frame_of(60, number);
    const unsigned char ip[20] = {0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
    std::copy(ip, ip + 20, frame.begin() + 14);
    frame[34] = static_cast<char>(port >> 8);
    frame[35] = static_cast<char>(port);
    frame[36] = frame[37] = 5;
    return frame;
}

}  // namespace

TEST_CASE("whatever the backend offers, nobody's wish is one queue and one event channel") {
    Backend backend(offered("8"));
    CHECK(backend.front.queues() == 1);
    CHECK(domain::writes == 7);
    CHECK(domain::ports.size() == 1);
}

TEST_CASE("the module host chooses queues and split channels, and the backend how many there are at most") {
    Nodes wish{{"data/clickos/vif/0/queues", "4"}, {"data/clickos/vif/0/split", "1"}};
    {
        Backend backend(with(offered("3"), wish));
        CHECK(backend.front.queues() == 3);
        CHECK(Backend::node("multi-queue-num-queues") == "3");
        CHECK(Backend::node("queue-2/event-channel-tx") != Backend::node("queue-2/event-channel-rx"));
        CHECK(Backend::node("tx-ring-ref").empty());
        CHECK(domain::ports.size() == 6);
    }
    Backend backend(wish);
    CHECK(backend.front.queues() == 1);
    CHECK(Backend::node("multi-queue-num-queues").empty());
    CHECK_FALSE(Backend::node("event-channel").empty());
}

TEST_CASE("one queue with split channels has its nodes where one queue has them") {
    Backend backend(with(offered("8"), {{"data/clickos/vif/0/split", "1"}}));
    CHECK(Backend::node("event-channel").empty());
    CHECK_FALSE(Backend::node("event-channel-tx").empty());
    CHECK_FALSE(Backend::node("event-channel-rx").empty());
}

TEST_CASE("with event channels for fewer queues than asked for, those are used") {
    unsigned before = std::exchange(domain::ports_left, 2);
    {
        Backend backend(with(offered("8"), {{"data/clickos/vif/0/queues", "4"}}));
        CHECK(backend.front.queues() == 2);
        CHECK(Backend::node("multi-queue-num-queues") == "2");
    }
    domain::ports_left = before;
    CHECK(domain::allocated.empty());
}

TEST_CASE("frames are received from every queue") {
    Backend backend(with(offered("8"), {{"data/clickos/vif/0/queues", "4"}}));
    for (int i = 0; i < 1000; ++i) {
        std::set<std::string> frames;
        for (size_t queue = 0; queue < 4; ++queue) {
            frames.insert(frame_of(60 + queue, static_cast<char>(i)));
            backend.deliver(frame_of(60 + queue, static_cast<char>(i)), 0, queue);
        }
        std::vector<std::string> received = backend.received();
        REQUIRE(std::set<std::string>(received.begin(), received.end()) == frames);
    }
}

TEST_CASE("each flow keeps to one queue and in order, and the flows use all queues") {
    Backend backend(with(offered("8"), {{"data/clickos/vif/0/queues", "4"}}));
    for (char number = 0; number < 10; ++number) {
        for (uint16_t port = 0; port < 40; ++port) {
            REQUIRE(backend.send(from_port(port, number)) == "sent");
        }
    }
    std::map<char, size_t> queue_of;
    for (size_t queue = 0; queue < 4; ++queue) {
        std::map<char, char> last;
        unsigned count = 0;
        for (std::string frame; !(frame = backend.take(queue)).empty(); ++count) {
            char port = frame[35];
            CHECK(queue_of.emplace(port, queue).first->second == queue);
            char expected = last.count(port) ? static_cast<char>(last[port] + 1) : '\0';
            CHECK(frame.back() == expected);
            last[port] = frame.back();
        }
        CHECK(count > 0);
    }
    CHECK(queue_of.size() == 40);
}

TEST_CASE("a backend that offers less than the one before is told of fewer queues") {
    Backend backend(with(offered("8"), {{"data/clickos/vif/0/queues", "2"}}));
    backend.enter("5");
    domain::nodes.erase(kPath + "/multi-queue-max-queues");
    backend.enter("6");
    backend.enter("2");
    CHECK(backend.front.queues() == 1);
    CHECK(Backend::node("multi-queue-num-queues") == "1");
    CHECK_FALSE(Backend::node("tx-ring-ref").empty());
}

}  // namespace click::xen
