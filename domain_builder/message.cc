// SPDX-License-Identifier: Apache-2.0
#include "message.hh"

#include <charconv>

#include "failure.hh"

namespace {

std::string escaped(std::string_view plain) {
    std::string text;
    for (char c : plain) {
        switch (c) {
            case '\\':
                text += "\\\\";
                break;
            case '\t':
                text += "\\t";
                break;
            case '\n':
                text += "\\n";
                break;
            default:
                text += c;
        }
    }
    return text;
}

std::string unescaped(std::string_view text) {
    std::string plain;
    for (size_t at = 0; at < text.size(); at++) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            plain += text[at];
            continue;
        }
        char c = text[++at];
        plain += c == 't' ? '\t' : c == 'n' ? '\n' : c;
    }
    return plain;
}

}  // namespace

Message Message::parse(std::string_view line) {
    size_t tab = line.find('\t');
    Message message{std::string(line.substr(0, tab))};
    while (tab != std::string_view::npos) {
        line.remove_prefix(tab + 1);
        tab = line.find('\t');
        std::string_view field = line.substr(0, tab);
        size_t equals = field.find('=');
        if (equals == std::string_view::npos) {
            throw Failure("read the field '" + std::string(field) + "', which has no '='", EINVAL);
        }
        message._fields.emplace_back(field.substr(0, equals), unescaped(field.substr(equals + 1)));
    }
    return message;
}

const std::string& Message::text(std::string_view key) const {
    for (const auto& [name, value] : _fields) {
        if (name == key) {
            return value;
        }
    }
    throw Failure("read the field '" + std::string(key) + "' of '" + _word + "', which is missing", EINVAL);
}

std::string Message::text(std::string_view key, std::string_view otherwise) const {
    for (const auto& [name, value] : _fields) {
        if (name == key) {
            return value;
        }
    }
    return std::string(otherwise);
}

uint64_t Message::number(std::string_view key) const {
    const std::string& digits = text(key);
    uint64_t value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
        throw Failure("read the field '" + std::string(key) + "', got '" + digits + "', which is no number", EINVAL);
    }
    return value;
}

uint32_t Message::domain(std::string_view key) const {
    uint64_t value = number(key);
    constexpr uint64_t kLast = 0x7fef;  // what follows are Xen's own (DOMID_FIRST_RESERVED in xen.h)
    if (value < 1 || value > kLast) {
        throw Failure("read the field '" + std::string(key) + "', got '" + text(key) + "'; a domain is 1 to " +
                          std::to_string(kLast),
                      EINVAL);
    }
    return static_cast<uint32_t>(value);
}

std::vector<std::string> Message::all(std::string_view key) const {
    std::vector<std::string> values;
    for (const auto& [name, value] : _fields) {
        if (name == key) {
            values.push_back(value);
        }
    }
    return values;
}

Message& Message::with(std::string key, std::string value) {
    _fields.emplace_back(std::move(key), std::move(value));
    return *this;
}

std::string Message::line() const {
    std::string line = _word;
    for (const auto& [name, value] : _fields) {
        line += "\t" + name + "=" + escaped(value);
    }
    return line + "\n";
}
