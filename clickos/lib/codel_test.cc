// SPDX-License-Identifier: Apache-2.0
#include "lib/codel.hh"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace click {

constexpr int64_t kMs = 1'000'000;

TEST_CASE("drops come an interval divided by the root of their number apart") {
    ControlledDelay::Settings settings;
    for (uint32_t count : {1U, 2U, 3U, 100U, 65536U}) {
        double expected = 100e6 / std::sqrt(static_cast<double>(count));
        auto law = static_cast<double>(ControlledDelay::control_law(settings, 7, count) - 7);
        CHECK(std::fabs(law - expected) <= expected / 10000 + 1);
    }
}

TEST_CASE("waits below the target, or over it for less than an interval, lose nothing") {
    ControlledDelay codel;
    ControlledDelay::Settings settings;
    for (int64_t now = kMs; now < 1000 * kMs; now += kMs) {
        REQUIRE(!codel.drops(settings, 4 * kMs, false, now));
        // Every 90 ms one packet gets through in time.
        REQUIRE(!codel.drops(settings, now / kMs % 90 == 0 ? kMs : 20 * kMs, false, now));
    }
}

TEST_CASE("a standing queue loses one packet after an interval, then more and more often") {
    ControlledDelay codel;
    ControlledDelay::Settings settings;
    std::vector<int64_t> drops;
    for (int64_t now = kMs; now < 1000 * kMs; now += kMs) {
        if (codel.drops(settings, 20 * kMs, false, now)) {
            drops.push_back(now / kMs);
        }
    }
    REQUIRE(drops.size() > 5);
    CHECK(drops[0] == 101);
    CHECK(drops[1] == 201);
    CHECK(drops[2] == 272);
    CHECK(drops[3] == 330);
    CHECK(codel.dropping());
    CHECK(!codel.drops(settings, kMs, false, 1001 * kMs));
    CHECK(!codel.dropping());
}

TEST_CASE("the last packet of a queue is never dropped") {
    ControlledDelay codel;
    ControlledDelay::Settings settings;
    for (int64_t now = kMs; now < 1000 * kMs; now += kMs) {
        REQUIRE(!codel.drops(settings, 50 * kMs, true, now));
    }
}

}  // namespace click
