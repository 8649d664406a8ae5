// SPDX-License-Identifier: Apache-2.0
#include "lib/neighbor_table.hh"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>

using click::EtherAddress;
using click::IPAddress;
using click::Packet;
using click::PacketPtr;

namespace {

/// A table that has memory.
struct ArpTable : click::ArpTable {
    explicit ArpTable(const Limits& limits = {}) {
        click::SilentErrorHandler errh;
        REQUIRE(set_limits(limits, errh) == 0);
    }
};

constexpr int64_t kSecond = 1'000'000'000;

IPAddress ip(uint32_t number) { return IPAddress::from_host_order(0x0a000000 + number); }
EtherAddress ether(uint8_t number) { return {{2, 0, 0, 0, 0, number}}; }
PacketPtr packet(uint8_t mark) { return Packet::make(&mark, 1); }
/// What waits for an address, taken out.
std::string released(ArpTable& table, IPAddress address) {
    std::string text;
    for (bool more = true; more;) {
        click::PacketBatch batch;
        table.release(address, batch);
        more = !batch.empty();
        for (const Packet* one : batch) {
            text += std::to_string(one->data()[0]) + " ";
        }
    }
    return text;
}

}  // namespace

TEST_CASE("packets wait for the reply and come out in order") {
    ArpTable table;
    CHECK(table.lookup(ip(1)) == nullptr);
    CHECK(table.wait_for(ip(1), packet(1), 0));
    CHECK_FALSE(table.wait_for(ip(1), packet(2), 1));
    CHECK(table.wait_for(ip(2), packet(3), 2));
    CHECK(table.lookup(ip(1)) == nullptr);
    CHECK(table.waiting_packets() == 3);
    CHECK(table.learn(ip(1), ether(9), 10));
    CHECK(released(table, ip(1)) == "1 2 ");
    CHECK(table.waiting_packets() == 1);
    REQUIRE(table.lookup(ip(1)) != nullptr);
    CHECK(table.lookup(ip(1))->ether == ether(9));
    CHECK(table.unparse(kSecond) ==
          "10.0.0.2 0 FF-FF-FF-FF-FF-FF 0.999999998\n"
          "10.0.0.1 1 02-00-00-00-00-09 0.999999990\n");
}

TEST_CASE("an address is asked for ten times a second, then every two seconds") {
    ArpTable table;
    int asked = 0;
    for (int64_t now = 0; now < 20 * kSecond; now += kSecond / 100) {
        asked += table.wait_for(ip(1), packet(1), now);
    }
    CHECK(asked == 10 + 9);
}

TEST_CASE("a mapping grows stale and dies") {
    ArpTable table;
    table.insert(ip(1), ether(1), 0);
    const int64_t old = table.next_event();
    CHECK(old > 60 * kSecond);
    CHECK(old < 61 * kSecond);
    table.expire(60 * kSecond);
    REQUIRE(table.lookup(ip(1)) != nullptr);
    CHECK_FALSE(table.lookup(ip(1))->stale);
    table.expire(old);
    CHECK(table.lookup(ip(1))->stale);
    CHECK(table.ask_again(ip(1), 60 * kSecond));
    CHECK_FALSE(table.ask_again(ip(1), 60 * kSecond + 1));
    CHECK(table.next_event() == 300 * kSecond);
    table.expire(300 * kSecond);
    CHECK(table.lookup(ip(1)) == nullptr);
    CHECK(table.size() == 0);
    CHECK(table.next_event() == -1);
}

TEST_CASE("an answer makes a stale mapping fresh") {
    ArpTable table;
    table.insert(ip(1), ether(1), 0);
    table.expire(60 * kSecond + kSecond / 2);
    table.learn(ip(1), ether(2), 61 * kSecond);
    table.expire(300 * kSecond);
    REQUIRE(table.lookup(ip(1)) != nullptr);
    CHECK(table.lookup(ip(1))->ether == ether(2));
}

TEST_CASE("what another table knows takes its place by its age") {
    ArpTable table;
    table.insert(ip(1), ether(1), 50 * kSecond);
    for (uint8_t i : {uint8_t{4}, uint8_t{2}, uint8_t{3}}) {
        CHECK(table.restore(ip(i), ether(i), i * kSecond));
    }
    CHECK(table.restore(ip(1), ether(9), 1 * kSecond));
    CHECK(table.lookup(ip(1))->ether == ether(1));  // what is newer stays
    table.expire(302 * kSecond);
    CHECK(table.lookup(ip(2)) == nullptr);
    CHECK(table.lookup(ip(3)) != nullptr);
    table.expire(304 * kSecond);
    CHECK(table.size() == 1);
}

