// SPDX-License-Identifier: Apache-2.0
#include "lang/confparse.hh"

#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace click {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The position behind the quoted string that begins at `at` ('…', "…" or \<…>), or `at` when none does.
size_t skip_quoted(std::string_view text, size_t at) {
    char first = text[at];
    if (first == '\'') {
        size_t end = text.find('\'', at + 1);
        return end == std::string_view::npos ? text.size() : end + 1;
    }
    if (first == '"') {
        for (size_t i = at + 1; i < text.size(); ++i) {
            if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '<') {
                ++i;
            } else if (text[i] == '"') {
                return i + 1;
            }
        }
        return text.size();
    }
    if (first == '\\' && at + 1 < text.size() && text[at + 1] == '<') {
        size_t end = text.find('>', at + 2);
        return end == std::string_view::npos ? text.size() : end + 1;
    }
    return at;
}

/// The position behind the comment that begins at `at`, or `at` when none does.
size_t skip_comment(std::string_view text, size_t at) {
    if (text[at] != '/' || at + 1 >= text.size()) {
        return at;
    }
    if (text[at + 1] == '/') {
        size_t end = text.find_first_of("\n\r", at);
        return end == std::string_view::npos ? text.size() : end + 1;
    }
    if (text[at + 1] == '*') {
        size_t end = text.find("*/", at + 2);
        return end == std::string_view::npos ? text.size() : end + 2;
    }
    return at;
}

/// Appends the bytes of `\<48 65 6c>`, of which `text` is the inside; comments and other characters are skipped.
void append_hex_bytes(std::string_view text, std::string& out) {
    int high = -1;
    for (size_t i = 0; i < text.size(); ++i) {
        size_t behind = skip_comment(text, i);
        if (behind != i) {
            i = behind - 1;
            continue;
        }
        int digit = hex_digit(text[i]);
        if (digit < 0) {
            continue;
        }
        if (high < 0) {
            high = digit;
        } else {
            out += static_cast<char>(high * 16 + digit);
            high = -1;
        }
    }
}

/// Appends what the escape at `text[at]` (a backslash) means; returns the position behind it.
size_t append_escape(std::string_view text, size_t at, std::string& out) {
    if (at + 1 >= text.size()) {
        out += '\\';
        return text.size();
    }
    char code = text[at + 1];
    switch (code) {
        case 'a':
            out += '\a';
            return at + 2;
        case 'b':
            out += '\b';
            return at + 2;
        case 'f':
            out += '\f';
            return at + 2;
        case 'n':
            out += '\n';
            return at + 2;
        case 'r':
            out += '\r';
            return at + 2;
        case 't':
            out += '\t';
            return at + 2;
        case 'v':
            out += '\v';
            return at + 2;
        case '\r':
            return at + (at + 2 < text.size() && text[at + 2] == '\n' ? 3 : 2);
        case '\n':
            return at + 2;
        case 'x': {
            unsigned value = 0;
            size_t i = at + 2;
            for (; i < text.size() && hex_digit(text[i]) >= 0; ++i) {
                value = value * 16 + static_cast<unsigned>(hex_digit(text[i]));
            }
            if (i == at + 2) {
                out += 'x';
            } else {
                out += static_cast<char>(value);
            }
            return i;
        }
        case '<': {
            size_t end = text.find('>', at + 2);
            append_hex_bytes(text.substr(at + 2, end == std::string_view::npos ? end : end - at - 2), out);
            return end == std::string_view::npos ? text.size() : end + 1;
        }
        default:
            break;
    }
    if (code >= '0' && code <= '7') {
        unsigned value = 0;
        size_t i = at + 1;
        for (; i < text.size() && i < at + 4 && text[i] >= '0' && text[i] <= '7'; ++i) {
            value = value * 8 + static_cast<unsigned>(text[i] - '0');
        }
        out += static_cast<char>(value);
        return i;
    }
    out += code;
    return at + 2;
}

}  // namespace

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::vector<std::string> split_arguments(std::string_view config) {
    std::vector<std::string> arguments;
    std::string current;
    for (size_t i = 0; i < config.size();) {
        if (size_t behind = skip_quoted(config, i); behind != i) {
            current.append(config.substr(i, behind - i));
            i = behind;
        } else if (size_t after = skip_comment(config, i); after != i) {
            current += ' ';
            i = after;
        } else if (config[i] == ',') {
            arguments.emplace_back(trim(current));
            current.clear();
            ++i;
        } else {
            current += config[i++];
        }
    }
    if (std::string_view last = trim(current); !last.empty()) {
        arguments.emplace_back(last);
    }
    return arguments;
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    while (!(text = trim(text)).empty()) {
        words.emplace_back(take_word(text));
    }
    return words;
}

