// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

/// A count of packets, bytes or drops that an element keeps and a handler shows.
class Tally {
public:
    void operator++() { ++_value; }
    void operator+=(uint64_t count) { _value += count; }
    uint64_t value() const { return _value; }
    void reset() { _value = 0; }

private:
    uint64_t _value = 0;
};

}  // namespace click
