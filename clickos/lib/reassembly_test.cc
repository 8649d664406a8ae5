// SPDX-License-Identifier: Apache-2.0
#include "lib/reassembly.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using click::Reassembly;
using Outcome = Reassembly::Outcome;

namespace {

struct Fragment {
    uint32_t offset;
    uint32_t length;
    bool last;
};

class Receiver {
public:
    Outcome add(const Fragment& fragment, const std::vector<uint8_t>& datagram) {
        return add(fragment.offset, datagram.data() + fragment.offset, fragment.length, fragment.last);
    }
    Outcome add(uint32_t offset, const uint8_t* bytes, uint32_t length, bool last) {
        if (offset + length > _reassembly.capacity()) {
            uint32_t capacity = Reassembly::capacity_for(offset + length);
            // Memory of just that size, so that the sanitizer sees what is written behind it.
            std::vector<uint8_t> memory(Reassembly::memory_for(capacity), 0xa5);
            _reassembly.move_to(memory.data(), capacity);
            _memory.swap(memory);
        }
        return _reassembly.add(offset, bytes, length, last);
    }
    Reassembly& reassembly() { return _reassembly; }
    std::vector<uint8_t> bytes() const { return {_memory.begin(), _memory.begin() + _reassembly.end()}; }

private:
    std::vector<uint8_t> _memory;
    Reassembly _reassembly;
};

std::vector<uint8_t> random_datagram(std::mt19937& random, uint32_t longest) {
    std::vector<uint8_t> datagram(1 + random() % longest);
    for (uint8_t& byte : datagram) {
        byte = static_cast<uint8_t>(random());
    }
    return datagram;
}

std::vector<Fragment> cut(std::mt19937& random, uint32_t length) {
    std::vector<Fragment> fragments;
    uint32_t longest = 1 + static_cast<uint32_t>(random()) % 200;
    for (uint32_t at = 0; at < length;) {
        uint32_t part = std::min(length - at, 8 * (1 + static_cast<uint32_t>(random()) % longest));
        fragments.push_back({at, part, at + part == length});
        at += part;
    }
    return fragments;
}

}  // namespace

TEST_CASE("reassembly undoes fragmentation, whatever the sizes, the order and the duplicates") {
    std::mt19937 random(1);
    for (unsigned round = 0; round < 400; ++round) {
        std::vector<uint8_t> datagram = random_datagram(random, round % 4 == 0 ? 65515 : 3000);
        auto length = static_cast<uint32_t>(datagram.size());
        std::vector<Fragment> fragments = cut(random, length);
        // The same datagram again, cut otherwise: what overlaps is the same.
        if (round % 2 == 0) {
            std::vector<Fragment> again = cut(random, length);
            fragments.insert(fragments.end(), again.begin(), again.end());
        }
        std::shuffle(fragments.begin(), fragments.end(), random);
        Receiver receiver;
        std::vector<bool> arrived(length);
        bool complete = false;
        for (const Fragment& fragment : fragments) {
            bool is_new =
                std::find(arrived.begin() + fragment.offset, arrived.begin() + fragment.offset + fragment.length,
                          false) != arrived.begin() + fragment.offset + fragment.length;
            std::fill_n(arrived.begin() + fragment.offset, fragment.length, true);
            bool is_complete = std::find(arrived.begin(), arrived.end(), false) == arrived.end();
            Outcome outcome = receiver.add(fragment, datagram);
            if (is_complete) {
                REQUIRE(outcome == Outcome::Complete);
            } else {
                REQUIRE(outcome == (is_new ? Outcome::Held : Outcome::Known));
            }
            complete = is_complete;
            if (complete) {
                break;
            }
        }
        REQUIRE(complete);
        REQUIRE(receiver.bytes() == datagram);
    }
}

TEST_CASE("a byte with two values, and two ends, make a datagram wrong") {
    std::mt19937 random(2);
    unsigned wrong = 0;
    for (unsigned round = 0; round < 400; ++round) {
        std::vector<uint8_t> datagram = random_datagram(random, 2000);
        auto length = static_cast<uint32_t>(datagram.size());
        std::vector<Fragment> fragments = cut(random, length);
        if (fragments.size() < 2) {
            continue;
        }
        std::shuffle(fragments.begin(), fragments.end(), random);
        Receiver receiver;
        receiver.add(fragments[0], datagram);
        std::vector<uint8_t> other = datagram;
        other[fragments[0].offset + random() % fragments[0].length] ^= 1;
        CHECK(receiver.add(fragments[0], other) == Outcome::Wrong);
        ++wrong;
        Receiver ends;
        REQUIRE(ends.add(64, datagram.data(), 1, true) == Outcome::Held);
        CHECK(ends.add(64, datagram.data(), 2, true) == Outcome::Wrong);
        CHECK(ends.add(64, datagram.data(), 8, false) == Outcome::Wrong);
        CHECK(ends.add(72, datagram.data(), 8, false) == Outcome::Wrong);
    }
    CHECK(wrong > 100);
}

TEST_CASE("of a datagram that is not whole, what is missing is zero") {
    Receiver receiver;
    const uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    CHECK(receiver.add(16, bytes, 16, false) == Outcome::Held);
    CHECK(receiver.add(40, bytes, 3, true) == Outcome::Held);
    receiver.reassembly().clear_gaps();
    CHECK(receiver.reassembly().begin() == 16);
    CHECK(receiver.reassembly().end() == 43);
    std::vector<uint8_t> expected(43);
    std::copy_n(bytes, 16, expected.begin() + 16);
    std::copy_n(bytes, 3, expected.begin() + 40);
    CHECK(receiver.bytes() == expected);
}

TEST_CASE("no fragments hurt") {
    std::mt19937 random(3);
    std::vector<uint8_t> bytes(65536);
    for (unsigned round = 0; round < 200; ++round) {
        Receiver receiver;
        for (unsigned i = 0; i < 60; ++i) {
            uint32_t offset = static_cast<uint32_t>(random()) % 8192 * 8;
            bool last = random() % 8 == 0;
            uint32_t length = 1 + static_cast<uint32_t>(random()) % (65536 - offset);
            length = last ? length : (length + 7) / 8 * 8;
            if (receiver.add(offset, bytes.data(), length, last) == Outcome::Wrong) {
                break;
            }
            receiver.reassembly().clear_gaps();
        }
        CHECK(receiver.bytes().size() <= 65536);
    }
}
