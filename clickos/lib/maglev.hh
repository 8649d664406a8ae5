// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "lib/table.hh"

namespace click {

/// The lookup table of the Maglev load balancer (Eisenbud et al., NSDI 2016, section 3.4): as good as equal shares for all
/// members, and when members come or go, most places stay with whom they had. It depends on the members alone, so that
/// several machines choose alike.
class MaglevTable {
public:
    static constexpr uint32_t kNone = 0xffffffff;
    static constexpr uint32_t kMostSize = 1U << 24;

    /// Fills a table of `size` places, a prime number, for members with these names, numbers that are different and in an order
    /// that depends on the names. False, and nothing has changed, when there is no memory.
    [[nodiscard]] bool fill(std::span<const uint64_t> names, uint32_t size);
    /// The index of the member whom a flow with that hash gets; kNone when there are no members.
    uint32_t find(uint64_t hash) const {
        return _places.size() == 0 ? kNone : _places[static_cast<size_t>((hash >> 32) * _places.size() >> 32)];
    }

    static bool is_prime(uint32_t number);

private:
    Table<uint32_t> _places;
};

}  // namespace click
