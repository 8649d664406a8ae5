// SPDX-License-Identifier: Apache-2.0
// The two functions of <cstdio> that the engine calls; the linker finds them before musl's.
#include <cstdio>

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
