// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

/// Controlled delay (RFC 8289): tells of each packet that leaves a queue whether it is to be dropped, by how long it has
/// waited. All times are in nanoseconds.
class ControlledDelay {
public:
    struct Settings {
        int64_t target = 5'000'000;      ///< a wait that is fine
        int64_t interval = 100'000'000;  ///< for how long waits may all be longer
    };

    /// A packet leaves at `now`, after `sojourn`; `last` is true when nothing worth a packet waits behind it. True when it
    /// is to be dropped: then the next packet is asked about at once.
    bool drops(const Settings& settings, int64_t sojourn, bool last, int64_t now) {
        bool over = stays_over(settings, sojourn, last, now);
        if (_dropping) {
            return over ? drop_in_turn(settings, now) : leave();
        }
        if (!over) {
            return false;
        }
        // Section 5.4: soon after the last spell of drops, the rate goes on near to where it was.
        uint32_t delta = _count - _last_count;
        bool recent = now - _next < 16 * settings.interval;
        _count = delta > 1 && recent ? delta : 1;
        _last_count = _count;
        _dropping = true;
        _next = control_law(settings, now, _count);
        return true;
    }
    /// The queue is empty.
    void empty() {
        _first_above = 0;
        _dropping = false;
    }
    bool dropping() const { return _dropping; }

    /// When the drop behind number `count` is due: the interval divided by the root of the number later.
    static int64_t control_law(const Settings& settings, int64_t from, uint32_t count);

private:
    bool stays_over(const Settings& settings, int64_t sojourn, bool last, int64_t now) {
        if (sojourn < settings.target || last) {
            _first_above = 0;
            return false;
        }
        if (_first_above == 0) {
            _first_above = now + settings.interval;
            return false;
        }
        return now >= _first_above;
    }
    bool drop_in_turn(const Settings& settings, int64_t now) {
        if (now < _next) {
            return false;
        }
        ++_count;
        _next = control_law(settings, _next, _count);
        return true;
    }
    bool leave() {
        _dropping = false;
        return false;
    }

    int64_t _first_above = 0;  ///< when waits will have been over the target for an interval; 0: they are not
    int64_t _next = 0;         ///< when the next drop is due
    uint32_t _count = 0;       ///< drops in this spell
    uint32_t _last_count = 0;
    bool _dropping = false;
};

}  // namespace click
