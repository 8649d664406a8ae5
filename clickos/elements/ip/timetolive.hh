// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "net/ip.hh"

namespace click {

/// Takes one off a header's time to live, which must not be 0, and updates the checksum.
inline void decrement_ttl(IpHeader& ip) {
    --ip.ttl;
    // RFC 1624 equation 3: HC' = ~(~HC + ~m + m'). The word that changes has the time to live as its upper byte, so
    // ~m + m' is ~0x0100 whatever m is.
    constexpr uint32_t kDecrement = net16(0xfeff);
    uint32_t sum = static_cast<uint16_t>(~ip.checksum) + kDecrement;
    ip.checksum = static_cast<uint16_t>(~(sum + (sum >> 16)));
}

}  // namespace click
