// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>

#include <algorithm>
#include <vector>

#include "lang/confparse.hh"

namespace click {

/// An argument of any number of IPv6 addresses, separated by spaces.
struct IP6AddressList {
    std::vector<IP6Address> addresses;

    bool contains(const IP6Address& address) const {
        return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
    }
};

inline bool parse_arg(std::string_view text, IP6AddressList& value, ArgContext& context) {
    value.addresses.clear();
    for (const std::string& word : split_words(unquote(text))) {
        IP6Address address;
        if (!parse_ip6_address(word, address)) {
            return context.error("'%s' is no IPv6 address", word.c_str());
        }
        value.addresses.push_back(address);
    }
    return true;
}

}  // namespace click
