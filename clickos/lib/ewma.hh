// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

namespace click {

/// How many events a second there were lately: an exponentially weighted moving average over milliseconds, in which
/// each new millisecond weighs one sixteenth.
class RateAverage {
public:
    void reset() { *this = RateAverage(); }

    /// Adds events that happen at `now` (nanoseconds).
    void add(uint64_t events, int64_t now) {
        advance(now);
        _current += events;
    }

    /// The rate at `now`, rounded down.
    uint64_t rate(int64_t now) {
        advance(now);
        return (_average * kEpochsPerSecond) >> kFraction;
    }

    /// The rate at `now`, with three binary-rounded decimals at most: `0`, `99.609`.
    std::string unparse(int64_t now, unsigned factor = 1);

private:
    static constexpr int kFraction = 10;  ///< binary digits behind the point of the average
    static constexpr int kStability = 4;  ///< a new value weighs 2^-4
    static constexpr int64_t kEpoch = 1'000'000;
    static constexpr int64_t kEpochsPerSecond = 1000;

    void advance(int64_t now) {
        int64_t epoch = now / kEpoch;
        if (epoch != _epoch) [[unlikely]] {
            close_epochs(epoch);
        }
    }
    void close_epochs(int64_t epoch);

    int64_t _epoch = 0;
    uint64_t _current = 0;
    uint64_t _average = 0;
};

}  // namespace click
