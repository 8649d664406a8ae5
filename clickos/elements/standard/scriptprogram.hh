// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/errorhandler.hh>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace click {

struct ScriptInstruction {
    enum class Code : uint8_t {
        Set,
        Init,
        Export,
        Print,
        PrintPart,  ///< without the end of a line
        Read,
        Write,
        Save,
        Append,
        Pause,
        Wait,
        Label,
        Goto,
        Loop,
        Return,
        Error,
        End,
        Exit,
        Stop,
    };

    Code code;
    bool unquote = false;  ///< one layer of quotes goes after the substitution
    std::string text = {};
};

/// What a script is told to do: its instructions and the labels among them.
class ScriptProgram {
public:
    using Code = ScriptInstruction::Code;

    /// Where labels lead that are there from the start, beside `begin`.
    static constexpr size_t kNowhere = ~size_t{0};
    static constexpr size_t kEnd = kNowhere - 1;
    static constexpr size_t kExit = kNowhere - 2;
    static constexpr size_t kStop = kNowhere - 3;
    static constexpr size_t kError = kNowhere - 4;

    /// Takes one instruction in. Negative after reporting that there is none of that name, or not with such arguments.
    int add(std::string_view text, ErrorHandler& errh);
    void add(Code code) { _instructions.push_back({.code = code}); }
    /// Negative after reporting a `goto` to a label that there is not.
    int check_labels(ErrorHandler& errh) const;

    bool empty() const { return _instructions.empty(); }
    size_t size() const { return _instructions.size(); }
    const ScriptInstruction& operator[](size_t index) const { return _instructions[index]; }
    auto begin() const { return _instructions.begin(); }
    auto end() const { return _instructions.end(); }

    /// The instruction that a label leads to, one of the constants, or kNowhere.
    size_t find_label(std::string_view label) const;

private:
    std::vector<ScriptInstruction> _instructions;
};

}  // namespace click
