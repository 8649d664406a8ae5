// SPDX-License-Identifier: Apache-2.0
#include "platform/platform.hh"

#include <cpuid.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "platform/xen/console.hh"
#include "platform/xen/events.hh"
#include "platform/xen/machine.hh"
#include "platform/xen/memory.hh"

namespace click::platform {

void log(std::string_view text) { xen::console::write(text); }

void print(std::string_view text) { xen::console::write(text); }

bool write_file(const std::string& path, std::string_view text, bool, std::string& cause) {
    if (path != "-") {
        cause = "a ClickOS guest has no files";
        return false;
    }
    print(text);
    return true;
}

bool read_file(const std::string&, size_t, std::string&, std::string& cause) {
    cause = "a ClickOS guest has no files";
    return false;
}

int signal_number(std::string_view) { return 0; }

bool watch_signal(int, void (*)(int, void*), void*) { return false; }

void unwatch_signal(int, void*) {}

bool send_signal(int, int64_t, std::string& cause) {
    cause = "a ClickOS guest has no signals";
    return false;
}

namespace {

/// Pages that are left to others: packets leave some for tables, and both leave some for control, whose part of a larger
/// guest need not be larger.
size_t reserve() {
    constexpr size_t kMost = 1024;
    return std::min(xen::memory::page_count() / 8, kMost);
}

size_t pages_of(size_t size) { return size / xen::kPage + 1; }

}  // namespace

void* packet_memory(size_t size) {
    return spare_memory() >= size + reserve() * xen::kPage ? xen::memory::allocate_pages(pages_of(size - 1)) : nullptr;
}

void* take_memory(size_t size, bool undefined) {
    void* memory = spare_memory() / xen::kPage >= pages_of(size) ? malloc(size) : nullptr;
    return memory && !undefined ? std::memset(memory, 0, size) : memory;
}

void give_back_memory(void* memory) { free(memory); }

size_t spare_memory() {
    size_t free_pages = xen::memory::free_page_count();
    return free_pages > reserve() ? (free_pages - reserve()) * xen::kPage : 0;
}

uint64_t entropy() {
    constexpr uint32_t kFeatures = 1;
    uint32_t eax, ebx, ecx, edx;
    __cpuid(kFeatures, eax, ebx, ecx, edx);
    unsigned long long bits = 0;
    if (ecx & bit_RDRND) {
        // The processor may run dry for a moment; it never does for so many times (Intel's guide to RDRAND, 5.2.1).
        for (int tries = 0; tries < 10; ++tries) {
            unsigned char good;
            asm volatile("rdrand %0\n\tsetc %1" : "=r"(bits), "=qm"(good));
            if (good) {
                return bits;
            }
        }
    }
    // Seeds for randomized decisions of elements, not for keys: the clocks will do.
    return static_cast<uint64_t>(wall_clock()) * 0x9e3779b97f4a7c15 ^ static_cast<uint64_t>(monotonic_clock());
}

void wait(int64_t deadline) {
    if (xen::events::deliver() || deadline == 0) {
        return;
    }
    xen::events::sleep(deadline);
    xen::events::deliver();
}

}  // namespace click::platform
