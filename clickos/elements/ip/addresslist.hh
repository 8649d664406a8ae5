// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>

#include <algorithm>
#include <vector>

#include "lang/confparse.hh"

namespace click {

/// An argument of any number of IP addresses, separated by spaces.
struct IPAddressList {
    std::vector<IPAddress> addresses;

    bool contains(IPAddress address) const {
        return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
    }
};

inline bool parse_arg(std::string_view text, IPAddressList& value, ArgContext& context) {
    value.addresses.clear();
    for (const std::string& word : split_words(text)) {
        IPAddress address;
        if (!parse_arg(word, address, context)) {
            return context.error("'%s' is no IP address", word.c_str());
        }
        value.addresses.push_back(address);
    }
    return true;
}

}  // namespace click
