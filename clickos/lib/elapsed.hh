// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>

namespace click {

/// Nanoseconds from one timestamp to another. Timestamps of packets may be anything: what 64 bits do not hold is the
/// longest time that they do.
inline int64_t elapsed(int64_t from, int64_t to) {
    int64_t result;
    if (__builtin_sub_overflow(to, from, &result)) {
        return from < to ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
    }
    return result;
}

}  // namespace click
