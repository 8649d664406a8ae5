// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace click {

/// A name that patterns and printed lines use for a number.
struct NumberName {
    std::string_view name;
    uint16_t number;
};

/// The names that the engine knows; of several names of one number, the first one is printed.
std::span<const NumberName> ip_protocol_names();
std::span<const NumberName> port_names();
std::span<const NumberName> icmp_type_names();
/// What a code of an ICMP error is called, or empty.
std::string_view icmp_code_name(uint8_t type, uint8_t code);
/// The ICMP type, or the code of such a message, that is meant by a name or a number; -1 when there is none.
int parse_icmp_type(std::string_view text);
int parse_icmp_code(std::string_view text, uint8_t type);
/// Bits of the TCP header's flag byte.
std::span<const NumberName> tcp_flag_names();

/// The name of `number`, or empty.
std::string_view name_of(std::span<const NumberName> names, uint16_t number);
/// The number of `name`, or -1.
int number_named(std::span<const NumberName> names, std::string_view name);

}  // namespace click
