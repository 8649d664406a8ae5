// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/scriptprogram.hh"

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

}  // namespace

int ScriptProgram::add(std::string_view text, ErrorHandler& errh) {
    std::string_view rest = text;
    std::string_view word = take_word(rest);
    if (word.empty()) {
        return 0;
    }
    for (const CodeName& one : kCodeNames) {
        if (one.name == word) {
            _instructions.push_back({one.code, one.unquote, std::string(trim(rest))});
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
