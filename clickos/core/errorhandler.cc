// SPDX-License-Identifier: Apache-2.0
#include <click/errorhandler.hh>

#include "lib/format.hh"
#include "platform/platform.hh"

namespace click {

void ErrorHandler::report(Level level, const Landmark& landmark, std::string_view text) {
    if (level >= Level::Error) {
        ++_errors;
    } else if (level == Level::Warning) {
        ++_warnings;
    }
    emit(level, landmark, text);
}

void ErrorHandler::vreport(Level level, const Landmark& landmark, const char* format, va_list args) {
    report(level, landmark, vformat(format, args));
}

int ErrorHandler::error(const char* format, ...) {
    va_list args;
    va_start(args, format);
    vreport(Level::Error, {}, format, args);
    va_end(args);
    return -1;
}

void ErrorHandler::warning(const char* format, ...) {
    va_list args;
    va_start(args, format);
    vreport(Level::Warning, {}, format, args);
    va_end(args);
}

void ErrorHandler::message(const char* format, ...) {
    va_list args;
    va_start(args, format);
    vreport(Level::Message, {}, format, args);
    va_end(args);
}

int ErrorHandler::error_at(const Landmark& landmark, const char* format, ...) {
    va_list args;
    va_start(args, format);
    vreport(Level::Error, landmark, format, args);
    va_end(args);
    return -1;
}

void ErrorHandler::warning_at(const Landmark& landmark, const char* format, ...) {
    va_list args;
    va_start(args, format);
    vreport(Level::Warning, landmark, format, args);
    va_end(args);
}

void ErrorHandler::message_at(const Landmark& landmark, const char* format, ...) {
    va_list args;
    va_start(args, format);
    vreport(Level::Message, landmark, format, args);
    va_end(args);
}

std::string render_report(ErrorHandler::Level level, const Landmark& landmark, std::string_view text) {
    std::string lines;
    bool first = true;
    while (first || !text.empty()) {
        size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (!landmark.empty()) {
            lines += landmark + ": ";
        }
        size_t indent = line.find_first_not_of(' ');
        if (first && level == ErrorHandler::Level::Warning && indent != std::string_view::npos) {
            lines.append(line.substr(0, indent)).append("warning: ");
            line.remove_prefix(indent);
        }
        lines.append(line) += '\n';
        first = false;
    }
    return lines;
}

void LogErrorHandler::emit(Level level, const Landmark& landmark, std::string_view text) {
    platform::log(render_report(level, landmark, text));
}

void TextErrorHandler::emit(Level level, const Landmark& landmark, std::string_view text) {
    _text += render_report(level, landmark, text);
}

void ContextErrorHandler::emit(Level level, const Landmark& landmark, std::string_view text) {
    if (!_announced && _base.shows(level)) {
        _base.report(Level::Message, _landmark, _context);
        _announced = true;
    }
    std::string indented = "  ";
    for (char c : text) {
        indented += c;
        if (c == '\n') {
            indented += "  ";
        }
    }
    _base.report(level, landmark, indented);
}

void PrefixErrorHandler::emit(Level level, const Landmark& landmark, std::string_view text) {
    _base.report(level, landmark, _prefix + std::string(text));
}

}  // namespace click
