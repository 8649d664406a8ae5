// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdarg>
#include <string>

namespace click {

/// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string format(const char* format, ...);
std::string vformat(const char* format, va_list args);

}  // namespace click
