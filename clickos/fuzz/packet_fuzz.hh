// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>
#include <click/packet.hh>

#include <cstdint>
#include <span>
#include <vector>

namespace click {

/// Puts a class between queues and drains and lets happen to it what the bytes say, event by event (packet_fuzz.cc), until
/// they end. Any bytes do. Time is simulated and goes on from one call to the next.
void fuzz_packets(const ElementClass& element_class, std::span<const uint8_t> events);

/// The event that brings that packet to an input, as fuzz_packets() reads it.
std::vector<uint8_t> packet_event(const Packet& packet, uint8_t input);

}  // namespace click
