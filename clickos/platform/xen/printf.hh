// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdarg>
#include <cstddef>

namespace click::xen {

/// What vsnprintf does, for the conversions c, s, d, i, u, x, X, o, p, g and %, the lengths hh, h, l, ll, j, t and z, and
/// the flags `-` and `0`. A real number has 17 digits at most, and of more than 15 the last may be off.
int print_formatted(char* buffer, size_t size, const char* format, va_list args);

}  // namespace click::xen
