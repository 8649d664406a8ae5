// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>

#include "lang/confparse.hh"
#include "lib/ip_names.hh"

namespace click {

/// An argument that is an IP protocol, by number (0 to 255) or name.
struct IpProtocol {
    uint8_t number = 0;
};

inline bool parse_arg(std::string_view text, IpProtocol& value, ArgContext& context) {
    std::string word = unquote(text);
    int named = number_named(ip_protocol_names(), word);
    uint64_t number = static_cast<uint64_t>(named);
    if (named < 0 && (!parse_unsigned(word, number) || number > 0xff)) {
        return context.error("bad IP protocol");
    }
    value.number = static_cast<uint8_t>(number);
    return true;
}

}  // namespace click
