// SPDX-License-Identifier: Apache-2.0
//
// Whoever looks at the end cannot tell whether turns took more than their burst.
#include <doctest/doctest.h>
#include <click/router.hh>

#include <string>

namespace click {

namespace {

/// Two elements that show the order of packets: then every turn is as configured.
constexpr const char* kSeen = "Idle -> Print(a) -> Discard; Idle -> Print(b) -> Discard;";

struct Run {
    std::string seen;  ///< what the handlers say when the router has stopped
    uint64_t rounds = 0;
};

Run run(const std::string& configuration, const std::string& handlers) {
    RouterDefinition definition;
    LogErrorHandler errh;
    REQUIRE(parse_router(configuration, "config", {}, definition, errh));
    Scheduler scheduler;
    Router router(std::move(definition), {scheduler});
    REQUIRE(router.configure(errh) >= 0);
    REQUIRE(router.initialize(nullptr, errh) >= 0);
    while (!scheduler.stopped() && scheduler.rounds() < 100'000) {
        scheduler.run_once(false);
    }
    Run result;
    result.rounds = scheduler.rounds();
    size_t at = 0;
    while (at < handlers.size()) {
        size_t end = handlers.find(' ', at);
        end = end == std::string::npos ? handlers.size() : end;
        std::string path = handlers.substr(at, end - at);
        Router::HandlerRef handler = router.find_handler(path);
        REQUIRE(handler);
        result.seen += path + "=" + router.read(handler, {}, errh) + " ";
        at = end + 1;
    }
    return result;
}

void check_same(const std::string& configuration, const std::string& handlers, bool together) {
    CAPTURE(configuration);
    Run free = run(configuration, handlers);
    Run seen = run(configuration + kSeen, handlers);
    CHECK(free.seen == seen.seen);
    if (together) {
        CHECK(free.rounds * 8 < seen.rounds);
    } else {
        CHECK(free.rounds == seen.rounds);
    }
}

}  // namespace

TEST_CASE("turns taken together end as single ones: limits, stops, shares") {
    check_same("s :: InfiniteSource(LIMIT 200001, STOP true) -> q :: Queue -> d :: Discard;",
               "s.count d.count q.length", true);
    check_same(
        "s :: InfiniteSource(LIMIT 100003, STOP true) -> q :: Queue(500) -> u :: Unqueue -> r :: Queue(400) -> d :: "
        "Discard;",
        "s.count u.count d.count q.length r.length q.drops r.drops", true);
    // A source of twice the burst, a sink with a limit of its own, which is reached first.
    check_same(
        "s :: InfiniteSource(BURST 2, LIMIT 300000, STOP true) -> q :: NotifierQueue(700) -> u :: Unqueue(LIMIT "
        "290001, "
        "BURST 2)"
        " -> d :: Discard;",
        "s.count u.count d.count q.length q.drops", true);
    check_same(
        "s :: InfiniteSource(LIMIT 100000, STOP true) -> c :: Counter -> Discard;"
        "t :: InfiniteSource(LIMIT 60000) -> e :: Counter -> Queue -> f :: Discard;",
        "c.count e.count f.count", true);
}

TEST_CASE("turns are single ones where the difference would be seen") {
    // Two sources fill one queue: what is dropped, and whose packets, is as configured once it is nearly full.
    check_same(
        "s :: InfiniteSource(LIMIT 50000, STOP true) -> q :: SimpleQueue(300) -> d :: Discard;"
        "t :: InfiniteSource -> q;",
        "s.count t.count d.count q.length q.drops", false);
    // A queue that holds no more than a batch.
    check_same("s :: InfiniteSource(LIMIT 20000, STOP true) -> q :: Queue(20) -> d :: Discard;",
               "s.count d.count q.length q.drops q.highwater_length", false);
    // Two pull from one queue.
    check_same(
        "s :: InfiniteSource(LIMIT 20001, STOP true) -> q :: Queue; q -> c :: Counter -> d :: Discard; q -> e :: "
        "Discard;",
        "s.count d.count e.count q.length", false);
    // A handler is called at a packet.
    check_same(
        "s :: InfiniteSource(LIMIT 20000, STOP true) -> c :: Counter(COUNT_CALL 19990 t.active false) -> d :: Discard;"
        "t :: InfiniteSource -> e :: Discard;  Idle -> Print -> Discard;",
        "c.count e.count", false);
    // Tasks of different shares.
    check_same("s :: InfiniteSource(LIMIT 20000, STOP true) -> d :: Discard; t :: RatedSource(RATE 0) -> Discard;",
               "s.count d.count", true);
}

TEST_CASE("the order of packets at the one element that shows it is theirs") {
    // One way of packets: taken together. Two that join: not.
    Run line =
        run("InfiniteSource(LIMIT 100000, STOP true) -> Queue -> d :: Discard; Idle -> Print -> Discard;", "d.count");
    CHECK(line.seen == "d.count=100000 ");
    CHECK(line.rounds < 300);
    Run joined =
        run("InfiniteSource(LIMIT 20000, STOP true) -> n :: Null -> Queue -> d :: Discard; Idle -> n;"
            "Idle -> Print -> Discard;",
            "d.count");
    CHECK(joined.rounds > 300);
}

}  // namespace click
