// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <click/router.hh>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "elements/standard/scriptprogram.hh"
#include "elements/standard/scripttext.hh"

namespace click {

/// Runs a script's program: its variables, where it stands, and what it waits for.
class ScriptMachine final : private ScriptValues {
public:
    /// How the program came to its end the last time.
    enum class Ending : uint8_t { None, End, Exit, Return, Stop, Error };

    explicit ScriptMachine(Element& element) : _element(element), _timer(&element) {}

    ScriptProgram& program() { return _program; }
    void initialize();
    /// What it stops is the program: nobody else decides about that.
    void set_drives() { _drives = true; }
    /// What `read` prints does not say who executes it.
    void set_plain_reads() { _plain_reads = true; }
    /// Sets the variables of `init` and `export`.
    void set_initial_values(ErrorHandler& errh);

    /// Runs from instruction `at` until one waits or the program ends.
    void run(size_t at, ErrorHandler& errh);
    /// Goes on behind the instruction that waits, so many times.
    void step(unsigned steps);
    /// Goes on at `LABEL [CONDITION]`. Negative after a report.
    int go_to(std::string_view text, ErrorHandler& errh);
    /// Runs the program as a function: `$0` is `called`, `$args` the arguments. What it returned is the result.
    std::string call_program(std::string_view called, std::string_view arguments, ErrorHandler& errh);

    bool waiting() const { return _at != ScriptProgram::kNowhere; }
    bool running() const { return _running > 0; }
    Ending ending() const { return _ending; }

    /// False when there are too many variables.
    bool set(std::string_view name, std::string value);
    bool variable(std::string_view name, std::string& value) const override;
    /// What errors in a program that nobody called stand under.
    std::string context() const { return "While executing '" + _element.declaration() + "':"; }

private:
    using Code = ScriptProgram::Code;

    size_t execute(size_t at, ErrorHandler& errh);
    size_t run_instruction(size_t at, ErrorHandler& errh);
    void finish(size_t target, ErrorHandler& errh);
    size_t jump(std::string_view text, size_t otherwise, ErrorHandler& errh);
    std::string argument(const ScriptInstruction& instruction, ErrorHandler& errh);
    void print(const ScriptInstruction& instruction, ErrorHandler& errh);
    void read(const ScriptInstruction& instruction, ErrorHandler& errh);
    void write(const ScriptInstruction& instruction, ErrorHandler& errh);
    void save(const ScriptInstruction& instruction, ErrorHandler& errh);
    static void output(std::string_view path, bool append, std::string_view text, ErrorHandler& errh);
    bool begin_wait(const ScriptInstruction& instruction, ErrorHandler& errh);
    void define(const ScriptInstruction& instruction, ErrorHandler& errh);

    std::string call(std::string_view text, ErrorHandler& errh) override;
    void too_long() override { _exceeded = true; }
    std::string call_read(std::string_view text, bool& found, ErrorHandler& errh);
    Router::HandlerRef find(std::string_view name) const;

    Element& _element;
    ScriptProgram _program;
    std::map<std::string, std::string, std::less<>> _variables;
    std::string _called;                   ///< `$0` where the program runs as a function
    size_t _at = ScriptProgram::kNowhere;  ///< the instruction that waits
    uint32_t _pauses = 0;                  ///< steps that it still waits for
    int _running = 0;
    bool _exceeded = false;  ///< the program made a text that is too long, and ends
    bool _drives = false;
    bool _plain_reads = false;
    Ending _ending = Ending::None;
    std::string _result;
    Timer _timer;
};

}  // namespace click
