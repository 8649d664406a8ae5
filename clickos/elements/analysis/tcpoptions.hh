// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace click {

/// Which options of a TCP header are meant.
enum class TcpOptions : uint8_t {
    All,
    NotTimes,  ///< none that are timestamps
    Sack,      ///< blocks of selective acknowledgements
};

/// Appends the options, as `mss1460;wscale3;sackok;ts1:2;sack5-9;254=1:2`; `.` when there are none but padding, `?` when
/// they are broken.
void append_tcp_options(std::span<const uint8_t> options, TcpOptions which, std::string& line);
/// The bytes that such a text stands for, padded to a multiple of four; false when it stands for none.
bool parse_tcp_options(std::string_view text, std::string& options);

}  // namespace click
