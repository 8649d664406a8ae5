// SPDX-License-Identifier: Apache-2.0
//
// Memory by pages, and malloc on them. One 32-bit word a page says what it is for. A piece of up to half a page comes
// from a page of pieces of the same size and goes back to the free pieces of that size; a larger one is a run of pages.
#include "platform/xen/memory.hh"

#include <algorithm>
#include <cstdlib>

#include "platform/xen/machine.hh"

namespace click::xen::memory {

namespace {

/// What a page is for: one of these, kRun + pages for the first page of a run, or kPieces + index of the size.
constexpr uint32_t kForeign = 0;
constexpr uint32_t kFree = 1;
constexpr uint32_t kInsideRun = 2;
constexpr uint32_t kPieces = 16;
constexpr uint32_t kRun = 0x80000000;

constexpr size_t kSizes[] = {16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048};
constexpr size_t kSizeCount = sizeof kSizes / sizeof kSizes[0];

/// A free piece holds the way to the next one.
struct Piece {
    Piece* next;
};

constinit uint32_t* pages = nullptr;
constinit size_t end_page = 0;
constinit size_t count = 0;
constinit size_t free_count = 0;
constinit size_t search_from = 0;  ///< no free page before it
constinit Piece* free_pieces[kSizeCount] = {};

size_t number_of(const void* memory) { return reinterpret_cast<uintptr_t>(memory) / kPage; }

/// The index of the smallest size that holds `size` bytes at a multiple of `alignment`, or kSizeCount.
size_t size_index(size_t size, size_t alignment) {
    size_t index = 0;
    while (index < kSizeCount && (kSizes[index] < size || kSizes[index] % alignment != 0)) {
        ++index;
    }
    return index;
}

void cut_into_pieces(void* page, size_t index) {
    pages[number_of(page)] = kPieces + static_cast<uint32_t>(index);
    auto* start = static_cast<uint8_t*>(page);
    for (size_t offset = kPage / kSizes[index] * kSizes[index]; offset >= kSizes[index];) {
        offset -= kSizes[index];
        auto* piece = reinterpret_cast<Piece*>(start + offset);
        piece->next = free_pieces[index];
        free_pieces[index] = piece;
    }
}

}  // namespace

void start(uintptr_t end, Range first, Range second) {
    end_page = end / kPage;
    size_t size = (end_page * sizeof(uint32_t) + kPage - 1) / kPage * kPage;
    Range& home = second.to - second.from > first.to - first.from ? second : first;
    pages = reinterpret_cast<uint32_t*>(home.from);
    std::fill(pages, pages + end_page, kForeign);
    home.from += size;
    search_from = end_page;
    add(first);
    add(second);
}

void add(Range range) {
    for (size_t page = range.from / kPage; page < range.to / kPage; ++page) {
        pages[page] = kFree;
        ++free_count;
        ++count;
    }
    search_from = std::min(search_from, range.from / kPage);
}

void* allocate_pages(size_t wanted) {
    size_t run = 0;
    bool first = true;
    for (size_t page = search_from; page < end_page; ++page) {
        if (pages[page] != kFree) {
            run = 0;
            continue;
        }
        if (first) {
            search_from = page;
            first = false;
        }
        if (++run == wanted) {
            size_t start = page + 1 - wanted;
            std::fill(pages + start, pages + page + 1, kInsideRun);
            pages[start] = kRun + static_cast<uint32_t>(wanted);
            free_count -= wanted;
            return reinterpret_cast<void*>(start * kPage);
        }
    }
    return nullptr;
}

void free_pages(void* memory) {
    size_t start = number_of(memory);
    size_t run = pages[start] - kRun;
    std::fill(pages + start, pages + start + run, kFree);
    free_count += run;
    search_from = std::min(search_from, start);
}

size_t page_count() { return count; }

size_t free_page_count() { return free_count; }

}  // namespace click::xen::memory

using namespace click::xen;

extern "C" void* aligned_alloc(size_t alignment, size_t size) noexcept {
    size_t index = memory::size_index(size, alignment);
    if (index == memory::kSizeCount) {
        return alignment > kPage ? nullptr : memory::allocate_pages((size + kPage - 1) / kPage);
    }
    if (!memory::free_pieces[index]) {
        void* page = memory::allocate_pages(1);
        if (!page) {
            return nullptr;
        }
        memory::cut_into_pieces(page, index);
    }
    memory::Piece* piece = memory::free_pieces[index];
    memory::free_pieces[index] = piece->next;
    return piece;
}

extern "C" void* malloc(size_t size) noexcept { return aligned_alloc(16, size); }

extern "C" void free(void* pointer) noexcept {
    if (!pointer) {
        return;
    }
    uint32_t use = memory::pages[memory::number_of(pointer)];
    if (use >= memory::kRun) {
        memory::free_pages(pointer);
        return;
    }
    auto* piece = static_cast<memory::Piece*>(pointer);
    piece->next = memory::free_pieces[use - memory::kPieces];
    memory::free_pieces[use - memory::kPieces] = piece;
}
