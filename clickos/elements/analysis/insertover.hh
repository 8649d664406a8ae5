// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

/// A new entry of a FlowTable, in the place of one for which `over` is true if the table is full; its kNone when none of those
/// looked at is. `hand` is where the last one was looked at.
template <typename Table, typename Key, typename Over>
uint32_t insert_over(Table& table, uint32_t& hand, const Key& key, Over over) {
    constexpr uint32_t kLooks = 64;
    for (uint32_t i = 0; i < kLooks && table.full(); ++i) {
        hand = hand + 1 < table.capacity() ? hand + 1 : 0;
        if (table.has(hand) && over(table[hand])) {
            table.erase(hand);
        }
    }
    return table.insert(key);
}

}  // namespace click
