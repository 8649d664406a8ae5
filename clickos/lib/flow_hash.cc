// SPDX-License-Identifier: Apache-2.0
#include "lib/flow_hash.hh"

#include <cstring>

#include "net/ether.hh"
#include "net/ip.hh"

namespace click {

namespace {

constexpr size_t kPorts = 4;
constexpr size_t kVlanTag = 4;
constexpr size_t kIp6Header = 40;
constexpr size_t kIp6Addresses = 8;

/// Mixes whole words in. The multiplier is that of the golden ratio: it moves every bit of the input upwards.
uint64_t mix(uint64_t hash, const uint8_t* bytes, size_t size) {
    for (size_t i = 0; i + sizeof(uint32_t) <= size; i += sizeof(uint32_t)) {
        uint32_t word;
        std::memcpy(&word, bytes + i, sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;
    }
    return hash;
}

bool has_ports(uint8_t protocol) { return protocol == kIpProtoTcp || protocol == kIpProtoUdp; }

}  // namespace

uint32_t flow_hash(const uint8_t* frame, size_t length) {
    size_t network = sizeof(EtherHeader);
    auto type = [&] { return frame[network - 2] << 8 | frame[network - 1]; };
    if (length >= network + kVlanTag && type() == kEtherTypeVlan) {
        network += kVlanTag;
    }
    uint64_t hash = 0;
    size_t ports = length;
    if (length >= network + sizeof(IpHeader) && type() == kEtherTypeIp) {
        const auto* ip = reinterpret_cast<const IpHeader*>(frame + network);
        hash = mix(ip->protocol, frame + network + offsetof(IpHeader, source), 2 * sizeof ip->source);
        if (has_ports(ip->protocol) && !ip->is_fragment()) {
            ports = network + ip->header_length();
        }
    } else if (length >= network + kIp6Header && type() == kEtherTypeIp6) {
        uint8_t protocol = frame[network + 6];
        hash = mix(protocol, frame + network + kIp6Addresses, kIp6Header - kIp6Addresses);
        if (has_ports(protocol)) {
            ports = network + kIp6Header;
        }
    }
    if (ports + kPorts <= length) {
        hash = mix(hash, frame + ports, kPorts);
    }
    return static_cast<uint32_t>(hash);
}

}  // namespace click
