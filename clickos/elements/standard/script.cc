// SPDX-License-Identifier: Apache-2.0
/*
=c
Script(INSTRUCTIONS...)
=s control
runs a small program that calls handlers
=d
Each argument is an instruction; they run one after another when the router starts.

In their texts, C<$VAR> and C<${VAR}> stand for a script variable and C<$(HANDLER ARGS)> for what a read handler returns,
but not within single quotes. Unset variables stay as they are. C<$0> is the script's name, C<$args>, C<$1>, C<$2>... the
arguments of C<run>, C<$#> their number, and C<$?> the result of the last write. Handlers are looked for in the script
itself first, so that C<$(add $x 1)> computes. Instructions that end in C<q> remove one layer of quotes from their text
after the substitution.

=over 8
=item set VAR TEXT
Sets a variable. Also C<setq>.
=item init VAR TEXT
Sets a variable when the router starts; does nothing later. Also C<initq>.
=item export VAR [TEXT]
Like C<init>, and lets a read handler of that name show the variable. Also C<exportq>.
=item print [>FILE | >>FILE] [TEXT | HANDLER]
Prints a line to the standard output, or writes it to a file or to its end. What begins with a letter, C<@> or C<_> is a
read handler with its arguments, else it is a text, of which one layer of quotes is removed. C<printn> ends no line.
=item read HANDLER [ARGS]
Prints a read handler's name and result to the error log. Also C<readq>.
=item write HANDLER [ARGS]
Calls a write handler. Also C<writeq>.
=item save HANDLER FILE
Writes a read handler's result to a file; C<append> adds it to the file's end. C<-> is the standard output.
=item pause [COUNT]
Waits until the script's C<step> handler was called COUNT times, 1 by default; in a driver script, until the router was
asked to stop that often. Also C<wait_step>, C<wait_stop>.
=item wait TIME
Waits for a time, or until C<step> is called. Also C<wait_time>. Without a TIME, the same as C<pause>.
=item label LABEL
A place to go to.
=item goto LABEL [CONDITION]
Goes to a label if the condition is true or left out. The labels C<begin>, C<end>, C<exit>, C<stop> and C<error> are there
from the start.
=item loop
Goes to the first instruction.
=item return [VALUE]
Ends a passive script; C<run> returns the value. Also C<returnq>.
=item error [TEXT]
Reports an error and ends the script. Also C<errorq>.
=item exit
Ends the script. Also C<end>.
=item stop
Stops the router and ends the script.
=back

The keyword is:
=over 8
=item TYPE
C<ACTIVE> scripts (the default) run when the router starts. C<PASSIVE> scripts run when their C<run> handler is called and
may not wait. C<DRIVER> scripts are active ones that decide what happens when the router is asked to stop; they stop it
when they have ended.
=back
=h step write
Makes a waiting script go on: once, or as often as the value says.
=h goto write
C<LABEL [CONDITION]>. Goes on at a label.
=h run read/write
Runs a passive script with the given arguments; reading gives what it returned.
=h get read
The value of a variable.
=h set write
C<VAR TEXT>. Sets a variable.
=h setq write
The same, without one layer of quotes.
=h add read
The sum of its arguments.
=h sub read
The first argument less the others.
=h mul read
The product of its arguments.
=h div read
The first argument divided by the others.
=h idiv read
The whole quotient of two whole numbers.
=h mod read
What is left of that division, never negative.
=h rem read
What is left of that division, with the sign of the first argument.
=h neg read
Its argument with the other sign.
=h abs read
Its argument without its sign.
=h min read
The least of its arguments.
=h max read
The greatest of its arguments.
=h eq read
Whether two arguments are equal, as numbers if both are numbers.
=h ne read
Whether they differ.
=h lt read
Whether the first is less.
=h le read
Whether the first is less or equal.
=h gt read
Whether the first is greater.
=h ge read
Whether the first is greater or equal.
=h not read
Whether its argument is false.
=h and read
Whether all arguments are true.
=h or read
Whether any argument is true.
=h nand read
Whether not all arguments are true.
=h nor read
Whether no argument is true.
=h if read
C<CONDITION A B>: A if the condition is true, else B.
=h in read
Whether the first argument is among the others.
=h first read
The first of its arguments.
=h length read
The number of characters of its argument.
=h unquote read
Its argument without one layer of quotes.
=h sprintf read
C<FORMAT ARGS>: formats numbers and texts as printf does.
=h now read
The time, in seconds since the epoch.
=h random read
A whole number of 31 bits; below the argument if there is one, between the two if there are two.
=h readable read
Whether all arguments name read handlers.
=h writable read
Whether all arguments name write handlers.
=e
  InfiniteSource(LIMIT 5, STOP true) -> c :: Counter -> Discard;
  Script(TYPE DRIVER, pause, print c.count, print $(add $(c.count) 2), stop);
=a DriverManager
*/
/*
=c
DriverManager(INSTRUCTIONS...)
=s control
decides what happens when the router is asked to stop
=d
A Script of type DRIVER, with Script's instructions and handlers. Without instructions it waits for the router to be asked
to stop. When the instructions have all run, the router stops.
=e
  InfiniteSource(LIMIT 5, STOP true) -> c :: Counter -> Discard;
  DriverManager(wait_stop, print c.count, stop);
=a Script
*/
#include <click/clock.hh>
#include <click/handlercall.hh>

