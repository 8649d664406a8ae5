// SPDX-License-Identifier: Apache-2.0
#include "elements/standard/scripttext.hh"

namespace click {

namespace {

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

void append_escaped(std::string_view value, std::string& out) {
    for (char c : value) {
        out += c == '"' || c == '\\' || c == '$' ? "\\" : "";
        out += c;
    }
}

/// Follows quotes through a text.
class Quotes {
public:
    char open() const { return _open; }
    /// Takes in the character at `text[at]`; returns how many characters belong together there.
    size_t take(std::string_view text, size_t at) {
        char c = text[at];
        if (c == '\\' && _open == '"' && at + 1 < text.size()) {
            return 2;
        }
        if (c == _open) {
            _open = '\0';
        } else if (_open == '\0' && (c == '"' || c == '\'')) {
            _open = c;
        }
        return 1;
    }

private:
    char _open = '\0';
};

/// The position of the parenthesis that closes the one before `at`; npos where none does.
size_t closing_parenthesis(std::string_view text, size_t at) {
    Quotes quotes;
    for (int depth = 1; at < text.size();) {
        if (quotes.open() == '\0') {
            depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
            if (depth == 0) {
                return at;
            }
        }
        at += quotes.take(text, at);
    }
    return std::string_view::npos;
}

class Substitution {
public:
    Substitution(ScriptValues& values, ErrorHandler& errh) : _values(values), _errh(errh) {}

    std::string run(std::string_view text, Substitute how) {
        std::string out;
        Quotes quotes;
        for (size_t at = 0; at < text.size();) {
            if (out.size() > kLongestScriptText) {
                _errh.error("text too long (at most %zu bytes)", kLongestScriptText);
                _values.too_long();
                return {};
            }
            std::string value;
            if (text[at] == '$' && quotes.open() != '\'' && mention(text, at, value)) {
                bool wrap = quotes.open() == '\0' && how == Substitute::Protected;
                out += wrap ? "\"" : "";
                if (wrap || quotes.open() == '"') {
                    append_escaped(value, out);
                } else {
                    out += value;
                }
                out += wrap ? "\"" : "";
                continue;
            }
            size_t length = quotes.take(text, at);
            out += text.substr(at, length);
            at += length;
        }
        return out;
    }

private:
    /// Finds what the mention at `text[at]` (a `$`) stands for and moves `at` behind it; false when it is none.
    bool mention(std::string_view text, size_t& at, std::string& value) {
        size_t begin = at + 1;
        size_t end = begin;
        bool found = false;
        if (begin < text.size() && text[begin] == '(') {
            end = closing_parenthesis(text, begin + 1);
            if (end == std::string_view::npos) {
                return false;
            }
            if (ScriptNesting::too_deep()) {
                _errh.error("nested too deeply");
                at = end + 1;
                return true;
            }
            ScriptNesting nesting;
            std::string inside = run(text.substr(begin + 1, end - begin - 1), Substitute::Plain);
            if (!_values.variable(inside, value)) {
                value = _values.call(inside, _errh);
            }
            found = true;
            // A value is one text, whether its handler ends it with a line or not.
            if (value.ends_with('\n')) {
                value.pop_back();
            }
            ++end;
        } else if (begin < text.size() && text[begin] == '{') {
            end = text.find('}', begin);
            if (end == std::string_view::npos) {
                return false;
            }
            found = _values.variable(text.substr(begin + 1, end - begin - 1), value);
            ++end;
        } else if (begin < text.size() && (text[begin] == '?' || text[begin] == '#')) {
            end = begin + 1;
            found = _values.variable(text.substr(begin, 1), value);
        } else {
            while (end < text.size() && is_name(text[end])) {
                ++end;
            }
            found = end > begin && _values.variable(text.substr(begin, end - begin), value);
        }
        if (found) {
            at = end;
        }
        return found;
    }

    ScriptValues& _values;
    ErrorHandler& _errh;
};

}  // namespace

constinit std::atomic<int> ScriptNesting::depth{0};

std::string substitute(std::string_view text, ScriptValues& values, ErrorHandler& errh, Substitute how) {
    return Substitution(values, errh).run(text, how);
}

}  // namespace click
