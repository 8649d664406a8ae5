// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <cstdint>
#include <vector>

namespace click {

/// What a sender on the same machine left to hardware that there is not: the checksum, or cutting a long TCP segment to
/// the size of the network. Virtual interfaces hand such frames over as they are (virtio 1.2, section 5.1.6).
struct Offload {
    enum class Segmentation : uint8_t { None, Tcp4, Tcp6, Udp, Unknown };

    bool partial_checksum = false;
    uint16_t checksum_start = 0;   ///< where the bytes that the checksum covers begin, in the frame
    uint16_t checksum_offset = 0;  ///< where the checksum lies, from there
    Segmentation segmentation = Segmentation::None;
    uint16_t segment_size = 0;  ///< payload bytes of each frame but the last

    bool nothing() const { return !partial_checksum && segmentation == Segmentation::None; }
};

/// Finishes a partial checksum: the field holds the pseudo header's sum, and gets the whole one. False, and nothing is
/// changed, when it would lie outside of the frame.
bool complete_checksum(uint8_t* frame, uint32_t length, const Offload& offload);

/// Cuts an Ethernet frame with one long TCP or UDP payload into frames of `segment_size`, with headers and checksums as
/// if they had been sent one by one, and appends them to `segments`. False, and nothing is appended, when the frame's
/// headers do not fit together or memory is exhausted.
bool segment_frame(const uint8_t* frame, uint32_t length, const Offload& offload, uint32_t headroom,
                   std::vector<PacketPtr>& segments);

}  // namespace click
