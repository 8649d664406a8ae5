// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace click {

/// Part of a packet from one of its headers to its end; offsets of tests count from `data`.
struct PacketWindow {
    const uint8_t* data = nullptr;
    uint32_t length = 0;
};

/// Are the bits `mask` of the 32-bit big-endian word at `offset` equal to `value`? False when the packet has fewer than
/// `end` bytes. A test with an empty mask asks for these bytes alone.
struct PacketTest {
    uint8_t window = 0;  ///< which of the program's windows
    uint16_t offset = 0;
    uint16_t end = 0;
    uint32_t mask = 0;
    uint32_t value = 0;

    /// Byte offsets are word aligned here; `mask` and `value` are host-order numbers of the big-endian word.
    static PacketTest word(uint8_t window, uint16_t offset, uint32_t mask, uint32_t value);
    /// Does the window have `end` bytes?
    static PacketTest has_bytes(uint8_t window, uint16_t end);
    bool matches(std::span<const PacketWindow> windows) const;

    friend bool operator==(const PacketTest&, const PacketTest&) = default;
};

/// A statement about a packet, made of tests.
class Condition {
public:
    enum class Kind : uint8_t { Always, Never, Test, All, Any, Not, Choice };

    static Condition always() { return Condition(Kind::Always); }
    static Condition never() { return Condition(Kind::Never); }
    static Condition test(const PacketTest& test);
    /// True when all parts are; tests of one word become one test.
    static Condition all(std::vector<Condition> parts);
    static Condition any(std::vector<Condition> parts);
    static Condition negation(Condition part);
    static Condition choice(Condition condition, Condition then, Condition otherwise);
    /// Are the bits of a field of up to four bytes at any byte offset greater than (or equal to) `value`?
    static Condition greater(uint8_t window, uint16_t offset, unsigned bytes, uint32_t mask, uint32_t value,
                             bool or_equal);
    static Condition equal(uint8_t window, uint16_t offset, unsigned bytes, uint32_t mask, uint32_t value);

    Kind kind() const { return _kind; }
    const PacketTest& test() const { return _test; }
    const std::vector<Condition>& parts() const { return _parts; }
    /// What a program computes, directly.
    bool matches(std::span<const PacketWindow> windows) const;

private:
    explicit Condition(Kind kind) : _kind(kind) {}

    Kind _kind;
    PacketTest _test;
    std::vector<Condition> _parts;
};

/// Rules in order of precedence, compiled to a decision graph: every step tests one word and jumps. Steps whose result
/// follows from earlier ones on all ways to them are skipped.
class ClassifierProgram {
public:
    static constexpr int kDrop = 0x7fff;
    static constexpr unsigned kWindows = 3;

    struct Rule {
        Condition condition;
        int output = kDrop;
    };

    ClassifierProgram() = default;
    /// `assured` says how many bytes of each window all packets have, so that nothing asks for these.
    explicit ClassifierProgram(const std::vector<Rule>& rules, std::array<uint16_t, kWindows> assured = {});

    /// The output of the first rule whose condition is true, or kDrop. Only window 0 is looked at.
    int match(const uint8_t* data, uint32_t length) const {
        if (length >= _needed[0]) [[likely]] {
            return run([=](unsigned) { return data; });
        }
        const PacketWindow windows[kWindows] = {{data, length}, {}, {}};
        return match_short(windows);
    }

    int match(const PacketWindow (&windows)[kWindows]) const {
        if (windows[0].length >= _needed[0] && windows[1].length >= _needed[1] && windows[2].length >= _needed[2])
            [[likely]] {
            return run([&](unsigned window) { return windows[window].data; });
        }
        return match_short(windows);
    }

    /// Whether any test looks at that window.
    bool uses(unsigned window) const { return _needed[window] != 0; }
    /// Whether any packet can leave by `output`.
    bool reaches(int output) const;
    size_t steps() const { return _listing.size(); }
    /// One line a step, as the `program` handlers of classifiers show it.
    std::string unparse() const;

private:
    /// A test as it was written, for short packets and for the eye.
    struct Line {
        PacketTest test;
        int yes;  ///< next line, or ~output
        int no;
    };
    /// A test made ready to run: `load` is chosen so that the four bytes there end where the tested ones do, and mask
    /// and value lie as in memory.
    struct Step {
        uint32_t mask;
        uint32_t value;
        int32_t yes;  ///< next step, kTable and a table's index, or ~output
        int32_t no;
        uint16_t load;
        uint8_t window;
    };
    /// Many steps that compare the same bits with one value after another, as one look into a hash table.
    struct Table {
        uint32_t mask;
        uint16_t load;
        uint8_t window;
        uint8_t shift;
        uint32_t first;  ///< its slots are 2^(32 - shift) from here
        int32_t otherwise;
    };
    struct Slot {
        uint32_t value;
        int32_t target = kEmpty;
    };
    static constexpr int32_t kTable = 1 << 30;
    static constexpr int32_t kEmpty = INT32_MIN;

    static uint32_t load(const uint8_t* data) {
        uint32_t word;
        std::memcpy(&word, data, sizeof word);
        return word;
    }
    static uint32_t hash(uint32_t value, unsigned shift) { return (value * 0x9e3779b1U) >> shift; }

    /// Runs the steps; `data_of(window)` says where a window begins.
    template <typename F>
    int run(F data_of) const {
        int position = _start;
        while (position >= 0) {
            if ((position & kTable) != 0) [[unlikely]] {
                const Table& table = _tables[static_cast<size_t>(position ^ kTable)];
                position = look_up(table, load(data_of(table.window) + table.load) & table.mask);
                continue;
            }
            const Step& step = _steps[static_cast<size_t>(position)];
            uint32_t word = load(data_of(step.window) + step.load);
            position = (word & step.mask) == step.value ? step.yes : step.no;
        }
        return ~position;
    }
    int look_up(const Table& table, uint32_t value) const;
    int match_short(const PacketWindow (&windows)[kWindows]) const;
    std::vector<int> make_tables();
    void insert(const Table& table, uint32_t value, int target);

    int _start = ~kDrop;
    std::array<uint32_t, kWindows> _needed{};
    std::vector<Step> _steps;
    std::vector<Table> _tables;
    std::vector<Slot> _slots;
    int _first_line = ~kDrop;
    std::vector<Line> _listing;
};

}  // namespace click
