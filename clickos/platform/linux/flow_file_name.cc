// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/flow_file_name.hh"

#include "lib/format.hh"
#include "net/ipaddress.hh"

namespace click {

namespace {

/// What `.PART` leaves of a number: a byte of it from the first one on, or its upper or lower 16 bits.
uint32_t part_of(uint32_t number, int part) {
    constexpr int kBytes = 4;
    if (part < 0) {
        return number;
    }
    return part < kBytes    ? number >> (8 * (kBytes - 1 - part)) & 0xffU
           : part == kBytes ? number >> 16
                            : number & 0xffffU;
}

/// A field of an expanded file name; nothing if there is no such field.
std::optional<std::string> name_field(char letter, int part, const FlowEnds& ends, uint32_t aggregate) {
    const auto address = [&](uint32_t value) {
        return part < 0 ? IPAddress(value).unparse() : std::to_string(part_of(net32(value), part));
    };
    constexpr int kBytes = 4;
    switch (letter) {
        case 'n':
            return std::to_string(part_of(aggregate, part));
        case 'x':
            return format("%x", part_of(aggregate, part));
        case 'X':
            return format("%X", part_of(aggregate, part));
        default:
            break;
    }
    if (part >= kBytes || (part >= 0 && letter != 's' && letter != 'd')) {
        return {};
    }
    switch (letter) {
        case 's':
            return address(ends.source);
        case 'd':
            return address(ends.destination);
        case 'S':
            return std::to_string(net16(ends.source_port));
        case 'D':
            return std::to_string(net16(ends.destination_port));
        case 'p':
            return ends.tcp ? "T" : "U";
        case '%':
            return "%";
        default:
            return {};
    }
}

}  // namespace

std::optional<std::string> expand_flow_file_name(std::string_view pattern, const FlowEnds& ends, uint32_t aggregate,
                                                 size_t& bad) {
    constexpr size_t kWidest = 100;
    const auto is_digit = [&](size_t at) { return at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9'; };
    std::string name;
    for (size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            name += pattern[i];
            continue;
        }
        bad = i++;
        char fill = is_digit(i) && pattern[i] == '0' ? '0' : ' ';
        size_t width = 0;
        for (; is_digit(i) && width <= kWidest; ++i) {
            width = width * 10 + static_cast<size_t>(pattern[i] - '0');
        }
        int part = -1;
        if (i < pattern.size() && pattern[i] == '.') {
            constexpr int kLastPart = 5;
            part = is_digit(i + 1) ? pattern[i + 1] - '0' : kLastPart + 1;
            i += 2;
            if (part > kLastPart) {
                return {};
            }
        }
        std::optional<std::string> field = name_field(i < pattern.size() ? pattern[i] : '\0', part, ends, aggregate);
        if (!field || width > kWidest) {
            return {};
        }
        name.append(width > field->size() ? width - field->size() : 0, fill);
        name += *field;
    }
    return name;
}

}  // namespace click
