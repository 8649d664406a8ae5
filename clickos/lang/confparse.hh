// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace click {

/// The text without surrounding white space.
std::string_view trim(std::string_view text);
/// Splits a configuration string at its commas outside of quotes; comments become a space
/// and the last argument is dropped when it is empty.
std::vector<std::string> split_arguments(std::string_view config);
/// Splits at white space outside quotes.
std::vector<std::string> split_words(std::string_view text);
/// Takes the first white-space-separated word off `text`.
std::string_view take_word(std::string_view& text);
/// Joins arguments with ", ".
std::string join_arguments(const std::vector<std::string>& arguments);
/// Removes quotes and resolves escapes: `"a\n"` (C escapes and \<hex bytes>), `'raw'`, and runs of them.
std::string unquote(std::string_view text);
/// Quotes `text` if it would not survive as an argument as it stands.
std::string quote(std::string_view text);
/// True for a keyword: a letter or underscore and then letters, digits, underscores, all upper case.
bool is_keyword(std::string_view word);
/// Whether an argument is a keyword with its value. A word in capitals alone is a name.
bool is_keyword_argument(std::string_view argument);
/// Numbers and booleans, whole text or nothing.
bool parse_bool(std::string_view text, bool& value);
bool parse_unsigned(std::string_view text, uint64_t& value);
bool parse_real(std::string_view text, double& value);

}  // namespace click
