// SPDX-License-Identifier: Apache-2.0
#include "lib/replay_window.hh"

#include <doctest/doctest.h>

#include <random>
#include <set>

namespace click {

namespace {

ReplayWindow started(uint32_t size, uint64_t last = 0) {
    ReplayWindow window;
    window.start(size, last);
    return window;
}

}  // namespace

TEST_CASE("number 0 and what was before the start are no news") {
    ReplayWindow window = started(64, 100);
    CHECK(!window.fresh(100));
    CHECK(!window.fresh(99));
    CHECK(!window.fresh(37));
    CHECK(window.fresh(101));
    CHECK(!started(64).fresh(0));
    CHECK(started(64).fresh(1));
}

TEST_CASE("the oldest number of the window is taken, the one before is not") {
    for (uint32_t size : {64U, 65U, 100U, 1024U, 4096U}) {
        CAPTURE(size);
        ReplayWindow window = started(size);
        window.accept(10000);
        CHECK(!window.fresh(10000));
        CHECK(window.fresh(10000 - size + 1));
        CHECK(!window.fresh(10000 - size));
        window.accept(10000 - size + 1);
        CHECK(!window.fresh(10000 - size + 1));
        window.accept(10001);
        CHECK(!window.fresh(10001 - size));
    }
}

TEST_CASE("the window says what a set of all numbers says") {
    for (uint32_t size : {64U, 97U, 4096U}) {
        CAPTURE(size);
        std::mt19937_64 random(size);
        ReplayWindow window = started(size);
        std::set<uint64_t> seen;
        uint64_t last = 0;
        for (int i = 0; i < 20000; ++i) {
            uint64_t low = last > size + 8 ? last - size - 8 : 0;
            uint64_t number = i % 997 == 0 ? last + 5 * size : low + random() % (size + 12);
            bool fresh = number != 0 && number + size > last && !seen.count(number);
            REQUIRE(window.fresh(number) == fresh);
            if (fresh) {
                window.accept(number);
                seen.insert(number);
                last = number > last ? number : last;
            }
            REQUIRE(window.last() == last);
        }
    }
}

TEST_CASE("the upper half of a number is guessed from where the window is") {
    constexpr uint64_t kWrap = uint64_t{1} << 32;
    CHECK(started(64, 1000).extend(1001) == 1001);
    CHECK(started(64, 1000).extend(937) == 937);
    CHECK(started(64, 1000).extend(936) == kWrap + 936);
    CHECK(started(64, kWrap - 1).extend(0) == kWrap);
    CHECK(started(64, kWrap - 1).extend(0xffffffff) == kWrap - 1);
    CHECK(started(64, kWrap + 5).extend(0xfffffff0) == kWrap - 16);
    CHECK(started(64, kWrap + 5).extend(6) == kWrap + 6);
    CHECK(started(64, kWrap + 5).extend(0xffffffc6) == kWrap - 58);
    CHECK(started(64, kWrap + 5).extend(0xffffffc5) == kWrap + 0xffffffc5);
    ReplayWindow window = started(64, kWrap - 2);
    window.accept(kWrap + 1);
    CHECK(window.fresh(kWrap - 1));
    CHECK(!window.fresh(kWrap - 2));
}

}  // namespace click
