// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

/// Memory that nobody may touch until it is handed out again: AddressSanitizer reports who does. Nothing otherwise.
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
namespace click {
inline void poison(const void* memory, size_t size) { __asan_poison_memory_region(memory, size); }
inline void unpoison(const void* memory, size_t size) { __asan_unpoison_memory_region(memory, size); }
}  // namespace click
#else
namespace click {
inline void poison(const void*, size_t) {}
inline void unpoison(const void*, size_t) {}
}  // namespace click
#endif
