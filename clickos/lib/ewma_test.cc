// SPDX-License-Identifier: Apache-2.0
#include "lib/ewma.hh"

#include <doctest/doctest.h>

#include <cstdlib>

namespace click {

constexpr int64_t kMillisecond = 1'000'000;

TEST_CASE("a steady stream is measured within two percent, and its end is forgotten") {
    RateAverage average;
    int64_t now = 5'000'000'000 * int64_t{1000};
    CHECK(average.unparse(now) == "0");
    for (int i = 0; i < 500; ++i, now += kMillisecond) {
        average.add(10, now);
    }
    double rate = std::atof(average.unparse(now).c_str());
    CHECK(rate > 9800);
    CHECK(rate < 10200);
    CHECK(std::atof(average.unparse(now, 8).c_str()) == doctest::Approx(8 * rate));
    CHECK(average.unparse(now + 1000 * kMillisecond) == "0");
}

TEST_CASE("after a reset there is no rate") {
    RateAverage average;
    average.add(100, kMillisecond);
    average.add(100, 5 * kMillisecond);
    CHECK(average.unparse(6 * kMillisecond) != "0");
    average.reset();
    CHECK(average.unparse(7 * kMillisecond) == "0");
}

TEST_CASE("a long silence costs no time") {
    RateAverage average;
    average.add(1, kMillisecond);
    average.add(1, int64_t{1} << 62);
    CHECK(average.unparse((int64_t{1} << 62) + 1) == "0");
}

}  // namespace click
