// SPDX-License-Identifier: Apache-2.0
#include "lib/random.hh"

#include <doctest/doctest.h>

#include <cstdlib>
#include <initializer_list>

namespace click {

TEST_CASE("the numbers of a seed are those of random()") {
    for (unsigned seed : {0U, 1U, 7U, 2147483647U, 2147483648U, 4294967295U}) {
        RandomNumbers numbers(seed);
        srandom(seed);
        for (int i = 0; i < 1000; ++i) {
            REQUIRE(numbers.next() == static_cast<uint32_t>(::random()));
        }
    }
}

TEST_CASE("numbers below a bound are spread evenly") {
    RandomNumbers numbers(3);
    int count[6] = {};
    for (int i = 0; i < 60000; ++i) {
        ++count[numbers.below(6)];
    }
    for (int one : count) {
        CHECK(one > 9500);
        CHECK(one < 10500);
    }
    CHECK(numbers.below(1) == 0);
}

TEST_CASE("a probability is met, its ends exactly") {
    RandomNumbers numbers(4);
    int hits = 0;
    for (int i = 0; i < 10000; ++i) {
        hits += numbers.happens(RandomNumbers::kMost / 4) ? 1 : 0;
        REQUIRE(!numbers.happens(0));
        REQUIRE(numbers.happens(RandomNumbers::kMost + 1));
    }
    CHECK(hits > 2300);
    CHECK(hits < 2700);
}

}  // namespace click
