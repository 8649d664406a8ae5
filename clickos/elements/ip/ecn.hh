// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>

#include "lang/confparse.hh"

namespace click {

// The two ECN bits of the type of service byte (RFC 3168 5), by the names of Click's documentation.
inline constexpr uint8_t kEcnMask = 3;
inline constexpr uint8_t kEcnNot = 0;
inline constexpr uint8_t kEcnEct1 = 1;
inline constexpr uint8_t kEcnEct2 = 2;
inline constexpr uint8_t kEcnCe = 3;

/// An argument `no`, `ect1`, `ect2`, `ce`, or 0 to 3.
struct EcnValue {
    uint8_t bits = kEcnNot;
};

inline bool parse_arg(std::string_view text, EcnValue& value, ArgContext& context) {
    constexpr std::pair<std::string_view, uint8_t> kNames[] = {
        {"no", kEcnNot}, {"-", kEcnNot}, {"ect1", kEcnEct1}, {"ect2", kEcnEct2}, {"ce", kEcnCe}};
    std::string word = unquote(text);
    for (auto [name, bits] : kNames) {
        if (word == name) {
            value.bits = bits;
            return true;
        }
    }
    uint64_t number;
    if (!parse_unsigned(word, number) || number > kEcnMask) {
        return context.error("bad ECN value");
    }
    value.bits = static_cast<uint8_t>(number);
    return true;
}

/// An argument that says whether packets can carry a congestion mark: a boolean, where true means ECT1, or `2`.
struct EctValue {
    uint8_t bits = kEcnNot;
};

inline bool parse_arg(std::string_view text, EctValue& value, ArgContext& context) {
    bool capable = false;
    if (unquote(text) == "2") {
        value.bits = kEcnEct2;
        return true;
    }
    if (!parse_arg(text, capable, context)) {
        return false;
    }
    value.bits = capable ? kEcnEct1 : kEcnNot;
    return true;
}

/// What the bits of a packet become when it leaves a tunnel whose own header has `outer` (RFC 6040 4.2). False when it is
/// to be dropped: congestion was marked, and its receiver would not understand.
constexpr bool leave_tunnel(uint8_t outer, uint8_t& inner) {
    if (outer == kEcnCe && inner == kEcnNot) {
        return false;
    }
    if (outer == kEcnCe || (outer == kEcnEct1 && inner == kEcnEct2)) {
        inner = outer;
    }
    return true;
}

inline std::string show_value(EcnValue value) { return std::to_string(value.bits); }

}  // namespace click
