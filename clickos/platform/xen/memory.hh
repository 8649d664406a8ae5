// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

/// The guest's free pages, and the heap on them.
namespace click::xen::memory {

/// Addresses [from, to), whole pages.
struct Range {
    uintptr_t from;
    uintptr_t to;
};

/// Takes the free memory `first` and `second` of a machine whose memory ends at `end`.
void start(uintptr_t end, Range first, Range second);
/// Takes more memory, below the `end` that was told.
void add(Range range);

/// Neighbouring pages, of undefined contents; null when there are none.
void* allocate_pages(size_t count);
void free_pages(void* pages);

/// Pages that there are, and those that are free now.
size_t page_count();
size_t free_page_count();

}  // namespace click::xen::memory
