// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/element.hh>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace click {

/// What scripts compute with: `$(add 1 2)`.
struct ScriptFunction {
    const char* name;
    /// Reports what is wrong with the arguments and returns an empty text then.
    std::string (*call)(std::string_view arguments, const Element& script, ErrorHandler& errh);
};

/// Those that compute numbers, and all others.
std::span<const ScriptFunction> script_arithmetic();
std::span<const ScriptFunction> script_functions();

/// `SIGNAL PROCESS...`: sends a signal.
void send_signal(std::string_view arguments, ErrorHandler& errh);

/// A whole number where the text was one, else a real one.
struct ScriptNumber {
    bool whole = true;
    int64_t integer = 0;
    double real = 0;

    std::string unparse() const;
};

bool parse_number(std::string_view text, ScriptNumber& number);
/// The arguments of a function, without their quotes.
std::vector<std::string> script_words(std::string_view arguments);
/// All arguments as numbers; false when one is none or they are fewer than `least`.
bool read_numbers(std::string_view arguments, size_t least, std::vector<ScriptNumber>& numbers);

}  // namespace click