#include <map>
#include <string>
#include <vector>

#include "elements/standard/scriptfunctions.hh"
#include "lang/confparse.hh"
#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

namespace {

enum class Code : uint8_t {
    Set,
    Init,
    Export,
    Print,
    PrintN,
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
    Stop,
};

struct CodeName {
    std::string_view name;
    Code code;
    bool unquote = false;
};

constexpr CodeName kCodeNames[] = {
    {"set", Code::Set},          {"setq", Code::Set, true},     {"init", Code::Init},
    {"initq", Code::Init, true}, {"export", Code::Export},      {"exportq", Code::Export, true},
    {"print", Code::Print},      {"printn", Code::PrintN},      {"read", Code::Read},
    {"readq", Code::Read, true}, {"write", Code::Write},        {"writeq", Code::Write, true},
    {"save", Code::Save},        {"append", Code::Append},      {"pause", Code::Pause},
    {"wait_step", Code::Pause},  {"wait_stop", Code::Pause},    {"wait", Code::Wait},
    {"wait_time", Code::Wait},   {"label", Code::Label},        {"goto", Code::Goto},
    {"loop", Code::Loop},        {"return", Code::Return},      {"returnq", Code::Return, true},
    {"error", Code::Error},      {"errorq", Code::Error, true}, {"exit", Code::End},
    {"end", Code::End},          {"stop", Code::Stop},
};

struct Instruction {
    Code code;
    bool unquote = false;
    std::string text;
};

/// Jumps that a script may make without waiting, before it counts as caught in a loop.
constexpr int kMaxJumps = 1'000'000;
constexpr int kMaxNesting = 32;

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

void append_escaped(std::string_view value, std::string& out) {
    for (char c : value) {
        out += c == '"' || c == '\\' || c == '$' ? "\\" : "";
        out += c;
    }
}

class ScriptElement : public Element {
public:
    int configure_phase() const override { return kPhaseLast; }
    int configure(std::vector<std::string>& conf, ErrorHandler& errh) override;
    int initialize(ErrorHandler& errh) override;
    void cleanup() override;
    void add_handlers() override;
    void run_timer() override { step(1); }

protected:
    enum class Type : uint8_t { Active, Passive, Driver };
    explicit ScriptElement(Type type) : _type(type) {}

private:
    static constexpr size_t kEnded = ~size_t{0};

    int read_type(std::string_view text, ErrorHandler& errh);
    int check_labels(ErrorHandler& errh) const;
    size_t find_label(std::string_view label) const;

