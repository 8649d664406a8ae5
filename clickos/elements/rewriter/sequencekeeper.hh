// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "elements/rewriter/mappingtable.hh"

namespace click {

/// How the sequence numbers of one end of a TCP connection are moved, because what it says was made longer or shorter on its
/// way: from one place on, and in front of that as much as before.
///
/// Sequence numbers are compared modulo 2^32 (RFC 9293 3.4).
class SequenceShift {
public:
    /// Moves what is sent from `place` on, in its sender's numbers, by `by` more. A place at or before the last one is that of
    /// a retransmission, which is moved already.
    void add(uint32_t place, int32_t by) {
        if (!_moves) {
            *this = {true, place, by, 0};
        } else if (is_before(_place, place)) {
            *this = {true, place, _by + by, _by};
        }
    }
    bool moves() const { return _moves; }

    /// What the sender's number becomes.
    uint32_t sent(uint32_t number) {
        constexpr uint32_t kFar = 1U << 30;
        if (number - _place - kFar < kFar) {
            _before = _by;  // nothing in front of the place will come again
        }
        return number + static_cast<uint32_t>(is_before(number, _place) ? _before : _by);
    }
    /// The sender's number that becomes `number`. Of what was made longer, no part is acknowledged without the rest.
    uint32_t original(uint32_t number) const {
        uint32_t behind = number - static_cast<uint32_t>(_by);
        if (!is_before(behind, _place)) {
            return behind;
        }
        uint32_t before = number - static_cast<uint32_t>(_before);
        return is_before(before, _place) ? before : _place - 1;
    }

    uint32_t place() const { return _place; }
    int32_t by() const { return _by; }
    int32_t before() const { return _before; }

    SequenceShift() = default;
    SequenceShift(bool moves, uint32_t place, int32_t by, int32_t before)
        : _moves(moves), _place(place), _by(by), _before(before) {}

private:
    static bool is_before(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) < 0; }

    bool _moves = false;
    uint32_t _place = 0;
    int32_t _by = 0;
    int32_t _before = 0;
};

/// A rewriter that moves sequence numbers. Found by `Element::as<SequenceKeeper>()`.
class SequenceKeeper {
public:
    /// Moves what is sent from `place` on (as it comes in) by packets whose mapping was found as `flow`.
    virtual void shift(MappingTable::Flows::Found flow, uint32_t place, int32_t by) = 0;

protected:
    ~SequenceKeeper() = default;
};

}  // namespace click
