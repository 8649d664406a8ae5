// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace click {

inline constexpr uint8_t kIpProtoGre = 47;

/// GRE header (RFC 2784); a checksum, a key and a sequence number follow where the flags say so (RFC 2890).
struct [[gnu::packed, gnu::may_alias]] GreHeader {
    static constexpr uint16_t kChecksum = 0x8000, kKey = 0x2000, kSequence = 0x1000;

    uint16_t flags;  ///< and the version
    uint16_t protocol;
};
static_assert(sizeof(GreHeader) == 4);

/// VXLAN header (RFC 7348 5).
struct [[gnu::packed, gnu::may_alias]] VxlanHeader {
    static constexpr uint16_t kPort = 4789;
    static constexpr uint8_t kHasNetwork = 0x08;

    uint8_t flags;
    uint8_t reserved[3];
    uint8_t network[3];
    uint8_t reserved_too;
};
static_assert(sizeof(VxlanHeader) == 8);

}  // namespace click
