// SPDX-License-Identifier: Apache-2.0
#include "lib/codel.hh"

namespace click {

namespace {

/// The root of a number of 64 bits, rounded down.
uint64_t square_root(uint64_t number) {
    uint64_t root = 0;
    for (uint64_t bit = uint64_t{1} << 31; bit != 0; bit >>= 1) {
        uint64_t next = root | bit;
        root = next * next <= number ? next : root;
    }
    return root;
}

}  // namespace

int64_t ControlledDelay::control_law(const Settings& settings, int64_t from, uint32_t count) {
    constexpr int kFraction = 15;  // binary digits of the root behind the point
    uint64_t root = square_root(uint64_t{count} << (2 * kFraction));
    return from + static_cast<int64_t>((static_cast<uint64_t>(settings.interval) << kFraction) / (root > 0 ? root : 1));
}

}  // namespace click
