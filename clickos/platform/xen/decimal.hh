// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace click::xen {

/// What strtod does, for decimal numbers without space before them. Nineteen digits count, and the result is the nearest
/// double or the one beside it.
double read_decimal(const char* text, const char** end);

}  // namespace click::xen