    bool stop_event();
    void step(unsigned steps);
    /// Runs from instruction `at` until one waits or the script has ended; returns where it stands then.
    size_t execute(size_t at, ErrorHandler& errh);
    size_t jump(std::string_view text, size_t otherwise, ErrorHandler& errh);
    void print(const Instruction& instruction, ErrorHandler& errh);
    void save(const Instruction& instruction, ErrorHandler& errh);
    void output(std::string_view path, bool append, std::string_view text, ErrorHandler& errh);
    size_t begin_wait(const Instruction& instruction, size_t at, ErrorHandler& errh);
    void define(const Instruction& instruction, ErrorHandler& errh);

    /// What is substituted outside of quotes stands as it is, or so that a later `unquote` gives it back (`Protected`).
    enum class Substitute : uint8_t { Plain, Protected };
    std::string expand(std::string_view text, ErrorHandler& errh, Substitute how = Substitute::Plain);
    bool expand_mention(std::string_view text, size_t& at, std::string& value, ErrorHandler& errh);
    std::string variable(std::string_view name, bool& found) const;
    std::string call_read(std::string_view text, bool& found, ErrorHandler& errh);
    Router::HandlerRef find(std::string_view name) const;

    int write_step(std::string_view value, ErrorHandler& errh);
    int write_goto(std::string_view value, ErrorHandler& errh);
    std::string read_run(std::string_view parameter, ErrorHandler& errh);
    int write_run(std::string_view value, ErrorHandler& errh);
    std::string get(std::string_view name, ErrorHandler& errh);
    int write_set(std::string_view value, int unquoted, ErrorHandler& errh);
    std::string call_function(std::string_view arguments, int which, ErrorHandler& errh) {
        return script_functions()[static_cast<size_t>(which)].call(arguments, *this, errh);
    }
    std::string exported(int index) { return _variables[_exports[static_cast<size_t>(index)]]; }

