// SPDX-License-Identifier: Apache-2.0
#include "net/ipaddress.hh"

#include "lib/format.hh"

namespace click {

namespace {

/// Reads decimal text of at most three digits, all of `text` up to a character that is no digit.
bool take_octet(std::string_view& text, unsigned& value) {
    size_t digits = 0;
    value = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        value = value * 10 + static_cast<unsigned>(text[digits] - '0');
        if (++digits > 3) {
            return false;
        }
    }
    text.remove_prefix(digits);
    return digits != 0 && value <= 255;
}

/// Reads one to four octets separated by dots; returns how many there are, 0 when `text` is something else.
int read_octets(std::string_view text, uint32_t& host_order) {
    uint32_t address = 0;
    for (int count = 1; count <= 4; ++count) {
        unsigned octet;
        if (!take_octet(text, octet)) {
            return 0;
        }
        address |= octet << (32 - 8 * count);
        if (text.empty()) {
            host_order = address;
            return count;
        }
        if (text.front() != '.') {
            return 0;
        }
        text.remove_prefix(1);
    }
    return 0;
}

}  // namespace

std::string IPAddress::unparse() const {
    uint32_t address = host_order();
    return format("%u.%u.%u.%u", address >> 24, (address >> 16) & 255, (address >> 8) & 255, address & 255);
}

std::string IPPrefix::unparse() const {
    int length = mask.mask_length();
    return address.unparse() + '/' + (length >= 0 ? format("%d", length) : mask.unparse());
}

bool parse_ip_address(std::string_view text, IPAddress& address) {
    uint32_t host_order;
    if (read_octets(text, host_order) != 4) {
        return false;
    }
    address = IPAddress::from_host_order(host_order);
    return true;
}

bool parse_ip_prefix(std::string_view text, bool allow_bare, IPPrefix& prefix) {
    size_t slash = text.find('/');
    uint32_t address;
    int octets = read_octets(text.substr(0, slash), address);
    if (slash == std::string_view::npos) {
        if (!allow_bare || octets != 4) {
            return false;
        }
        prefix = {IPAddress::from_host_order(address), IPAddress::prefix_mask(32)};
        return true;
    }
    std::string_view mask_text = text.substr(slash + 1);
    IPAddress mask;
    if (mask_text.find('.') != std::string_view::npos) {
        if (octets != 4 || !parse_ip_address(mask_text, mask)) {
            return false;
        }
    } else {
        // Trailing zero octets may be left out where the length covers none of them: 18.26/16.
        unsigned length;
        if (!take_octet(mask_text, length) || !mask_text.empty() || length > 32 ||
            (octets < 4 && length > static_cast<unsigned>(octets) * 8)) {
            return false;
        }
        mask = IPAddress::prefix_mask(static_cast<int>(length));
    }
    if (octets == 0) {
        return false;
    }
    prefix = {IPAddress::from_host_order(address), mask};
    return true;
}

}  // namespace click
