// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

/// A datagram that arrives in fragments (RFC 791 3.2), in memory that its user provides and may replace by more.
///
/// Fragments may come in any order, more than once, and overlap. What overlaps must be the same: a byte that arrives with two
/// values, or two ends, make the datagram wrong for good, as nobody can tell which one the receiver would believe (RFC 1858,
/// RFC 5722).
class Reassembly {
public:
    static constexpr uint32_t kUnit = 8;            ///< offsets are multiples of it
    static constexpr uint32_t kLongest = 1U << 16;  ///< no byte's place is that high

    enum class Outcome : uint8_t {
        Held,      ///< something new
        Known,     ///< nothing new
        Complete,  ///< nothing is missing any more
        Wrong,
    };

    /// How many bytes a datagram that reaches to `end` is given room for: at least as many.
    static uint32_t capacity_for(uint32_t end) { return (end + kStep - 1) / kStep * kStep; }
    /// How much memory that takes.
    static uint32_t memory_for(uint32_t capacity) { return capacity + capacity / kUnit / kByteBits; }
    uint32_t capacity() const { return _capacity; }
    /// Goes on in new memory, at least as much as before, with undefined contents.
    void move_to(uint8_t* memory, uint32_t capacity);

    /// Takes in `length` bytes, at least 1, at `offset`, a multiple of kUnit; there must be room. Only the `last` fragment may
    /// have another length than a multiple of kUnit.
    Outcome add(uint32_t offset, const uint8_t* bytes, uint32_t length, bool last);

    /// Where what has arrived begins and ends.
    uint32_t begin() const { return _begin; }
    uint32_t end() const { return _end; }
    /// How long it is, once its last fragment has arrived; else 0.
    uint32_t length() const { return _length; }
    /// The next stretch of bytes that have arrived, at `from` or behind: where it begins and ends; both are the end when
    /// there is none.
    struct Stretch {
        uint32_t begin;
        uint32_t end;
    };
    Stretch stretch(uint32_t from) const;
    /// Fills what is missing up to the end with zeros.
    void clear_gaps();

private:
    static constexpr uint32_t kByteBits = 8;
    static constexpr uint32_t kStep = kUnit * kByteBits;

    bool has(uint32_t unit) const { return (_arrived[unit / kByteBits] >> unit % kByteBits & 1) != 0; }

    uint8_t* _bytes = nullptr;
    uint8_t* _arrived = nullptr;  ///< a bit for each unit
    uint32_t _capacity = 0;
    uint32_t _begin = kLongest;
    uint32_t _end = 0;
    uint32_t _units = 0;   ///< that have arrived
    uint32_t _length = 0;  ///< 0: unknown
};

}  // namespace click
