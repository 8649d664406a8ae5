// SPDX-License-Identifier: Apache-2.0
#include "lib/tokenbucket.hh"

#include <doctest/doctest.h>

namespace click {

constexpr int64_t kSecond = 1'000'000'000;

TEST_CASE("a token bucket gives exactly its rate over an hour of odd steps") {
    TokenBucket bucket;
    bucket.configure(7, 100);
    bucket.set_tokens(0, 0);
    uint64_t taken = 0;
    int64_t now = 0;
    for (; now < 3600 * kSecond; now += 33'333'333) {
        bucket.refill(now);
        while (bucket.remove(1)) {
            ++taken;
        }
    }
    CHECK(taken == 7 * 3600 - 1);
}

TEST_CASE("a token bucket never holds more than its capacity") {
    TokenBucket bucket;
    bucket.configure(1'000'000'000, 3);
    bucket.refill(int64_t{1} << 62);
    CHECK(bucket.tokens() == 3);
    CHECK(bucket.remove(3));
    CHECK_FALSE(bucket.remove(1));
    bucket.configure(10, 1);
    bucket.set_tokens(5, 0);
    CHECK(bucket.tokens() == 1);
}

TEST_CASE("a token is there at the time that the bucket promised, and not before") {
    TokenBucket bucket;
    bucket.configure(3, 2);
    bucket.set_tokens(0, 1000);
    int64_t when = bucket.time_of(1, 1000);
    CHECK(when == 1000 + 333'333'334);
    bucket.refill(when - 1);
    CHECK_FALSE(bucket.remove(1));
    bucket.refill(when);
    CHECK(bucket.remove(1));
    CHECK(bucket.time_of(0, when) == when);
}

TEST_CASE("a debt is paid before there are tokens again") {
    TokenBucket bucket;
    bucket.configure(10, 5);
    bucket.set_tokens(1, 0);
    bucket.remove_in_debt(4);
    CHECK(bucket.tokens() == 0);
    CHECK(bucket.time_of(1, 0) == 4 * kSecond / 10);
    bucket.refill(3 * kSecond / 10);
    CHECK_FALSE(bucket.remove(1));
    bucket.refill(4 * kSecond / 10);
    CHECK(bucket.remove(1));
}

TEST_CASE("time that goes back adds nothing") {
    TokenBucket bucket;
    bucket.configure(10, 5);
    bucket.set_tokens(1, 5 * kSecond);
    bucket.refill(4 * kSecond);
    CHECK(bucket.tokens() == 1);
}

}  // namespace click
