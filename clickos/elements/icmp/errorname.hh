// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <span>
#include <string_view>

#include "lang/confparse.hh"

namespace click {

/// What an ICMP error type, or a code of such a type, is called in configurations.
struct IcmpName {
    std::string_view name;
    int type;
    int code;
};

/// A number 0..255; -1 when `text` is none.
inline int parse_icmp_byte(std::string_view text) {
    uint64_t number;
    return parse_unsigned(text, number) && number <= 255 ? static_cast<int>(number) : -1;
}

/// The type that a name or number stands for; -1 when there is none.
inline int find_icmp_type(std::span<const IcmpName> names, std::string_view text) {
    auto named = std::find_if(names.begin(), names.end(), [&](const IcmpName& one) { return one.name == text; });
    return named != names.end() ? named->type : parse_icmp_byte(text);
}

/// The code of that type; -1 when there is none.
inline int find_icmp_code(std::span<const IcmpName> names, int type, std::string_view text) {
    auto named = std::find_if(names.begin(), names.end(),
                              [&](const IcmpName& one) { return one.name == text && one.type == type; });
    return named != names.end() ? named->code : parse_icmp_byte(text);
}

}  // namespace click
