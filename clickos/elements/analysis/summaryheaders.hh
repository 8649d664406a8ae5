// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>

#include "elements/analysis/summaryfields.hh"
#include "net/ip.hh"

namespace click {

inline bool put_number(std::string& line, uint64_t number) {
    line += std::to_string(number);
    return true;
}

/// The start of the transport header of a first fragment of one of the protocols, or null. Bytes behind what was
/// captured are not there, whatever the IP header says.
template <typename H>
const H* summary_transport(const Packet& packet, uint8_t protocol, uint8_t other) {
    const IpHeader* ip = whole_ip_header(packet);
    bool here = ip && ip->version() == 4 && ip->first_fragment() && (ip->protocol == protocol || ip->protocol == other);
    size_t header = here ? ip->header_length() : 0;
    return here && packet.network_length() >= header + sizeof(H)
               ? reinterpret_cast<const H*>(packet.network_header() + header)
               : nullptr;
}

/// A field of a transport header, given by a function that appends it or says what number it is.
template <typename H, uint8_t kProtocol, auto Append, uint8_t kOther = kProtocol>
bool of_transport(const Packet& packet, std::string& line) {
    const H* header = summary_transport<H>(packet, kProtocol, kOther);
    if (!header) {
        return false;
    }
    if constexpr (requires { Append(*header, line); }) {
        return Append(*header, line);
    } else {
        return put_number(line, Append(*header));
    }
}

/// What is said of ICMP messages.
std::span<const SummaryField> icmp_summary_fields();

}  // namespace click
