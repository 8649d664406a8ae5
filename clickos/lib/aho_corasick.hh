// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "lib/table.hh"

namespace click {

/// Finds many byte strings in one pass over a text, at one step a byte however many there are (A. Aho, M. Corasick:
/// "Efficient string matching", CACM 18(6), 1975).
///
/// The automaton is a table with a row for each prefix of a pattern and a column for each byte that occurs in one, and one
/// for all others; a cell has four bytes. Its memory is taken in `compile`, and searching takes none.
class AhoCorasick {
public:
    static constexpr size_t kLongest = 1024;
    /// Bytes of all patterns together.
    static constexpr size_t kMost = 1U << 20;

    struct Pattern {
        std::string bytes;
        bool any_case = false;  ///< ASCII letters match whatever their case is
    };

    /// Makes it find these patterns, 1 to kLongest bytes each. -1 after a report, and nothing has changed.
    [[nodiscard]] int compile(std::vector<Pattern> patterns, ErrorHandler& errh);

    /// Calls `found(index)` for each place where a pattern ends, from the beginning of the text on.
    template <typename F>
    void scan(const uint8_t* text, size_t length, F found) const {
        if (_patterns.empty()) {
            return;
        }
        uint32_t row = 0;
        for (size_t i = 0; i < length; ++i) {
            uint32_t cell = _cells[row + _columns[text[i]]];
            row = cell & ~kEnds;
            if ((cell & kEnds) != 0) [[unlikely]] {
                ends_at(row / _width, text, i + 1, found);
            }
        }
    }

    size_t states() const { return _states.size(); }
    size_t bytes_of_memory() const { return _cells.size() * sizeof(uint32_t) + _states.size() * sizeof(State); }

private:
    /// In a cell beside the row that it leads to: patterns end there.
    static constexpr uint32_t kEnds = 0x80000000;

    struct State {
        uint32_t pattern;  ///< 1 + the first that is this prefix as a whole, or 0
        uint32_t suffix;   ///< the longest proper suffix that is a prefix of a pattern
        uint32_t shorter;  ///< the longest of its suffixes that is a whole pattern, or 0
    };

    void choose_columns();
    std::string folded(const std::string& bytes) const;
    void add(uint32_t pattern, const std::string& bytes, uint32_t& used);
    [[nodiscard]] bool close(ErrorHandler& errh);

    template <typename F>
    void ends_at(uint32_t state, const uint8_t* text, size_t end, F& found) const {
        for (; state != 0; state = _states[state].shorter) {
            for (uint32_t i = _states[state].pattern; i != 0; i = _same[i - 1]) {
                const Pattern& pattern = _patterns[i - 1];
                size_t size = pattern.bytes.size();
                if (!_folds || pattern.any_case || std::memcmp(text + end - size, pattern.bytes.data(), size) == 0) {
                    found(i - 1);
                }
            }
        }
    }

    std::vector<Pattern> _patterns;
    std::array<uint16_t, 256> _columns{};
    uint32_t _width = 0;  ///< of a row
    bool _folds = false;  ///< capital letters have the columns of small ones
    Table<uint32_t> _cells;
    Table<State> _states;
    Table<uint32_t> _same;  ///< by pattern: 1 + another one that ends in the same state, or 0
};

}  // namespace click
