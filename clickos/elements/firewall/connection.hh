// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "elements/rewriter/flowid.hh"
#include "lib/flow_table.hh"
#include "lib/tcp_tracker.hh"
#include "net/icmp.hh"
#include "net/ip.hh"

namespace click {

struct ConnectionPacket;

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
std::string unparse(const FlowKey& key, const Connection& connection);

/// `PROTOCOL SADDR SPORT DADDR DPORT SIDE REPLIED AGE`, and behind it the numbers of a TCP connection; AGE is in milliseconds.
std::string unparse_state(const FlowKey& key, const Connection& connection, uint32_t age);

/// What of a packet says to which connection it belongs.
struct ConnectionPacket {
    FlowKey flow{};                 ///< as in the packet, or in the one that an ICMP error quotes
    std::optional<TcpSegment> tcp;  ///< there in a TCP packet
    bool only_answers = false;      ///< an echo reply, which begins nothing
    bool quoted = false;            ///< the flow is that of a quoted packet
    bool quotes_receiver = false;   ///< whose sender the packet goes to

    /// False when the packet has no flow.
    bool parse(const Packet& packet);
    /// The key of its connection when the flow is that of a packet from `side`.
    FlowKey key(unsigned side) const { return side == 0 ? flow : flow.reversed(); }

private:
    bool parse_flow(const IpHeader& ip, uint32_t length);
    bool parse_error(const IpHeader& ip, const uint8_t* message, uint32_t length);
};

}  // namespace click
