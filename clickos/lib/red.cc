// SPDX-License-Identifier: Apache-2.0
#include "lib/red.hh"

#include <algorithm>

namespace click {

void RandomEarlyDetection::note(uint64_t length, int64_t now) {
    if (_idle_since >= 0) {
        // The queue was empty all the time: as many lengths of 0 as would have been seen.
        for (int64_t steps = (now - _idle_since) / kIdleStep; steps > 0 && _average != 0; --steps) {
            int64_t change = _average >> _settings.stability;
            _average = change == 0 ? 0 : _average - change;
        }
    }
    constexpr uint64_t kLongest = uint64_t{1} << 31;
    auto scaled = static_cast<int64_t>(std::min(length, kLongest) << kFraction);
    _average += (scaled - _average) >> _settings.stability;
    _idle_since = length == 0 ? now : -1;
}

double RandomEarlyDetection::mark_probability() const {
    double now = average();
    double least = _settings.least;
    double most = _settings.most;
    if (now <= least) {
        return 0;
    }
    if (now <= most) {
        return most > least ? _settings.probability * (now - least) / (most - least) : _settings.probability;
    }
    if (_settings.gentle && now < 2 * most) {
        return _settings.probability + (1 - _settings.probability) * (now - most) / most;
    }
    return 1;
}

bool RandomEarlyDetection::marks(uint64_t length, int64_t now, RandomNumbers& random) {
    note(length, now);
    double probability = mark_probability();
    if (probability <= 0) {
        _since_mark = -1;
        return false;
    }
    if (probability >= 1) {
        _since_mark = 0;
        return true;
    }
    // Marks are spread evenly: one is due when the packets since the last one, each of that probability, reach a number
    // drawn at that time.
    if (_since_mark <= 0) {
        _draw = static_cast<double>(random.next()) / RandomNumbers::kMost;
    }
    ++_since_mark;
    if (static_cast<double>(_since_mark) * probability > _draw) {
        _since_mark = 0;
        return true;
    }
    return false;
}

}  // namespace click