TEST_CASE("no more packets wait than the limits allow") {
    ArpTable table({.packets = 8, .entry_packets = 5});
    for (uint8_t i = 0; i < 7; ++i) {
        table.wait_for(ip(1), packet(i), i);
    }
    CHECK(table.waiting_packets() == 5);
    CHECK(table.drops() == 2);
    for (uint8_t i = 10; i < 13; ++i) {
        table.wait_for(ip(2), packet(i), i);
    }
    CHECK(table.waiting_packets() == 8);
    table.wait_for(ip(3), packet(20), 20);
    CHECK(table.waiting_packets() == 5);
    CHECK(table.drops() == 6);
    CHECK(table.learn(ip(1), ether(1), 30));
    CHECK(released(table, ip(1)) == "6 ");
}

TEST_CASE("no more entries live than the limits allow, even when none is given") {
    ArpTable table({.entries = 3});
    for (uint32_t i = 0; i < 5; ++i) {
        table.wait_for(ip(i), packet(1), i);
    }
    CHECK(table.size() == 3);
    CHECK(table.drops() == 2);
    ArpTable unlimited;
    for (uint32_t i = 0; i < ArpTable::kMostEntries + 100; ++i) {
        unlimited.wait_for(ip(i), packet(1), i);
    }
    CHECK(unlimited.size() == ArpTable::kMostEntries);
    CHECK(unlimited.waiting_packets() <= 2048);
}

TEST_CASE("another table takes over entries and packets") {
    ArpTable old;
    old.insert(ip(1), ether(1), 5);
    old.wait_for(ip(2), packet(7), 6);
    ArpTable table;
    table.take(old);
    CHECK(old.size() == 0);
    CHECK(table.size() == 2);
    REQUIRE(table.lookup(ip(1)) != nullptr);
    CHECK(table.next_event() / kSecond == 60);
    CHECK(table.learn(ip(2), ether(2), 7));
    CHECK(released(table, ip(2)) == "7 ");
}

TEST_CASE("the table agrees with a map under random use") {
    ArpTable table;
    std::map<uint32_t, uint8_t> model;
    std::mt19937 engine(3);
    for (int64_t now = 0; now < 200000; ++now) {
        uint32_t address = engine() % 500 * 64;
        auto mark = static_cast<uint8_t>(engine() % 250);
        switch (engine() % 3) {
            case 0:
                table.insert(ip(address), ether(mark), now);
                model[address] = mark;
                break;
            case 1:
                CHECK(table.erase(ip(address)) == (model.erase(address) == 1));
                break;
            default: {
                const ArpTable::Entry* entry = table.lookup(ip(address));
                auto found = model.find(address);
                REQUIRE((entry != nullptr) == (found != model.end()));
                if (entry) {
                    REQUIRE(entry->ether == ether(found->second));
                }
            }
        }
        REQUIRE(table.size() == model.size());
    }
}

TEST_CASE("nobody who was not asked makes an entry, and nobody's silence ends a known one") {
    ArpTable table({.entries = 100});
    for (uint32_t i = 0; i < 70'000; ++i) {
        CHECK_FALSE(table.learn(ip(i), ether(9), i));
    }
    CHECK(table.size() == 0);
    for (uint32_t i = 0; i < 50; ++i) {
        table.wait_for(ip(i), packet(1), i);
        CHECK(table.learn(ip(i), ether(1), i));
        released(table, ip(i));
    }
    CHECK_FALSE(table.learn(ip(7), ether(2), 60));  // a known one may move
    CHECK(table.lookup(ip(7))->ether == ether(2));
    for (uint32_t i = 100; i < 70'000; ++i) {
        table.wait_for(ip(i), packet(1), i);
    }
    CHECK(table.size() == 100);
    for (uint32_t i = 0; i < 50; ++i) {
        CHECK(table.lookup(ip(i)) != nullptr);
    }
}

TEST_CASE("new limits keep what fits, and those that do not fit change nothing") {
    click::SilentErrorHandler errh;
    ArpTable table;
    table.insert(ip(1), ether(1), 1);
    table.insert(ip(2), ether(2), 2);
    table.wait_for(ip(3), packet(3), 3);
    table.wait_for(ip(3), packet(4), 3);
    CHECK(table.set_limits({.entries = 0xffffffff}, errh) == -1);
    CHECK(table.size() == 3);
    REQUIRE(table.set_limits({.packets = 1, .entries = 2}, errh) == 0);
    CHECK(table.size() == 2);
    CHECK(table.waiting_packets() == 0);
    CHECK(table.lookup(ip(1)) != nullptr);
    CHECK(table.lookup(ip(2))->ether == ether(2));
    REQUIRE(table.set_limits({}, errh) == 0);
    CHECK(table.size() == 2);
}
