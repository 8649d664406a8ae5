// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>

#include "net/ip.hh"

namespace click {

/// Bytes of a transport header without options; 0 for protocols other than TCP, UDP and ICMP.
constexpr uint32_t least_transport_header(uint8_t protocol) {
    return protocol == kIpProtoTcp    ? sizeof(TcpHeader)
           : protocol == kIpProtoUdp  ? sizeof(UdpHeader)
           : protocol == kIpProtoIcmp ? sizeof(IcmpHeader)
                                      : 0;
}

/// What an IPv4 packet carries: the bytes behind its header, as many as the header says and the packet holds.
struct Segment {
    const uint8_t* data = nullptr;  ///< null when the packet holds less than its header says
    size_t length = 0;

    template <typename H>
    const H* header() const {
        return length >= sizeof(H) ? reinterpret_cast<const H*>(data) : nullptr;
    }
};

/// The segment behind a header that `whole_ip_header` found.
inline Segment ip_segment(const Packet& packet, const IpHeader& ip) {
    size_t header = ip.header_length();
    size_t total = ip.length();
    if (total < header || total > packet.network_length()) {
        return {};
    }
    return {packet.network_header() + header, total - header};
}

/// The same for writing; the packet must be unshared.
inline uint8_t* mutable_segment(Packet& packet, const IpHeader& ip) {
    return packet.mutable_network_header() + ip.header_length();
}

}  // namespace click
