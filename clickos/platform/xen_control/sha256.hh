// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace click {

/// SHA-256 (FIPS 180-4) of `text` as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view text);

}  // namespace click
