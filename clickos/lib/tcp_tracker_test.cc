// SPDX-License-Identifier: Apache-2.0
#include "lib/tcp_tracker.hh"

#include <doctest/doctest.h>

#include <random>

using click::TcpSegment;
using click::TcpTracker;
using State = TcpTracker::State;

namespace {

constexpr uint8_t kFin = TcpSegment::kFin, kSyn = TcpSegment::kSyn, kRst = TcpSegment::kRst, kAck = TcpSegment::kAck;

TcpSegment segment(uint32_t sequence, uint32_t acknowledgement, uint8_t flags, uint32_t length = 0,
                   uint16_t window = 1000, uint8_t scale = TcpSegment::kNoScale) {
    return {sequence, acknowledgement, length, window, flags, scale};
}

/// Opened by side 0 at `one`, answered by side 1 at `other`: the next numbers are one and other.
TcpTracker established(uint32_t one = 1001, uint32_t other = 5001, uint8_t scale = TcpSegment::kNoScale) {
    TcpTracker tracker;
    CHECK(tracker.begin(segment(one - 1, 0, kSyn, 0, 1000, scale), 0));
    CHECK(tracker.state() == State::SynSent);
    CHECK(tracker.follow(segment(other - 1, one, kSyn | kAck, 0, 1000, scale), 1));
    CHECK(tracker.state() == State::SynReceived);
    CHECK(tracker.follow(segment(one, other, kAck), 0));
    CHECK(tracker.state() == State::Established);
    return tracker;
}

}  // namespace

TEST_CASE("a connection opens, talks, closes from both sides and may begin anew") {
    // Also where sequence numbers wrap.
    for (uint32_t one : {1001U, 0xfffffff0U}) {
        TcpTracker tracker = established(one);
        CHECK(tracker.lasting());
        CHECK(tracker.follow(segment(one, 5001, kAck, 100), 0));
        CHECK(tracker.follow(segment(5001, one + 100, kAck, 200), 1));
        CHECK(tracker.follow(segment(one + 100, 5201, kFin | kAck), 0));
        CHECK(tracker.state() == State::FinWait);
        CHECK(tracker.follow(segment(5201, one + 101, kAck, 10), 1));
        CHECK(tracker.follow(segment(5211, one + 101, kFin | kAck), 1));
        CHECK(tracker.state() == State::Closing);
        CHECK(!tracker.over());
        CHECK(tracker.follow(segment(one + 101, 5212, kAck), 0));
        CHECK(tracker.state() == State::TimeWait);
        CHECK(tracker.over());
        CHECK(tracker.follow(segment(5211, one + 101, kFin | kAck), 1));
        CHECK(tracker.begin(segment(9000, 0, kSyn), 0));
        CHECK(tracker.state() == State::SynSent);
    }
}

TEST_CASE("a tracker goes on from the numbers of another one as that one does") {
    std::mt19937 random(7);
    TcpTracker tracker = established();
    for (int turn = 0; turn < 20000; ++turn) {
        TcpTracker other;
        REQUIRE(other.set_numbers(tracker.numbers()));
        REQUIRE(other.numbers() == tracker.numbers());
        auto flags = static_cast<uint8_t>(random() % 32 | kAck);
        TcpSegment next = segment(1000 + random() % 200, 5000 + random() % 200, flags, random() % 20);
        unsigned side = random() % 2;
        if (side == 1) {
            std::swap(next.sequence, next.acknowledgement);
        }
        CHECK(other.follow(next, side) == tracker.follow(next, side));
        CHECK(other.state() == tracker.state());
        if (tracker.over()) {
            tracker = established();
        }
    }
    auto numbers = tracker.numbers();
    numbers[0] = 7;
    CHECK_FALSE(tracker.set_numbers(numbers));
}

TEST_CASE("only a SYN begins a connection, and its answer acknowledges it") {
    TcpTracker tracker;
    for (uint8_t flags :
         {uint8_t{kAck}, uint8_t(kSyn | kAck), uint8_t(kSyn | kFin), uint8_t(kSyn | kRst), uint8_t{0}}) {
        CHECK(!tracker.begin(segment(1, 1, flags), 0));
    }
    CHECK(!tracker.follow(segment(1, 1, kAck), 0));
    REQUIRE(tracker.begin(segment(1000, 0, kSyn), 0));
    CHECK(!tracker.follow(segment(5000, 1002, kSyn | kAck), 1));
    CHECK(!tracker.follow(segment(5000, 1001, kAck, 10), 1));
    CHECK(!tracker.follow(segment(1001, 5001, kAck), 0));
    CHECK(tracker.follow(segment(1000, 0, kSyn), 0));
    CHECK(tracker.follow(segment(5000, 1001, kSyn | kAck), 1));
    CHECK(tracker.follow(segment(5000, 1001, kSyn | kAck), 1));
    CHECK(tracker.state() == State::SynReceived);
}

