// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A line of the protocol: a word and fields `key=value`, all separated by tabs. In values a backslash is written as
/// \\, a tab as \t, a line feed as \n.
class Message {
public:
    explicit Message(std::string word) : _word(std::move(word)) {}
    static Message parse(std::string_view line);

    const std::string& word() const { return _word; }

    /// The field's value; a Failure when there is none.
    const std::string& text(std::string_view key) const;
    std::string text(std::string_view key, std::string_view otherwise) const;
    uint64_t number(std::string_view key) const;
    /// The same, of a domain that is not dom0.
    uint32_t domain(std::string_view key) const;

    /// The values of a field that may come several times.
    std::vector<std::string> all(std::string_view key) const;

    Message& with(std::string key, std::string value);
    Message& with(std::string key, uint64_t value) { return with(std::move(key), std::to_string(value)); }
    std::string line() const;

private:
    std::string _word;
    std::vector<std::pair<std::string, std::string>> _fields;
};
