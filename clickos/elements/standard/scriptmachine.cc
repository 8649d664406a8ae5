// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/scriptmachine.hh"

#include <click/args.hh>
#include <click/handlercall.hh>

#include <utility>

#include "lang/confparse.hh"
#include "platform/platform.hh"

namespace click {

namespace {

/// Jumps that a script may make without waiting, before it counts as caught in a loop.
constexpr int kMaxJumps = 1'000'000;
/// Variables that a script may set.
constexpr size_t kMaxVariables = 1024;

bool begins_handler(std::string_view text) {
    char c = text.empty() ? '\0' : text[0];
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}

bool is_target(size_t at) { return at <= ScriptProgram::kNowhere && at >= ScriptProgram::kError; }

}  // namespace

void ScriptMachine::initialize() { _timer.initialize(&_element); }

void ScriptMachine::set_initial_values(ErrorHandler& errh) {
    for (const ScriptInstruction& one : _program) {
        if (one.code == Code::Init || one.code == Code::Export) {
            define(one, errh);
        }
    }
}

void ScriptMachine::run(size_t at, ErrorHandler& errh) {
    _timer.unschedule();
    _pauses = 0;
    _at = ScriptProgram::kNowhere;
    ++_running;
    size_t stands = execute(at, errh);
    --_running;
    _at = stands;
}

void ScriptMachine::step(unsigned steps) {
    if (running()) {
        return;  // a handler that the script itself called
    }
    LogErrorHandler log;
    ContextErrorHandler errh(log, context());
    for (; steps > 0 && waiting(); --steps) {
        if (_pauses > 1) {
            --_pauses;
            continue;
        }
        run(_at + 1, errh);
    }
}

int ScriptMachine::go_to(std::string_view text, ErrorHandler& errh) {
    if (running()) {
        return errh.error("cannot goto: the script is running");
    }
    int errors = errh.error_count();
    size_t target = jump(substitute(trim(text), *this, errh), ScriptProgram::kNowhere, errh);
    if (errh.error_count() > errors) {
        return -1;
    }
    if (target != ScriptProgram::kNowhere) {
        run(target, errh);
    }
    return 0;
}

std::string ScriptMachine::call_program(std::string_view called, std::string_view arguments, ErrorHandler& errh) {
    if (ScriptNesting::too_deep()) {
        errh.error("%s: nested too deeply", _element.declaration().c_str());
        return {};
    }
    ScriptNesting nesting;
    std::string outer_called = std::exchange(_called, called);
    auto [args, is_new] = _variables.try_emplace("args");
    std::string outer_arguments = std::exchange(args->second, std::string(trim(arguments)));
    _result.clear();
    run(0, errh);
    _called = std::move(outer_called);
    _variables["args"] = std::move(outer_arguments);
    return std::exchange(_result, {});
}

/// Returns the instruction that waits, or kNowhere when the program has ended.
size_t ScriptMachine::execute(size_t at, ErrorHandler& errh) {
    int jumps = 0;
    while (at < _program.size()) {
        Code code = _program[at].code;
        if ((code == Code::Pause || code == Code::Wait) && begin_wait(_program[at], errh)) {
            return at;
        }
        size_t next = run_instruction(at, errh);
        if (std::exchange(_exceeded, false)) {
            next = ScriptProgram::kExit;
        }
        if (next <= at && ++jumps > kMaxJumps) {
            errh.error("too many jumps, giving up");
            next = ScriptProgram::kExit;
        }
        at = next;
    }
    finish(is_target(at) ? at : ScriptProgram::kEnd, errh);
    return ScriptProgram::kNowhere;
}

void ScriptMachine::finish(size_t target, ErrorHandler& errh) {
    if (_drives && target != ScriptProgram::kExit && target != ScriptProgram::kStop) {
        _element.router().scheduler().stop();
    }
    switch (target) {
        case ScriptProgram::kStop:
            _ending = Ending::Stop;
            if (_drives) {
                _element.router().scheduler().stop();
            } else {
                _element.router().please_stop();
            }
            break;
        case ScriptProgram::kError:
            _ending = Ending::Error;
            errh.error("unspecified error");
            break;
        case ScriptProgram::kExit:
            _ending = Ending::Exit;
            break;
        case ScriptProgram::kNowhere:
            break;  // the instruction has said how
        default:
            _ending = Ending::End;
            break;
    }
}

/// Does what the instruction says; returns the one that follows, or how the program ends.
size_t ScriptMachine::run_instruction(size_t at, ErrorHandler& errh) {
    const ScriptInstruction& instruction = _program[at];
    size_t next = at + 1;
    switch (instruction.code) {
        case Code::Set:
            define(instruction, errh);
            return next;
        case Code::Init:
        case Code::Export:
        case Code::Label:
        case Code::Pause:
        case Code::Wait:
            return next;
        case Code::Print:
        case Code::PrintPart:
            print(instruction, errh);
            return next;
        case Code::Read:
            read(instruction, errh);
            return next;
        case Code::Write:
            write(instruction, errh);
            return next;
        case Code::Save:
        case Code::Append:
            save(instruction, errh);
            return next;
        case Code::Goto:
            return jump(substitute(instruction.text, *this, errh), next, errh);
        case Code::Loop:
            return 0;
        case Code::Return:
            _result = argument(instruction, errh);
            _ending = Ending::Return;
            return ScriptProgram::kNowhere;
        case Code::Error: {
            std::string text = argument(instruction, errh);
            errh.error("%s", text.empty() ? "unspecified error" : text.c_str());
            _ending = Ending::Error;
            return ScriptProgram::kNowhere;
        }
        case Code::End:
            return ScriptProgram::kEnd;
        case Code::Exit:
            return ScriptProgram::kExit;
        case Code::Stop:
            return ScriptProgram::kStop;
    }
    return next;
}

/// Where `LABEL [CONDITION]` leads to.
size_t ScriptMachine::jump(std::string_view text, size_t otherwise, ErrorHandler& errh) {
    std::string_view label = take_word(text);
    std::string condition = unquote(trim(text));
    bool yes = true;
    if (!condition.empty() && !parse_bool(condition, yes)) {
        errh.error("bad condition '%s'", condition.c_str());
        return otherwise;
    }
    if (!yes) {
        return otherwise;
    }
    size_t target = _program.find_label(label);
    if (target == ScriptProgram::kNowhere) {
        errh.error("no such label '%.*s'", static_cast<int>(label.size()), label.data());
        return ScriptProgram::kExit;
    }
    return target;
}

std::string ScriptMachine::argument(const ScriptInstruction& instruction, ErrorHandler& errh) {
    std::string text = substitute(instruction.text, *this, errh);
    return instruction.unquote ? unquote(text) : text;
}

void ScriptMachine::print(const ScriptInstruction& instruction, ErrorHandler& errh) {
    std::string_view text = instruction.text;
    std::string path = "-";
    bool append = false;
    if (text.starts_with('>')) {
        append = text.starts_with(">>");
        text = trim(text.substr(append ? 2 : 1));
        path = unquote(substitute(take_word(text), *this, errh));
    }
    std::string value;
    int errors = errh.error_count();
    if (begins_handler(text)) {
        std::string handler = substitute(text, *this, errh);
        bool found = false;
        value = call_read(instruction.unquote ? unquote(handler) : handler, found, errh);
        if (!found) {
            return;
        }
    } else {
        Substitute how = instruction.unquote ? Substitute::Plain : Substitute::Protected;
        value = unquote(substitute(text, *this, errh, how));
    }
    if (instruction.code == Code::Print && errh.error_count() == errors && !value.ends_with('\n')) {
        value += '\n';
    }
    output(path, append, value, errh);
}

void ScriptMachine::read(const ScriptInstruction& instruction, ErrorHandler& errh) {
    std::string text = argument(instruction, errh);
    bool found = false;
    std::string value = call_read(text, found, errh);
    if (found) {
        if (value.ends_with('\n')) {
            value.pop_back();
        }
        LogErrorHandler plain;
        (_plain_reads ? plain : errh).message("%s:\n%s", text.c_str(), value.c_str());
    }
}

void ScriptMachine::write(const ScriptInstruction& instruction, ErrorHandler& errh) {
    std::string text = argument(instruction, errh);
    std::string_view value = text;
    std::string name(take_word(value));
    Router::HandlerRef handler = find(name);
    int result = -1;
    if (!handler || !handler.handler->write) {
        errh.error(handler ? "handler '%s' not writable" : "no handler '%s'", name.c_str());
    } else {
        result = _element.router().write(handler, value, errh);
    }
    _variables["?"] = std::to_string(result);
}

void ScriptMachine::save(const ScriptInstruction& instruction, ErrorHandler& errh) {
    std::vector<std::string> words = split_words(substitute(instruction.text, *this, errh));
    if (words.size() < 2) {
        errh.error("%s: expected 'HANDLER FILE'", instruction.code == Code::Save ? "save" : "append");
        return;
    }
    std::string path = unquote(words.back());
    words.pop_back();
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    bool found = false;
    std::string value = call_read(text, found, errh);
    if (found) {
        output(path, instruction.code == Code::Append, value, errh);
    }
}

void ScriptMachine::output(std::string_view path, bool append, std::string_view text, ErrorHandler& errh) {
    std::string cause;
    if (!platform::write_file(std::string(path), text, append, cause)) {
        errh.error("%.*s: %s", static_cast<int>(path.size()), path.data(), cause.c_str());
    }
}

/// False after reporting that the instruction does not say how long.
bool ScriptMachine::begin_wait(const ScriptInstruction& instruction, ErrorHandler& errh) {
    std::string text = unquote(substitute(instruction.text, *this, errh));
    _pauses = 1;
    if (instruction.code == Code::Wait && !text.empty()) {
        Duration time;
        ArgContext context(&_element, errh, "wait");
        if (!parse_arg(text, time, context)) {
            return false;
        }
        _timer.schedule_after(time.nanoseconds);
        return true;
    }
    return text.empty() || read_value(text, _pauses, errh) >= 0;
}

void ScriptMachine::define(const ScriptInstruction& instruction, ErrorHandler& errh) {
    std::string_view text = instruction.text;
    std::string name(take_word(text));
    if (instruction.code == Code::Export && text.empty()) {
        _variables.emplace(name, "");
        return;
    }
    std::string value = substitute(text, *this, errh);
    if (!set(name, instruction.unquote ? unquote(value) : value)) {
        errh.error("too many variables (at most %zu)", kMaxVariables);
    }
}

bool ScriptMachine::set(std::string_view name, std::string value) {
    if (_variables.size() >= kMaxVariables && !_variables.contains(name)) {
        return false;
    }
    _variables.insert_or_assign(std::string(name), std::move(value));
    return true;
}

bool ScriptMachine::variable(std::string_view name, std::string& value) const {
    if (auto found = _variables.find(name); found != _variables.end()) {
        value = found->second;
        return true;
    }
    if (name == "0") {
        value = _called.empty() ? _element.name() : _called;
        return true;
    }
    if (name == "?") {
        value = "0";  // nothing was written yet
        return true;
    }
    uint64_t number = 0;
    auto args = _variables.find("args");
    if (name != "#" && (args == _variables.end() || !parse_unsigned(name, number))) {
        return false;
    }
    std::vector<std::string> words = split_words(args == _variables.end() ? std::string_view() : args->second);
    if (name == "#") {
        value = std::to_string(words.size());
    } else {
        value = number <= words.size() ? words[number - 1] : std::string();
    }
    return true;
}

Router::HandlerRef ScriptMachine::find(std::string_view name) const {
    if (const Handler* own = _element.find_handler(name)) {
        Router::HandlerRef ref;
        ref.element = &_element;
        ref.handler = own;
        return ref;
    }
    return _element.router().find_handler(name, &_element);
}

std::string ScriptMachine::call(std::string_view text, ErrorHandler& errh) {
    bool found = false;
    return call_read(text, found, errh);
}

std::string ScriptMachine::call_read(std::string_view text, bool& found, ErrorHandler& errh) {
    std::string_view parameter = trim(text);
    std::string name(take_word(parameter));
    Router::HandlerRef ref = find(name);
    found = ref && ref.handler->read;
    if (!found) {
        errh.error(ref ? "handler '%s' not readable" : "no handler '%s'", name.c_str());
        return {};
    }
    return _element.router().read(ref, parameter, errh);
}

}  // namespace click
