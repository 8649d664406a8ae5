// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/scriptelement.hh"

#include <click/batch.hh>
#include <click/handlercall.hh>

#include <utility>

#include "elements/standard/scriptfunctions.hh"
#include "lang/confparse.hh"
#include "platform/platform.hh"

namespace click {

int ScriptElement::read_type(std::string_view text, ErrorHandler& errh) {
    struct Name {
        std::string_view name;
        Type type;
    };
    static constexpr Name kNames[] = {{"ACTIVE", Type::Active}, {"PASSIVE", Type::Passive}, {"DRIVER", Type::Driver},
                                      {"PACKET", Type::Packet}, {"SIGNAL", Type::Signal},   {"PROXY", Type::Proxy}};
    std::vector<std::string> words = split_words(text);
    std::string type = words.empty() ? std::string() : unquote(words[0]);
    const Name* found = nullptr;
    for (const Name& one : kNames) {
        found = one.name == type ? &one : found;
    }
    if (!found || (words.size() > 1) != (found->type == Type::Signal)) {
        return errh.error("bad TYPE; expected 'ACTIVE', 'PASSIVE', 'DRIVER', 'PACKET', 'PROXY', or 'SIGNAL SIGNO...'");
    }
    _type = found->type;
    for (size_t i = 1; i < words.size(); ++i) {
        int number = platform::signal_number(unquote(words[i]));
        if (number <= 0) {
            return errh.error("TYPE: bad signal '%s'", words[i].c_str());
        }
        _signals.push_back(number);
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
    if (_type != Type::Packet && (ninputs() > 0 || noutputs() > 0)) {
        return errh.error("only scripts of 'TYPE PACKET' have inputs and outputs");
    }
    int result = 0;
    ScriptProgram& program = _machine.program();
    for (const std::string& instruction : instructions) {
        result = program.add(instruction, errh) < 0 ? -1 : result;
    }
    for (const ScriptInstruction& one : program) {
        if (one.code == ScriptInstruction::Code::Export) {
            std::string_view text = one.text;
            _exports.emplace_back(take_word(text));
        }
    }
    if (_type == Type::Driver) {
        _machine.set_drives();
        if (program.empty()) {
            program.add(ScriptInstruction::Code::Pause);
        }
        program.add(ScriptInstruction::Code::Stop);
    }
    return program.check_labels(errh) < 0 ? -1 : result;
}

int ScriptElement::initialize(ErrorHandler& errh) {
    _machine.initialize();
    // What fails in a script is reported as it happens; the router starts all the same.
    LogErrorHandler log;
    ContextErrorHandler context(log, _machine.context());
    _machine.set_initial_values(context);
    for (int number : _signals) {
        if (!platform::watch_signal(
                number, [](int arrived, void* self) { static_cast<ScriptElement*>(self)->signalled(arrived); }, this)) {
            return errh.error("cannot wait for signal %d", number);
        }
    }
    if (_type == Type::Driver) {
        router().set_stop_hook([](Element* self) { return static_cast<ScriptElement*>(self)->stop_event(); }, this);
    }
    if (_type == Type::Driver || _type == Type::Active) {
        router().call_at_start([](Element* self) { static_cast<ScriptElement*>(self)->start(); }, this);
    }
    return 0;
}

void ScriptElement::cleanup() {
    unwatch_signals();
    if (initialized()) {
        home().cancel_calls(this);
    }
}

void ScriptElement::unwatch_signals() {
    for (int number : _signals) {
        platform::unwatch_signal(number, this);
    }
    _signals.clear();
}

void ScriptElement::start() {
    LogErrorHandler log;
    ContextErrorHandler errh(log, _machine.context());
    _started = true;
    _machine.run(0, errh);
    if (_early_stops > 0) {
        step(std::exchange(_early_stops, 0));
    }
}

void ScriptElement::step(unsigned steps) {
    _machine.step(steps);
    if (_type == Type::Signal && _machine.ending() == ScriptMachine::Ending::Exit) {
        unwatch_signals();
    }
}

/// The router was asked to stop: the script reacts when the running task has returned.
bool ScriptElement::stop_event() {
    if (!_started) {
        ++_early_stops;
        return true;
    }
    if (!_machine.waiting() && !_machine.running()) {
        return false;
    }
    home().call_soon([](void* self) { static_cast<ScriptElement*>(self)->step(1); }, this);
    return true;
}

void ScriptElement::signalled(int number) {
    if (_machine.running() || _machine.waiting()) {
        return;  // it deals with an earlier signal
    }
    _machine.set("signal", std::to_string(number));
    start();
    ScriptMachine::Ending ending = _machine.ending();
    if (!_machine.waiting() && ending != ScriptMachine::Ending::End && ending != ScriptMachine::Ending::Return) {
        unwatch_signals();
    }
}

int ScriptElement::output_of(int port, ErrorHandler& errh) {
    ContextErrorHandler context(errh, _machine.context());
    _machine.set("input", std::to_string(port));
    std::string result = _machine.call_program({}, {}, context);
    if (_machine.ending() == ScriptMachine::Ending::End) {
        return 0;
    }
    uint64_t output = 0;
    bool returned = _machine.ending() == ScriptMachine::Ending::Return && parse_unsigned(trim(result), output) &&
                    output < static_cast<uint64_t>(noutputs());
    return returned ? static_cast<int>(output) : -1;
}

void ScriptElement::push(int port, PacketBatch& batch) {
    LogErrorHandler log;
    batch.drain([&](PacketPtr packet) { checked_push(output_of(port, log), std::move(packet)); });
}

void ScriptElement::transform(PacketBatch& batch) {
    LogErrorHandler log;
    batch.map([&](PacketPtr packet) {
        int output = output_of(0, log);
        if (output != 0) {
            checked_push(output, std::move(packet));
        }
        return packet;
    });
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

int ScriptElement::write_goto(std::string_view value, ErrorHandler& errh) { return _machine.go_to(value, errh); }

int ScriptElement::write_run(std::string_view value, ErrorHandler& errh) {
    int errors = errh.error_count();
    _machine.call_program({}, value, errh);
    return errh.error_count() > errors ? -1 : 0;
}

const Handler* ScriptElement::unknown_handler(std::string_view name) {
    if (_type != Type::Proxy) {
        return nullptr;
    }
    for (const auto& known : _proxied) {
        if (known->name == name) {
            return known.get();
        }
    }
    if (_proxied.size() >= kMostProxied) {
        return nullptr;
    }
    auto index = static_cast<int>(_proxied.size());
    _proxied.push_back(std::make_unique<Handler>(Handler{.name = std::string(name),
                                                         .read = read_thunk<&ScriptElement::read_proxied>,
                                                         .write = write_thunk<&ScriptElement::write_proxied>,
                                                         .read_index = index,
                                                         .write_index = index,
                                                         .flags = Handler::kReadParam}));
    return _proxied.back().get();
}

std::string ScriptElement::read_proxied(std::string_view parameter, int which, ErrorHandler& errh) {
    _machine.set("write", "false");
    return _machine.call_program(_proxied[static_cast<size_t>(which)]->name, parameter, errh);
}

int ScriptElement::write_proxied(std::string_view value, int which, ErrorHandler& errh) {
    int errors = errh.error_count();
    _machine.set("write", "true");
    _machine.call_program(_proxied[static_cast<size_t>(which)]->name, value, errh);
    return errh.error_count() > errors ? -1 : 0;
}

std::string ScriptElement::get(std::string_view name, ErrorHandler& errh) {
    std::string value;
    if (!_machine.variable(trim(name), value)) {
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
    return _machine.set(name, unquoted ? unquote(text) : std::string(text)) ? 0 : errh.error("too many variables");
}

std::string ScriptElement::has_value(std::string_view arguments, ErrorHandler&) {
    for (const std::string& name : split_words(arguments)) {
        std::string value;
        if (!_machine.variable(unquote(name), value)) {
            return "false";
        }
    }
    return "true";
}

std::string ScriptElement::call_function(std::string_view arguments, int which, ErrorHandler& errh) {
    auto index = static_cast<size_t>(which);
    size_t arithmetic = script_arithmetic().size();
    const ScriptFunction& function =
        index < arithmetic ? script_arithmetic()[index] : script_functions()[index - arithmetic];
    return function.call(arguments, *this, errh);
}

int ScriptElement::write_kill(std::string_view value, ErrorHandler& errh) {
    int errors = errh.error_count();
    send_signal(value, errh);
    return errh.error_count() > errors ? -1 : 0;
}

std::string ScriptElement::exported(int index) {
    std::string value;
    _machine.variable(_exports[static_cast<size_t>(index)], value);
    return value;
}

void ScriptElement::add_handlers() {
    add_write_handler<&ScriptElement::write_step>("step", 0, Handler::kButton);
    add_write_handler<&ScriptElement::write_goto>("goto");
    add_read_handler<&ScriptElement::read_run>("run", 0, Handler::kReadParam);
    add_write_handler<&ScriptElement::write_run>("run");
    add_read_handler<&ScriptElement::get>("get", 0, Handler::kReadParam);
    add_write_handler<&ScriptElement::write_set>("set", 0);
    add_write_handler<&ScriptElement::write_set>("setq", 1);
    add_read_handler<&ScriptElement::has_value>("hasvalue", 0, Handler::kReadParam);
    int which = 0;
    for (std::span<const ScriptFunction> functions : {script_arithmetic(), script_functions()}) {
        for (const ScriptFunction& function : functions) {
            add_read_handler<&ScriptElement::call_function>(function.name, which++, Handler::kReadParam);
        }
    }
    add_write_handler<&ScriptElement::write_kill>("kill");
    for (size_t i = 0; i < _exports.size(); ++i) {
        add_read_handler<&ScriptElement::exported>(_exports[i], static_cast<int>(i));
    }
}

}  // namespace click
