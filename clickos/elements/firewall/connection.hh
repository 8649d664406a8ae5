// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "lib/flow_table.hh"
#include "lib/tcp_tracker.hh"
#include "net/icmp.hh"
#include "net/ip.hh"
#include "net/ip6.hh"

namespace click {

struct ConnectionPacket;

/// Who talks with whom, in network order. An address of IPv4 has zeros behind it.
struct ConnectionKey {
    IP6Address source;
    IP6Address destination;
    uint16_t source_port = 0;
    uint16_t destination_port = 0;
    uint16_t protocol = 0;
    uint16_t version = 0;  ///< 4 or 6

    ConnectionKey reversed() const { return {destination, source, destination_port, source_port, protocol, version}; }
    friend bool operator==(const ConnectionKey&, const ConnectionKey&) = default;
};

/// What a firewall knows of a connection. Its key is the flow of what comes from inside.
struct Connection {
    TcpTracker tcp;
    uint8_t begun_by = 0;  ///< the side: 0 is inside
    bool replied = false;
    bool settled = false;  ///< the rest of it may pass elsewhere
    uint32_t passed = 0;   ///< packets before it was settled

    /// Counts a packet that passed, and tells whether the rest of the connection may pass elsewhere: `after` have.
    bool settle(const ConnectionPacket& packet, uint32_t after);
};

/// `tcp (1.0.0.2, 1234, 2.0.0.2, 80) ESTABLISHED`
std::string unparse(const ConnectionKey& key, const Connection& connection);

/// `PROTOCOL SADDR SPORT DADDR DPORT SIDE REPLIED AGE`, and behind it the numbers of a TCP connection; AGE is in milliseconds.
std::string unparse_state(const ConnectionKey& key, const Connection& connection, uint32_t age);
/// Reads that; false when the line is anything else.
bool parse_state(std::string_view line, ConnectionKey& key, Connection& connection, uint32_t& age);

/// What of a packet says to which connection it belongs.
struct ConnectionPacket {
    ConnectionKey flow{};           ///< as in the packet, or in the one that an ICMP error quotes
    std::optional<TcpSegment> tcp;  ///< there in a TCP packet
    bool only_answers = false;      ///< an echo reply, which begins nothing
    bool quoted = false;            ///< the flow is that of a quoted packet
    bool quotes_receiver = false;   ///< whose sender the packet goes to

    /// False when the packet has no flow.
    bool parse(const Packet& packet);
    /// The key of its connection when the flow is that of a packet from `side`.
    ConnectionKey key(unsigned side) const { return side == 0 ? flow : flow.reversed(); }

private:
    bool parse_ip(const Packet& packet);
    bool parse_ip6(const Packet& packet, const Ip6Header& ip);
    bool parse_segment(const uint8_t* bytes, uint32_t length);
    bool parse_ports(const uint8_t* bytes, uint32_t length);
    bool parse_flow(const IpHeader& ip, uint32_t length);
    bool parse_flow(const Ip6Header& ip, uint32_t length);
    bool parse_error(const IpHeader& ip, const uint8_t* message, uint32_t length);
    bool parse_error(const Ip6Header& ip, const uint8_t* message, uint32_t length);
};

}  // namespace click
