// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

/// A token bucket: tokens come in at a rate, up to a capacity, and are taken out one action at a time.
/// Exact to the nanosecond: nothing is lost in rounding between two refills.
class TokenBucket {
public:
    /// `rate` tokens a second, at most `capacity` (at least 1) of them at any time.
    void configure(uint64_t rate, uint64_t capacity) {
        _rate = rate;
        _capacity = units(capacity > 0 ? capacity : 1);
        _level = _level < _capacity ? _level : _capacity;
    }

    void set_tokens(uint64_t tokens, int64_t now) {
        _level = units(tokens);
        _level = _level < _capacity ? _level : _capacity;
        _time = now;
    }

    /// Adds what came in since the last refill; `now` is in nanoseconds.
    void refill(int64_t now) {
        if (now > _time) {
            _level += Level{now - _time} * static_cast<Level>(_rate);
            _level = _level < _capacity ? _level : _capacity;
            _time = now;
        }
    }

    uint64_t tokens() const { return _level > 0 ? static_cast<uint64_t>(_level / kSecond) : 0; }

    /// Takes `count` tokens if there are as many.
    bool remove(uint64_t count) {
        Level needed = units(count);
        if (_level < needed) {
            return false;
        }
        _level -= needed;
        return true;
    }

    /// Takes `count` tokens also when there are fewer: what is missing has to come in first. For actions whose price is
    /// known only when they are done.
    void remove_in_debt(uint64_t count) { _level -= units(count); }

    uint64_t rate() const { return _rate; }

    /// When there will be `count` tokens, if none is taken before; the rate must not be 0.
    int64_t time_of(uint64_t count, int64_t now) const {
        Level needed = units(count);
        if (_level >= needed) {
            return now;
        }
        return _time +
               static_cast<int64_t>((needed - _level + static_cast<Level>(_rate) - 1) / static_cast<Level>(_rate));
    }

private:
    __extension__ using Level = __int128;  ///< tokens times kSecond; negative: a debt
    static constexpr int64_t kSecond = 1'000'000'000;
    static Level units(uint64_t tokens) { return static_cast<Level>(tokens) * kSecond; }

    uint64_t _rate = 0;
    Level _capacity = kSecond;
    Level _level = 0;
    int64_t _time = 0;
};

}  // namespace click
