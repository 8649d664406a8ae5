// SPDX-License-Identifier: Apache-2.0
#include "lib/flow_table.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "lib/timer_wheel.hh"

using click::FlowTable;
using click::SilentErrorHandler;
using click::TextErrorHandler;
using click::TimerWheel;

namespace {

struct Flow {
    uint32_t source;
    uint32_t destination;
    uint16_t source_port;
    uint16_t destination_port;
};

/// What a rewriter keeps of a mapping besides its keys.
struct Mapping {
    uint32_t owner;
    uint32_t checksum_delta[2];
    uint8_t outputs[2];
    uint16_t flags;
};

Flow forward(uint32_t n) { return {n, 0x0a000001, 1000, 80}; }
Flow reply(uint32_t n) { return {0x0a000001, n, 80, 1000}; }

}  // namespace

TEST_CASE("an entry is found by each of its keys") {
    SilentErrorHandler errh;
    FlowTable<Flow, Mapping, 2> table;
    CHECK_FALSE(table.find(forward(1)));
    REQUIRE(table.allocate(3, "mappings", errh) == 0);
    CHECK(table.capacity() == 3);
    uint32_t first = table.insert({forward(1), reply(1)});
    uint32_t second = table.insert({forward(2), reply(2)});
    table[first].owner = 17;
    CHECK(table.find(forward(1)).handle == first);
    CHECK(table.find(forward(1)).key == 0);
    CHECK(table.find(reply(1)).handle == first);
    CHECK(table.find(reply(1)).key == 1);
    CHECK(table.key(second, 1).destination == 2);
    CHECK_FALSE(table.find(forward(3)));
    CHECK(table.insert({forward(3), reply(3)}) != table.kNone);
    CHECK(table.full());
    CHECK(table.insert({forward(4), reply(4)}) == table.kNone);
    table.erase(first);
    CHECK_FALSE(table.has(first));
    CHECK_FALSE(table.find(reply(1)));
    CHECK(table.find(reply(2)).handle == second);
    CHECK(table.insert({forward(4), reply(4)}) == first);
    CHECK(table[first].owner == 0);
    table.clear();
    CHECK(table.size() == 0);
    CHECK_FALSE(table.find(forward(4)));
}

TEST_CASE("a mapping costs no more than is said") {
    struct Cost {
        std::array<Flow, 2> keys;
        std::array<uint32_t, 2> next;
        Mapping value;
        uint32_t buckets[2];
        uint32_t wheel[3];
    };
    CHECK(sizeof(Cost) - 2 * sizeof(Flow) <= 64);
}

TEST_CASE("a table that does not fit into memory is an error, and the old one stays") {
    TextErrorHandler errh;
    FlowTable<uint32_t, uint32_t> table;
    REQUIRE(table.allocate(10, "numbers", errh) == 0);
    uint32_t seven = table.insert(7);
    CHECK(table.allocate(0x7fffffff, "numbers", errh) == -1);
    CHECK(errh.text() == "out of range: 2147483647 numbers; at most 2147483646\n");
    click::Table<std::array<uint8_t, 1 << 20>> huge;
    CHECK(huge.allocate(uint64_t{1} << 40, "pieces", errh) == -1);
    CHECK(huge.allocate(UINT64_MAX, "pieces", errh) == -1);
    CHECK(errh.text().ends_with("out of memory: no room for 18446744073709551615 pieces\n"));
    CHECK(table.find(7).handle == seven);
}

TEST_CASE("the table agrees with a map under random use") {
    SilentErrorHandler errh;
    FlowTable<uint32_t, uint32_t> table;
    REQUIRE(table.allocate(300, "numbers", errh) == 0);
    std::map<uint32_t, uint32_t> model;
    std::mt19937 engine(7);
    for (unsigned i = 0; i < 200'000; ++i) {
        uint32_t key = engine() % 500;
        auto found = table.find(key);
        REQUIRE(bool(found) == (model.count(key) == 1));
        if (found) {
            REQUIRE(table[found.handle] == model[key]);
            if (engine() % 2) {
                table.erase(found.handle);
                model.erase(key);
            }
        } else {
            uint32_t handle = table.insert(key);
            REQUIRE((handle == table.kNone) == (model.size() == 300));
            if (handle != table.kNone) {
                model[key] = table[handle] = i;
            }
        }
        REQUIRE(table.size() == model.size());
    }
    size_t seen = 0;
    table.for_each([&](uint32_t handle) { seen += model.at(table.key(handle)) == table[handle]; });
    CHECK(seen == model.size());
}

TEST_CASE("keys with a pattern spread over the buckets") {
    // Throws of balls into as many bins: 37 % stay empty. Far more would mean that keys fall together.
    for (uint64_t seed : {0x0123456789abcdefULL, 0x1ULL, 0xffffffff00000000ULL}) {
        std::vector<unsigned> bins(4096);
        for (uint32_t i = 0; i < 4096; ++i) {
            Flow flow = forward(i << 8);
            ++bins[(click::keyed_hash(&flow, sizeof flow, seed) >> 32) * bins.size() >> 32];
        }
        auto empty = std::count(bins.begin(), bins.end(), 0U);
        CHECK(empty > 1350);
        CHECK(empty < 1700);
    }
}

TEST_CASE("a flood of flows through a full table ends the oldest ones") {
    SilentErrorHandler errh;
    FlowTable<uint32_t, uint32_t> table;
    TimerWheel wheel;
    REQUIRE(table.allocate(1000, "flows", errh) == 0);
    REQUIRE(wheel.allocate(1000, 1'000'000, 0, "flows", errh) == 0);
    for (uint32_t i = 0; i < 100'000; ++i) {
        int64_t now = int64_t{i} * 10'000'000;
        if (table.full()) {
            uint32_t oldest = wheel.earliest();
            REQUIRE(table[oldest] + 1000 <= i);
            wheel.cancel(oldest);
            table.erase(oldest);
        }
        uint32_t handle = table.insert(i);
        table[handle] = i;
        wheel.schedule(handle, now + int64_t{3600} * 1'000'000'000);
    }
    CHECK(table.find(99'999));
    CHECK_FALSE(table.find(98'000));
}
