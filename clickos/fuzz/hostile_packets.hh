// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/batch.hh>

#include <random>

namespace click {

/// Packets as nobody wants them, the same ones for the same seed: bytes of any kind and length, IPv4, IPv6, ARP, TCP, UDP
/// and ICMP that are right but for a few bytes, cut anywhere, with headers set, misplaced or missing, annotations and
/// timestamps of any value, some sharing their buffer with a clone.
class HostilePackets {
public:
    explicit HostilePackets(unsigned seed) : _random(seed) {}

    /// One packet of that kind.
    PacketPtr next();
    /// A right UDP or TCP packet over IPv4 between two addresses and ports that have most likely not been seen before, with
    /// its headers and its destination annotation set.
    PacketPtr next_flow();

private:
    uint32_t number() { return static_cast<uint32_t>(_random()); }
    uint32_t below(uint32_t bound) { return number() % bound; }
    PacketPtr random_bytes();
    PacketPtr plausible();
    void damage(Packet& packet);
    void place_headers(Packet& packet);

    std::mt19937 _random;
    PacketPtr _clone;  ///< keeps the buffer of an earlier packet shared for a while
};

}  // namespace click