std::string_view take_word(std::string_view& text) {
    text = trim(text);
    size_t end = 0;
    while (end < text.size() && !is_space(text[end])) {
        size_t behind = skip_quoted(text, end);
        end = behind == end ? end + 1 : behind;
    }
    std::string_view word = text.substr(0, end);
    text = trim(text.substr(end));
    return word;
}

std::string join_arguments(const std::vector<std::string>& arguments) {
    std::string joined;
    for (const std::string& argument : arguments) {
        if (&argument != &arguments.front()) {
            joined += ", ";
        }
        joined += argument;
    }
    return joined;
}

std::string unquote(std::string_view text) {
    text = trim(text);
    std::string out;
    char quote = 0;
    for (size_t i = 0; i < text.size();) {
        char c = text[i];
        if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
            ++i;
        } else if (quote != 0 && c == quote) {
            quote = 0;
            ++i;
        } else if (c == '\\' && quote == '"') {
            i = append_escape(text, i, out);
        } else if (c == '\\' && quote == 0 && i + 1 < text.size() && text[i + 1] == '<') {
            i = append_escape(text, i, out);
        } else {
            out += c;
            ++i;
        }
    }
    return out;
}

std::string quote(std::string_view text) {
    bool plain = !text.empty();
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte >= 127 || c == ',' || c == '"' || c == '\'' || c == '\\' || c == '(' || c == ')' ||
            c == '$' || c == '#') {
            plain = false;
        }
    }
    if (plain && text.find("//") == std::string_view::npos && text.find("/*") == std::string_view::npos) {
        return std::string(text);
    }
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out = "\"";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\' || c == '$') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < ' ' || byte >= 127) {
            out += "\\<";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
            out += '>';
        } else {
            out += c;
        }
    }
    return out += '"';
}

bool is_keyword(std::string_view word) {
    if (word.empty() || !((word[0] >= 'A' && word[0] <= 'Z') || word[0] == '_')) {
        return false;
    }
    for (char c : word) {
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) {
            return false;
        }
    }
    return true;
}

bool is_keyword_argument(std::string_view argument) {
    std::string_view word = take_word(argument);
    return is_keyword(word) && !argument.empty();
}

bool parse_bool(std::string_view text, bool& value) {
    for (std::string_view yes : {"1", "true", "yes", "t", "y"}) {
        if (text == yes) {
            value = true;
            return true;
        }
    }
    for (std::string_view no : {"0", "false", "no", "f", "n"}) {
        if (text == no) {
            value = false;
            return true;
        }
    }
    return false;
}

bool parse_unsigned(std::string_view text, uint64_t& value) {
    int base = 10;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 2 && text[0] == '0' && (text[1] == 'b' || text[1] == 'B')) {
        base = 2;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text[0] == '0') {
        base = 8;
    }
    uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (end != text.data() + text.size() || text.empty() || error == std::errc::invalid_argument) {
        return false;
    }
    value = error == std::errc::result_out_of_range ? UINT64_MAX : number;
    return true;
}

bool parse_real(std::string_view text, double& value) {
    if (text.empty() || is_space(text[0])) {
        return false;
    }
    std::string terminated(text);
    char* end = nullptr;
    double number = std::strtod(terminated.c_str(), &end);
    if (end != terminated.c_str() + terminated.size()) {
        return false;
    }
    value = number;
    return true;
}

}  // namespace click
