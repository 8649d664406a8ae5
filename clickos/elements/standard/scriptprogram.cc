// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/scriptprogram.hh"

#include <click/args.hh>

#include <algorithm>

#include "lang/confparse.hh"

namespace click {

namespace {

using Code = ScriptProgram::Code;

struct CodeName {
    std::string_view name;
    Code code;
    bool unquote = false;
};

constexpr CodeName kCodeNames[] = {
    {"set", Code::Set},          {"setq", Code::Set, true},
    {"init", Code::Init},        {"initq", Code::Init, true},
    {"export", Code::Export},    {"exportq", Code::Export, true},
    {"print", Code::Print},      {"printq", Code::Print, true},
    {"printn", Code::PrintPart}, {"printnq", Code::PrintPart, true},
    {"read", Code::Read},        {"readq", Code::Read, true},
    {"write", Code::Write},      {"writeq", Code::Write, true},
    {"save", Code::Save},        {"append", Code::Append},
    {"pause", Code::Pause},      {"wait_step", Code::Pause},
    {"wait_stop", Code::Pause},  {"wait", Code::Wait},
    {"wait_time", Code::Wait},   {"label", Code::Label},
    {"goto", Code::Goto},        {"loop", Code::Loop},
    {"return", Code::Return},    {"returnq", Code::Return, true},
    {"error", Code::Error},      {"errorq", Code::Error, true},
    {"exit", Code::Exit},        {"end", Code::End},
    {"stop", Code::Stop},
};

struct FixedLabel {
    std::string_view name;
    size_t target;
};

constexpr FixedLabel kFixedLabels[] = {
    {"begin", 0},
    {"loop", 0},
    {"end", ScriptProgram::kEnd},
    {"exit", ScriptProgram::kExit},
    {"stop", ScriptProgram::kStop},
    {"error", ScriptProgram::kError},
};

bool is_variable(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    });
}

bool is_time(const std::string& text) {
    SilentErrorHandler silent;
    ArgContext context(nullptr, silent, {});
    Duration time;
    return parse_arg(text, time, context);
}

/// What an instruction needs behind its name and has not, or null. What a variable or handler may still fill in is right.
const char* missing_in(const ScriptInstruction& instruction) {
    std::string_view rest = instruction.text;
    std::string_view word = take_word(rest);
    std::string value = unquote(instruction.text);
    bool open = instruction.text.find('$') != std::string::npos;
    uint64_t number;
    bool truth;
    switch (instruction.code) {
        case Code::Set:
        case Code::Init:
        case Code::Export:
            return is_variable(word) || (open && !word.empty()) ? nullptr : "VARIABLE TEXT";
        case Code::Print:
        case Code::PrintPart:
            return word == ">" || word == ">>" ? (rest.empty() ? ">FILE TEXT" : nullptr) : nullptr;
        case Code::Read:
        case Code::Write:
            return word.empty() ? "HANDLER [ARGUMENTS]" : nullptr;
        case Code::Save:
        case Code::Append:
            return !open && split_words(instruction.text).size() != 2 ? "HANDLER FILE" : nullptr;
        case Code::Pause:
            return open || value.empty() || parse_unsigned(value, number) ? nullptr : "[COUNT]";
        case Code::Wait:
            return open || value.empty() || is_time(value) ? nullptr : "TIME";
        case Code::Label:
            return word.empty() || !rest.empty() ? "LABEL" : nullptr;
        case Code::Goto:
            return word.empty() || (!open && !rest.empty() && !parse_bool(unquote(trim(rest)), truth))
                       ? "LABEL [CONDITION]"
                       : nullptr;
        default:
            return nullptr;
    }
}

}  // namespace

int ScriptProgram::add(std::string_view text, ErrorHandler& errh) {
    std::string_view rest = text;
    std::string_view word = take_word(rest);
    if (word.empty()) {
        return 0;
    }
    for (const CodeName& one : kCodeNames) {
        if (one.name == word) {
            ScriptInstruction instruction{one.code, one.unquote, std::string(trim(rest))};
            if (const char* needed = missing_in(instruction)) {
                return errh.error("%.*s: expected '%s', got '%s'", static_cast<int>(word.size()), word.data(), needed,
                                  instruction.text.c_str());
            }
            _instructions.push_back(std::move(instruction));
            return 0;
        }
    }
    return errh.error("syntax error at '%.*s'", static_cast<int>(word.size()), word.data());
}

int ScriptProgram::check_labels(ErrorHandler& errh) const {
    int result = 0;
    for (const ScriptInstruction& one : _instructions) {
        std::string_view rest = one.text;
        std::string_view label = one.code == Code::Goto ? take_word(rest) : std::string_view("begin");
        if (label.find('$') == std::string_view::npos && find_label(label) == kNowhere) {
            result = errh.error("no such label '%.*s'", static_cast<int>(label.size()), label.data());
        }
    }
    return result;
}

size_t ScriptProgram::find_label(std::string_view label) const {
    for (size_t i = 0; i < _instructions.size(); ++i) {
        if (_instructions[i].code == Code::Label && _instructions[i].text == label) {
            return i;
        }
    }
    for (const FixedLabel& fixed : kFixedLabels) {
        if (fixed.name == label) {
            return fixed.target;
        }
    }
    return kNowhere;
}

}  // namespace click
