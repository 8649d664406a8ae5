// SPDX-License-Identifier: Apache-2.0
#include "lib/maglev.hh"

#include "lib/flow_table.hh"

namespace click {

namespace {

/// A member's own order of all places: `offset`, `offset + skip`, `offset + 2 skip`... modulo the size.
struct Preference {
    uint32_t next = 0;
    uint32_t skip = 0;
};

}  // namespace

bool MaglevTable::is_prime(uint32_t number) {
    for (uint32_t divisor = 2; uint64_t{divisor} * divisor <= number; ++divisor) {
        if (number % divisor == 0) {
            return false;
        }
    }
    return number >= 2;
}

bool MaglevTable::fill(std::span<const uint64_t> names, uint32_t size) {
    constexpr uint64_t kOffsetSeed = 0x6d61676c65763031;
    constexpr uint64_t kSkipSeed = 0x6d61676c65763032;
    Table<uint32_t> places;
    Table<Preference> preferences;
    if (!places.allocate(names.empty() ? 0 : size) || !preferences.allocate(names.size())) {
        return false;
    }
    for (size_t i = 0; i < names.size(); ++i) {
        preferences[i].next = static_cast<uint32_t>(keyed_hash(&names[i], sizeof names[i], kOffsetSeed) % size);
        preferences[i].skip = static_cast<uint32_t>(keyed_hash(&names[i], sizeof names[i], kSkipSeed) % (size - 1)) + 1;
    }
    for (uint32_t& place : places) {
        place = kNone;
    }
    // In turns, each member takes the place that it likes best of those that are left.
    for (uint32_t taken = 0; taken < places.size();) {
        for (uint32_t i = 0; i < names.size() && taken < size; ++i, ++taken) {
            Preference& own = preferences[i];
            while (places[own.next] != kNone) {
                own.next = static_cast<uint32_t>((uint64_t{own.next} + own.skip) % size);
            }
            places[own.next] = i;
        }
    }
    _places = std::move(places);
    return true;
}

}  // namespace click
