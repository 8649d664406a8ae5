// SPDX-License-Identifier: Apache-2.0
#include "net/ip6address.hh"

#include <bit>

#include "lib/format.hh"

namespace click {

namespace {

constexpr unsigned kGroups = 8;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Reads one to four hexadecimal digits off the front of `text`.
bool take_group(std::string_view& text, uint16_t& group) {
    size_t digits = 0;
    unsigned value = 0;
    while (digits < text.size() && hex_digit(text[digits]) >= 0) {
        if (digits == 4) {
            return false;
        }
        value = value << 4 | static_cast<unsigned>(hex_digit(text[digits++]));
    }
    text.remove_prefix(digits);
    group = static_cast<uint16_t>(value);
    return digits != 0;
}

/// Reads groups separated by colons, at most `most` of them; returns how many, or -1. `a.b.c.d` at the end is two.
int read_groups(std::string_view text, uint16_t* groups, unsigned most) {
    if (text.empty()) {
        return 0;
    }
    for (unsigned count = 0; count < most;) {
        IPAddress quad;
        if (text.find(':') == std::string_view::npos && count + 2 <= most && parse_ip_address(text, quad)) {
            groups[count] = static_cast<uint16_t>(quad.host_order() >> 16);
            groups[count + 1] = static_cast<uint16_t>(quad.host_order());
            return static_cast<int>(count + 2);
        }
        if (!take_group(text, groups[count++])) {
            return -1;
        }
        if (text.empty()) {
            return static_cast<int>(count);
        }
        if (text.front() != ':') {
            return -1;
        }
        text.remove_prefix(1);
    }
    return -1;
}

}  // namespace

IP6Address IP6Address::prefix_mask(unsigned length) {
    IP6Address mask;
    for (unsigned i = 0; i < kSize; ++i) {
        unsigned bits = length > 8 * i ? length - 8 * i : 0;
        mask._bytes[i] = bits >= 8 ? 0xff : static_cast<uint8_t>(0xff00U >> bits);
    }
    return mask;
}

IP6Address IP6Address::mapped(IPAddress address) {
    IP6Address mapped;
    mapped._bytes[10] = mapped._bytes[11] = 0xff;
    uint32_t word = address.network_order();
    std::memcpy(mapped._bytes.data() + 12, &word, sizeof word);
    return mapped;
}

bool IP6Address::matches_prefix(const IP6Address& address, const IP6Address& mask) const {
    uint64_t mine[2];
    uint64_t its[2];
    uint64_t bits[2];
    std::memcpy(mine, _bytes.data(), kSize);
    std::memcpy(its, address._bytes.data(), kSize);
    std::memcpy(bits, mask._bytes.data(), kSize);
    return (((mine[0] ^ its[0]) & bits[0]) | ((mine[1] ^ its[1]) & bits[1])) == 0;
}

int IP6Address::mask_length() const {
    unsigned length = 0;
    while (length < 8 * kSize && (_bytes[length / 8] & 0x80U >> length % 8)) {
        ++length;
    }
    return *this == prefix_mask(length) ? static_cast<int>(length) : -1;
}

IP6Address IP6Address::solicited_node() const {
    IP6Address group({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff});
    std::memcpy(group._bytes.data() + 13, _bytes.data() + 13, 3);
    return group;
}

std::string IP6Address::unparse() const {
    uint16_t groups[kGroups];
    for (unsigned i = 0; i < kGroups; ++i) {
        groups[i] = static_cast<uint16_t>(_bytes[2 * i] << 8 | _bytes[2 * i + 1]);
    }
    unsigned run_start = 0;
    unsigned run_length = 1;  // a single zero group is not shortened (RFC 5952 4.2.2)
    for (unsigned i = 0; i < kGroups;) {
        unsigned end = i;
        while (end < kGroups && groups[end] == 0) {
            ++end;
        }
        if (end - i > run_length) {
            run_start = i;
            run_length = end - i;
        }
        i = end + 1;
    }
    std::string text;
    for (unsigned i = 0; i < kGroups; ++i) {
        if (run_length > 1 && i == run_start) {
            text += "::";
            i += run_length - 1;
            continue;
        }
        text += format(text.empty() || text.back() == ':' ? "%x" : ":%x", groups[i]);
    }
    return text;
}

std::string IP6Prefix::unparse() const {
    int length = mask.mask_length();
    return address.unparse() + '/' + (length >= 0 ? format("%d", length) : mask.unparse());
}

bool parse_ip6_address(std::string_view text, IP6Address& address) {
    uint16_t groups[kGroups] = {};
    size_t gap = text.find("::");
    if (gap == std::string_view::npos) {
        if (read_groups(text, groups, kGroups) != static_cast<int>(kGroups)) {
            return false;
        }
    } else {
        uint16_t tail[kGroups] = {};
        // At least one group is left out (RFC 4291 2.2: "one or more groups of 16 bits of zeros").
        int before = read_groups(text.substr(0, gap), groups, kGroups - 1);
        int after = read_groups(text.substr(gap + 2), tail, kGroups - 1);
        if (before < 0 || after < 0 || before + after >= static_cast<int>(kGroups) ||
            text.substr(0, gap).find('.') != std::string_view::npos) {
            return false;
        }
        std::memcpy(groups + kGroups - after, tail, static_cast<size_t>(after) * sizeof tail[0]);
    }
    for (unsigned i = 0; i < kGroups; ++i) {
        address.data()[2 * i] = static_cast<uint8_t>(groups[i] >> 8);
        address.data()[2 * i + 1] = static_cast<uint8_t>(groups[i]);
    }
    return true;
}

bool parse_ip6_prefix(std::string_view text, IP6Prefix& prefix) {
    size_t slash = text.find('/');
    IP6Address address;
    if (!parse_ip6_address(text.substr(0, slash), address)) {
        return false;
    }
    unsigned length = 8 * IP6Address::kSize;
    if (slash != std::string_view::npos) {
        std::string_view digits = text.substr(slash + 1);
        if (digits.empty() || digits.size() > 3) {
            return false;
        }
        length = 0;
        for (char c : digits) {
            if (c < '0' || c > '9') {
                return false;
            }
            length = length * 10 + static_cast<unsigned>(c - '0');
        }
        if (length > 8 * IP6Address::kSize) {
            return false;
        }
    }
    prefix = {address, IP6Address::prefix_mask(length)};
    return true;
}

}  // namespace click
