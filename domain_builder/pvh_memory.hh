// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

extern "C" {
#include <xenctrl.h>
}

/// Where a PVH domain has its memory. Below 4 GiB there is a hole with its local APIC and the pages that it shares with
/// dom0; what does not fit below the hole comes after it.
struct PvhMemory {
    explicit PvhMemory(uint64_t bytes);

    uint64_t pages = 0;
    uint64_t hole = 0;      ///< its first address; it ends at 4 GiB
    uint64_t low_end = 0;   ///< of the memory below the hole
    uint64_t high_end = 0;  ///< of the memory above it, 0 without any
    std::vector<e820entry> map;
};
