// SPDX-License-Identifier: Apache-2.0
#include "lib/timer_wheel.hh"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <vector>

using click::SilentErrorHandler;
using click::TimerWheel;

namespace {

constexpr int64_t kTick = 1'000'000;
constexpr int64_t kStart = 123'456'789;

std::vector<uint32_t> due(TimerWheel& wheel, int64_t now) {
    std::vector<uint32_t> handles;
    while (!wheel.advance(now, [&](uint32_t handle) { handles.push_back(handle); })) {
    }
    return handles;
}

}  // namespace

TEST_CASE("deadlines are due within a tick, never early") {
    SilentErrorHandler errh;
    for (int64_t after : {int64_t{0}, int64_t{1}, kTick - 1, kTick, 63 * kTick, 64 * kTick, 65 * kTick, 4095 * kTick,
                          4096 * kTick + 5, 262'144 * kTick, 20'000'000 * kTick, 100'000'000 * kTick}) {
        TimerWheel wheel;
        REQUIRE(wheel.allocate(1, kTick, kStart, "deadlines", errh) == 0);
        CHECK(wheel.next_event() == -1);
        wheel.schedule(0, kStart + after);
        CHECK(wheel.scheduled(0));
        int64_t deadline = wheel.deadline(0);
        CHECK(deadline >= kStart + after);
        CHECK(deadline < kStart + after + kTick);
        CHECK(due(wheel, deadline - 1).empty());
        CHECK(wheel.next_event() <= deadline);
        CHECK(due(wheel, deadline) == std::vector<uint32_t>{0});
        CHECK_FALSE(wheel.scheduled(0));
        CHECK(wheel.next_event() == -1);
    }
}

TEST_CASE("who follows next_event wakes seldom, and in time") {
    SilentErrorHandler errh;
    TimerWheel wheel;
    REQUIRE(wheel.allocate(2, kTick, kStart, "deadlines", errh) == 0);
    wheel.schedule(1, kStart + 300'000 * kTick);
    unsigned wakes = 0;
    int64_t now = kStart;
    std::vector<uint32_t> got;
    while (got.empty()) {
        now = wheel.next_event();
        ++wakes;
        got = due(wheel, now);
    }
    CHECK(now == kStart + 300'000 * kTick);
    CHECK(wakes <= 4);
}

TEST_CASE("a deadline moves away and back, and goes when it is cancelled") {
    SilentErrorHandler errh;
    TimerWheel wheel;
    REQUIRE(wheel.allocate(3, kTick, kStart, "deadlines", errh) == 0);
    wheel.schedule(0, kStart + 10 * kTick);
    wheel.schedule(1, kStart + 10 * kTick);
    wheel.schedule(2, kStart + 10 * kTick);
    wheel.schedule(0, kStart + 5000 * kTick);
    wheel.schedule(1, kStart + 5 * kTick);
    wheel.cancel(2);
    wheel.cancel(2);
    CHECK(due(wheel, kStart + 4 * kTick).empty());
    CHECK(wheel.earliest() == 1);
    CHECK(due(wheel, kStart + 5 * kTick) == std::vector<uint32_t>{1});
    CHECK(due(wheel, kStart + 4999 * kTick).empty());
    CHECK(wheel.earliest() == 0);
    CHECK(due(wheel, kStart + 5000 * kTick) == std::vector<uint32_t>{0});
    CHECK(wheel.earliest() == TimerWheel::kNone);
}

TEST_CASE("a call does no more work than it may, however many are due") {
    SilentErrorHandler errh;
    TimerWheel wheel;
    constexpr uint32_t kMany = 50'000;
    REQUIRE(wheel.allocate(kMany, kTick, kStart, "deadlines", errh) == 0);
    for (uint32_t i = 0; i < kMany; ++i) {
        wheel.schedule(i, kStart + 300'000 * kTick);  // all move through three levels
    }
    unsigned expired = 0;
    unsigned calls = 0;
    int64_t now = kStart + 300'000 * kTick;
    for (bool done = false; !done; ++calls) {
        unsigned before = expired;
        done = wheel.advance(
            now, [&](uint32_t) { ++expired; }, 100);
        REQUIRE(expired - before <= 100);
    }
    CHECK(expired == kMany);
    CHECK(calls >= kMany / 100);
    CHECK(calls <= 4 * kMany / 100 + 1);
}

TEST_CASE("the wheel agrees with a map under random use") {
    SilentErrorHandler errh;
    TimerWheel wheel;
    constexpr uint32_t kCount = 200;
    REQUIRE(wheel.allocate(kCount, kTick, kStart, "deadlines", errh) == 0);
    std::map<uint32_t, int64_t> model;
    std::mt19937_64 engine(11);
    int64_t now = kStart;
    for (unsigned i = 0; i < 100'000; ++i) {
        auto handle = static_cast<uint32_t>(engine() % kCount);
        switch (engine() % 4) {
            case 0:
                wheel.cancel(handle);
                model.erase(handle);
                break;
            case 1:
                now += static_cast<int64_t>(engine() % (uint64_t{1} << engine() % 34));
                for (uint32_t one : due(wheel, now)) {
                    REQUIRE(model.count(one) == 1);
                    REQUIRE(model[one] <= now);
                    model.erase(one);
                }
                for (auto& [one, deadline] : model) {
                    REQUIRE(deadline > now - kTick);
                }
                break;
            default: {
                int64_t deadline = now + static_cast<int64_t>(engine() % (uint64_t{1} << engine() % 40));
                wheel.schedule(handle, deadline);
                model[handle] = deadline;
            }
        }
        REQUIRE(wheel.scheduled(handle) == (model.count(handle) == 1));
    }
}
