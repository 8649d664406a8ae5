// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace click {

/// Which of the last sequence numbers were there already (RFC 4303 3.4.3): a ring of bits in which the window's edge moves by
/// whole words (RFC 6479), so that a packet costs the same whatever the size of the window.
class ReplayWindow {
public:
    static constexpr uint32_t kLeast = 64;
    static constexpr uint32_t kMost = 4096;

    /// Forgets everything: all numbers up to `last` were there.
    void start(uint32_t size, uint64_t last) {
        _size = size;
        _last = last;
        _seen.fill(~uint64_t{0});
        _seen[word(last)] = bit(last) | (bit(last) - 1);
    }

    uint32_t size() const { return _size; }
    /// The highest number that was accepted.
    uint64_t last() const { return _last; }

    /// Whether the number is new, and not so old that nobody knows.
    bool fresh(uint64_t number) const {
        return number > _last || (_last - number < _size && !(_seen[word(number)] & bit(number)));
    }
    void accept(uint64_t number) {
        if (number > _last) {
            uint64_t words = number / kBits - _last / kBits;
            for (uint64_t i = 1; i <= words && i <= kWords; ++i) {
                _seen[(_last / kBits + i) % kWords] = 0;
            }
            _last = number;
        }
        _seen[word(number)] |= bit(number);
    }

    /// All 64 bits of a number of which a packet has the lower 32 (RFC 4303 A2.2): that which lies next to the window.
    uint64_t extend(uint32_t low) const {
        uint64_t high = _last >> 32;
        auto last_low = static_cast<uint32_t>(_last);
        auto bottom = static_cast<uint32_t>(last_low - _size + 1);
        if (last_low >= _size - 1) {
            high += low < bottom;
        } else if (low >= bottom) {
            --high;  // of a window that reaches below 0 there is nothing: such a number is too high to be authentic
        }
        return high << 32 | low;
    }

private:
    static constexpr uint64_t kBits = 64;
    static constexpr uint64_t kWords = 2 * kMost / kBits;

    static size_t word(uint64_t number) { return number / kBits % kWords; }
    static uint64_t bit(uint64_t number) { return uint64_t{1} << number % kBits; }

    uint32_t _size = kLeast;
    uint64_t _last = 0;
    std::array<uint64_t, kWords> _seen{};
};

}  // namespace click