TEST_CASE("both sides may begin at once") {
    TcpTracker tracker;
    REQUIRE(tracker.begin(segment(1000, 0, kSyn), 0));
    CHECK(tracker.follow(segment(5000, 0, kSyn), 1));
    CHECK(tracker.follow(segment(1000, 5001, kSyn | kAck), 0));
    CHECK(tracker.follow(segment(5001, 1001, kAck), 1));
    CHECK(tracker.state() == State::Established);
}

TEST_CASE("who does not see the connection cannot end it or speak in it") {
    std::mt19937 random(1);
    unsigned passed = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        TcpTracker tracker = established();
        auto side = static_cast<unsigned>(random() % 2);
        auto flags = static_cast<uint8_t>(random() % 32);
        bool accepted = tracker.follow(
            segment(static_cast<uint32_t>(random()), static_cast<uint32_t>(random()), flags, random() % 1400), side);
        passed += accepted;
        CHECK(tracker.state() == State::Established);
    }
    // A window of 1,000 is less than one of 4 million numbers.
    CHECK(passed <= 2);
}

TEST_CASE("a reset ends a connection where it is what comes next") {
    TcpTracker tracker = established();
    CHECK(tracker.follow(segment(5500, 0, kRst), 1));
    CHECK(tracker.state() == State::Established);
    CHECK(!tracker.follow(segment(7000, 0, kRst), 1));
    CHECK(tracker.follow(segment(5001, 0, kRst), 1));
    CHECK(tracker.state() == State::Closed);
    CHECK(tracker.over());
    CHECK(!tracker.follow(segment(5001, 1001, kAck), 1));

    TcpTracker refused;
    REQUIRE(refused.begin(segment(1000, 0, kSyn), 0));
    CHECK(!refused.follow(segment(0, 1000, kRst | kAck), 1));
    CHECK(!refused.follow(segment(0, 0, kRst), 1));
    CHECK(refused.follow(segment(0, 1001, kRst | kAck), 1));
    CHECK(refused.state() == State::Closed);
}

TEST_CASE("windows are scaled when both sides say so") {
    TcpTracker tracker = established(1001, 5001, 7);
    CHECK(tracker.follow(segment(5001, 1001, kAck), 1));
    CHECK(tracker.follow(segment(1001 + 100000, 5001, kAck, 1000), 0));
    CHECK(!tracker.follow(segment(1001 + 200000, 5001, kAck, 1000), 0));
    TcpTracker unscaled = established();
    CHECK(unscaled.follow(segment(5001, 1001, kAck), 1));
    CHECK(!unscaled.follow(segment(1001 + 100000, 5001, kAck, 1000), 0));
}

TEST_CASE("a long transfer never leaves its window") {
    TcpTracker tracker = established(1001, 5001);
    uint32_t at = 5001;
    for (unsigned i = 0; i < 10'000'000 / 500; ++i) {
        REQUIRE(tracker.follow(segment(at, 1001, kAck, 500), 1));
        at += 500;
        REQUIRE(tracker.follow(segment(1001, at, kAck), 0));
    }
    // What was acknowledged long ago comes again.
    CHECK(tracker.follow(segment(at - 500, 1001, kAck, 500), 1));
    CHECK(!tracker.follow(segment(at - 500000, 1001, kAck, 500), 1));
}

TEST_CASE("a connection is taken up again where it is by then") {
    TcpTracker tracker = established(1001, 5001);
    CHECK(!tracker.follow(segment(9'000'000, 7'000'000, kAck, 100), 1));
    CHECK(!tracker.rejoin(segment(9'000'000, 0, kSyn), 1));
    CHECK(!tracker.rejoin(segment(9'000'000, 0, 0), 1));
    REQUIRE(tracker.rejoin(segment(9'000'000, 7'000'000, kAck, 100), 1));
    CHECK(tracker.state() == State::Established);
    CHECK(tracker.follow(segment(7'000'000, 9'000'100, kAck, 10), 0));
    CHECK(tracker.follow(segment(9'000'100, 7'000'010, kAck, 10), 1));
    CHECK(!tracker.follow(segment(5001, 1001, kAck, 10), 1));
    CHECK(tracker.rejoin(segment(5001, 0, kRst), 1));
    CHECK(tracker.state() == State::Established);
    TcpTracker opening;
    REQUIRE(opening.begin(segment(1000, 0, kSyn), 0));
    CHECK(!opening.rejoin(segment(1001, 1, kAck), 0));
}
