// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <click/packet_walk.hh>
#include <click/router.hh>

#include <algorithm>
#include <string>

namespace click {

namespace {

/// The elements that a walk meets from port `port` of `from`, in the order of their names; an element named x... ends a way.
std::string walk(const std::string& configuration, const char* from, int port, PacketWalk::Way way, bool& closed) {
    RouterDefinition definition;
    LogErrorHandler errh;
    REQUIRE(parse_router(configuration, "config", {}, definition, errh));
    Scheduler scheduler;
    Router router(std::move(definition), {scheduler});
    REQUIRE(router.configure(errh) >= 0);
    std::vector<std::string> met;
    closed = PacketWalk(router, way).from(*router.find(from), port, [&](Element& element, int entry) {
        met.push_back(element.name() + ":" + std::to_string(entry));
        return element.name()[0] != 'x';
    });
    std::sort(met.begin(), met.end());
    std::string text;
    for (const std::string& one : met) {
        text += (text.empty() ? "" : " ") + one;
    }
    return text;
}

}  // namespace

TEST_CASE("a walk follows calls, by the ports that the flow code joins") {
    bool closed = false;
    constexpr const char* kArp =
        "s :: InfiniteSource -> a :: ARPQuerier(1.0.0.1, 1:1:1:1:1:1) -> x :: Queue -> Discard;"
        "r :: InfiniteSource -> [1] a;";
    CHECK(walk(kArp, "s", 0, PacketWalk::Way::Downstream, closed) == "a:0 x:0");
    CHECK(closed);
    // What comes in for the ARP table goes nowhere.
    CHECK(walk(kArp, "r", 0, PacketWalk::Way::Downstream, closed) == "a:1");
    CHECK_FALSE(closed);
}

TEST_CASE("a walk ends where push turns into pull, and says so") {
    bool closed = false;
    constexpr const char* kQueues =
        "InfiniteSource -> x :: Queue -> c :: Counter -> [0] p :: PrioSched -> d :: Discard;"
        "InfiniteSource -> q :: Queue -> [1] p;";
    CHECK(walk(kQueues, "d", 0, PacketWalk::Way::Upstream, closed) == "c:0 p:0 q:0 x:0");
    CHECK_FALSE(closed);
    constexpr const char* kLoop =
        "s :: InfiniteSource -> n :: Null -> t :: Tee(2) -> n; t[1] -> x :: Queue -> Discard;";
    CHECK(walk(kLoop, "s", 0, PacketWalk::Way::Downstream, closed) == "n:0 t:0 x:0");
    CHECK(closed);
}

TEST_CASE("a walk of many thousand elements needs no stack") {
    std::string configuration = "s :: InfiniteSource";
    for (int i = 0; i < 50'000; ++i) {
        configuration += "->Null";
    }
    bool closed = false;
    std::string met = walk(configuration + "-> x :: Queue -> Discard;", "s", 0, PacketWalk::Way::Downstream, closed);
    CHECK(std::count(met.begin(), met.end(), ':') == 50'001);
    CHECK(closed);
}

}  // namespace click
