// SPDX-License-Identifier: Apache-2.0
// Functions of the C library that the engine calls and musl has only at some size; the linker finds these before musl's.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "platform/platform.hh"
#include "platform/xen/decimal.hh"
#include "platform/xen/printf.hh"

int vsnprintf(char* buffer, size_t size, const char* format, va_list args) {
    return click::xen::print_formatted(buffer, size, format, args);
}

int snprintf(char* buffer, size_t size, const char* format, ...) {
    va_list args;
    va_start(args, format);
    int length = click::xen::print_formatted(buffer, size, format, args);
    va_end(args);
    return length;
}

double strtod(const char* text, char** end) {
    const char* stopped = nullptr;
    double value = click::xen::read_decimal(text, &stopped);
    if (end) {
        *end = const_cast<char*>(stopped);
    }
    return value;
}

// What Debian's compiler puts in the place of a copy whose room it knows.
extern "C" void* __memcpy_chk(void* to, const void* from, size_t length, size_t room) {
    if (length > room) {
        click::platform::panic("copy behind the end of its room");
    }
    return std::memcpy(to, from, length);
}
