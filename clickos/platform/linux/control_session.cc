// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/control_session.hh"

#include <click/element.hh>
#include <click/errorhandler.hh>

#include <algorithm>

#include "lang/confparse.hh"

namespace click {

namespace {

struct Command {
    std::string_view name;
    std::string_view arguments;
    std::string_view text;
};

constexpr Command kCommands[] = {
    {"CHECKREAD", "HANDLER", "say whether a read handler exists"},
    {"CHECKWRITE", "HANDLER", "say whether a write handler exists"},
    {"HELP", "[COMMAND]", "show the commands, or one of them"},
    {"QUIT", "", "close the connection"},
    {"READ", "HANDLER [ARG...]", "read a handler"},
    {"READDATA", "HANDLER LEN", "read a handler, its argument is the LEN bytes that follow"},
    {"READUNTIL", "HANDLER TERM", "read a handler, its argument is the lines that follow up to a line TERM"},
    {"WRITE", "HANDLER [ARG...]", "write a handler"},
    {"WRITEDATA", "HANDLER LEN", "write a handler, its value is the LEN bytes that follow"},
    {"WRITEUNTIL", "HANDLER TERM", "write a handler, its value is the lines that follow up to a line TERM"},
};

std::string upper_case(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return upper;
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string help_line(const Command& command) {
    constexpr size_t kColumn = 28;
    std::string line(command.name);
    line += command.arguments.empty() ? "" : " ";
    line += command.arguments;
    line.resize(std::max(line.size() + 1, kColumn), ' ');
    return line.append(command.text);
}

}  // namespace

/// The first line of the input from `next` on, which moves behind it. A CR at the end of what has come may belong to a
/// CRLF, and is a line's end anyway.
bool ControlSession::take_line(std::string_view& line, size_t& next) const {
    size_t end = _input.find_first_of("\r\n", next);
    if (end == std::string::npos) {
        if (!_ended || next == _input.size()) {
            return false;
        }
        end = _input.size();
    }
    line = std::string_view(_input).substr(next, end - next);
    next = end;
    if (next < _input.size()) {
        next += _input.compare(next, 2, "\r\n") == 0 ? 2 : 1;
    }
    return true;
}

bool ControlSession::run(Router& router) {
    while (!_closing && !router.scheduler().stopped()) {
        if (output().size() >= kMostOutput) {
            return true;
        }
        if (!run_command(router)) {
            if (!_closing && _input.size() > kMostInput) {
                message(kSyntaxError, "Command too long");
                _closing = true;
            }
            _closing |= _ended && _input.empty();
            break;
        }
    }
    return false;
}

void ControlSession::sent(size_t bytes) {
    _sent += bytes;
    if (_sent == _output.size()) {
        _output.clear();
        _sent = 0;
    }
}

/// Runs the first command of the input and takes it out; false when it has not come in whole.
bool ControlSession::run_command(Router& router) {
    std::string_view line;
    size_t next = 0;
    if (!take_line(line, next)) {
        if (_input.size() > kLongestLine) {
            message(kSyntaxError, "Line too long");
            _closing = true;
        } else if (_ended) {
            _input.clear();
        }
        return false;
    }
    std::string_view rest = trim(line);
    std::string command = upper_case(take_word(rest));
    if (command == "READ" || command == "GET") {
        run_handler(router, false, Parameter::Line, rest, next);
    } else if (command == "WRITE" || command == "SET") {
        run_handler(router, true, Parameter::Line, rest, next);
    } else if (command == "READDATA" || command == "WRITEDATA") {
        return run_handler(router, command == "WRITEDATA", Parameter::Data, rest, next);
    } else if (command == "READUNTIL" || command == "WRITEUNTIL") {
        return run_handler(router, command == "WRITEUNTIL", Parameter::Until, rest, next);
    } else if (command == "CHECKREAD" || command == "CHECKWRITE") {
        bool write = command == "CHECKWRITE";
        std::string path(rest);
        _input.erase(0, next);
        if (path.empty() || path.find(' ') != std::string::npos) {
            message(kSyntaxError, "Wrong number of arguments");
        } else if (find(router, path, write)) {
            message(kOk, (write ? "Write handler " : "Read handler ") + quoted(path) + " OK");
        }
    } else {
        std::string argument(rest);
        _input.erase(0, next);
        if (command == "HELP") {
            help(upper_case(argument));
        } else if (command == "QUIT" || command == "CLOSE") {
            message(kOk, "Goodbye!");
            _closing = true;
        } else if (!command.empty()) {
            message(kUnimplemented, "Command " + quoted(command) + " unimplemented");
        }
    }
    return true;
}

/// Runs a command whose line, without its name, is `rest` and whose data begins at `next`; false when data is missing.
bool ControlSession::run_handler(Router& router, bool write, Parameter form, std::string_view rest, size_t next) {
    std::string path(take_word(rest));
    std::string parameter(rest);
    if (path.empty() || (form != Parameter::Line && (parameter.empty() || parameter.find(' ') != std::string::npos))) {
        _input.erase(0, next);
        message(kSyntaxError, "Wrong number of arguments");
        return true;
    }
    if (form == Parameter::Data) {
        uint64_t length;
        if (!parse_unsigned(parameter, length) || length > kMostInput - kLongestLine) {
            _input.erase(0, next);
            message(kSyntaxError, "Syntax error in " + quoted(parameter));
            return true;
        }
        if (_input.size() - next < length) {
            if (_ended) {
                _input.clear();
            }
            return false;
        }
        parameter = _input.substr(next, length);
        next += length;
    } else if (form == Parameter::Until) {
        std::string terminator = std::move(parameter);
        if (!find_until(terminator, next, parameter, next)) {
            if (_ended) {
                _input.clear();
            }
            return false;
        }
    }
    _input.erase(0, next);
    if (Router::HandlerRef handler = find(router, path, write)) {
        write ? this->write(router, handler, path, parameter) : read(router, handler, path, parameter);
    }
    return true;
}

/// The lines from `from` up to one that is `terminator`; `next` moves behind that one.
bool ControlSession::find_until(std::string_view terminator, size_t from, std::string& data, size_t& next) const {
    std::string_view line;
    size_t end = from;
    for (size_t at = from; take_line(line, at); end = at) {
        std::string_view text = line;
        while (text.ends_with(' ') || text.ends_with('\t')) {
            text.remove_suffix(1);
        }
        if (text == terminator) {
            data = _input.substr(from, end - from);
            next = at;
            return true;
        }
    }
    return false;
}

/// The handler of that path; null after saying what is wrong.
Router::HandlerRef ControlSession::find(Router& router, std::string_view path, bool write) {
    Router::HandlerRef handler = router.find_handler(path);
    if (!handler) {
        size_t dot = path.find('.');
        std::string_view element = dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
        if (!element.empty() && !router.find(element)) {
            message(kNoSuchElement, "No element named " + quoted(element));
        } else {
            message(kNoSuchHandler, "No handler named " + quoted(path));
        }
        return {};
    }
    if (!(write ? handler.handler->write != nullptr : handler.handler->read != nullptr)) {
        message(kPermission, "Handler " + quoted(path) + (write ? " read-only" : " write-only"));
        return {};
    }
    if (write && _read_only) {
        message(kPermission, "Permission denied for " + quoted(path));
        return {};
    }
    return handler;
}

void ControlSession::read(Router& router, const Router::HandlerRef& handler, std::string_view path,
                          std::string_view parameter) {
    TextErrorHandler errh;
    std::string data = router.read(handler, parameter, errh);
    if (errh.error_count() > 0) {
        messages(kUnspecified, "Read handler " + quoted(path) + " error:", errh.text());
        return;
    }
    message(kOk, "Read handler " + quoted(path) + " OK");
    _output += "DATA " + std::to_string(data.size()) + "\r\n";
    _output += data;
}

void ControlSession::write(Router& router, const Router::HandlerRef& handler, std::string_view path,
                           std::string_view value) {
    TextErrorHandler errh;
    int result = router.write(handler, value, errh);
    std::string name = "Write handler " + quoted(path);
    if (errh.error_count() > 0 || result < 0) {
        messages(errh.error_count() > 0 ? kUnspecified : kHandlerError, name + " error:", errh.text());
    } else if (!errh.text().empty()) {
        messages(kOkWithMessages, name + " OK with messages:", errh.text());
    } else {
        message(kOk, name + " OK");
    }
}

void ControlSession::help(std::string_view command) {
    std::string lines;
    for (const Command& one : kCommands) {
        if (command.empty() || one.name == command) {
            lines += help_line(one) + "\n";
        }
    }
    if (lines.empty()) {
        message(kUnimplemented, "Command " + quoted(command) + " unimplemented");
    } else {
        messages(kOk, "Commands supported:", lines);
    }
}

void ControlSession::message(Response code, std::string_view text, bool more) {
    _output += std::to_string(code);
    _output += more ? '-' : ' ';
    _output.append(text) += "\r\n";
}

void ControlSession::messages(Response code, std::string_view heading, std::string_view lines) {
    if (lines.ends_with('\n')) {
        lines.remove_suffix(1);
    }
    message(code, heading, !lines.empty());
    while (!lines.empty()) {
        size_t end = lines.find('\n');
        std::string_view line = lines.substr(0, end);
        lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
        message(code, line, !lines.empty());
    }
}

}  // namespace click