    Type _type;
    std::vector<Instruction> _program;
    std::map<std::string, std::string, std::less<>> _variables;
    std::vector<std::string> _exports;
    size_t _at = kEnded;
    uint32_t _pauses = 0;  ///< steps that the current instruction still waits for
    bool _stepping = false;
    int _nesting = 0;
    std::string _result;
    Timer _timer{this};
};

int ScriptElement::read_type(std::string_view text, ErrorHandler& errh) {
    std::string type = unquote(text);
    if (type == "ACTIVE") {
        _type = Type::Active;
    } else if (type == "PASSIVE") {
        _type = Type::Passive;
    } else if (type == "DRIVER") {
        _type = Type::Driver;
    } else {
        return errh.error("bad TYPE; expected 'ACTIVE', 'PASSIVE', or 'DRIVER'");
    }
    return 0;
}

int ScriptElement::configure(std::vector<std::string>& conf, ErrorHandler& errh) {
    RawArg type;
    bool has_type = false;
    std::vector<std::string> instructions;
    if (Args(conf, this, errh).keyword("TYPE", type).given(has_type).rest(instructions).complete() < 0 ||
        (has_type && read_type(type.text, errh) < 0)) {
        return -1;
    }
    int result = 0;
    for (const std::string& instruction : instructions) {
        std::string_view rest = instruction;
        std::string_view word = take_word(rest);
        if (word.empty()) {
            continue;
        }
        const CodeName* found = nullptr;
        for (const CodeName& one : kCodeNames) {
            found = one.name == word ? &one : found;
        }
        if (!found) {
            result = errh.error("unknown instruction '%.*s'", static_cast<int>(word.size()), word.data());
            continue;
        }
        _program.push_back({found->code, found->unquote, std::string(trim(rest))});
        bool waits = found->code == Code::Pause || found->code == Code::Wait;
        if (waits && _type == Type::Passive) {
            result = errh.error("passive scripts may not '%.*s'", static_cast<int>(word.size()), word.data());
        }
        if (found->code == Code::Export) {
            std::string_view text = rest;
            _exports.emplace_back(take_word(text));
        }
    }
    if (_type == Type::Driver) {
        if (_program.empty()) {
            _program.push_back({.code = Code::Pause, .text = {}});
        }
        _program.push_back({.code = Code::Stop, .text = {}});
    }
    return check_labels(errh) < 0 ? -1 : result;
}

int ScriptElement::check_labels(ErrorHandler& errh) const {
    int result = 0;
    for (const Instruction& one : _program) {
        std::string_view rest = one.text;
        std::string_view label = one.code == Code::Goto ? take_word(rest) : std::string_view("begin");
        if (label.find('$') == std::string_view::npos && find_label(label) == _program.size() + 3) {
            result = errh.error("no such label '%.*s'", static_cast<int>(label.size()), label.data());
        }
    }
    return result;
}

/// The instruction to go to; behind the program's end for the labels that do something else (end, stop, error), and one
/// more for a label that there is not.
size_t ScriptElement::find_label(std::string_view label) const {
    for (size_t i = 0; i < _program.size(); ++i) {
        if (_program[i].code == Code::Label && _program[i].text == label) {
            return i;
        }
    }
    if (label == "begin" || label == "loop") {
        return 0;
    }
    if (label == "end" || label == "exit") {
        return _program.size();
    }
    return _program.size() + (label == "stop" ? 1 : label == "error" ? 2 : 3);
}

int ScriptElement::initialize(ErrorHandler&) {
    // What fails in a script is reported as it happens; the router starts all the same.
    LogErrorHandler errh;
    _timer.initialize(this);
    for (const Instruction& one : _program) {
        if (one.code == Code::Init || one.code == Code::Export) {
            define(one, errh);
        }
    }
    if (_type == Type::Driver) {
        router().set_stop_hook([](Element* self) { return static_cast<ScriptElement*>(self)->stop_event(); }, this);
    }
    if (_type != Type::Passive) {
        _stepping = true;
        _at = execute(0, errh);
        _stepping = false;
    }
    return 0;
}

void ScriptElement::cleanup() {
    if (initialized()) {
        router().scheduler().cancel_calls(this);
    }
}

/// The router was asked to stop: the script reacts when the running task has returned.
bool ScriptElement::stop_event() {
    if (_at == kEnded && !_stepping) {
        return false;
    }
    router().scheduler().call_soon([](void* self) { static_cast<ScriptElement*>(self)->step(1); }, this);
    return true;
}

void ScriptElement::step(unsigned steps) {
    if (_stepping) {
        return;  // a handler that the script itself called
    }
    _stepping = true;
    LogErrorHandler errh;
    for (; steps > 0 && _at != kEnded; --steps) {
        if (_pauses > 1) {
            --_pauses;
            continue;
        }
        _pauses = 0;
        _timer.unschedule();
        _at = execute(_at + 1, errh);
    }
    _stepping = false;
}

size_t ScriptElement::execute(size_t at, ErrorHandler& errh) {
    int jumps = 0;
    while (at < _program.size()) {
        const Instruction& instruction = _program[at];
        size_t next = at + 1;
        switch (instruction.code) {
            case Code::Set:
                define(instruction, errh);
                break;
            case Code::Init:
            case Code::Export:
            case Code::Label:
                break;
            case Code::Print:
            case Code::PrintN:
                print(instruction, errh);
                break;
            case Code::Read: {
                std::string text = expand(instruction.text, errh);
                text = instruction.unquote ? unquote(text) : text;
                std::string_view rest = text;
                std::string name(take_word(rest));
                bool found = false;
                std::string value = call_read(text, found, errh);
                if (found) {
                    errh.message("%s:\n%s%s", name.c_str(), value.c_str(), value.ends_with('\n') ? "" : "\n");
                }
                break;
            }
            case Code::Write: {
                std::string text = expand(instruction.text, errh);
                text = instruction.unquote ? unquote(text) : text;
                HandlerCall call(text);
                int result = call.initialize_write(*this, errh);
                _variables["?"] = std::to_string(result < 0 ? result : call.write(errh));
                break;
            }
            case Code::Save:
            case Code::Append:
                save(instruction, errh);
                break;
            case Code::Pause:
            case Code::Wait:
                return begin_wait(instruction, at, errh);
            case Code::Goto:
                next = jump(expand(instruction.text, errh), next, errh);
                break;
            case Code::Loop:
                next = 0;
                break;
            case Code::Return:
                _result = expand(instruction.text, errh);
                _result = instruction.unquote ? unquote(_result) : _result;
                return kEnded;
            case Code::Error: {
                std::string text = expand(instruction.text, errh);
                text = instruction.unquote ? unquote(text) : text;
                errh.error("%s", text.empty() ? "unspecified error" : text.c_str());
                return kEnded;
            }
            case Code::End:
                return kEnded;
            case Code::Stop:
                next = _program.size() + 1;
                break;
        }
        if (next <= at && ++jumps > kMaxJumps) {
            errh.error("%s: too many jumps without a wait", declaration().c_str());
            return kEnded;
        }
        at = next;
    }
    if (at == _program.size() + 1) {
        if (_type == Type::Driver) {
            router().scheduler().stop();
        } else {
            router().please_stop();
        }
    } else if (at == _program.size() + 2) {
        errh.error("unspecified error");
    }
    return kEnded;
}

/// Where `LABEL [CONDITION]` leads to.
size_t ScriptElement::jump(std::string_view text, size_t otherwise, ErrorHandler& errh) {
    std::string_view label = take_word(text);
    std::string condition = unquote(trim(text));
    bool yes = true;
    if (!condition.empty() && !parse_bool(condition, yes)) {
        errh.error("bad condition '%s'", condition.c_str());
        return _program.size();
    }
    if (!yes) {
        return otherwise;
    }
    size_t target = find_label(label);
    if (target > _program.size() + 2) {
        errh.error("no such label '%.*s'", static_cast<int>(label.size()), label.data());
        return _program.size();
    }
    return target;
}

void ScriptElement::print(const Instruction& instruction, ErrorHandler& errh) {
    std::string_view text = instruction.text;
    std::string path = "-";
    bool append = false;
    if (text.starts_with('>')) {
        append = text.starts_with(">>");
        text = trim(text.substr(append ? 2 : 1));
        path = unquote(expand(take_word(text), errh));
    }
    std::string value;
    if (!text.empty() && (is_name(text[0]) || text[0] == '@') && !(text[0] >= '0' && text[0] <= '9')) {
        bool found = false;
        value = call_read(expand(text, errh), found, errh);
        if (!found) {
            return;
        }
    } else {
        value = unquote(expand(text, errh, Substitute::Protected));
    }
    if (instruction.code == Code::Print && !value.ends_with('\n')) {
        value += '\n';
    }
    output(path, append, value, errh);
}

void ScriptElement::save(const Instruction& instruction, ErrorHandler& errh) {
    std::string text = expand(instruction.text, errh);
    std::vector<std::string> words = split_words(text);
    if (words.size() < 2) {
        errh.error("%s: expected 'HANDLER FILE'", instruction.code == Code::Save ? "save" : "append");
        return;
    }
    std::string path = unquote(words.back());
    words.pop_back();
    std::string call;
    for (const std::string& word : words) {
        call += (call.empty() ? "" : " ") + word;
    }
    bool found = false;
    std::string value = call_read(call, found, errh);
    if (found) {
        output(path, instruction.code == Code::Append, value, errh);
    }
}

void ScriptElement::output(std::string_view path, bool append, std::string_view text, ErrorHandler& errh) {
    std::string cause;
    if (!platform::write_file(std::string(path), text, append, cause)) {
        errh.error("%.*s: %s", static_cast<int>(path.size()), path.data(), cause.c_str());
    }
}

size_t ScriptElement::begin_wait(const Instruction& instruction, size_t at, ErrorHandler& errh) {
    std::string text = unquote(expand(instruction.text, errh));
    _pauses = 1;
    if (instruction.code == Code::Wait && !text.empty()) {
        Duration time;
        ArgContext context(this, errh, "wait");
        if (!parse_arg(text, time, context)) {
            return kEnded;
        }
        _timer.schedule_after(time.nanoseconds);
    } else if (!text.empty() && read_value(text, _pauses, errh) < 0) {
        return kEnded;
    }
    return at;
}

void ScriptElement::define(const Instruction& instruction, ErrorHandler& errh) {
    std::string_view text = instruction.text;
    std::string name(take_word(text));
    if (instruction.code == Code::Export && text.empty()) {
        _variables.emplace(name, "");
        return;
    }
    std::string value = expand(text, errh);
    _variables[name] = instruction.unquote ? unquote(value) : value;
}

std::string ScriptElement::variable(std::string_view name, bool& found) const {
    found = true;
    if (auto value = _variables.find(name); value != _variables.end()) {
        return value->second;
    }
    if (name == "0") {
        return this->name();
    }
    auto args = _variables.find("args");
    std::vector<std::string> words = split_words(args == _variables.end() ? std::string_view() : args->second);
    if (name == "#") {
        return std::to_string(words.size());
    }
    uint64_t number;
    if (args != _variables.end() && parse_unsigned(name, number)) {
        return number <= words.size() ? words[number - 1] : std::string();
    }
    found = false;
    return {};
}

/// Finds what the mention at `text[at]` (a `$`) stands for and moves `at` behind it; false when it is none.
bool ScriptElement::expand_mention(std::string_view text, size_t& at, std::string& value, ErrorHandler& errh) {
    size_t begin = at + 1;
    size_t end = begin;
    bool found = false;
    if (begin < text.size() && text[begin] == '(') {
        int depth = 1;
        for (end = begin + 1; end < text.size() && depth > 0; ++end) {
            depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
        }
        if (depth > 0 || _nesting >= kMaxNesting) {
            return false;
        }
        ++_nesting;
        value = call_read(expand(text.substr(begin + 1, end - begin - 2), errh), found, errh);
        --_nesting;
        found = true;
        // A value is one text, whether its handler ends it with a line or not.
        if (value.ends_with('\n')) {
            value.pop_back();
        }
    } else if (begin < text.size() && text[begin] == '{') {
        end = text.find('}', begin);
        if (end == std::string_view::npos) {
            return false;
        }
        value = variable(text.substr(begin + 1, end - begin - 1), found);
        ++end;
    } else if (begin < text.size() && (text[begin] == '?' || text[begin] == '#')) {
        value = variable(text.substr(begin, 1), found);
        end = begin + 1;
    } else {
        while (end < text.size() && is_name(text[end])) {
            ++end;
        }
        value = variable(text.substr(begin, end - begin), found);
    }
    if (found) {
        at = end;
    }
    return found;
}

std::string ScriptElement::expand(std::string_view text, ErrorHandler& errh, Substitute how) {
    std::string out;
    char quote = '\0';
    for (size_t at = 0; at < text.size();) {
        char c = text[at];
        std::string value;
        if (c == '$' && quote != '\'' && expand_mention(text, at, value, errh)) {
            bool wrap = quote == '\0' && how == Substitute::Protected;
            out += wrap ? "\"" : "";
            if (wrap || quote == '"') {
                append_escaped(value, out);
            } else {
                out += value;
            }
            out += wrap ? "\"" : "";
            continue;
        }
        if (c == '\\' && quote == '"' && at + 1 < text.size()) {
            out += c;
            c = text[++at];
        } else if (c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        }
        out += c;
        ++at;
    }
    return out;
}

Router::HandlerRef ScriptElement::find(std::string_view name) const {
    if (const Handler* own = find_handler(name)) {
        Router::HandlerRef ref;
        ref.element = const_cast<ScriptElement*>(this);
        ref.handler = own;
        return ref;
    }
    return router().find_handler(name, this);
}

std::string ScriptElement::call_read(std::string_view text, bool& found, ErrorHandler& errh) {
    std::string_view parameter = trim(text);
    std::string name(take_word(parameter));
    Router::HandlerRef ref = find(name);
    found = ref && ref.handler->read;
    if (!found) {
        errh.error(ref ? "handler '%s' not readable" : "no handler '%s'", name.c_str());
        return {};
    }
    return router().read(ref, parameter, errh);
}

int ScriptElement::write_step(std::string_view value, ErrorHandler& errh) {
    uint32_t steps = 1;
    std::string_view text = trim(value);
    if (!text.empty() && read_value(text, steps, errh) < 0) {
        return -1;
    }
    step(steps);
    return 0;
}

int ScriptElement::write_goto(std::string_view value, ErrorHandler& errh) {
    if (_stepping || _type == Type::Passive) {
        return errh.error("cannot goto: the script %s", _stepping ? "is running" : "is passive");
    }
    size_t target = jump(expand(trim(value), errh), _at, errh);
    if (target != _at) {
        _timer.unschedule();
        _pauses = 0;
        _stepping = true;
        _at = execute(target, errh);
        _stepping = false;
    }
    return 0;
}

std::string ScriptElement::read_run(std::string_view parameter, ErrorHandler& errh) {
    if (_type != Type::Passive) {
        errh.error("only passive scripts can be run");
        return {};
    }
    if (_nesting >= kMaxNesting) {
        errh.error("%s: scripts are nested too deep", declaration().c_str());
        return {};
    }
    ++_nesting;
    std::string outer = _variables["args"];
    _variables["args"] = std::string(trim(parameter));
    _result.clear();
    execute(0, errh);
    _variables["args"] = outer;
    --_nesting;
    return _result;
}

int ScriptElement::write_run(std::string_view value, ErrorHandler& errh) {
    int errors = errh.error_count();
    read_run(value, errh);
    return errh.error_count() > errors ? -1 : 0;
}

std::string ScriptElement::get(std::string_view name, ErrorHandler& errh) {
    bool found = false;
    std::string value = variable(trim(name), found);
    if (!found) {
        errh.error("no variable named '%.*s'", static_cast<int>(name.size()), name.data());
    }
    return value;
}

int ScriptElement::write_set(std::string_view value, int unquoted, ErrorHandler& errh) {
    std::string_view text = trim(value);
    std::string name(take_word(text));
    if (name.empty()) {
        return errh.error("expected variable name");
    }
    _variables[name] = unquoted ? unquote(text) : std::string(text);
    return 0;
}

void ScriptElement::add_handlers() {
    add_write_handler<&ScriptElement::write_step>("step", 0, Handler::kButton);
    add_write_handler<&ScriptElement::write_goto>("goto");
    add_read_handler<&ScriptElement::read_run>("run", 0, Handler::kReadParam);
    add_write_handler<&ScriptElement::write_run>("run");
    add_read_handler<&ScriptElement::get>("get", 0, Handler::kReadParam);
    add_write_handler<&ScriptElement::write_set>("set", 0);
    add_write_handler<&ScriptElement::write_set>("setq", 1);
    int which = 0;
    for (const ScriptFunction& function : script_functions()) {
        add_read_handler<&ScriptElement::call_function>(function.name, which++, Handler::kReadParam);
    }
    for (size_t i = 0; i < _exports.size(); ++i) {
        add_read_handler<&ScriptElement::exported>(_exports[i], static_cast<int>(i));
    }
}

class Script final : public ScriptElement {
public:
    Script() : ScriptElement(Type::Active) {}
    const char* class_name() const override { return "Script"; }
};

class DriverManager final : public ScriptElement {
public:
    DriverManager() : ScriptElement(Type::Driver) {}
    const char* class_name() const override { return "DriverManager"; }
};

}  // namespace

CLICK_ELEMENT(Script)
CLICK_ELEMENT(DriverManager)

}  // namespace click
