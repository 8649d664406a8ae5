// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

/// Pseudo-random numbers for decisions of elements, not for keys: an additive feedback generator over x^31 + x^3 + 1,
/// whose numbers for a seed are those of random() of the GNU C library.
class RandomNumbers {
public:
    static constexpr uint32_t kMost = 0x7fffffff;

    constexpr explicit RandomNumbers(uint32_t number) { seed(number); }

    constexpr void seed(uint32_t number) {
        int64_t value = static_cast<int32_t>(number != 0 ? number : 1);
        _state[0] = static_cast<uint32_t>(value);
        for (unsigned i = 1; i < kWords; ++i) {
            // Park and Miller's minimal standard generator fills the state.
            value = value * 16807 % 2147483647;
            value += value < 0 ? 2147483647 : 0;
            _state[i] = static_cast<uint32_t>(value);
        }
        _next = kWords - kTap;
        for (unsigned i = 0; i < kWords * 10; ++i) {
            next();
        }
    }

    /// 0 to kMost.
    constexpr uint32_t next() {
        unsigned tap = _next + kTap;
        uint32_t& word = _state[_next];
        word += _state[tap >= kWords ? tap - kWords : tap];
        uint32_t result = word >> 1;
        // The oldest word is the next one to be replaced.
        _next = _next + 1 == kWords ? 0 : _next + 1;
        return result;
    }
    /// Below `bound`, which is at least 1.
    constexpr uint32_t below(uint32_t bound) {
        uint64_t wide = (uint64_t{next()} << 31) | next();
        return static_cast<uint32_t>(wide % bound);
    }
    /// True with a probability of `probability` / 2^31.
    constexpr bool happens(uint32_t probability) { return next() < probability; }

private:
    static constexpr unsigned kWords = 31;
    static constexpr unsigned kTap = 28;  ///< the word of 3 numbers ago lies 28 behind the one of 31 ago

    uint32_t _state[kWords] = {};
    unsigned _next = kWords - kTap;
};

/// The generator that all elements share: a RandomSeed makes its numbers repeatable. Else it is seeded by the platform
/// when it is first asked for.
RandomNumbers& random_numbers();

/// Seeds the shared generator, from the platform's entropy when `number` is null.
void seed_random_numbers(const uint32_t* number);

}  // namespace click
