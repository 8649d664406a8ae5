// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

namespace click {

/// A number that is the same for all frames of one flow, to spread flows over queues: of the IP addresses, and of the
/// ports where TCP or UDP has some in every packet (a fragmented datagram goes by its addresses alone). Frames of
/// other protocols have one number.
uint32_t flow_hash(const uint8_t* frame, size_t length);

}  // namespace click
