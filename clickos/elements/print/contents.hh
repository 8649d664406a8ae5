// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/args.hh>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace click {

/// How a printing element shows packet bytes: the argument CONTENTS.
enum class Contents : uint8_t { None, Hex, Ascii };

/// `NONE`, `HEX`, `ASCII` in any case, or a boolean (true means HEX).
inline bool parse_arg(std::string_view text, Contents& value, ArgContext& context) {
    std::string given;
    if (!parse_arg(text, given, context)) {
        return false;
    }
    std::string word = given;
    for (char& c : word) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    if (word == "NONE" || word == "FALSE" || word == "0" || word == "NO") {
        value = Contents::None;
    } else if (word == "HEX" || word == "TRUE" || word == "1" || word == "YES") {
        value = Contents::Hex;
    } else if (word == "ASCII") {
        value = Contents::Ascii;
    } else {
        return context.error("bad contents value '%s'; should be 'NONE', 'HEX', or 'ASCII'", given.c_str());
    }
    return true;
}

inline void append_hex_byte(std::string& line, uint8_t byte) {
    static constexpr char digits[] = "0123456789abcdef";
    line += digits[byte >> 4];
    line += digits[byte & 15];
}

/// Appends bytes as hexadecimal in groups of four, or as text in groups of eight with dots for what cannot be printed.
/// With `line_length`, every so many bytes begin an indented line of their own.
inline void append_contents(std::string& line, Contents contents, const uint8_t* data, size_t length,
                            size_t line_length = 0) {
    size_t group = contents == Contents::Hex ? 4 : 8;
    for (size_t i = 0; i < length; ++i) {
        if (line_length != 0 && i % line_length == 0) {
            line += "\n  ";
        } else if (i != 0 && i % group == 0) {
            line += ' ';
        }
        if (contents == Contents::Hex) {
            append_hex_byte(line, data[i]);
        } else {
            line += data[i] < 32 || data[i] > 126 ? '.' : static_cast<char>(data[i]);
        }
    }
}

}  // namespace click
