// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>

#include "net/pppoe.hh"

namespace click {

/// The PPP protocol that frames of a session hold, and its argument.
struct PppProtocol {
    uint16_t number = kPppIp;
};

inline bool parse_arg(std::string_view text, PppProtocol& value, ArgContext& context) {
    int64_t number;
    if (!parse_integer(text, 0, UINT16_MAX, number, context)) {
        return false;
    }
    if (!is_ppp_protocol(static_cast<uint16_t>(number))) {
        return context.error("0x%04x is no PPP protocol: its first byte has to be even, its second one odd",
                             static_cast<unsigned>(number));
    }
    value.number = static_cast<uint16_t>(number);
    return true;
}

}  // namespace click
