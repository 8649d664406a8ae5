// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/packet.hh>

#include <optional>
#include <string>
#include <string_view>

#include "net/ip.hh"

namespace click {

/// What a line of an IP summary says of a packet. Headers are in network order; what is not said is zero.
struct SummaryPacket {
    std::optional<int64_t> timestamp;
    int64_t first_timestamp = 0;
    IpHeader ip{};
    std::optional<uint8_t> protocol;
    std::optional<uint32_t> ip_length;
    std::optional<uint32_t> payload_length;
    std::optional<uint32_t> wire_length;
    uint32_t header_length = 0;
    std::string ip_options;
    uint16_t source_port = 0;
    uint16_t destination_port = 0;
    TcpHeader tcp{};  ///< its `offset` is the nonce sum alone
    uint32_t tcp_header_length = 0;
    std::string tcp_options;
    std::optional<uint16_t> udp_length;
    uint16_t udp_checksum = 0;
    IcmpHeader icmp{};
    std::string payload;  ///< of ICMP, with its header
    uint32_t count = 1;
    uint32_t aggregate = 0;
    uint8_t paint = 0;
    bool offsets_of_eight = false;  ///< fragments' offsets count eight bytes each
    bool backwards = false;         ///< the flow that a line `!flowid` names, the other way
};

/// Takes a word of a summary for a field; false when the field cannot be that. A dash says nothing.
using SummaryReader = bool (*)(std::string_view word, SummaryPacket& packet);

/// What reads a field that `find_summary_field` knows; null when a packet cannot be made of it.
SummaryReader find_summary_reader(std::string_view field);

/// How packets are made.
struct SummaryPacketStyle {
    uint8_t protocol = kIpProtoTcp;  ///< where nothing is said of it
    bool zero = true;                ///< what is not said is zero, not random
    bool checksum = false;           ///< whole packets, with right checksums
};

/// The packet, with its annotations; null when memory is exhausted.
PacketPtr make_packet(const SummaryPacket& summary, const SummaryPacketStyle& style);

}  // namespace click
