// SPDX-License-Identifier: Apache-2.0
#include "lib/classifier_program.hh"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

using click::ClassifierProgram;
using click::Condition;
using click::PacketTest;
using click::PacketWindow;

namespace {

/// Sixteen random bits at a time, as short expressions.
class Dice {
public:
    explicit Dice(unsigned seed) : _engine(seed) {}
    unsigned operator()(unsigned sides) { return static_cast<unsigned>(_engine()) % sides; }

private:
    std::mt19937 _engine;
};

Condition random_test(Dice& dice, uint8_t windows) {
    auto window = static_cast<uint8_t>(dice(windows));
    auto offset = static_cast<uint16_t>(dice(4) * 4);
    switch (dice(4)) {
        case 0:
            return Condition::equal(window, static_cast<uint16_t>(dice(9)), 1 + dice(4), 0xffffffffU >> dice(16),
                                    dice(3) << dice(24));
        case 1:
            return Condition::greater(window, static_cast<uint16_t>(dice(9)), 1 + dice(2), 0xffff, dice(4),
                                      dice(2) != 0);
        case 2:
            return Condition::test(PacketTest::has_bytes(window, static_cast<uint16_t>(1 + dice(14))));
        default: {
            uint32_t mask = (dice(2) ? 0xffU : 0x03U) << 8 * dice(4);
            return Condition::test(PacketTest::word(window, offset, mask, 0x01010101U * dice(3)));
        }
    }
}

Condition random_condition(Dice& dice, uint8_t windows, unsigned depth) {
    if (depth == 0) {
        return random_test(dice, windows);
    }
    std::vector<Condition> parts;
    for (unsigned i = 0; i < 1 + dice(3); ++i) {
        parts.push_back(random_condition(dice, windows, depth - 1));
    }
    switch (dice(8)) {
        case 0:
            return Condition::negation(random_condition(dice, windows, depth - 1));
        case 1:
            return Condition::choice(random_condition(dice, windows, depth - 1),
                                     random_condition(dice, windows, depth - 1),
                                     random_condition(dice, windows, depth - 1));
        case 2:
            return dice(2) ? Condition::always() : Condition::never();
        case 3:
        case 4:
            return Condition::any(std::move(parts));
        default:
            return Condition::all(std::move(parts));
    }
}

/// A buffer of exactly the packet's size on the heap, so that AddressSanitizer sees a read past its end.
struct ExactBytes {
    ExactBytes(Dice& dice, unsigned most) : length(dice(most + 1)), data(new uint8_t[length]) {
        for (unsigned i = 0; i < length; ++i) {
            data[i] = static_cast<uint8_t>(dice(3));
        }
    }
    unsigned length;
    std::unique_ptr<uint8_t[]> data;
};

int first_match(const std::vector<ClassifierProgram::Rule>& rules, std::span<const PacketWindow> windows) {
    for (const auto& rule : rules) {
        if (rule.condition.matches(windows)) {
            return rule.output;
        }
    }
    return ClassifierProgram::kDrop;
}

Condition word(uint16_t offset, uint32_t mask, uint32_t value) {
    return Condition::test(PacketTest::word(0, offset, mask, value));
}

}  // namespace

TEST_CASE("a program decides as its rules do, for packets of any length") {
    for (unsigned seed = 0; seed < 200; ++seed) {
        Dice dice(seed);
        uint8_t windows = seed % 2 == 0 ? 1 : 3;
        std::vector<ClassifierProgram::Rule> rules;
        for (unsigned i = 0; i < 1 + dice(6); ++i) {
            rules.push_back({random_condition(dice, windows, dice(4)), static_cast<int>(dice(4))});
        }
        ClassifierProgram program(rules);
        for (int i = 0; i < 300; ++i) {
            ExactBytes a(dice, 18);
            ExactBytes b(dice, 18);
            ExactBytes c(dice, 18);
            const PacketWindow packet[3] = {
                {a.data.get(), a.length}, {b.data.get(), b.length}, {c.data.get(), c.length}};
            int wanted = first_match(rules, packet);
            INFO("seed ", seed, "\n", program.unparse());
            REQUIRE(program.match(packet) == wanted);
            if (windows == 1) {
                REQUIRE(program.match(a.data.get(), a.length) == wanted);
            }
        }
    }
}

TEST_CASE("long rows of values decide as one comparison after another does") {
    for (unsigned seed = 0; seed < 30; ++seed) {
        Dice dice(seed);
        std::vector<ClassifierProgram::Rule> rules;
        for (unsigned i = 0; i < 60; ++i) {
            std::vector<Condition> parts;
            uint32_t value = dice(3) | dice(3) << 8 | dice(3) << 16;
            parts.push_back(word(static_cast<uint16_t>(4 * dice(2)), 0x00ffffff, value));
            if (dice(2)) {
                parts.push_back(random_condition(dice, 1, 1));
            }
            Condition condition = Condition::all(std::move(parts));
            rules.push_back({dice(8) ? condition : Condition::negation(condition), static_cast<int>(i)});
        }
        ClassifierProgram program(rules);
        for (int i = 0; i < 2000; ++i) {
            ExactBytes bytes(dice, 18);
            const PacketWindow packet[1] = {{bytes.data.get(), bytes.length}};
            INFO("seed ", seed, "\n", program.unparse());
            REQUIRE(program.match(bytes.data.get(), bytes.length) == first_match(rules, packet));
        }
    }
}

