// SPDX-License-Identifier: Apache-2.0
#include "lib/aho_corasick.hh"

#include <algorithm>

namespace click {

namespace {

bool is_capital(unsigned char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

/// Letters of both cases are one where a pattern wants that; the patterns that do not are looked at again where they end.
std::string AhoCorasick::folded(const std::string& bytes) const {
    std::string text = bytes;
    for (char& c : text) {
        c = _folds && is_capital(static_cast<unsigned char>(c)) ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

void AhoCorasick::choose_columns() {
    _folds = std::any_of(_patterns.begin(), _patterns.end(), [](const Pattern& one) { return one.any_case; });
    _columns.fill(0);
    _width = 1;
    for (const Pattern& pattern : _patterns) {
        for (char c : folded(pattern.bytes)) {
            uint16_t& column = _columns[static_cast<unsigned char>(c)];
            column = column != 0 ? column : static_cast<uint16_t>(_width++);
        }
    }
    if (_folds) {
        for (unsigned c = 'A'; c <= 'Z'; ++c) {
            _columns[c] = _columns[c - 'A' + 'a'];
        }
    }
}

int AhoCorasick::compile(std::vector<Pattern> patterns, ErrorHandler& errh) {
    AhoCorasick fresh;
    size_t bytes = 0;
    for (const Pattern& pattern : patterns) {
        if (pattern.bytes.empty() || pattern.bytes.size() > kLongest) {
            return errh.error("patterns have 1 to %zu bytes, got %zu", kLongest, pattern.bytes.size());
        }
        bytes += pattern.bytes.size();
    }
    if (bytes > kMost) {
        return errh.error("patterns have %zu bytes together; at most %zu", bytes, kMost);
    }
    fresh._patterns = std::move(patterns);
    fresh.choose_columns();

    // As many states as there are prefixes: each pattern, in order, adds what it does not share with the one before.
    std::vector<std::string> sorted;
    sorted.reserve(fresh._patterns.size());
    for (const Pattern& pattern : fresh._patterns) {
        sorted.push_back(fresh.folded(pattern.bytes));
    }
    std::sort(sorted.begin(), sorted.end());
    uint64_t states = 1;
    for (size_t i = 0; i < sorted.size(); ++i) {
        const std::string& before = i > 0 ? sorted[i - 1] : std::string();
        size_t shared = static_cast<size_t>(
            std::mismatch(before.begin(), before.end(), sorted[i].begin(), sorted[i].end()).first - before.begin());
        states += sorted[i].size() - shared;
    }
    if (states * fresh._width >= kEnds || fresh._cells.allocate(states * fresh._width, "transitions", errh) < 0 ||
        fresh._states.allocate(states, "states", errh) < 0 ||
        fresh._same.allocate(fresh._patterns.size(), "patterns", errh) < 0) {
        return -1;
    }
    uint32_t used = 1;
    for (uint32_t i = 0; i < fresh._patterns.size(); ++i) {
        fresh.add(i, fresh.folded(fresh._patterns[i].bytes), used);
    }
    if (!fresh.close(errh)) {
        return -1;
    }
    *this = std::move(fresh);
    return 0;
}

/// Adds the states of a pattern; cells hold states as yet, and 0 for none.
void AhoCorasick::add(uint32_t pattern, const std::string& bytes, uint32_t& used) {
    uint32_t state = 0;
    for (char c : bytes) {
        uint32_t& next = _cells[size_t{state} * _width + _columns[static_cast<unsigned char>(c)]];
        next = next != 0 ? next : used++;
        state = next;
    }
    _same[pattern] = _states[state].pattern;
    _states[state].pattern = pattern + 1;
}

/// Fills the cells where no pattern goes on with where its longest suffix goes on, shorter prefixes first; then makes rows
/// of states.
bool AhoCorasick::close(ErrorHandler& errh) {
    Table<uint32_t> queue;
    if (queue.allocate(_states.size(), "states", errh) < 0) {
        return false;
    }
    size_t queued = 1;  // the empty prefix, state 0
    for (size_t i = 0; i < queued; ++i) {
        uint32_t state = queue[i];
        for (uint32_t column = 0; column < _width; ++column) {
            uint32_t& cell = _cells[size_t{state} * _width + column];
            uint32_t around = state == 0 ? 0 : _cells[size_t{_states[state].suffix} * _width + column];
            if (cell != 0) {
                State& next = _states[cell];
                next.suffix = around;
                next.shorter = _states[around].pattern != 0 ? around : _states[around].shorter;
                queue[queued++] = cell;
            } else {
                cell = around;
            }
        }
    }
    for (uint32_t& cell : _cells) {
        const State& state = _states[cell];
        cell = cell * _width | (state.pattern != 0 || state.shorter != 0 ? kEnds : 0);
    }
    return true;
}

}  // namespace click
