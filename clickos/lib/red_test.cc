// SPDX-License-Identifier: Apache-2.0
#include "lib/red.hh"

#include <doctest/doctest.h>

namespace click {

namespace {

/// Marks of `count` packets that come while `length` wait all the time.
int marks(RandomEarlyDetection& red, uint64_t length, int count) {
    RandomNumbers random(5);
    int marked = 0;
    for (int i = 0; i < count; ++i) {
        marked += red.marks(length, i, random) ? 1 : 0;
    }
    return marked;
}

}  // namespace

TEST_CASE("nothing is marked up to the lower threshold, all beyond twice the upper one") {
    RandomEarlyDetection red;
    red.settings() = {.least = 10, .most = 50, .probability = 0.1};
    CHECK(marks(red, 10, 1000) == 0);
    CHECK(red.average() > 9.9);
    marks(red, 101, 200);
    CHECK(marks(red, 101, 100) == 100);
}

TEST_CASE("between the thresholds the share of marks rises as it should") {
    RandomEarlyDetection red;
    red.settings() = {.least = 10, .most = 50, .probability = 0.1};
    marks(red, 30, 200);
    int half = marks(red, 30, 20000);  // uniform marks at p = 0.05: one in (1 / p) / 2 packets
    CHECK(half > 1500);
    CHECK(half < 2500);
    red.settings().gentle = false;
    marks(red, 60, 200);
    CHECK(marks(red, 60, 100) == 100);
}

TEST_CASE("an idle time lowers the average") {
    RandomEarlyDetection red;
    red.settings() = {.least = 10, .most = 50, .probability = 0.1};
    RandomNumbers random(5);
    marks(red, 40, 200);
    red.marks(0, 1000, random);
    red.marks(0, 1'000'000'000, random);
    CHECK(red.average() < 0.001);
}

}  // namespace click
