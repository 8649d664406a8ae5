// SPDX-License-Identifier: Apache-2.0
#include "net/etheraddress.hh"

#include "lib/format.hh"

namespace click {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string EtherAddress::unparse() const {
    return format("%02X-%02X-%02X-%02X-%02X-%02X", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
}

std::string EtherAddress::unparse_colon() const {
    return format("%02X:%02X:%02X:%02X:%02X:%02X", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
}

bool parse_ether_address(std::string_view text, EtherAddress& address) {
    EtherAddress parsed;
    char separator = 0;
    for (size_t i = 0; i < 6; ++i) {
        if (i != 0) {
            if (text.empty() || (text[0] != ':' && text[0] != '-') || (separator && text[0] != separator)) {
                return false;
            }
            separator = text[0];
            text.remove_prefix(1);
        }
        int value = text.empty() ? -1 : hex_digit(text[0]);
        if (value < 0) {
            return false;
        }
        text.remove_prefix(1);
        if (!text.empty() && hex_digit(text[0]) >= 0) {
            value = value * 16 + hex_digit(text[0]);
            text.remove_prefix(1);
        }
        parsed.bytes[i] = static_cast<uint8_t>(value);
    }
    if (!text.empty()) {
        return false;
    }
    address = parsed;
    return true;
}

}  // namespace click
