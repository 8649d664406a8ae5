// SPDX-License-Identifier: Apache-2.0
#include "lib/reassembly.hh"

#include <algorithm>
#include <cstring>

namespace click {

void Reassembly::move_to(uint8_t* memory, uint32_t capacity) {
    uint8_t* arrived = memory + capacity;
    std::memset(arrived, 0, capacity / kUnit / kByteBits);
    if (_capacity != 0) {
        std::memcpy(memory, _bytes, _end);
        std::memcpy(arrived, _arrived, _capacity / kUnit / kByteBits);
    }
    _bytes = memory;
    _arrived = arrived;
    _capacity = capacity;
}

Reassembly::Outcome Reassembly::add(uint32_t offset, const uint8_t* bytes, uint32_t length, bool last) {
    uint32_t end = offset + length;
    if (last ? _end > end || (_length != 0 && _length != end) : _length != 0 && end >= _length) {
        return Outcome::Wrong;
    }
    _length = last ? end : _length;
    _begin = std::min(_begin, offset);
    _end = std::max(_end, end);
    uint32_t before = _units;
    for (uint32_t at = offset; at < end; at += kUnit) {
        uint32_t unit = at / kUnit;
        uint32_t part = std::min(kUnit, end - at);
        if (!has(unit)) {
            std::memcpy(_bytes + at, bytes + (at - offset), part);
            _arrived[unit / kByteBits] |= static_cast<uint8_t>(1U << unit % kByteBits);
            ++_units;
        } else if (std::memcmp(_bytes + at, bytes + (at - offset), part) != 0) {
            return Outcome::Wrong;
        }
    }
    if (_length != 0 && _units == (_length + kUnit - 1) / kUnit) {
        return Outcome::Complete;
    }
    return _units != before ? Outcome::Held : Outcome::Known;
}

Reassembly::Stretch Reassembly::stretch(uint32_t from) const {
    uint32_t begin = from;
    while (begin < _end && !has(begin / kUnit)) {
        begin += kUnit;
    }
    uint32_t end = begin;
    while (end < _end && has(end / kUnit)) {
        end += kUnit;
    }
    return {std::min(begin, _end), std::min(end, _end)};
}

void Reassembly::clear_gaps() {
    for (uint32_t at = 0; at < _end; at += kUnit) {
        if (!has(at / kUnit)) {
            std::memset(_bytes + at, 0, std::min(kUnit, _end - at));
        }
    }
}

}  // namespace click
