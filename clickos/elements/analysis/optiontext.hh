// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace click {

/// Appends an option that has no form of its own, as `KIND` or `KIND=BYTE:BYTE...`.
void append_plain_option(uint8_t kind, std::span<const uint8_t> data, std::string& line);
/// Appends the bytes of such a text; false when it is none.
bool put_plain_option(std::string_view word, std::string& bytes);

/// Appends the options of an IPv4 header, as `rr{1.0.0.1}+2;ts{1,!2}+1++3;99=0:5`; `.` when there are none but padding,
/// `?` when they are broken.
void append_ip_options(std::span<const uint8_t> options, std::string& line);
/// The bytes that such a text stands for, padded to a multiple of four; false when it stands for none.
bool parse_ip_options(std::string_view text, std::string& options);

}  // namespace click
