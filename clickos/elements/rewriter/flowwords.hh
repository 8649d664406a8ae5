// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "elements/rewriter/flowid.hh"
#include "lang/confparse.hh"
#include "net/ipaddress.hh"

namespace click {

/// A flow as a state handler writes it: `SADDR SPORT DADDR DPORT`.
inline std::string unparse_words(const FlowId& id) {
    return IPAddress(id.source).unparse() + " " + std::to_string(net16(id.source_port)) + " " +
           IPAddress(id.destination).unparse() + " " + std::to_string(net16(id.destination_port));
}

/// Takes `ADDR PORT` off the text.
inline bool take_end(std::string_view& text, uint32_t& address, uint16_t& port) {
    IPAddress parsed;
    uint64_t number;
    if (!parse_ip_address(take_word(text), parsed) || !parse_unsigned(take_word(text), number) || number > 0xffff) {
        return false;
    }
    address = parsed.network_order();
    port = net16(static_cast<uint16_t>(number));
    return true;
}
/// Takes a flow off the text.
inline bool take_flow(std::string_view& text, FlowId& id) {
    return take_end(text, id.source, id.source_port) && take_end(text, id.destination, id.destination_port);
}

}  // namespace click
