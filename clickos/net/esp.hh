// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

inline constexpr uint8_t kIpProtoIp = 4;
inline constexpr uint8_t kIpProtoIp6 = 41;
inline constexpr uint8_t kIpProtoEsp = 50;
inline constexpr uint8_t kIpProtoNone = 59;  ///< nothing follows: in ESP, a dummy packet (RFC 4303 2.6)

/// What an ESP packet begins with (RFC 4303 2), in network order. The initialization vector follows.
struct [[gnu::packed, gnu::may_alias]] EspHeader {
    uint32_t spi;
    uint32_t number;
};
static_assert(sizeof(EspHeader) == 8);

/// What its payload ends with, behind the padding.
struct [[gnu::packed, gnu::may_alias]] EspTrailer {
    uint8_t padding;
    uint8_t next_header;
};
static_assert(sizeof(EspTrailer) == 2);

}  // namespace click