TEST_CASE("greater compares numbers") {
    for (unsigned mask : {0xffffU, 0xff00U, 0x0ff0U, 0xf0f0U, 0x0003U}) {
        for (unsigned value : {0U, 1U, 2U, 5U, 255U, 256U, 1023U, 0x3f00U, 0x8000U, 0xfffeU, 0xffffU}) {
            for (unsigned x = 0; x < 0x10000; x += 7) {
                const uint8_t bytes[] = {0, 0, 0, static_cast<uint8_t>(x >> 8), static_cast<uint8_t>(x)};
                const PacketWindow packet[1] = {{bytes, 5}};
                REQUIRE(Condition::greater(0, 3, 2, mask, value, false).matches(packet) ==
                        ((x & mask) > (value & mask)));
                REQUIRE(Condition::greater(0, 3, 2, mask, value, true).matches(packet) ==
                        ((x & mask) >= (value & mask)));
            }
        }
    }
}

TEST_CASE("a bound at a power of two is one test and a length") {
    ClassifierProgram program({{Condition::greater(0, 0, 2, 0xffff, 1023, false), 0}});
    CHECK(program.steps() == 2);
}

TEST_CASE("a comparison is false when its bytes are not there") {
    ClassifierProgram program({{Condition::greater(0, 0, 2, 0xffff, 1023, false), 0}});
    const uint8_t byte = 0xff;
    CHECK(program.match(&byte, 1) == ClassifierProgram::kDrop);
}

TEST_CASE("the ARP and IP classifier of a router has four steps") {
    Condition arp = word(12, 0xffff0000, 0x08060000);
    ClassifierProgram program({{Condition::all({arp, word(20, 0xffff0000, 0x00010000)}), 0},
                               {Condition::all({arp, word(20, 0xffff0000, 0x00020000)}), 1},
                               {word(12, 0xffff0000, 0x08000000), 2},
                               {Condition::always(), 3}});
    CHECK(program.unparse() ==
          " 0  12/08060000%ffff0000  yes->step 1  no->step 3\n"
          " 1  20/00010000%ffff0000  yes->[0]  no->step 2\n"
          " 2  20/00020000%ffff0000  yes->[1]  no->[3]\n"
          " 3  12/08000000%ffff0000  yes->[2]  no->[3]\n"
          "safe length 22\n"
          "alignment offset 0\n");
}

TEST_CASE("a rule that earlier rules shadow is not reached") {
    ClassifierProgram program(
        {{word(12, 0xff000000, 0x08000000), 0},
         {word(12, 0xffff0000, 0x08060000), 1},
         {Condition::all({word(12, 0xff000000, 0x09000000), word(12, 0xff000000, 0x0a000000)}), 2}});
    CHECK(program.reaches(0));
    CHECK_FALSE(program.reaches(1));
    CHECK_FALSE(program.reaches(2));
    CHECK(program.reaches(ClassifierProgram::kDrop));
}

TEST_CASE("rules without tests need no steps") {
    CHECK(ClassifierProgram({{Condition::always(), 0}}).unparse() == "all->[0]\nsafe length 0\nalignment offset 0\n");
    CHECK(ClassifierProgram(std::vector<ClassifierProgram::Rule>{}).match(nullptr, 0) == ClassifierProgram::kDrop);
}

TEST_CASE("thousands of overlapping prefixes compile") {
    Dice dice(1);
    std::vector<ClassifierProgram::Rule> rules;
    for (int i = 0; i < 3000; ++i) {
        uint32_t mask = 0xffffffffU << dice(24);
        uint16_t offset = dice(2) ? 12 : 16;
        rules.push_back({word(offset, mask, dice(0x7fffffff) * 2), i});
    }
    ClassifierProgram program(rules);
    for (int i = 0; i < 300; ++i) {
        std::vector<uint8_t> bytes(20);
        for (uint8_t& byte : bytes) {
            byte = static_cast<uint8_t>(dice(256));
        }
        const PacketWindow packet[1] = {{bytes.data(), 20}};
        REQUIRE(program.match(bytes.data(), 20) == first_match(rules, packet));
    }
}

TEST_CASE("thousands of rules compile") {
    std::vector<ClassifierProgram::Rule> rules;
    for (uint32_t i = 0; i < 3000; ++i) {
        rules.push_back(
            {Condition::all({word(8, 0x00ff0000, 0x00060000), word(12, 0xffffffff, i)}), static_cast<int>(i % 7)});
    }
    ClassifierProgram program(rules);
    CHECK(program.steps() == 3001);
    std::vector<uint8_t> packet(20);
    packet[9] = 6;
    packet[14] = 2999 >> 8;
    packet[15] = 2999 & 0xff;
    CHECK(program.match(packet.data(), 20) == 2999 % 7);
}
