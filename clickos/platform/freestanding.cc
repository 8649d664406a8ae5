// SPDX-License-Identifier: Apache-2.0
// What the compiler and the header-only parts of the C++ library refer to, for a program that links without
// libstdc++.so: memory from malloc, and an end with a reason where the library would throw.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "platform/platform.hh"

const std::nothrow_t std::nothrow{};

void* operator new(size_t size, const std::nothrow_t&) noexcept { return std::malloc(size != 0 ? size : 1); }

void* operator new(size_t size) {
    void* memory = operator new(size, std::nothrow);
    if (!memory) {
        click::platform::panic("out of memory");
    }
    return memory;
}

void* operator new[](size_t size) { return operator new(size); }

void* operator new[](size_t size, const std::nothrow_t&) noexcept { return operator new(size, std::nothrow); }

void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    auto align = static_cast<size_t>(alignment);
    return std::aligned_alloc(align, (size + align - 1) / align * align);
}

void* operator new(size_t size, std::align_val_t alignment) {
    void* memory = operator new(size, alignment, std::nothrow);
    if (!memory) {
        click::platform::panic("out of memory");
    }
    return memory;
}

void* operator new[](size_t size, std::align_val_t alignment) { return operator new(size, alignment); }

void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete[](void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, size_t) noexcept { std::free(memory); }

void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }

void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }

void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

void operator delete[](void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

extern "C" [[noreturn]] void __cxa_pure_virtual() { click::platform::panic("pure virtual function called"); }

namespace std {

__attribute__((noreturn)) void __throw_bad_alloc() { click::platform::panic("out of memory"); }

__attribute__((noreturn)) void __throw_bad_array_new_length() { click::platform::panic("array too long"); }

__attribute__((noreturn)) void __throw_length_error(const char* reason) { click::platform::panic(reason); }

__attribute__((noreturn)) void __throw_logic_error(const char* reason) { click::platform::panic(reason); }

__attribute__((noreturn)) void __throw_invalid_argument(const char* reason) { click::platform::panic(reason); }

__attribute__((noreturn)) void __throw_out_of_range(const char* reason) { click::platform::panic(reason); }

__attribute__((noreturn)) void __throw_out_of_range_fmt(const char* format, ...) {
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    click::platform::panic(reason);
}

}  // namespace std
