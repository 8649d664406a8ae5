// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <tuple>

#include "net/ether.hh"
#include "net/etheraddress.hh"
#include "net/ip.hh"

namespace click {

/// The group address of all bridges (IEEE 802.1D 7.12.3).
inline constexpr EtherAddress kBridgeGroup = {{0x01, 0x80, 0xc2, 0x00, 0x00, 0x00}};

/// A bridge protocol data unit (IEEE 802.1D 9.3) behind its Ethernet and LLC headers; multi-byte fields in network order. One
/// that notifies of a change of the topology ends behind `type`.
struct [[gnu::packed, gnu::may_alias]] BridgeMessage {
    static constexpr uint8_t kConfiguration = 0, kTopologyChangeNotification = 0x80;
    static constexpr uint8_t kTopologyChange = 1, kAcknowledgement = 0x80;

    EtherHeader ether;  ///< its type is a length
    uint8_t llc[3];
    uint16_t protocol;
    uint8_t version;
    uint8_t type;
    uint8_t flags;
    uint64_t root;
    uint32_t cost;
    uint64_t bridge;
    uint16_t port;
    uint16_t age;  ///< times in 1/256 s
    uint16_t max_age;
    uint16_t hello_time;
    uint16_t forward_delay;
};
static_assert(sizeof(BridgeMessage) == 52);

/// What decides which of two messages is better: the lower one is (IEEE 802.1D 8.6.2.2).
struct BridgePriority {
    uint64_t root = ~uint64_t{0};
    uint32_t cost = ~uint32_t{0};
    uint64_t bridge = ~uint64_t{0};
    uint16_t port = 0xffff;

    bool better_than(const BridgePriority& other) const {
        return std::tie(root, cost, bridge, port) < std::tie(other.root, other.cost, other.bridge, other.port);
    }
};

}  // namespace click
