// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <cstddef>
#include <cstdint>

/// The memory that frames of METHOD XDP lie in: chunks of one mapping, which every AF_XDP socket of the program registers as
/// its own UMEM. So a packet is received where the kernel wrote it, and sent from there by whatever socket. A chunk has one
/// owner: the free chunks, the kernel, or a packet. It is mapped at first use and for good.
namespace click::xdp_arena {

inline constexpr uint32_t kChunkSize = 2048;
inline constexpr uint32_t kChunks = 32768;
inline constexpr size_t kSize = size_t{kChunks} * kChunkSize;
/// What the kernel leaves free before each frame (XDP_PACKET_HEADROOM).
inline constexpr uint32_t kHeadroom = 256;
inline constexpr uint32_t kLongestFrame = kChunkSize - kHeadroom;
/// Free chunks that receiving leaves to sending.
inline constexpr uint32_t kForSending = 4096;
inline constexpr uint32_t kNone = ~uint32_t{0};

/// Maps the arena. False, with errno set, if that cannot be.
bool prepare();
uint8_t* start();
inline uint8_t* chunk_start(uint32_t chunk) { return start() + size_t{chunk} * kChunkSize; }
/// Which chunk an address lies in; kNone for one outside.
inline uint32_t chunk_of(const uint8_t* address) {
    auto offset = static_cast<size_t>(address - start());
    return offset < kSize ? static_cast<uint32_t>(offset / kChunkSize) : kNone;
}

/// Whether received packets may keep their chunks.
bool plenty();
/// A free chunk; kNone when there is none. By any worker, as is `give_back`.
uint32_t take();
void give_back(uint32_t chunk);

/// A packet around a chunk, which becomes free with it. Null when memory is exhausted: then the chunk is still the caller's.
PacketPtr packet_in(uint32_t chunk, uint32_t headroom, uint32_t length);

}  // namespace click::xdp_arena
