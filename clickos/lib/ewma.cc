// SPDX-License-Identifier: Apache-2.0
#include "lib/ewma.hh"

#include "lib/format.hh"

namespace click {

void RateAverage::close_epochs(int64_t epoch) {
    // The first epoch is the one of the first event: what was before does not count as silence.
    if (_epoch == 0) {
        _epoch = epoch;
        return;
    }
    uint64_t scaled = _current << kFraction;
    for (; _epoch < epoch && (_average != 0 || scaled != 0); ++_epoch) {
        auto difference = static_cast<int64_t>(scaled - _average);
        int64_t change = (difference + (1 << (kStability - 1))) >> kStability;
        // What is left of the average when the change rounds to nothing would stay for ever.
        _average = change == 0 && scaled == 0 ? 0 : _average + static_cast<uint64_t>(change);
        scaled = 0;
    }
    _epoch = epoch;
    _current = 0;
}

std::string RateAverage::unparse(int64_t now, unsigned factor) {
    advance(now);
    uint64_t rate = _average * kEpochsPerSecond * factor;
    uint64_t thousandths = ((rate & ((1U << kFraction) - 1)) * 1000) >> kFraction;
    std::string text = format("%llu.%03llu", static_cast<unsigned long long>(rate >> kFraction),
                              static_cast<unsigned long long>(thousandths));
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text;
}

}  // namespace click
