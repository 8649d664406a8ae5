// SPDX-License-Identifier: Apache-2.0
#include "pvh_memory.hh"

#include <algorithm>

extern "C" {
#include <xenguest.h>
}

namespace {

constexpr uint64_t kLocalApic = 0xfee00000;  // where the processor has it after a reset
constexpr uint64_t k4GiB = uint64_t{1} << 32;
constexpr uint64_t kSpecial = uint64_t{X86_HVM_END_SPECIAL_REGION - X86_HVM_NR_SPECIAL_PAGES} << XC_PAGE_SHIFT;
static_assert(kLocalApic < kSpecial);

}  // namespace

PvhMemory::PvhMemory(uint64_t bytes) : pages(bytes >> XC_PAGE_SHIFT), hole(kLocalApic), low_end(std::min(bytes, hole)) {
    map.push_back({0, low_end, E820_RAM});
    map.push_back({kSpecial, uint64_t{X86_HVM_NR_SPECIAL_PAGES} << XC_PAGE_SHIFT, E820_RESERVED});
    if (bytes > low_end) {
        high_end = k4GiB + bytes - low_end;
        map.push_back({k4GiB, bytes - low_end, E820_RAM});
    }
}
