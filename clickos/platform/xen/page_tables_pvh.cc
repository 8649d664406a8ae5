// SPDX-License-Identifier: Apache-2.0
#include "platform/xen/page_tables.hh"

extern "C" uint64_t pvh_pd_first[], pvh_pd_fourth[];

namespace click::xen {

namespace {

constexpr size_t kEntries = 512;
constexpr uint64_t kLargePage = 2 << 20;

uint64_t rights(uintptr_t page) {
    auto in = [page](const char* from, const char* to) {
        return page >= reinterpret_cast<uintptr_t>(from) && page < reinterpret_cast<uintptr_t>(to);
    };
    if (page == 0 || page == reinterpret_cast<uintptr_t>(stack_guard)) {
        return 0;
    }
    if (in(image_start, text_end)) {
        return kPresent;
    }
    return in(text_end, rodata_end) ? kPresent | kNoExecute : kPresent | kWritable | kNoExecute;
}

/// Tables for what has to be mapped by small pages: the image is far smaller than what two of them reach.
alignas(kPage) constinit uint64_t small_pages[2][kEntries] = {};

}  // namespace

void protect_pvh_memory() {
    for (size_t i = 0; i < kEntries; ++i) {
        pvh_pd_first[i] |= kNoExecute;
        pvh_pd_fourth[i] |= kNoExecute;
    }
    for (size_t table = 0; table < 2; ++table) {
        for (size_t i = 0; i < kEntries; ++i) {
            uintptr_t page = table * kLargePage + i * kPage;
            small_pages[table][i] = page | rights(page);
        }
        pvh_pd_first[table] = reinterpret_cast<uintptr_t>(small_pages[table]) | kPresent | kWritable;
    }
    uint64_t root;
    asm volatile("mov %%cr3, %0\n\tmov %0, %%cr3" : "=r"(root) : : "memory");
}

}  // namespace click::xen
