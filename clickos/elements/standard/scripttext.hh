// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <atomic>
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

    /// A text was longer than kLongestScriptText, and is empty now.
    virtual void too_long() = 0;

protected:
    ~ScriptValues() = default;
};

/// How deep scripts and what they call stand in each other, over all routers: each level takes room on the stack.
class ScriptNesting {
public:
    static constexpr int kMost = 32;

    ScriptNesting() { ++depth; }
    ScriptNesting(const ScriptNesting&) = delete;
    ScriptNesting& operator=(const ScriptNesting&) = delete;
    ~ScriptNesting() { --depth; }
    static bool too_deep() { return depth >= kMost; }

private:
    static std::atomic<int> depth;
};

/// A text that a script makes may be this long.
inline constexpr size_t kLongestScriptText = size_t{1} << 20;

/// What is substituted outside of quotes stands as it is, or so that a later `unquote` gives it back (`Protected`).
enum class Substitute : uint8_t { Plain, Protected };

/// Replaces `$name`, `${name}` and `$(handler arguments)`, but not within single quotes. What is not set stays.
std::string substitute(std::string_view text, ScriptValues& values, ErrorHandler& errh,
                       Substitute how = Substitute::Plain);

}  // namespace click
