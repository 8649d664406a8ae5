// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "lib/format.hh"
#include "net/ipaddress.hh"

namespace click {

/// Who talks with whom, in network order. Rewriters that look at less leave the rest 0.
struct FlowId {
    uint32_t source;
    uint32_t destination;
    uint16_t source_port;
    uint16_t destination_port;

    constexpr FlowId reversed() const { return {destination, source, destination_port, source_port}; }
    friend constexpr bool operator==(const FlowId&, const FlowId&) = default;
};

/// What a mapping is found by.
struct FlowKey {
    FlowId id;
    uint32_t protocol;

    constexpr FlowKey reversed() const { return {id.reversed(), protocol}; }
    friend constexpr bool operator==(const FlowKey&, const FlowKey&) = default;
};

/// `(1.0.0.1, 20, 2.0.0.2, 80)`
inline std::string unparse(const FlowId& id) {
    return format("(%s, %u, %s, %u)", IPAddress(id.source).unparse().c_str(), net16(id.source_port),
                  IPAddress(id.destination).unparse().c_str(), net16(id.destination_port));
}

}  // namespace click
