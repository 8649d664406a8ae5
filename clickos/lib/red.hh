// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "lib/random.hh"

namespace click {

/// Random early detection (Floyd and Jacobson 1993) in its gentle form: tells of each packet whether it is to be marked,
/// by the average length of a queue.
class RandomEarlyDetection {
public:
    struct Settings {
        uint32_t least = 0;      ///< at this average and below, nothing is marked
        uint32_t most = 0;       ///< at this average, packets are marked with probability `probability`
        double probability = 0;  ///< 0 to 1
        unsigned stability = 4;  ///< a length weighs 2^-stability in the average
        bool gentle = true;      ///< from `most` to twice as much, the probability rises to 1; else it is 1 at once
    };
    static constexpr unsigned kMostStability = 31;
    static constexpr uint32_t kMostThreshold = 0xffff;

    Settings& settings() { return _settings; }
    const Settings& settings() const { return _settings; }

    /// Whether the packet that comes at `now` (nanoseconds), while `length` packets wait, is to be marked.
    bool marks(uint64_t length, int64_t now, RandomNumbers& random);

    /// The average length.
    double average() const { return static_cast<double>(_average) / kOne; }

private:
    static constexpr int kFraction = 31;
    static constexpr double kOne = int64_t{1} << kFraction;
    static constexpr int64_t kIdleStep = 1'000'000;  ///< an idle queue's average falls by one step in this time

    void note(uint64_t length, int64_t now);
    double mark_probability() const;

    Settings _settings;
    int64_t _average = 0;
    int64_t _idle_since = -1;
    int64_t _since_mark = -1;  ///< packets since the last mark while marking, -1: not marking
    double _draw = 0;
};

}  // namespace click
