// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <cstdint>
#include <string>
#include <string_view>

namespace click {

/// What the texts of a script's instructions can mention.
class ScriptValues {
public:
    /// The value of `$name`. False where it is not set.
    virtual bool variable(std::string_view name, std::string& value) const = 0;
    /// The value of `$(text)`, a read handler and its arguments; empty after a report.
    virtual std::string call(std::string_view text, ErrorHandler& errh) = 0;

protected:
    ~ScriptValues() = default;
};

/// What is substituted outside of quotes stands as it is, or so that a later `unquote` gives it back (`Protected`).
enum class Substitute : uint8_t { Plain, Protected };

/// Replaces `$name`, `${name}` and `$(handler arguments)`, but not within single quotes. What is not set stays.
std::string substitute(std::string_view text, ScriptValues& values, ErrorHandler& errh,
                       Substitute how = Substitute::Plain);

}  // namespace click
