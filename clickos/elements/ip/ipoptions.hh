// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// Options of the IPv4 header (RFC 791 section 3.1).
namespace click::ip_option {

inline constexpr uint8_t kEnd = 0;
inline constexpr uint8_t kNop = 1;
inline constexpr uint8_t kRecordRoute = 7;
inline constexpr uint8_t kTimestamp = 68;
inline constexpr uint8_t kLooseSourceRoute = 131;
inline constexpr uint8_t kStrictSourceRoute = 137;
/// The option is copied into every fragment.
inline constexpr uint8_t kCopied = 0x80;

/// The length of the option at `at`, 0 when it does not fit into the `length` bytes of all options.
inline unsigned length_at(const uint8_t* options, unsigned length, unsigned at) {
    if (options[at] == kEnd || options[at] == kNop) {
        return 1;
    }
    unsigned own = at + 1 < length ? options[at + 1] : 0;
    return own >= 2 && at + own <= length ? own : 0;
}

}  // namespace click::ip_option
