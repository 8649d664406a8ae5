// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "lib/condition.hh"

namespace click {

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
